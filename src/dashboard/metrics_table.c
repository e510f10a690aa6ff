/* Every metric with its meaning and its value. */
#include "dashboard/metrics_table.h"

#include "base/clock.h"
#include "dashboard/snapshot.h"

static bool build_info(const struct snapshot *snapshot, int64_t *value)
{
    (void)snapshot;
    *value = 1;
    return true;
}

static const char *version(const struct site_view *site, int variant)
{
    (void)site, (void)variant;
    return UPTICK_VERSION;
}

static bool built(const struct snapshot *snapshot, int64_t *value)
{
    *value = snapshot->at_ms - snapshot->at_ms % MS_PER_SECOND; /* as shown on the pages */
    return true;
}

static bool valid_until(const struct snapshot *snapshot, int64_t *value)
{
    *value = snapshot->valid_until_ms - snapshot->valid_until_ms % MS_PER_SECOND;
    return true;
}

static bool tick_start(const struct snapshot *snapshot, int64_t *value)
{
    *value = snapshot->ticks.last.start_ms;
    return snapshot->ticks.has_data;
}

static bool tick_duration(const struct snapshot *snapshot, int64_t *value)
{
    *value = snapshot->ticks.last.duration_ms;
    return snapshot->ticks.has_data;
}

static bool tick_checks(const struct snapshot *snapshot, int64_t *value)
{
    *value = snapshot->ticks.last.checks_done;
    return snapshot->ticks.has_data;
}

static bool tick_left_over(const struct snapshot *snapshot, int64_t *value)
{
    *value = snapshot->ticks.last.left_over;
    return snapshot->ticks.has_data;
}

static bool ticks_counted(const struct snapshot *snapshot, int64_t *value)
{
    *value = snapshot->ticks.counted;
    return snapshot->ticks.has_data;
}

static bool ticks_expected(const struct snapshot *snapshot, int64_t *value)
{
    *value = snapshot->ticks.expected;
    return snapshot->ticks.has_data;
}

static bool site_info(const struct site_view *site, int variant, int64_t *value)
{
    (void)site, (void)variant;
    *value = 1;
    return true;
}

static const char *site_name(const struct site_view *site, int variant)
{
    (void)variant;
    return site->site->name;
}

/* A degraded site counts as up, as in its uptime. */
static bool site_up(const struct site_view *site, int variant, int64_t *value)
{
    (void)variant;
    *value = site->status != STATUS_DOWN;
    return site->status != STATUS_UNKNOWN;
}

static const enum status site_statuses[] = {STATUS_UP, STATUS_DEGRADED, STATUS_DOWN,
                                            STATUS_UNKNOWN};
enum { SITE_STATUSES = sizeof site_statuses / sizeof site_statuses[0] };

static bool site_status(const struct site_view *site, int variant, int64_t *value)
{
    *value = site->status == site_statuses[variant];
    return true;
}

static const char *site_status_name(const struct site_view *site, int variant)
{
    (void)site;
    return status_name(site_statuses[variant]);
}

static bool site_uptime(const struct site_view *site, int span, int64_t *value)
{
    *value = site->uptime[span].uptime;
    return site->uptime[span].has_data;
}

static bool site_measured(const struct site_view *site, int span, int64_t *value)
{
    *value = site->uptime[span].measured;
    return true;
}

static const char *span_name(const struct site_view *site, int span)
{
    (void)site;
    return snapshot_span_name((enum span)span);
}

static bool domain_up(const struct domain_view *domain, int64_t *value)
{
    *value = domain->status == STATUS_UP;
    return domain->status != STATUS_UNKNOWN;
}

static bool domain_last_check(const struct domain_view *domain, int64_t *value)
{
    *value = domain->last ? domain->last->start_ms : 0;
    return domain->last != NULL;
}

static bool domain_latency(const struct domain_view *domain, int64_t *value)
{
    *value = domain->last ? domain->last->latency_ms : -1;
    return *value >= 0;
}

static bool domain_http_status(const struct domain_view *domain, int64_t *value)
{
    *value = domain->last ? domain->last->http_status : 0;
    return *value != 0;
}

const struct metric metrics_table[] = {
    {"uptick_build_info", "Version of uptick that wrote this; always 1.", .of_all = build_info,
     .label = "version", .label_value = version},
    {"uptick_built_timestamp_seconds", "When this was written.", 3, .of_all = built},
    {"uptick_valid_until_timestamp_seconds",
     "When this data becomes out of date: the next build is due by then.", 3,
     .of_all = valid_until},
    {"uptick_tick_start_timestamp_seconds", "When the last tick began.", 3, .of_all = tick_start},
    {"uptick_tick_duration_seconds", "How long the last tick took.", 3, .of_all = tick_duration},
    {"uptick_tick_checks", "Checks that the last tick made.", .of_all = tick_checks},
    {"uptick_tick_left_over_checks", "Checks that were due and left over for the next tick.",
     .of_all = tick_left_over},
    {"uptick_ticks_last_day", "Minutes of the last 24 hours in which a tick began.",
     .of_all = ticks_counted},
    {"uptick_ticks_expected_last_day",
     "Ticks expected in the last 24 hours, or since the first tick.", .of_all = ticks_expected},
    {"uptick_site_info", "The name of a site; always 1.", .of_site = site_info, .label = "name",
     .label_value = site_name, .variants = 1},
    {"uptick_site_up", "1 if the site is UP or DEGRADED, 0 if DOWN; absent if UNKNOWN.",
     .of_site = site_up, .variants = 1},
    {"uptick_site_status", "1 for the status that a site has, 0 for the others.",
     .of_site = site_status, .label = "status", .label_value = site_status_name,
     .variants = SITE_STATUSES},
    {"uptick_site_uptime_ratio", "Uptime over a span, 0 to 1; absent if there is no data.", 5,
     .of_site = site_uptime, .label = "span", .label_value = span_name, .variants = SPANS},
    {"uptick_site_measured_ratio",
     "Share of the minutes since the first check, within the span, that counted for uptime, 0 to "
     "1.",
     5, .of_site = site_measured, .label = "span", .label_value = span_name, .variants = SPANS},
    {"uptick_domain_up", "1 if the domain is UP, 0 if not; absent if UNKNOWN.",
     .of_domain = domain_up},
    {"uptick_domain_last_check_timestamp_seconds", "When the last check of a domain began.", 3,
     .of_domain = domain_last_check},
    {"uptick_domain_latency_seconds",
     "From the start of the last check to its last byte; absent if there was none.", 3,
     .of_domain = domain_latency},
    {"uptick_domain_http_status", "Status code of the last response; absent if there was none.",
     .of_domain = domain_http_status},
};
const size_t metrics_table_size = sizeof metrics_table / sizeof metrics_table[0];
