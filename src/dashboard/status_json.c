/* Writes status.json and the JSON of each site. */
#include "dashboard/status_json.h"

#include "base/clock.h"
#include "dashboard/json_put.h"
#include "dashboard/snapshot.h"
#include "state/days.h"
#include "state/monitors.h"

#include <assert.h>

/* The version of both formats: it changes if a member is changed or removed. */
enum { FORMAT_VERSION = 1 };

/* Puts the members of an uptime and the closing brace. */
static void put_uptime(struct buffer *into, struct uptime uptime)
{
    buffer_puts(into, "\"uptime_percent\": ");
    if (uptime.has_data)
        json_put_percent(into, uptime.uptime);
    else
        buffer_puts(into, "null");
    buffer_puts(into, ", \"measured_percent\": ");
    json_put_percent(into, uptime.measured);
    buffer_puts(into, "}");
}

static void put_uptimes(struct buffer *into, const struct uptime uptime[SPANS])
{
    for (int span = 0; span < SPANS; span++) {
        json_put_pieces(into, span ? ", \"" : "{\"", snapshot_span_name((enum span)span), "\": {");
        put_uptime(into, uptime[span]);
    }
    buffer_puts(into, "}");
}

/* Writes the letters directly: a large dashboard has millions of buckets. */
static void put_timeline(struct buffer *into, const uint8_t *cells, size_t n_cells)
{
    char letters[STATUS_COUNT];

    for (int status = 0; status < STATUS_COUNT; status++)
        letters[status] = status_letter((enum status)status);
    if (buffer_reserve(into, n_cells))
        return;
    for (size_t i = 0; i < n_cells; i++)
        into->data[into->size++] = letters[cells[i]];
    into->data[into->size] = '\0';
}

/* Puts the members that sites and domains have in common. */
static void put_state(struct buffer *into, enum status status, const uint8_t *cells, size_t n_cells,
                      const struct uptime uptime[SPANS])
{
    json_put_pieces(into, ", \"status\": \"", status_name(status), "\", \"timeline\": \"");
    put_timeline(into, cells, n_cells);
    buffer_puts(into, "\", \"uptime\": ");
    put_uptimes(into, uptime);
}

static void put_check(struct buffer *into, const struct recorded *check)
{
    buffer_puts(into, "{\"timestamp\": ");
    json_put_ms(into, check->start_ms);
    json_put_pieces(into, ", \"domain_status\": \"", status_name(check->status),
                    "\", \"http_status\": ");
    json_put_number_or_null(into, check->http_status != 0, check->http_status);
    buffer_puts(into, ", \"latency_ms\": ");
    json_put_number_or_null(into, check->latency_ms >= 0, check->latency_ms);
    buffer_puts(into, ", \"failure_type\": ");
    json_put_text_or_null(into, check->failure);
    buffer_puts(into, "}");
}

static void put_outage(struct buffer *into, const struct outage *outage)
{
    bool ended = outage->end == OUTAGE_ENDED;

    buffer_puts(into, "{\"from\": ");
    json_put_ms(into, outage->from_ms);
    buffer_puts(into, ", \"to\": ");
    if (outage->end == OUTAGE_ONGOING)
        buffer_puts(into, "null");
    else
        json_put_ms(into, outage->to_ms);
    json_put_pieces(into, ", \"ended\": ", ended ? "true" : "false", ", \"duration_seconds\": ");
    json_put_number_or_null(into, ended, (outage->to_ms - outage->from_ms) / MS_PER_SECOND);
    json_put_pieces(into, ", \"status\": \"", status_name(outage->status), "\", \"http_status\": ");
    json_put_number_or_null(into, outage->http_status != 0, outage->http_status);
    buffer_puts(into, ", \"failure_type\": ");
    json_put_text_or_null(into, outage->failure);
    buffer_puts(into, "}");
}

static void put_outages(struct buffer *into, const struct domain_view *view)
{
    buffer_puts(into, ",\n\"outages\": [");
    for (size_t i = 0; i < view->n_outages; i++) {
        if (i)
            buffer_puts(into, ",\n");
        put_outage(into, &view->outages[i]);
    }
    buffer_puts(into, "]");
}

static void put_day(struct buffer *into, int64_t day, struct uptime uptime)
{
    char date[CLOCK_TEXT_MAX];

    clock_write_day(day, date);
    json_put_pieces(into, "{\"date\": \"", date, "\", ");
    put_uptime(into, uptime);
}

static void put_days(struct buffer *into, const struct snapshot *snapshot,
                     const struct domain_view *view)
{
    int64_t today = clock_floor_div(snapshot->at_ms, MS_PER_DAY);

    buffer_puts(into, ",\n\"days\": [");
    for (int i = 0; view->days && i < DAYS_SHOWN; i++) {
        if (i)
            buffer_puts(into, ",\n");
        put_day(into, today - DAYS_SHOWN + 1 + i,
                snapshot_day_uptime(view->days, i, snapshot->at_ms, view->first_ms));
    }
    buffer_puts(into, "]");
}

/* Puts the members that a domain has only in the JSON of its site. */
static void put_details(struct buffer *into, const struct snapshot *snapshot,
                        const struct domain_view *view)
{
    put_outages(into, view);
    put_days(into, snapshot, view);
}

static void put_domain(struct buffer *into, const struct snapshot *snapshot,
                       const struct domain_view *view, bool details)
{
    const struct domain *domain = view->domain;

    buffer_puts(into, "{\"id\": ");
    json_put_text(into, domain->id);
    buffer_puts(into, ", \"name\": ");
    json_put_text(into, domain->name);
    json_put_pieces(into, ", \"role\": \"", config_role_names[domain->role], "\", \"url\": ");
    json_put_text(into, domain->shown_url);
    put_state(into, view->status, view->timeline, snapshot->n_buckets, view->uptime);
    buffer_puts(into, ", \"last_check\": ");
    if (view->last)
        put_check(into, view->last);
    else
        buffer_puts(into, "null");
    if (details)
        put_details(into, snapshot, view);
    buffer_puts(into, "}");
}

static void put_site(struct buffer *into, const struct snapshot *snapshot,
                     const struct site_view *view, bool details)
{
    buffer_puts(into, "\"id\": ");
    json_put_text(into, view->site->id);
    buffer_puts(into, ", \"name\": ");
    json_put_text(into, view->site->name);
    put_state(into, view->status, view->timeline, snapshot->n_buckets, view->uptime);
    buffer_puts(into, ",\n\"domains\": [");
    for (size_t i = 0; i < view->n_domains; i++) {
        buffer_puts(into, i ? ",\n" : "\n");
        put_domain(into, snapshot, &view->domains[i], details);
        buffer_flush(into);
    }
    buffer_puts(into, "]");
}

static void put_history(struct buffer *into, const struct snapshot *snapshot)
{
    buffer_puts(into, "\"history\": {\"from\": ");
    json_put_seconds(into, snapshot->from_ms);
    buffer_puts(into, ", \"bucket_seconds\": ");
    json_put_number(into, SECONDS_PER_MINUTE);
    buffer_puts(into, ", \"buckets\": ");
    json_put_number(into, (long long)snapshot->n_buckets);
    buffer_puts(into, "}");
}

/* null if no tick is known. */
static void put_tick(struct buffer *into, const struct ticks *ticks)
{
    const struct {
        const char *before;
        int64_t number;
    } members[] = {
        {", \"duration_ms\": ", ticks->last.duration_ms},
        {", \"checks_done\": ", ticks->last.checks_done},
        {", \"left_over\": ", ticks->last.left_over},
        {", \"ticks_24h\": ", ticks->counted},
        {", \"expected_24h\": ", ticks->expected},
    };

    if (!ticks->recorded) {
        buffer_puts(into, "null");
        return;
    }
    buffer_puts(into, "{\"start\": ");
    json_put_seconds(into, ticks->last.start_ms);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        buffer_puts(into, members[i].before);
        json_put_number(into, members[i].number);
    }
    buffer_puts(into, "}");
}

static void put_head(struct buffer *into, const struct snapshot *snapshot)
{
    buffer_puts(into, "\"generated_at\": ");
    json_put_seconds(into, snapshot->at_ms);
    buffer_puts(into, ", \"valid_until\": ");
    json_put_seconds(into, snapshot->valid_until_ms);
    buffer_puts(into, ", \"title\": ");
    json_put_text(into, snapshot->config->title);
}

int status_json_write(const struct snapshot *snapshot, struct buffer *into, struct error *error)
{
    buffer_puts(into, "{\"version\": ");
    json_put_number(into, FORMAT_VERSION);
    buffer_puts(into, ", ");
    put_head(into, snapshot);
    json_put_pieces(into, ", \"status\": \"", status_name(snapshot->status), "\", ");
    put_history(into, snapshot);
    buffer_puts(into, ", \"tick\": ");
    put_tick(into, &snapshot->ticks);
    buffer_puts(into, ",\n\"sites\": [");
    for (size_t i = 0; i < snapshot->n_sites; i++) {
        buffer_puts(into, i ? ",\n{" : "\n{");
        put_site(into, snapshot, &snapshot->sites[i], false);
        buffer_puts(into, "}");
    }
    buffer_puts(into, "]}\n");
    return into->failed ? error_set(error, EXIT_IO, "status.json: out of memory") : 0;
}

/* By the member generator, uptick knows the file as its own when the site is no longer configured.
 */
int status_json_write_site(const struct snapshot *snapshot, size_t site, struct buffer *into,
                           struct error *error)
{
    assert(site < snapshot->n_sites);
    buffer_puts(into, "{\"version\": ");
    json_put_number(into, FORMAT_VERSION);
    buffer_puts(into, ", \"generator\": \"uptick\", ");
    put_head(into, snapshot);
    buffer_puts(into, ", ");
    put_history(into, snapshot);
    buffer_puts(into, ",\n");
    put_site(into, snapshot, &snapshot->sites[site], true);
    buffer_puts(into, "}\n");
    return into->failed ? error_set(error, EXIT_IO, "site/%s.json: out of memory",
                                    snapshot->sites[site].site->id)
                        : 0;
}
