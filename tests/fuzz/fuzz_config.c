/* config: any bytes as uptick.yaml, or as a file that it includes, give a valid configuration, or
 * lines that show what is wrong. */
#define _GNU_SOURCE /* memfd_create */
#include "base/buffer.h"
#include "fuzz.h"
#include "input_file.h"

#include "config/config.h"
#include "model/rule.h"

#include <ctype.h>
#include <glob.h>
#include <jansson.h>
#include <strings.h>

/* In the root folder, since each folder above it is read for every input. */
static const char path[] = "/f.yaml";

/* Replaces that of the C library: no pattern matches the files of this machine. */
int glob(const char *pattern, int flags, int (*stop)(const char *, int), glob_t *found)
{
    (void)flags;
    (void)stop;
    (void)found;
    must(strpbrk(pattern, "*?[") != NULL, "a pattern has a character of patterns");
    return GLOB_NOMATCH;
}

static void must_be_id(const char *id)
{
    must(id && *id && *id != '.' && *id != '-' && strlen(id) <= 64, "an id is valid");
    must(strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
             strlen(id),
         "an id has only allowed characters");
}

static void must_be_line(const char *text)
{
    must(text != NULL, "a text is set");
    must_be_clean_line(text, strlen(text));
}

static void must_be_needles(const struct needles *needles)
{
    for (size_t i = 0; i < needles->n; i++)
        must(needles->list[i].text.size > 0 && needles->list[i].shown.size > 0,
             "no text to look for is empty");
}

static void must_be_request(const struct domain *domain)
{
    for (size_t i = 0; i < domain->n_headers; i++) {
        must(*domain->headers[i].name != '\0', "a header has a name");
        must(!strpbrk(domain->headers[i].name, "\r\n :") &&
                 !strpbrk(domain->headers[i].value, "\r\n"),
             "a header is one line");
    }
    must(domain->method != METHOD_HEAD || !domain->body.data, "HEAD has no body");
    must(domain->method != METHOD_HEAD || (!domain->expect.n_json && !domain->expect.excludes.n),
         "nothing is expected of a body that HEAD does not have");
    must_be_needles(&domain->bot_strings);
    must_be_needles(&domain->expect.contains);
    must_be_needles(&domain->expect.excludes);
}

static void must_be_shown_part(const char *text)
{
    must(text != NULL && strlen(text) < 128, "what is shown is short");
    must_be_clean_line(text, strlen(text));
}

/* jansson is another reader of JSON. Its numbers are limited, those of the configuration are not.
 */
static void must_be_json(const char *text)
{
    json_error_t error;
    json_t *json = json_loads(
        text, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL,
        &error);

    must(json || json_error_code(&error) == json_error_numeric_overflow, "an operand is JSON");
    json_decref(json);
}

static void must_be_rule(const struct rule *rule, bool is_length)
{
    must(rule && rule->n_parts >= 1, "a rule has a test");
    for (size_t i = 0; i < rule->n_parts; i++) {
        const struct rule_part *part = &rule->parts[i];

        must((unsigned)part->test < RULE_TESTS, "a test is one");
        must(i == 0 || part->test > part[-1].test, "no test is there twice");
        must((part->pattern != NULL) == (part->test == RULE_MATCHES), "only matches has a pattern");
        must((part->length != NULL) == (part->test == RULE_LENGTH), "only length has a rule");
        must((part->operand == NULL) == (part->pattern || part->length), "others have an operand");
        must_be_shown_part(part->shown);
        if (part->operand)
            must_be_json(part->operand);
        must(!part->length || !is_length, "a length has no length");
        if (part->length)
            must_be_rule(part->length, true);
    }
}

static void must_be_pointer(const char *pointer)
{
    must(*pointer == '\0' || *pointer == '/', "a pointer begins with a slash");
    for (; *pointer; pointer++)
        must(*pointer != '~' || pointer[1] == '0' || pointer[1] == '1', "a tilde is escaped");
}

static void must_be_expect(const struct domain *domain)
{
    const struct expect *expect = &domain->expect;
    bool is_https = strncasecmp(domain->url, "https:", 6) == 0;

    must(!expect->final_url == !expect->shown_final_url, "a final URL is shown");
    must(!expect->final_url || strncmp(expect->final_url, "http", 4) == 0, "it is http or https");
    if (expect->final_url)
        must_be_line(expect->shown_final_url);
    must(expect->max_redirects >= 0 && expect->max_redirects <= 10, "redirects");
    must(expect->certificate_days >= 0 && expect->certificate_days <= 10000, "days");
    must(is_https || (!expect->https_only && !(expect->certificate_days > 0)), "only for https");
    must(expect->min_bytes >= 0 &&
             (!expect->has_max_bytes || expect->min_bytes <= expect->max_bytes),
         "a size is a range");
    must(expect->max_latency_ms >= 0 && expect->max_latency_ms <= 50000, "max_latency_ms");
    must(expect->slow_ms >= 0 && expect->slow_ms <= 50000, "slow_ms");
    for (size_t i = 0; i < expect->n_headers; i++) {
        must(!strpbrk(expect->headers[i].name, "\r\n :") && *expect->headers[i].name, "a name");
        must_be_rule(expect->headers[i].rule, false);
    }
    for (size_t i = 0; i < expect->n_patterns; i++) {
        must(expect->patterns[i].pattern != NULL, "a pattern is compiled");
        must_be_shown_part(expect->patterns[i].shown);
    }
    for (size_t i = 0; i < expect->n_json; i++) {
        must_be_pointer(expect->json[i].pointer);
        must_be_shown_part(expect->json[i].shown);
        must_be_rule(expect->json[i].rule, false);
    }
}

static void must_be_limit(const struct certificate_limit *limit)
{
    static const int64_t max[] = {[CERTIFICATE_PERCENT] = 100000,
                                  [CERTIFICATE_DURATION] = 864000000000,
                                  [CERTIFICATE_NO_LIMIT] = 0};

    must(limit->value >= 0 && limit->value <= max[limit->kind], "a limit is in its range");
}

static void must_be_outages(const struct domain *domain)
{
    const struct confirm *rules = &domain->confirm;
    const struct certificate_limit *warn = &domain->certificate_warn;
    const struct certificate_limit *critical = &domain->certificate_critical;

    must(rules->failures >= 1 && rules->failures <= 60, "failures");
    must(rules->successes >= 1 && rules->successes <= 60, "successes");
    must(rules->n_rechecks <= CONFIRM_RECHECKS_MAX, "rechecks");
    for (size_t i = 0; i < rules->n_rechecks; i++)
        must(rules->recheck_seconds[i] >= (i ? rules->recheck_seconds[i - 1] + 1 : 0) &&
                 rules->recheck_seconds[i] <= 50,
             "rechecks ascend");
    must_be_limit(warn);
    must_be_limit(critical);
    must(warn->kind != critical->kind || warn->value >= critical->value, "warn comes first");
}

static void must_be_local_network(const struct local_network *network)
{
    must(network->min_hosts >= 1 && network->min_hosts <= 10000, "min_hosts");
    must(network->share_percent >= 1 && network->share_percent <= 100, "share_percent");
    must(network->n_witnesses <= 10, "witnesses");
    for (size_t i = 0; i < network->n_witnesses; i++) {
        must_be_id(network->witnesses[i].id);
        must(network->witnesses[i].url && network->witnesses[i].shown_url &&
                 *network->witnesses[i].host,
             "a witness has a host");
        must(network->witnesses[i].timeout_ms == 5000, "a witness has its own timeout");
    }
}

/* In a mail, on a command line and in a command of SMTP. */
static void must_be_address(const char *address)
{
    must(address && *address && *address != '-', "an address is no option");
    must(!strpbrk(address, " \t\r\n<>()[],;:\\\"") && strlen(address) < 255,
         "an address is one word");
}

static void must_be_mail(const struct alert_target *target)
{
    must_be_address(target->from);
    must(target->to && target->to[0], "mail has a recipient");
    for (size_t i = 0; target->to[i]; i++)
        must_be_address(target->to[i]);
}

static void must_be_target(const struct alert_target *target)
{
    bool is_mail = target->type == ALERT_MAIL, is_webhook = target->type == ALERT_WEBHOOK;
    const char *const lines[] = {target->url,    target->token,    target->chat,
                                 target->secret, target->username, target->password};

    must_be_id(target->id);
    must(target->on != 0 && target->on < 2 * ALERT_LATE_TICKS, "something is sent");
    must(target->quiet.from_minute >= 0 && target->quiet.from_minute < 1440 &&
             target->quiet.to_minute >= 0 && target->quiet.to_minute < 1440,
         "minutes of a day");
    for (size_t i = 0; i < target->n_reminders; i++)
        must(target->remind_ms[i] >= (i ? target->remind_ms[i - 1] + 1 : 60000), "ascending");
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        must(!lines[i] || !strpbrk(lines[i], "\r\n"), "a text is one line");
    must(!is_mail == !target->server, "mail has a server, and nothing else has");
    must(!is_webhook == !target->url, "a webhook has a URL, and nothing else has");
    must((target->type == ALERT_COMMAND || target->type == ALERT_SENDMAIL) == !!target->command,
         "a program is started for these two");
    must(!target->command || target->command[0][0] == '/', "the path of a program is absolute");
    must(!target->username == !target->password, "a login has two parts");
    if (is_mail || target->type == ALERT_SENDMAIL)
        must_be_mail(target);
    for (size_t i = 0; i < target->n_headers; i++)
        must(!strpbrk(target->headers[i].value, "\r\n"), "a header is one line");
}

/* Following the dependencies ends. */
static void must_be_dependency(const struct config *config, const struct domain *domain)
{
    size_t steps = 0;

    must(!domain->depends_on == (domain->dependency == SIZE_MAX), "a dependency has a name");
    for (; domain->dependency != SIZE_MAX; domain = &config->domains[domain->dependency]) {
        must(domain->dependency < config->n_domains, "a dependency is a domain");
        must(++steps < config->n_domains, "dependencies are no circle");
    }
}

static void must_be_domain(const struct config *config, const struct domain *domain)
{
    must_be_id(domain->id);
    must_be_line(domain->name);
    must(domain->url && domain->shown_url && domain->host && *domain->host, "the URL has a host");
    must(domain->port >= 0 && domain->port <= 65535, "the port is valid");
    must(domain->interval_seconds >= 10 && domain->interval_seconds <= 604800, "interval");
    must(domain->timeout_ms >= 100 && domain->timeout_ms <= 50000, "timeout");
    must(domain->expect.n_statuses >= 1, "a status is expected");
    for (size_t i = 0; i < domain->expect.n_statuses; i++)
        must(domain->expect.statuses[i].first >= 100 && domain->expect.statuses[i].last <= 599 &&
                 domain->expect.statuses[i].first <= domain->expect.statuses[i].last,
             "a range of statuses");
    must(domain->max_body_bytes >= 0 && domain->max_body_bytes <= 67108864, "body");
    must(domain->retries >= 0 && domain->retries <= 5, "retries");
    must(domain->site < config->n_sites, "the domain belongs to a site");
    must_be_request(domain);
    must_be_expect(domain);
    must_be_outages(domain);
    must_be_dependency(config, domain);
}

/* Nothing in a URI has a second meaning for a browser. */
static void must_be_uri(const char *url)
{
    for (const char *c = url; *c; c++)
        must(*c > ' ' && *c < 0x7f && !strchr("\"<>\\^`{|}", *c), "an address is a URI");
}

static void must_be_link(const struct link *link)
{
    static const char *const schemes[] = {"http:", "https:", "mailto:"};
    static const char scheme[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-.";
    bool absolute = false;

    must_be_line(link->text);
    must_be_uri(link->url);
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        absolute = absolute || strncasecmp(link->url, schemes[i], strlen(schemes[i])) == 0;
    must(*link->url && strncmp(link->url, "//", 2) != 0, "a link is not empty");
    must(absolute || link->url[strspn(link->url, scheme)] != ':' ||
             !isalpha((unsigned char)*link->url),
         "a link has no other scheme");
    must(!absolute || !link->relative, "an absolute link is not relative");
}

/* The settings of the pages. */
static void must_be_shown(const struct config *config)
{
    must(*config->language && strspn(config->language, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                       "abcdefghijklmnopqrstuvwxyz0123456789-") ==
                                  strlen(config->language),
         "a language is of its letters");
    if (config->public_url) {
        must_be_uri(config->public_url);
        must((strncmp(config->public_url, "http", 4) == 0 || strstr(config->public_url, "$%7B")) &&
                 !strpbrk(config->public_url, "?#"),
             "public_url is an http URL");
        must(config->public_url[strlen(config->public_url) - 1] == '/',
             "public_url ends in a slash");
    }
    must(!config->accent_colour ||
             (strlen(config->accent_colour) == 7 && *config->accent_colour == '#' &&
              strspn(config->accent_colour + 1, "0123456789abcdef") == 6),
         "a colour is one");
    if (config->footer)
        must_be_line(config->footer);
    must(config->n_links <= 20, "there are at most 20 links");
    for (size_t i = 0; i < config->n_links; i++)
        must_be_link(&config->links[i]);
}

static void must_be_sound(const struct config *config)
{
    must_be_line(config->title);
    must_be_shown(config);
    must(config->data_dir && *config->data_dir && config->public_dir && *config->public_dir,
         "there are folders");
    must(config->workers >= 1 && config->workers <= 64, "workers");
    must(config->in_flight >= 1 && config->in_flight <= 4096, "in_flight");
    must(config->max_per_host >= 1 && config->max_per_host <= 65535, "max_per_host");
    must(config->retention_days >= 0 && config->retention_days <= 36500, "retention_days");
    must(config->history_hours >= 1 && config->history_hours <= 24, "history_hours");
    must(config->index_span <= INDEX_90D, "index_span");
    must(config->uptime_target >= 0 && config->uptime_target <= 100000, "uptime_target");
    must_be_local_network(&config->local_network);
    for (size_t i = 0; i < config->n_alerts; i++)
        must_be_target(&config->alerts[i]);
    must(config->n_sites > 0, "there are sites");
    for (size_t i = 0; i < config->n_sites; i++) {
        const struct site *site = &config->sites[i];

        must_be_id(site->id);
        must_be_line(site->name);
        if (site->group)
            must_be_line(site->group);
        must(site->n_domains > 0 && site->first_domain + site->n_domains <= config->n_domains,
             "a site has domains");
    }
    for (size_t i = 0; i < config->n_domains; i++)
        must_be_domain(config, &config->domains[i]);
}

/* "PATH:LINE:COLUMN: text", one line each. */
static void must_be_mistakes(const struct buffer *mistakes)
{
    for (const char *line = mistakes->data, *end; line && *line; line = end + 1) {
        end = strchr(line, '\n');
        must(end != NULL, "a mistake ends with a line end");
        must(*line == '/', "a mistake begins with the file");
        must_be_clean_line(line, (size_t)(end - line));
    }
}

static void must_load(const char *yaml, size_t size)
{
    struct buffer mistakes = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    struct config *config = config_parse(path, yaml, size, &mistakes);

    must((config == NULL) == (mistakes.size > 0), "it loads, or a message shows why not");
    must(mistakes.size == 0 || strlen(mistakes.data) == mistakes.size, "mistakes contain no NUL");
    must_be_mistakes(&mistakes);
    if (config)
        must_be_sound(config);
    config_free(config);
    buffer_free(&mistakes);
}

/* An input that begins with a comment is read as an included file as well. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char includes[] = "include: [" INPUT_FILE ", '*.yaml']\n";

    input_file(data, size);
    must_load((const char *)data, size);
    if (size > 0 && data[0] == '#')
        must_load(includes, strlen(includes));
    return 0;
}
