/* The table of all keys. */
#include "config/keys.h"

#include "config/config.h"
#include "config/http_value.h"
#include "config/link.h"
#include "config/monitor.h"
#include "config/page.h"
#include "config/path.h"
#include "config/value.h"

#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

const char *const keys_roles[] = {
    [ROLE_CORE] = "core", [ROLE_SUPPLEMENTARY] = "supplementary", NULL};
const char *const keys_methods[] = {[METHOD_GET] = "GET",         [METHOD_HEAD] = "HEAD",
                                    [METHOD_POST] = "POST",       [METHOD_PUT] = "PUT",
                                    [METHOD_PATCH] = "PATCH",     [METHOD_DELETE] = "DELETE",
                                    [METHOD_OPTIONS] = "OPTIONS", NULL};
static const char *const compressions[] = {
    [COMPRESSION_NONE] = "none", [COMPRESSION_GZIP] = "gzip", [COMPRESSION_ZSTD] = "zstd", NULL};
static const char *const pictures[] = {".svg", ".png", ".webp", ".jpg", ".gif", ".avif", NULL};
static const char *const style_sheets[] = {".css", NULL};
static const char *const ip_versions[] = {[IP_ANY] = "any", [IP_4] = "4", [IP_6] = "6", NULL};

/* `defaults` is before `sites`, because domains start from it, and `templates_dir` before
 * `language`, which looks for a file there. */
static const struct key top[] = {
    {.name = "title",
     .kind = &value_line,
     .field = offsetof(struct config, title),
     .fallback = "Status",
     .help = "heading of the dashboard"},
    {.name = "data_dir",
     .kind = &path_folder,
     .field = offsetof(struct config, data_dir),
     .fallback = "data",
     .help = "folder of the records; created if missing"},
    {.name = "public_dir",
     .kind = &path_folder,
     .field = offsetof(struct config, public_dir),
     .fallback = "public",
     .help = "folder of the dashboard; created if missing"},
    {.name = "templates_dir",
     .kind = &path_templates,
     .field = offsetof(struct config, templates_dir),
     .help = "folder whose files replace the built-in templates of the same names"},
    {.name = "language",
     .kind = &page_language,
     .field = offsetof(struct config, language),
     .fallback = "en",
     .help = "language of the dashboard"},
    {.name = "public_url",
     .kind = &page_public_url,
     .field = offsetof(struct config, public_url),
     .help = "address at which the dashboard is served"},
    {.name = "logo",
     .kind = &path_asset,
     .field = offsetof(struct config, logo),
     .words = pictures,
     .help = "picture before the title"},
    {.name = "style_sheet",
     .kind = &path_asset,
     .field = offsetof(struct config, style_sheet),
     .words = style_sheets,
     .help = "style sheet added after the built-in one"},
    {.name = "accent_colour",
     .kind = &page_colour,
     .field = offsetof(struct config, accent_colour),
     .help = "colour of the line at the top and of the lines under links"},
    {.name = "footer",
     .kind = &value_line,
     .field = offsetof(struct config, footer),
     .help = "text at the foot of every page"},
    {.name = "links", .kind = &link_list, .help = "links shown on every page"},
    {.name = "workers",
     .kind = &value_integer,
     .field = offsetof(struct config, workers),
     .min = 1,
     .max = 64,
     .fallback = "10",
     .help = "maximum number of threads that make checks"},
    {.name = "in_flight",
     .kind = &value_integer,
     .field = offsetof(struct config, in_flight),
     .min = 1,
     .max = 4096,
     .fallback = "512",
     .help = "maximum number of requests at once, per worker"},
    {.name = "max_per_host",
     .kind = &value_integer,
     .field = offsetof(struct config, max_per_host),
     .min = 1,
     .max = 65535,
     .fallback = "8",
     .help = "maximum number of requests at once to one host and port"},
    {.name = "retention_days",
     .kind = &value_integer,
     .field = offsetof(struct config, retention_days),
     .min = 0,
     .max = 36500,
     .fallback = "30",
     .help = "days after which archives are deleted; 0 keeps them for ever"},
    {.name = "archive_compress",
     .kind = &value_word,
     .field = offsetof(struct config, archive_compress),
     .words = compressions,
     .fallback = "none",
     .help = "how archives of finished days are compressed"},
    {.name = "history_hours",
     .kind = &value_integer,
     .field = offsetof(struct config, history_hours),
     .min = 1,
     .max = 24,
     .fallback = "4",
     .help = "length of the timeline in hours"},
    {.name = "render_interval_seconds",
     .kind = &value_integer,
     .field = offsetof(struct config, render_interval_seconds),
     .min = 0,
     .max = 86400,
     .fallback = "30",
     .help = "minimum time between two builds of the dashboard"},
    {.name = "defaults",
     .kind = &monitor_defaults,
     .help = "values for domains that do not set them"},
    {.name = "sites", .kind = &monitor_sites, .required = true, .help = "the list of sites"},
};

static const struct key a_link[] = {
    {.name = "text",
     .kind = &value_line,
     .field = offsetof(struct link, text),
     .required = true,
     .help = "the text of the link"},
    {.name = "url", .kind = &link_url, .required = true, .help = "the address of the link"},
};

static const struct key site[] = {
    {.name = "id",
     .kind = &value_id,
     .field = offsetof(struct site, id),
     .required = true,
     .help = "the name of the site in files and addresses"},
    {.name = "name",
     .kind = &value_line,
     .field = offsetof(struct site, name),
     .help = "name of the site on the pages; without it, the id is shown"},
    {.name = "group",
     .kind = &value_line,
     .field = offsetof(struct site, group),
     .help = "heading under which the index shows the site"},
    {.name = "domains",
     .kind = &monitor_domains,
     .required = true,
     .help = "the list of the site's domains"},
};

/* The first keys are different for each domain; the others are also allowed under `defaults`. */
enum { IDENTITY_KEYS = 4 };

static const struct key domain[] = {
    {.name = "id",
     .kind = &value_id,
     .field = offsetof(struct domain, id),
     .required = true,
     .help = "the name of the domain in files and addresses"},
    {.name = "name",
     .kind = &value_line,
     .field = offsetof(struct domain, name),
     .help = "name of the domain on the pages; without it, the id is shown"},
    {.name = "role",
     .kind = &value_word,
     .field = offsetof(struct domain, role),
     .words = keys_roles,
     .fallback = "core",
     .help = "whether the site is down if this domain fails"},
    {.name = "url", .kind = &http_value_url, .required = true, .help = "the address to check"},
    {.name = "interval_seconds",
     .kind = &value_integer,
     .field = offsetof(struct domain, interval_seconds),
     .min = 10,
     .max = 604800,
     .fallback = "300",
     .help = "seconds from one check to the next"},
    {.name = "timeout_seconds",
     .kind = &value_seconds,
     .field = offsetof(struct domain, timeout_ms),
     .min = 100,
     .max = 50000,
     .fallback = "20",
     .help = "maximum duration of a check, from name lookup to last byte"},
    {.name = "expect", .kind = &monitor_expect, .help = "conditions for a good response"},
    {.name = "bot_protection_string",
     .kind = &value_bot_strings,
     .help = "text of a page that blocks robots; also allowed under expect"},
    {.name = "method",
     .kind = &value_word,
     .field = offsetof(struct domain, method),
     .words = keys_methods,
     .fallback = "GET",
     .help = "method of the request"},
    {.name = "headers", .kind = &http_value_headers, .help = "header fields sent with the request"},
    {.name = "body",
     .kind = &value_bytes,
     .field = offsetof(struct domain, body),
     .help = "body sent with the request"},
    {.name = "follow_redirects",
     .kind = &value_boolean,
     .field = offsetof(struct domain, follow_redirects),
     .fallback = "true",
     .help = "whether redirects are followed; false if every expected status is 3xx"},
    {.name = "verify_tls",
     .kind = &value_boolean,
     .field = offsetof(struct domain, verify_tls),
     .fallback = "true",
     .help = "whether certificate and host name must be valid"},
    {.name = "ca_file",
     .kind = &path_ca_file,
     .field = offsetof(struct domain, ca_file),
     .help = "certificates to trust instead of the system's"},
    {.name = "ip_version",
     .kind = &value_word,
     .field = offsetof(struct domain, ip_version),
     .words = ip_versions,
     .fallback = "any",
     .help = "version of the Internet Protocol to use"},
    {.name = "max_body_bytes",
     .kind = &value_integer64,
     .field = offsetof(struct domain, max_body_bytes),
     .min = 0,
     .max = 67108864,
     .fallback = "1048576",
     .help = "maximum number of bytes read from a body, after decompression"},
    {.name = "retries",
     .kind = &value_integer,
     .field = offsetof(struct domain, retries),
     .min = 0,
     .max = 5,
     .fallback = "0",
     .help = "how often a failed check is repeated before it counts"},
};

static const struct key expect[] = {
    {.name = "http_status",
     .kind = &http_value_statuses,
     .min = 100,
     .max = 599,
     .fallback = "200",
     .help = "expected status codes"},
    {.name = "body_contains",
     .kind = &value_needle,
     .field = offsetof(struct domain, body_contains),
     .help = "text that the body must contain"},
    {.name = "bot_protection_string",
     .kind = &value_bot_strings,
     .help = "text of a page that blocks robots; also allowed under expect"},
};

const struct key_table keys_top = {"at the top of the file", top, LENGTH(top)};
const struct key_table keys_link = {"in a link", a_link, LENGTH(a_link)};
const struct key_table keys_site = {"in a site", site, LENGTH(site)};
const struct key_table keys_domain = {"in a domain", domain, LENGTH(domain)};
const struct key_table keys_expect = {"under 'expect'", expect, LENGTH(expect)};
const struct key_table keys_defaults = {"under 'defaults'", domain + IDENTITY_KEYS,
                                        LENGTH(domain) - IDENTITY_KEYS};

_Static_assert(LENGTH(domain) <= KEYS_MAX && LENGTH(top) <= KEYS_MAX, "KEYS_MAX is too small");

size_t keys_find(const struct key_table *table, const char *name, size_t size)
{
    size_t i = 0;

    while (i < table->n &&
           (strlen(table->keys[i].name) != size || memcmp(table->keys[i].name, name, size) != 0))
        i++;
    return i;
}

void *keys_field(const struct key *key, void *into)
{
    return (char *)into + key->field;
}
