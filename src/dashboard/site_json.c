#include "dashboard/site_json.h"

#include "base/clock.h"
#include "dashboard/day_uptime.h"
#include "dashboard/json_text.h"
#include "dashboard/status_json.h"
#include "state/days.h"

static void put_interruption(struct buffer *into, const struct outage *outage)
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

static void put_interruptions(struct buffer *into, const struct domain_view *view)
{
    buffer_puts(into, ",\n\"interruptions\": [");
    for (size_t i = 0; i < view->n_outages; i++) {
        if (i)
            buffer_puts(into, ",\n");
        put_interruption(into, &view->outages[i]);
    }
    buffer_puts(into, "]");
}

static void put_day(struct buffer *into, int64_t day, struct uptime uptime)
{
    char date[CLOCK_TEXT_MAX];

    clock_write_day(day, date);
    json_put_pieces(into, "{\"date\": \"", date, "\", ");
    status_json_uptime(into, uptime);
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
                days_uptime(view->days, i, snapshot->at_ms, view->first_ms));
    }
    buffer_puts(into, "]");
}

static void put_details(struct buffer *into, const struct snapshot *snapshot,
                        const struct domain_view *view)
{
    put_interruptions(into, view);
    put_days(into, snapshot, view);
}

/* The generator is how uptick knows the file as its own, once the site has left. */
int site_json(const struct snapshot *snapshot, size_t site, struct buffer *into,
              struct error *error)
{
    buffer_puts(into, "{\"version\": ");
    json_put_number(into, STATUS_JSON_VERSION);
    buffer_puts(into, ", \"generator\": \"uptick\", ");
    status_json_head(into, snapshot);
    buffer_puts(into, ", ");
    status_json_history(into, snapshot);
    buffer_puts(into, ",\n");
    status_json_site(into, snapshot, &snapshot->sites[site], put_details);
    buffer_puts(into, "}\n");
    return into->failed ? error_set(error, EXIT_IO, "site/%s.json: out of memory",
                                    snapshot->sites[site].site->id)
                        : 0;
}
