/* Writes metrics.prom: the table of all metrics, and their samples. */
#include "dashboard/metrics.h"

#include "base/clock.h"
#include "base/text.h"
#include "dashboard/snapshot.h"
#include "model/code.h"
#include "model/server_scope.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Longer label values are cut: they appear in legends. */
enum { LABEL_MAX = 512 };

/* A sample is of the whole dashboard, or of a site, a domain, or a server with a certificate. */
struct sample_owner {
    const struct snapshot *snapshot;
    const struct site_view *site;       /* NULL: the whole dashboard */
    const struct domain_view *domain;   /* NULL: the site */
    const struct listed_server *server; /* NULL: it is of no server */
    int variant;                        /* which of the samples of this owner */
};

enum metric_scope { OF_ALL, OF_SITE, OF_DOMAIN, OF_SERVER };

struct metric {
    const char *name, *help;
    enum metric_scope scope;
    int decimals;

    /* Gives a value in units of 10^-decimals, or returns false if the value is unknown. */
    bool (*value)(const struct sample_owner *owner, int64_t *value);
    const char *label; /* an additional label, or NULL */
    const char *(*label_value)(const struct sample_owner *owner);
    int variant; /* the first sample of each owner */
    int end;     /* the number after its last sample; 0: it has only the first */
};

static bool always_one(const struct sample_owner *owner, int64_t *value)
{
    (void)owner;
    *value = 1;
    return true;
}

static const char *version(const struct sample_owner *owner)
{
    (void)owner;
    return UPTICK_VERSION;
}

enum {
    BUILT,
    VALID_UNTIL,
    TICK_START,
    TICK_DURATION,
    TICK_CHECKS,
    TICK_LEFT_OVER,
    TICKS_COUNTED,
    TICKS_EXPECTED
};

/* Moments of the dashboard are in whole seconds, as shown on the pages. */
static bool of_all(const struct sample_owner *owner, int64_t *value)
{
    const struct snapshot *snapshot = owner->snapshot;
    const struct ticks *ticks = &snapshot->ticks;
    const int64_t numbers[] = {
        [BUILT] = snapshot->at_ms - snapshot->at_ms % MS_PER_SECOND,
        [VALID_UNTIL] = snapshot->valid_until_ms - snapshot->valid_until_ms % MS_PER_SECOND,
        [TICK_START] = ticks->last.start_ms,
        [TICK_DURATION] = ticks->last.duration_ms,
        [TICK_CHECKS] = ticks->last.checks_done,
        [TICK_LEFT_OVER] = ticks->last.left_over,
        [TICKS_COUNTED] = ticks->counted,
        [TICKS_EXPECTED] = ticks->expected,
    };

    *value = numbers[owner->variant];
    if (owner->variant == VALID_UNTIL)
        return !snapshot->past;
    return ticks->recorded || owner->variant == BUILT;
}

static bool undelivered(const struct sample_owner *owner, int64_t *value)
{
    *value = owner->snapshot->undelivered;
    return true;
}

static bool local_fault(const struct sample_owner *owner, int64_t *value)
{
    *value = network_views_lasts(&owner->snapshot->network, (enum network_scope)owner->variant);
    return true;
}

static const char *network_scope_name(const struct sample_owner *owner)
{
    return suspicion_scope_name((enum network_scope)owner->variant);
}

static const char *site_name(const struct sample_owner *owner)
{
    return owner->site->site->name;
}

/* DEGRADED counts as up, as in the uptime. */
static bool site_up(const struct sample_owner *owner, int64_t *value)
{
    *value = owner->site->status != STATUS_DOWN;
    return owner->site->status != STATUS_UNKNOWN;
}

static const enum status site_statuses[] = {STATUS_UP, STATUS_DEGRADED, STATUS_DOWN,
                                            STATUS_UNKNOWN};
enum { SITE_STATUSES = sizeof site_statuses / sizeof site_statuses[0] };

static bool site_status(const struct sample_owner *owner, int64_t *value)
{
    *value = owner->site->status == site_statuses[owner->variant];
    return true;
}

static const char *site_status_name(const struct sample_owner *owner)
{
    return status_name(site_statuses[owner->variant]);
}

static bool site_uptime(const struct sample_owner *owner, int64_t *value)
{
    *value = owner->site->uptime[owner->variant].uptime;
    return owner->site->uptime[owner->variant].is_shown;
}

static bool site_measured(const struct sample_owner *owner, int64_t *value)
{
    *value = owner->site->uptime[owner->variant].measured;
    return true;
}

static const char *span_name(const struct sample_owner *owner)
{
    return snapshot_span_name((enum span)owner->variant);
}

static bool domain_up(const struct sample_owner *owner, int64_t *value)
{
    *value = status_is_good(owner->domain->status);
    return owner->domain->status != STATUS_UNKNOWN;
}

static const char *failure_code(const struct sample_owner *owner)
{
    const struct recorded *last = owner->domain->last;

    return last ? code_of(last->status, last->http_status, last->failure) : NULL;
}

/* A failure that is too old to count is not the current one. */
static bool domain_fails(const struct sample_owner *owner, int64_t *value)
{
    *value = 1;
    return owner->domain->status != STATUS_UNKNOWN && failure_code(owner) != NULL;
}

static bool domain_last_check(const struct sample_owner *owner, int64_t *value)
{
    *value = owner->domain->last ? owner->domain->last->start_ms : 0;
    return owner->domain->last != NULL;
}

static bool domain_latency(const struct sample_owner *owner, int64_t *value)
{
    *value = owner->domain->last ? owner->domain->last->latency_ms : -1;
    return *value >= 0;
}

static bool domain_http_status(const struct sample_owner *owner, int64_t *value)
{
    *value = owner->domain->last ? owner->domain->last->http_status : 0;
    return *value != 0;
}

static bool certificate_end(const struct sample_owner *owner, int64_t *value)
{
    *value = clock_floor_div(owner->server->until_ms, MS_PER_SECOND);
    return true;
}

/* Most domains have none, and then no sample. */
static bool domain_unconfirmed(const struct sample_owner *owner, int64_t *value)
{
    *value = (int64_t)owner->domain->outages[LIST_UNCONFIRMED].n_week;
    return *value > 0;
}

/* In the order in which they are written. */
static const struct metric metrics[] = {
    {"uptick_build_info", "Version of uptick that wrote this; always 1.", OF_ALL, 0,
     .value = always_one, .label = "version", .label_value = version},
    {"uptick_built_timestamp_seconds", "When this was written.", OF_ALL, 3, .value = of_all,
     .variant = BUILT},
    {"uptick_valid_until_timestamp_seconds",
     "When this data becomes out of date: the next build is due by then. None of the past.", OF_ALL,
     3, .value = of_all, .variant = VALID_UNTIL},
    {"uptick_tick_start_timestamp_seconds", "When the last tick began.", OF_ALL, 3, .value = of_all,
     .variant = TICK_START},
    {"uptick_tick_duration_seconds", "How long the last tick took.", OF_ALL, 3, .value = of_all,
     .variant = TICK_DURATION},
    {"uptick_tick_checks", "Checks that the last tick made.", OF_ALL, 0, .value = of_all,
     .variant = TICK_CHECKS},
    {"uptick_tick_left_over_checks", "Checks that were due and left over for the next tick.",
     OF_ALL, 0, .value = of_all, .variant = TICK_LEFT_OVER},
    {"uptick_ticks_last_day", "Minutes of the last 24 hours in which a tick began.", OF_ALL, 0,
     .value = of_all, .variant = TICKS_COUNTED},
    {"uptick_ticks_expected_last_day",
     "Ticks expected in the last 24 hours, or since the first tick.", OF_ALL, 0, .value = of_all,
     .variant = TICKS_EXPECTED},
    {"uptick_local_fault",
     "1 if the network of this monitor has a local fault: failures in this scope are not recorded.",
     OF_ALL, 0, .value = local_fault, .label = "scope", .label_value = network_scope_name,
     .end = NETWORK_SCOPES},
    {"uptick_alerts_undelivered", "Messages of alerts that could not be delivered yet.", OF_ALL, 0,
     .value = undelivered},
    {"uptick_site_info", "The name of a site; always 1.", OF_SITE, 0, .value = always_one,
     .label = "name", .label_value = site_name},
    {"uptick_site_up", "1 if the site is UP or DEGRADED, 0 if DOWN; absent if UNKNOWN.", OF_SITE, 0,
     .value = site_up},
    {"uptick_site_status", "1 for the status that a site has, 0 for the others.", OF_SITE, 0,
     .value = site_status, .label = "status", .label_value = site_status_name,
     .end = SITE_STATUSES},
    {"uptick_site_uptime_ratio",
     "Uptime over a span, 0 to 1; absent if too little of the span was measured.", OF_SITE, 5,
     .value = site_uptime, .label = "span", .label_value = span_name, .end = SPANS},
    {"uptick_site_measured_ratio",
     "Share of all minutes of the span that counted for uptime, 0 to 1.", OF_SITE, 5,
     .value = site_measured, .label = "span", .label_value = span_name, .end = SPANS},
    {"uptick_domain_up", "1 if the domain is UP or DEGRADED, 0 if not; absent if UNKNOWN.",
     OF_DOMAIN, 0, .value = domain_up},
    {"uptick_domain_failure_info",
     "The code of the failure of the last check, or of its slowness; always 1; absent if it was "
     "well, or if the domain is UNKNOWN.",
     OF_DOMAIN, 0, .value = domain_fails, .label = "code", .label_value = failure_code},
    {"uptick_domain_last_check_timestamp_seconds", "When the last check of a domain began.",
     OF_DOMAIN, 3, .value = domain_last_check},
    {"uptick_domain_latency_seconds",
     "From the start of the last check to its last byte; absent if there was none.", OF_DOMAIN, 3,
     .value = domain_latency},
    {"uptick_domain_http_status", "Status code of the last response; absent if there was none.",
     OF_DOMAIN, 0, .value = domain_http_status},
    {"uptick_unconfirmed_failures",
     "Failures of the last 7 days that were not confirmed, so that they are no outages.", OF_DOMAIN,
     0, .value = domain_unconfirmed},
    {"uptick_certificate_not_after_timestamp_seconds",
     "The earliest end of a certificate in the chain of a server.", OF_SERVER, 0,
     .value = certificate_end},
};

/* Appends a label: BEFORE NAME="VALUE". */
static void put_label(struct buffer *into, const char *before, const char *name, const char *value)
{
    char text[LABEL_MAX];

    text_one_line(text, sizeof text, value, strlen(value));
    buffer_puts(into, before);
    buffer_puts(into, name);
    buffer_puts(into, "=\"");
    for (const char *at = text; *at; at++) {
        if (*at == '\\' || *at == '"')
            buffer_putc(into, '\\');
        buffer_putc(into, *at);
    }
    buffer_putc(into, '"');
}

/* The same for an id or a role, which needs no escapes and is short. Most labels are such. */
static void put_id_label(struct buffer *into, const char *before, const char *id)
{
    buffer_puts(into, before);
    buffer_puts(into, id);
    buffer_putc(into, '"');
}

static void put_server_labels(struct buffer *into, const char *scope)
{
    size_t size = server_scope_host_size(scope);
    char host[EVENT_SCOPE_MAX];

    snprintf(host, sizeof host, "%.*s", (int)size, scope);
    put_label(into, "{", "host", host);
    put_label(into, ",", "port", server_scope_port(scope));
}

/* Appends the value and ends the line. */
static void put_value(struct buffer *into, int64_t value, int decimals)
{
    char text[2 * TEXT_NUMBER_MAX + 2], *at = text, *point;
    int64_t unit = 1;

    for (int i = 0; i < decimals; i++)
        unit *= 10;
    *at++ = ' ';
    at += text_number(at, value / unit);
    if (decimals) {
        point = at;
        at += text_number(at, unit + value % unit); /* with a 1 before leading zeros */
        *point = '.';
    }
    *at++ = '\n';
    buffer_append(into, text, (size_t)(at - text));
}

static void put_sample(struct buffer *into, const struct metric *metric,
                       const struct sample_owner *owner)
{
    int64_t value;

    if (!metric->value(owner, &value))
        return;
    buffer_puts(into, metric->name);
    if (owner->site)
        put_id_label(into, "{site=\"", owner->site->site->id);
    if (owner->domain) {
        put_id_label(into, ",domain=\"", owner->domain->domain->id);
        put_id_label(into, ",role=\"", config_role_names[owner->domain->domain->role]);
    }
    if (owner->server)
        put_server_labels(into, owner->server->scope);
    if (metric->label)
        put_label(into, owner->site ? "," : "{", metric->label, metric->label_value(owner));
    if (owner->site || owner->server || metric->label)
        buffer_putc(into, '}');
    put_value(into, value, metric->decimals);
}

/* All samples of one owner. */
static void put_samples(struct buffer *into, const struct metric *metric,
                        struct sample_owner *owner)
{
    owner->variant = metric->variant;
    do
        put_sample(into, metric, owner);
    while (++owner->variant < metric->end);
}

static void put_site(struct buffer *into, const struct metric *metric, struct sample_owner *owner)
{
    size_t n = metric->scope == OF_DOMAIN ? owner->site->n_domains : 1;

    for (size_t i = 0; i < n; i++) {
        owner->domain = metric->scope == OF_DOMAIN ? &owner->site->domains[i] : NULL;
        put_samples(into, metric, owner);
    }
    buffer_flush(into);
}

static bool is_of_sites(const struct metric *metric)
{
    return metric->scope == OF_SITE || metric->scope == OF_DOMAIN;
}

int metrics_write(const struct snapshot *snapshot, struct buffer *into, struct error *error)
{
    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++) {
        const struct metric *metric = &metrics[i];
        struct sample_owner owner = {.snapshot = snapshot, .variant = metric->variant};

        buffer_printf(into, "# HELP %s %s\n# TYPE %s gauge\n", metric->name, metric->help,
                      metric->name);
        if (metric->scope == OF_ALL)
            put_samples(into, metric, &owner);
        for (size_t s = 0; metric->scope == OF_SERVER && s < snapshot->servers.n; s++) {
            owner.server = snapshot->servers.all[s];
            put_sample(into, metric, &owner);
        }
        for (size_t s = 0; is_of_sites(metric) && s < snapshot->n_sites; s++) {
            owner.site = &snapshot->sites[s];
            put_site(into, metric, &owner);
        }
    }
    buffer_puts(into, "# EOF\n");
    return into->failed ? error_set(error, EXIT_IO, "metrics.prom: out of memory") : 0;
}
