#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * uptick.yaml as the rest of the program sees it: immutable once it is loaded, every value in its
 * range, every default filled in, every path relative to the working directory instead of the
 * file's folder. struct config owns all of it. A text that is only published has ${NAME} in place
 * of the value of an environment variable, and ${file:PATH} in place of the content of a file.
 */

struct buffer;
struct client_certificate;
struct pattern;
struct rule;
struct secrets;

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
enum tls_version { TLS_1_2, TLS_1_3, TLS_1_1, TLS_1_0 };
enum compression { COMPRESSION_NONE, COMPRESSION_GZIP, COMPRESSION_ZSTD };

/* A string of any bytes, even NUL; data ends with a NUL that size does not count. */
struct bytes {
    const char *data;
    size_t size;
};

/* Expected status codes, first and last included. */
struct status_range {
    int first, last;
};

struct header {
    const char *name, *value;
};

/* A text to look for. Not empty. */
struct needle {
    struct bytes text;
    struct bytes shown; /* as it may be published */
};

struct needles {
    const struct needle *list;
    size_t n;
};

/* What a header field must be. */
struct expect_header {
    const char *name;
    const struct rule *rule;
};

/* A regular expression that the body must match, or must not. */
struct expect_pattern {
    const struct pattern *pattern;
    const char *shown; /* as it may be published: "/^a+$/" */
    bool must_match;
};

/* What a value of a JSON body must be. */
struct expect_json {
    const char *pointer, *shown; /* RFC 6901: "/items/0"; and as it may be published */
    const struct rule *rule;
};

/* The HTTP version of a response. */
enum http_version { HTTP_ANY, HTTP_1_0, HTTP_1_1, HTTP_2, HTTP_3 };

/* What a response must be. */
struct expect {
    const struct status_range *statuses;
    size_t n_statuses;                       /* at least 1 */
    enum http_version version;               /* HTTP_ANY: no expectation */
    const char *final_url, *shown_final_url; /* NULL: no expectation */
    int max_redirects;
    bool has_max_redirects;  /* max_redirects is set */
    bool https_only;         /* every request must be https */
    double certificate_days; /* how long the certificates must be valid; 0: no expectation */
    const struct expect_header *headers;
    size_t n_headers;
    struct needles contains, excludes; /* texts in the body */
    const struct expect_pattern *patterns;
    size_t n_patterns;
    int64_t min_bytes, max_bytes; /* of the decoded body */
    bool has_max_bytes;           /* max_bytes is set */
    const struct expect_json *json;
    size_t n_json;
    int max_latency_ms, slow_ms; /* 0: no limit */
};

/* How failed checks become an outage, and how it ends (model/confirm.h). */
enum { CONFIRM_RECHECKS_MAX = 10 };

struct confirm {
    int failures, successes;                   /* checks in a row, at least 1 */
    int recheck_seconds[CONFIRM_RECHECKS_MAX]; /* ascending; after the end of the first check */
    size_t n_rechecks;                         /* 0: the next check is that of the next slot */
};

/* A limit for how long a certificate is still valid. */
enum certificate_limit_kind { CERTIFICATE_PERCENT, CERTIFICATE_DURATION, CERTIFICATE_NO_LIMIT };

struct certificate_limit {
    enum certificate_limit_kind kind;
    int64_t value; /* thousandths of a percent of its lifetime; or milliseconds */
};

/* When failures count as those of our own network. */
struct local_network {
    int min_hosts, share_percent;
    const struct domain *witnesses; /* requested if the network is in doubt; NULL: none */
    size_t n_witnesses;
};

/* Where alerts go. */
enum alert_type { ALERT_PRINT, ALERT_MAIL, ALERT_SENDMAIL, ALERT_WEBHOOK, ALERT_COMMAND };

/* How a webhook expects its payload. */
enum alert_format {
    ALERT_JSON,
    ALERT_SLACK,
    ALERT_DISCORD,
    ALERT_TEAMS,
    ALERT_NTFY,
    ALERT_GOTIFY,
    ALERT_TELEGRAM,
    ALERT_PAGERDUTY,
    ALERT_OPSGENIE,
    ALERT_ALERTMANAGER,
    ALERT_GOOGLECHAT,
    ALERT_MATTERMOST,
    ALERT_FORMATS
};

/* What a target is sent: bits. `degraded` is BOT and SLOW. */
enum alert_kind {
    ALERT_DOWN = 1 << 0,
    ALERT_UP = 1 << 1,
    ALERT_CERTIFICATE = 1 << 2,
    ALERT_LOCAL_NETWORK = 1 << 3,
    ALERT_UNDELIVERED = 1 << 4,
    ALERT_BOT = 1 << 5,
    ALERT_SLOW = 1 << 6,
    ALERT_FLAPPING = 1 << 7,
    ALERT_LATE_TICKS = 1 << 8
};

/* A part of each day in which a target is sent less. */
struct quiet_hours {
    int from_minute, to_minute; /* of the day; the same: none. From may be later than to */
    const char *zone;           /* "Europe/Berlin"; NULL: UTC */
    unsigned except;            /* kinds that are sent nevertheless */
};

/* A site, or one of its domains. */
struct alert_scope {
    const char *site, *domain; /* domain NULL: the whole site */
};

enum { ALERT_REMINDERS_MAX = 10 };

/* A target of alerts. Texts that it does not have are NULL. Never print any but its id. */
struct alert_target {
    const char *id;
    enum alert_type type;
    enum alert_format format; /* of a webhook */
    unsigned on;              /* kinds */
    const struct alert_scope *scopes;
    size_t n_scopes; /* 0: all */
    int64_t remind_ms[ALERT_REMINDERS_MAX];
    size_t n_reminders;
    struct quiet_hours quiet;
    const char *url, *token, *chat, *secret; /* of a webhook */
    const struct header *headers;            /* of a webhook */
    size_t n_headers;
    const char *ca_file;                      /* of a webhook or a mail server */
    const struct proxy *proxy;                /* the same */
    const char *server, *username, *password; /* of a mail server; smtp:// or smtps:// */
    bool tls_is_optional;                     /* smtp:// without TLS is allowed */
    const char *from;                         /* of mail */
    const char *const *to;                    /* of mail; ends with NULL */
    const char *const *command;               /* argv of a command or of sendmail; ends with NULL */
};

/* The HTTP version of a request. */
enum request_version {
    REQUEST_AUTO,
    REQUEST_HTTP_1_1,
    REQUEST_HTTP_2,
    REQUEST_HTTP_2_PRIOR_KNOWLEDGE,
    REQUEST_HTTP_3
};

enum proxy_kind { PROXY_HTTP, PROXY_HTTPS, PROXY_SOCKS5 };

struct proxy {
    enum proxy_kind kind;
    const char *url;  /* for libcurl, with the login: never print it */
    const char *host; /* as name servers know it; IPv6 addresses in brackets */
    int port;
    bool logs_in;
};

struct domain {
    const char *id, *name;
    const char *url;       /* as configured; it may contain a password: never print it */
    const char *shown_url; /* without user, password, query and fragment, and with ${NAME} in
                              place of secret values: may be published */
    const char *host;      /* of the url, as name servers know it; IPv6 addresses in brackets */
    int port;
    enum role role;
    int interval_seconds;
    int timeout_ms;
    struct expect expect;
    struct needles bot_strings;
    const struct header *headers;
    size_t n_headers;
    struct bytes body; /* data NULL: none */
    enum method method;
    enum ip_version ip_version;
    const char *address;       /* to connect to in place of the host's; IPv6 in brackets; NULL: look
                                  it up */
    int address_port;          /* the same of the port; 0: that of the url */
    const char *unix_socket;   /* its path, or "@NAME" if it is abstract; NULL: none */
    const struct proxy *proxy; /* NULL: none */
    const char *username, *password; /* sent as a header, which is one of headers; NULL: none */
    const char *certificate_file, *key_file; /* NULL: none, or also in certificate_file */
    const struct client_certificate *client_certificate; /* of these files; NULL: none */
    enum request_version http_version;
    enum tls_version tls_min_version;
    bool cookies; /* kept from one request of a check to the next */
    int max_body_bytes;
    int retries;
    struct confirm confirm;
    struct certificate_limit certificate_warn, certificate_critical;
    bool follow_redirects;
    bool verify_tls;
    bool bot_detection;
    const char *ca_file;           /* NULL: the system's certificates */
    size_t site;                   /* index into config.sites */
    const char *depends_on;        /* "site/domain" of another monitor; NULL: none */
    size_t dependency;             /* index of that monitor; SIZE_MAX: none */
    const struct secrets *secrets; /* those of the configuration */
};

/* The domains of a site are n_domains of config.domains, from first_domain on. */
struct site {
    const char *id, *name;
    size_t first_domain, n_domains;
    const char *group; /* heading on the index; NULL: none */
};

/* A link shown on every page. */
struct link {
    const char *text, *url;
    bool relative; /* to the folder of index.html */
};

/* What the index shows of each site until a visitor chooses: the timeline (of history_hours), the
 * last 24 hours or the last 90 days. */
enum index_span { INDEX_4H, INDEX_24H, INDEX_90D };

struct config {
    const char *path; /* as the user gave it; messages begin with it */
    const char *title;
    const char *language;      /* of the pages: "en" */
    const char *public_url;    /* address of the dashboard, with "/" at its end; NULL: unknown */
    const char *logo;          /* path of an image file; NULL: none */
    const char *style_sheet;   /* path of a file added after the built-in one; NULL: none */
    const char *accent_colour; /* "#1a2b3c"; NULL: the built-in one */
    const char *footer;        /* text at the foot of every page; NULL: none */
    const struct link *links;
    size_t n_links;
    const char *data_dir, *public_dir;
    const char *templates_dir; /* NULL: none */
    int workers;
    int in_flight;
    int max_per_host;
    int retention_days;
    enum compression archive_compress; /* of finished days */
    int history_hours;
    enum index_span index_span;
    int uptime_target; /* in thousandths of a percent, as struct uptime */
    int render_interval_seconds;
    struct local_network local_network;
    const struct alert_target *alerts; /* by default one of type ALERT_PRINT with the id "print" */
    size_t n_alerts;
    const char
        *ping_url; /* requested after each tick that ended well; never print it; NULL: none */
    const struct site *sites; /* in the file's order */
    size_t n_sites;
    const struct domain *domains; /* in the file's order; the program names a domain by its index */
    size_t n_domains;
    int64_t hash;         /* of the files: shows whether one changed since the last build */
    const char *warnings; /* lines as those of mistakes, for 'validate'; empty: none */
    struct secrets
        *secrets; /* the values of environment variables and files, and passwords; sorted */
    struct secrets *answer_secrets; /* these and all texts of targets; for what targets answer */
    struct client_certificate *client_certificates; /* a list of all of them */
    struct arena *arena; /* owns all of the above but secrets and what OpenSSL keeps */
};

/*
 * Loads the file and those it includes, and fills in environment variables and secrets. Returns the
 * configuration, to be freed with config_free; or NULL after appending all mistakes, file by file
 * in the order of each, one a line: "PATH:LINE:COLUMN: mistake". If the file cannot be read, there
 * is one line, "PATH: reason".
 */
struct config *config_load(const char *path, struct buffer *mistakes);

/* The same from bytes, for tests and the fuzzer. Messages begin with path, and relative paths with
 * its folder. */
struct config *config_parse(const char *path, const char *yaml, size_t size,
                            struct buffer *mistakes);

/* NULL is allowed. */
void config_free(struct config *config);

/* Writes "site/domain", the name of a monitor in messages. Returns the text. */
enum { CONFIG_MONITOR_MAX = 130 };
const char *config_monitor_name(const struct config *config, size_t domain,
                                char text[CONFIG_MONITOR_MAX]);

/* Names n monitors, at least one, by the first of them: "site/domain and 1,240 more". Returns the
 * text. */
enum { CONFIG_MONITORS_MAX = CONFIG_MONITOR_MAX + 48 };
const char *config_monitor_names(const struct config *config, size_t domain, size_t n,
                                 char text[CONFIG_MONITORS_MAX]);

/* The target of alerts with this id; NULL: there is none. */
const struct alert_target *config_find_target(const struct config *config, const char *id);

/* The words of two enums in the file, by their values; each array ends with NULL. */
extern const char *const config_role_names[], *const config_method_names[];

#endif
