/* The table of all keys. */
#include "config/keys.h"

#include "config/alert_targets.h"
#include "config/alert_values.h"
#include "config/certificate_limits.h"
#include "config/confirmation.h"
#include "config/connection.h"
#include "config/dependencies.h"
#include "config/expect.h"
#include "config/http_value.h"
#include "config/include.h"
#include "config/login.h"
#include "config/monitor.h"
#include "config/page.h"
#include "config/path.h"
#include "config/proxy.h"
#include "config/quiet.h"
#include "config/rules.h"
#include "config/value.h"
#include "config/witness_urls.h"

#include <string.h>

#define LENGTH(array)       (sizeof(array) / sizeof(array)[0])
#define FIELD(type, member) .field = offsetof(struct type, member)

static const char *const compressions[] = {
    [COMPRESSION_NONE] = "none", [COMPRESSION_GZIP] = "gzip", [COMPRESSION_ZSTD] = "zstd", NULL};
static const char *const index_spans[] = {
    [INDEX_4H] = "4h", [INDEX_24H] = "24h", [INDEX_90D] = "90d", NULL};
static const char *const pictures[] = {".svg", ".png", ".webp", ".jpg", ".gif", ".avif", NULL};
static const char *const style_sheets[] = {".css", NULL};
static const char *const ip_versions[] = {[IP_ANY] = "any", [IP_4] = "4", [IP_6] = "6", NULL};
static const char *const request_versions[] = {
    [REQUEST_AUTO] = "auto", [REQUEST_HTTP_1_1] = "1.1",
    [REQUEST_HTTP_2] = "2",  [REQUEST_HTTP_2_PRIOR_KNOWLEDGE] = "2-prior-knowledge",
    [REQUEST_HTTP_3] = "3",  NULL};
static const char *const tls_versions[] = {
    [TLS_1_2] = "1.2", [TLS_1_3] = "1.3", [TLS_1_1] = "1.1", [TLS_1_0] = "1.0", NULL};

/* `defaults` is before `sites`, because domains start from it, and after `local_network`, whose
 * witnesses have the built-in defaults. `templates_dir` is before `language`, which looks for a
 * file there. `include` is after `sites`, whose sites come first. */
static const struct key top[] = {
    {"title", "heading of the dashboard", .kind = &value_line, FIELD(config, title),
     .fallback = "Status"},
    {"data_dir", "folder of the records; created if missing", .kind = &path_folder,
     FIELD(config, data_dir), .fallback = "data"},
    {"public_dir", "folder of the dashboard; created if missing", .kind = &path_folder,
     FIELD(config, public_dir), .fallback = "public"},
    {"templates_dir", "folder whose files replace the built-in templates of the same names",
     .kind = &path_templates, FIELD(config, templates_dir)},
    {"language", "language of the dashboard", .kind = &page_language, FIELD(config, language),
     .fallback = "en"},
    {"public_url", "address at which the dashboard is served", .kind = &page_public_url,
     FIELD(config, public_url)},
    {"logo", "picture before the title", .kind = &path_asset, FIELD(config, logo),
     .words = pictures},
    {"style_sheet", "style sheet added after the built-in one", .kind = &path_asset,
     FIELD(config, style_sheet), .words = style_sheets},
    {"accent_colour", "colour of the line at the top and of the lines under links",
     .kind = &page_colour, FIELD(config, accent_colour)},
    {"footer", "text at the foot of every page", .kind = &value_line, FIELD(config, footer)},
    {"links", "links shown on every page", .kind = &page_links},
    {"workers", "maximum number of threads that make checks", .kind = &value_integer,
     FIELD(config, workers), .min = 1, .max = 64, .fallback = "10"},
    {"in_flight", "maximum number of requests at once, per worker", .kind = &value_integer,
     FIELD(config, in_flight), .min = 1, .max = 4096, .fallback = "512"},
    {"max_per_host", "maximum number of requests at once to one host and port",
     .kind = &value_integer, FIELD(config, max_per_host), .min = 1, .max = 65535, .fallback = "8"},
    {"retention_days", "days after which archives are deleted; 0 keeps them for ever",
     .kind = &value_integer, FIELD(config, retention_days), .min = 0, .max = 36500,
     .fallback = "30"},
    {"archive_compress", "how archives of finished days are compressed", .kind = &value_word,
     FIELD(config, archive_compress), .words = compressions, .fallback = "none"},
    {"history_hours", "length of the timeline in hours", .kind = &value_integer,
     FIELD(config, history_hours), .min = 1, .max = 24, .fallback = "4"},
    {"index_span", "what the index shows of each site at first", .kind = &value_word,
     FIELD(config, index_span), .words = index_spans, .fallback = "4h"},
    {"uptime_target", "percentage below which an uptime is highlighted", .kind = &value_percentage,
     FIELD(config, uptime_target), .min = 0, .max = 100000, .fallback = "99.9"},
    {"render_interval_seconds", "minimum time between two builds of the dashboard",
     .kind = &value_integer, FIELD(config, render_interval_seconds), .min = 0, .max = 86400,
     .fallback = "30"},
    {"local_network", "when failures count as those of the network of this machine",
     .kind = &witness_urls_rules},
    {"alerts", "targets that are sent a message when something changes",
     .kind = &alert_targets_list},
    {"ping_url", "URL that is requested after each tick that ended well",
     .kind = &alert_values_ping, FIELD(config, ping_url)},
    {"defaults", "values for domains that do not set them", .kind = &monitor_defaults},
    {"sites", "the list of sites", .kind = &monitor_sites},
    {"include", "files whose sites are added", .kind = &include_files},
};

static const struct key included[] = {
    {"sites", "the list of sites", .kind = &monitor_sites, .required = true},
};

static const struct key a_link[] = {
    {"text", "the text of the link", .kind = &value_line, FIELD(link, text), .required = true},
    {"url", "the address of the link", .kind = &page_link_url, .required = true},
};

static const struct key site[] = {
    {"id", "the name of the site in files and addresses", .kind = &value_id, FIELD(site, id),
     .required = true},
    {"name", "name of the site on the pages; without it, the id is shown", .kind = &value_line,
     FIELD(site, name)},
    {"group", "heading under which the index shows the site", .kind = &value_line,
     FIELD(site, group)},
    {"domains", "the list of the site's domains", .kind = &monitor_domains, .required = true},
};

/* The first keys are different for each domain; the others are also allowed under `defaults`. */
enum { IDENTITY_KEYS = 5 };

static const struct key domain[] = {
    {"id", "the name of the domain in files and addresses", .kind = &value_id, FIELD(domain, id),
     .required = true},
    {"name", "name of the domain on the pages; without it, the id is shown", .kind = &value_line,
     FIELD(domain, name)},
    {"role", "whether the site is down if this domain fails", .kind = &value_word,
     FIELD(domain, role), .words = config_role_names, .fallback = "core"},
    {"url", "the address to check", .kind = &http_value_url, .required = true},
    {"depends_on", "domain without which this one cannot be UP", .kind = &dependencies_monitor},
    {"interval_seconds", "seconds from one check to the next", .kind = &value_integer,
     FIELD(domain, interval_seconds), .min = 10, .max = 604800, .fallback = "300"},
    {"timeout_seconds", "maximum duration of a check, from name lookup to last byte",
     .kind = &value_seconds, FIELD(domain, timeout_ms), .min = 100, .max = 50000, .fallback = "20"},
    {"expect", "conditions for a good response", .kind = &monitor_expect},
    {"bot_protection_string", "text of a page that blocks robots; also allowed under expect",
     .kind = &value_needles, FIELD(domain, bot_strings)},
    {"bot_detection", "whether known pages that block robots are recognised",
     .kind = &value_boolean, FIELD(domain, bot_detection), .fallback = "true"},
    {"method", "method of the request", .kind = &value_word, FIELD(domain, method),
     .words = config_method_names, .fallback = "GET"},
    {"headers", "header fields sent with the request", .kind = &http_value_headers},
    {"body", "body sent with the request", .kind = &value_bytes, FIELD(domain, body)},
    {"body_file", "file sent as the body", .kind = &path_body_file, FIELD(domain, body)},
    {"username", "user name of a login (Basic), sent with the first request",
     .kind = &login_username, FIELD(domain, username)},
    {"password", "password of the login", .kind = &login_password, FIELD(domain, password)},
    {"follow_redirects", "whether redirects are followed; false if every expected status is 3xx",
     .kind = &value_boolean, FIELD(domain, follow_redirects), .fallback = "true"},
    {"verify_tls", "whether certificate and host name must be valid", .kind = &value_boolean,
     FIELD(domain, verify_tls), .fallback = "true"},
    {"ca_file", "certificates to trust instead of the system's", .kind = &path_ca_file,
     FIELD(domain, ca_file)},
    {"ip_version", "version of the Internet Protocol to use", .kind = &value_word,
     FIELD(domain, ip_version), .words = ip_versions, .fallback = "any"},
    {"address", "address to connect to in place of the one of the URL's host",
     .kind = &connection_address},
    {"unix_socket", "Unix socket to connect to in place of the URL's host",
     .kind = &connection_unix_socket, FIELD(domain, unix_socket)},
    {"proxy", "proxy through which all requests are sent", .kind = &proxy_url,
     FIELD(domain, proxy)},
    {"http_version", "version of HTTP to use", .kind = &connection_http_version,
     FIELD(domain, http_version), .words = request_versions, .fallback = "auto"},
    {"tls_min_version", "oldest version of TLS to accept", .kind = &value_word,
     FIELD(domain, tls_min_version), .words = tls_versions, .fallback = "1.2"},
    {"client_certificate", "certificate to show to a server that asks for one",
     .kind = &path_client_file, FIELD(domain, certificate_file)},
    {"client_key", "private key of the client certificate", .kind = &path_client_file,
     FIELD(domain, key_file)},
    {"cookies", "whether cookies are kept from one request of a check to the next",
     .kind = &value_boolean, FIELD(domain, cookies), .fallback = "true"},
    {"max_body_bytes", "maximum number of bytes read from a body, after decompression",
     .kind = &value_integer, FIELD(domain, max_body_bytes), .min = 0, .max = 67108864,
     .fallback = "1048576"},
    {"retries", "how often a failed check is repeated before it counts", .kind = &value_integer,
     FIELD(domain, retries), .min = 0, .max = 5, .fallback = "0"},
    {"confirm", "when failed checks are an outage, and when it is over",
     .kind = &confirmation_rules},
    {"certificate", "when a certificate is reported before it ends",
     .kind = &certificate_limits_rules},
};

static const struct key confirm[] = {
    {"failures", "failed checks in a row that make an outage", .kind = &value_integer,
     FIELD(domain, confirm.failures), .min = 1, .max = 60, .fallback = "3"},
    {"successes", "good checks in a row that end an outage", .kind = &value_integer,
     FIELD(domain, confirm.successes), .min = 1, .max = 60, .fallback = "2"},
    {"recheck_seconds", "when the domain is checked again, in seconds after the first check",
     .kind = &confirmation_rechecks, .min = 0, .max = 50},
};

static const struct key certificate[] = {
    {"warn", "time before its end at which the warning begins", .kind = &certificate_limits_one,
     FIELD(domain, certificate_warn), .fallback = "20%"},
    {"critical", "time before its end at which the warning is critical",
     .kind = &certificate_limits_one, FIELD(domain, certificate_critical), .fallback = "7%"},
};

static const struct key local_network[] = {
    {"min_hosts", "hosts that must have been checked", .kind = &value_integer,
     FIELD(config, local_network.min_hosts), .min = 1, .max = 10000, .fallback = "5"},
    {"share_percent", "percentage of these hosts that must fail at once", .kind = &value_integer,
     FIELD(config, local_network.share_percent), .min = 1, .max = 100, .fallback = "60"},
    {"witnesses", "URLs that are requested only if the network is in doubt",
     .kind = &witness_urls_list},
};

static const struct key alert[] = {
    {"id", "the name of the target in messages and events", .kind = &value_id,
     FIELD(alert_target, id), .required = true},
    {"type", "how the target is reached", .kind = &value_word, FIELD(alert_target, type),
     .words = alert_targets_types, .required = true},
    {"sites", "sites and domains whose alerts are sent; without it, those of all",
     .kind = &alert_values_scopes},
    {"on", "what is sent", .kind = &alert_values_kinds, FIELD(alert_target, on),
     .words = alert_values_kind_words},
    {"remind_after", "time after the message of DOWN at which it is sent again",
     .kind = &alert_values_reminders},
    {"quiet", "part of each day in which messages are held back", .kind = &quiet_rules,
     FIELD(alert_target, quiet)},
    {"server", "the mail server", .kind = &alert_values_server, FIELD(alert_target, server)},
    {"tls", "whether mail may be sent without TLS if the server has none",
     .kind = &alert_values_tls, FIELD(alert_target, tls_is_optional),
     .words = alert_values_tls_words, .fallback = "required"},
    {"username", "user name at the mail server", .kind = &alert_values_text,
     FIELD(alert_target, username)},
    {"password", "password at the mail server", .kind = &alert_values_text,
     FIELD(alert_target, password)},
    {"from", "mail address of the sender", .kind = &alert_values_address,
     FIELD(alert_target, from)},
    {"to", "mail addresses of the recipients", .kind = &alert_values_addresses,
     FIELD(alert_target, to)},
    {"url", "address of the webhook", .kind = &alert_values_url, FIELD(alert_target, url)},
    {"format", "the service whose format is sent", .kind = &value_word, FIELD(alert_target, format),
     .words = alert_targets_formats, .fallback = "json"},
    {"token", "key of the service", .kind = &alert_values_token, FIELD(alert_target, token)},
    {"chat", "chat of Telegram", .kind = &alert_values_token, FIELD(alert_target, chat)},
    {"secret", "key with which requests are signed", .kind = &alert_values_text,
     FIELD(alert_target, secret)},
    {"headers", "header fields sent with the request", .kind = &alert_values_headers},
    {"ca_file", "certificates to trust instead of the system's", .kind = &path_ca_file,
     FIELD(alert_target, ca_file)},
    {"proxy", "proxy through which the message is sent", .kind = &proxy_url,
     FIELD(alert_target, proxy)},
    {"command", "program that is started, and its arguments", .kind = &alert_values_command,
     FIELD(alert_target, command)},
};

static const struct key quiet[] = {
    {"from", "time at which quiet hours begin", .kind = &quiet_time,
     FIELD(quiet_hours, from_minute), .required = true},
    {"to", "time at which they end; before from: on the next day", .kind = &quiet_time,
     FIELD(quiet_hours, to_minute), .required = true},
    {"zone", "time zone of these times", .kind = &quiet_zone, FIELD(quiet_hours, zone),
     .fallback = "UTC"},
    {"except", "what is sent nevertheless", .kind = &alert_values_kinds, FIELD(quiet_hours, except),
     .words = alert_values_kind_words},
};

static const struct key expect[] = {
    {"http_status", "expected status codes", .kind = &http_value_statuses, .min = 100, .max = 599,
     .fallback = "200"},
    {"http_version", "HTTP version of the response", .kind = &expect_version,
     .words = expect_versions},
    {"final_url", "URL at which the redirects must end", .kind = &expect_final_url},
    {"max_redirects", "maximum number of redirects that are followed", .kind = &expect_redirects,
     .min = 0, .max = 10},
    {"https_only", "whether every request, also after redirects, must be https",
     .kind = &value_boolean, FIELD(domain, expect.https_only), .fallback = "false"},
    {"certificate_valid_days", "minimum number of days for which the certificates are still valid",
     .kind = &expect_days, FIELD(domain, expect.certificate_days)},
    {"headers", "rules for header fields of the response", .kind = &expect_headers},
    {"body_contains", "texts that the body must contain", .kind = &value_needles,
     FIELD(domain, expect.contains)},
    {"body_excludes", "texts that the body must not contain", .kind = &value_needles,
     FIELD(domain, expect.excludes)},
    {"body_matches", "regular expressions that the body must match", .kind = &expect_matches},
    {"body_not_matches", "regular expressions that the body must not match",
     .kind = &expect_not_matches},
    {"body_bytes", "size of the body after decompression, in bytes", .kind = &expect_bytes,
     .min = 0, .max = 67108864},
    {"json", "rules for values of a JSON body", .kind = &expect_json},
    {"max_latency_ms", "maximum latency, without the name lookup", .kind = &value_limit,
     FIELD(domain, expect.max_latency_ms), .min = 1, .max = 50000},
    {"slow_ms", "latency, without the name lookup, above which a response is slow",
     .kind = &value_limit, FIELD(domain, expect.slow_ms), .min = 1, .max = 50000},
    {"bot_protection_string", "text of a page that blocks robots; also allowed under expect",
     .kind = &value_needles, FIELD(domain, bot_strings)},
};

static const char *const types[] = {"string", "number", "boolean", "null", "array", "object", NULL};

/* The tests of a rule, with the kinds of a value and of a part of one. */
/* clang-format off */
#define RULE_KEYS(value, part) \
    {"equals", "the value is this", .kind = &(value), FIELD(rules_tests, of[RULE_EQUALS])}, \
    {"not", "the value is not this", .kind = &(value), FIELD(rules_tests, of[RULE_NOT])}, \
    {"contains", "the text has this part, the array this element, or the object this name", \
     .kind = &(part), FIELD(rules_tests, of[RULE_CONTAINS])}, \
    {"excludes", "the opposite of contains", .kind = &(part), \
     FIELD(rules_tests, of[RULE_EXCLUDES])}, \
    {"matches", "the text matches this regular expression", .kind = &rules_pattern, \
     FIELD(rules_tests, of[RULE_MATCHES])}, \
    {"exists", "whether the value exists", .kind = &rules_exists, \
     FIELD(rules_tests, of[RULE_EXISTS])}, \
    {"above", "the number is above this", .kind = &rules_number, \
     FIELD(rules_tests, of[RULE_ABOVE])}, \
    {"below", "the number is below this", .kind = &rules_number, \
     FIELD(rules_tests, of[RULE_BELOW])}, \
    {"at_least", "the number is this or above", .kind = &rules_number, \
     FIELD(rules_tests, of[RULE_AT_LEAST])}, \
    {"at_most", "the number is this or below", .kind = &rules_number, \
     FIELD(rules_tests, of[RULE_AT_MOST])}, \
    {"length", "number of characters, elements or members", .kind = &rules_length, \
     FIELD(rules_tests, of[RULE_LENGTH])}, \
    {"type", "type of the value", .kind = &rules_type, FIELD(rules_tests, of[RULE_TYPE]), \
     .words = types}
/* clang-format on */

static const struct key header_rule[] = {RULE_KEYS(rules_text, rules_some_text)};
static const struct key json_rule[] = {RULE_KEYS(rules_json, rules_json)};

static const struct key length_rule[] = {
    {"equals", "the value is this", .kind = &rules_count, FIELD(rules_tests, of[RULE_EQUALS]),
     .min = 0, .max = 67108864},
    {"not", "the value is not this", .kind = &rules_count, FIELD(rules_tests, of[RULE_NOT]),
     .min = 0, .max = 67108864},
    {"above", "the number is above this", .kind = &rules_count, FIELD(rules_tests, of[RULE_ABOVE]),
     .min = 0, .max = 67108864},
    {"below", "the number is below this", .kind = &rules_count, FIELD(rules_tests, of[RULE_BELOW]),
     .min = 0, .max = 67108864},
    {"at_least", "the number is this or above", .kind = &rules_count,
     FIELD(rules_tests, of[RULE_AT_LEAST]), .min = 0, .max = 67108864},
    {"at_most", "the number is this or below", .kind = &rules_count,
     FIELD(rules_tests, of[RULE_AT_MOST]), .min = 0, .max = 67108864},
};

const struct key_table keys_top = {"at the top of the file", top, LENGTH(top)};
const struct key_table keys_included = {"in an included file", included, LENGTH(included)};
const struct key_table keys_link = {"in a link", a_link, LENGTH(a_link)};
const struct key_table keys_site = {"in a site", site, LENGTH(site)};
const struct key_table keys_domain = {"in a domain", domain, LENGTH(domain)};
const struct key_table keys_expect = {"under 'expect'", expect, LENGTH(expect)};
const struct key_table keys_confirm = {"under 'confirm'", confirm, LENGTH(confirm)};
const struct key_table keys_certificate = {"under 'certificate'", certificate, LENGTH(certificate)};
const struct key_table keys_local_network = {"under 'local_network'", local_network,
                                             LENGTH(local_network)};
const struct key_table keys_alert = {"in an alert target", alert, LENGTH(alert)};
const struct key_table keys_quiet = {"under 'quiet'", quiet, LENGTH(quiet)};
const struct key_table keys_header_rule = {"in a rule for a header field", header_rule,
                                           LENGTH(header_rule)};
const struct key_table keys_json_rule = {"in a rule", json_rule, LENGTH(json_rule)};
const struct key_table keys_length = {"in a rule for a length", length_rule, LENGTH(length_rule)};
const struct key_table keys_defaults = {"under 'defaults'", domain + IDENTITY_KEYS,
                                        LENGTH(domain) - IDENTITY_KEYS};

_Static_assert(LENGTH(domain) <= KEYS_MAX && LENGTH(top) <= KEYS_MAX, "KEYS_MAX is too small");

/* A name from the file may have a NUL. */
static bool is_name(const char *key, const char *name, size_t size)
{
    return *key == *name && strlen(key) == size && memcmp(key, name, size) == 0;
}

size_t keys_find(const struct key_table *table, const char *name, size_t size)
{
    size_t i = 0;

    while (i < table->n && !is_name(table->keys[i].name, name, size))
        i++;
    return i;
}
