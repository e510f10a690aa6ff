/* The table of all keys. */
#include "config/keys.h"

#include "config/connection.h"
#include "config/http_value.h"
#include "config/login.h"
#include "config/monitor.h"
#include "config/page.h"
#include "config/path.h"
#include "config/proxy.h"
#include "config/value.h"

#include <string.h>

#define LENGTH(array)       (sizeof(array) / sizeof(array)[0])
#define FIELD(type, member) .field = offsetof(struct type, member)

static const char *const compressions[] = {
    [COMPRESSION_NONE] = "none", [COMPRESSION_GZIP] = "gzip", [COMPRESSION_ZSTD] = "zstd", NULL};
static const char *const pictures[] = {".svg", ".png", ".webp", ".jpg", ".gif", ".avif", NULL};
static const char *const style_sheets[] = {".css", NULL};
static const char *const ip_versions[] = {[IP_ANY] = "any", [IP_4] = "4", [IP_6] = "6", NULL};
static const char *const request_versions[] = {
    [REQUEST_AUTO] = "auto", [REQUEST_HTTP_1_1] = "1.1",
    [REQUEST_HTTP_2] = "2",  [REQUEST_HTTP_2_PRIOR_KNOWLEDGE] = "2-prior-knowledge",
    [REQUEST_HTTP_3] = "3",  NULL};
static const char *const tls_versions[] = {
    [TLS_1_2] = "1.2", [TLS_1_3] = "1.3", [TLS_1_1] = "1.1", [TLS_1_0] = "1.0", NULL};

/* `defaults` is before `sites`, because domains start from it, and `templates_dir` before
 * `language`, which looks for a file there. */
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
    {"render_interval_seconds", "minimum time between two builds of the dashboard",
     .kind = &value_integer, FIELD(config, render_interval_seconds), .min = 0, .max = 86400,
     .fallback = "30"},
    {"defaults", "values for domains that do not set them", .kind = &monitor_defaults},
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
enum { IDENTITY_KEYS = 4 };

static const struct key domain[] = {
    {"id", "the name of the domain in files and addresses", .kind = &value_id, FIELD(domain, id),
     .required = true},
    {"name", "name of the domain on the pages; without it, the id is shown", .kind = &value_line,
     FIELD(domain, name)},
    {"role", "whether the site is down if this domain fails", .kind = &value_word,
     FIELD(domain, role), .words = config_role_names, .fallback = "core"},
    {"url", "the address to check", .kind = &http_value_url, .required = true},
    {"interval_seconds", "seconds from one check to the next", .kind = &value_integer,
     FIELD(domain, interval_seconds), .min = 10, .max = 604800, .fallback = "300"},
    {"timeout_seconds", "maximum duration of a check, from name lookup to last byte",
     .kind = &value_seconds, FIELD(domain, timeout_ms), .min = 100, .max = 50000, .fallback = "20"},
    {"expect", "conditions for a good response", .kind = &monitor_expect},
    {"bot_protection_string", "text of a page that blocks robots; also allowed under expect",
     .kind = &value_needles, FIELD(domain, bot_strings)},
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
};

static const struct key expect[] = {
    {"http_status", "expected status codes", .kind = &http_value_statuses, .min = 100, .max = 599,
     .fallback = "200"},
    {"body_contains", "texts that the body must contain", .kind = &value_needles,
     FIELD(domain, expect.contains)},
    {"bot_protection_string", "text of a page that blocks robots; also allowed under expect",
     .kind = &value_needles, FIELD(domain, bot_strings)},
};

const struct key_table keys_top = {"at the top of the file", top, LENGTH(top)};
const struct key_table keys_link = {"in a link", a_link, LENGTH(a_link)};
const struct key_table keys_site = {"in a site", site, LENGTH(site)};
const struct key_table keys_domain = {"in a domain", domain, LENGTH(domain)};
const struct key_table keys_expect = {"under 'expect'", expect, LENGTH(expect)};
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
