#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * uptick.yaml as the rest of the program sees it (spec 2): immutable once it is loaded, every value
 * within its range, every default filled in, every path made relative to the file's folder. All of
 * it lives and dies with the struct config.
 */

enum role { ROLE_CORE, ROLE_SUPPLEMENTARY };
enum method {
    METHOD_GET,
    METHOD_HEAD,
    METHOD_POST,
    METHOD_PUT,
    METHOD_PATCH,
    METHOD_DELETE,
    METHOD_OPTIONS
};
enum ip_version { IP_ANY, IP_4, IP_6 };
enum compression { COMPRESSION_NONE, COMPRESSION_GZIP, COMPRESSION_ZSTD };

/* A string that may hold any byte, NUL too; data ends with a NUL that size does not count. */
struct bytes {
    const char *data;
    size_t size;
};

/* Expected status codes, both ends included. */
struct status_range {
    int first, last;
};

struct header {
    const char *name, *value;
};

struct domain {
    const char *id, *name;
    enum role role;
    const char *url;       /* as configured: it may hold a password. Never print it */
    const char *shown_url; /* without user, password, query and fragment: what may be published */
    const char *host;      /* of the url, as name servers know it; IPv6 addresses in brackets */
    int port;
    int interval_seconds;
    int timeout_ms;
    const struct status_range *expect_status;
    size_t n_expect_status;     /* at least 1 */
    struct bytes body_contains; /* data NULL: nothing is expected */
    const struct bytes *bot_strings;
    size_t n_bot_strings;
    enum method method;
    const struct header *headers;
    size_t n_headers;
    struct bytes body; /* data NULL: none */
    bool follow_redirects;
    bool verify_tls;
    const char *ca_file; /* NULL: the system's */
    enum ip_version ip_version;
    int64_t max_body_bytes;
    int retries;
    size_t site; /* index into config.sites */
};

/* A site's domains are config.domains[first_domain .. first_domain + n_domains - 1]. */
struct site {
    const char *id, *name;
    size_t first_domain, n_domains;
    const char *group; /* the section of the index that it stands in; NULL: none */
};

/* A link that every page shows. */
struct link {
    const char *text, *url;
    bool relative; /* to the folder of index.html */
};

struct config {
    const char *path; /* as the user gave it; what messages begin with */
    const char *title;
    const char *language;    /* of the pages: "en" */
    const char *public_url;  /* where the dashboard is served, with "/" at its end; NULL: unknown */
    const char *logo;        /* path of an image file; NULL: none */
    const char *style_sheet; /* path of one that follows the built-in one; NULL: none */
    const char *accent_colour; /* "#1a2b3c"; NULL: the built-in one */
    const char *footer;        /* a text at the foot of every page; NULL: none */
    const struct link *links;
    size_t n_links;
    const char *data_dir, *public_dir;
    const char *templates_dir; /* NULL: none */
    int workers;
    int in_flight;
    int max_per_host;
    int retention_days;
    enum compression archive_compress; /* of the days that are over */
    int history_hours;
    int render_interval_seconds;
    const struct site *sites; /* in the file's order */
    size_t n_sites;
    const struct domain *domains; /* in the file's order; a domain's index is its name in memory */
    size_t n_domains;
    int64_t hash;        /* of the file: tells whether it changed since the last build */
    struct arena *arena; /* owns all of the above */
};

/*
 * Loads the file. Returns the configuration, to be freed with config_free; or NULL, with every
 * mistake in problems, a line each ("PATH:LINE:COLUMN: what is wrong, and what was expected"), each
 * ended by \n, in the order of the file. A file that cannot be read is one such line without the
 * numbers. Environment variables are read with getenv.
 */
struct config *config_load(const char *path, struct buffer *mistakes);

/* The same from bytes, for tests and the fuzzer: path is only what messages and paths begin with.
 */
struct config *config_parse(const char *path, const char *yaml, size_t size,
                            struct buffer *mistakes);

/* NULL is fine. */
void config_free(struct config *config);

/* The words of the enums, as the file has them. */
const char *config_role_name(enum role role);
const char *config_method_name(enum method method);

#endif
