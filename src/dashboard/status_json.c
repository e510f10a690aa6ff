/* Writes status.json and the JSON of each site. */
#define _GNU_SOURCE /* mempcpy */
#include "dashboard/status_json.h"

#include "base/clock.h"
#include "base/json_put.h"
#include "base/memory.h"
#include "base/text.h"
#include "dashboard/certificate_values.h"
#include "dashboard/snapshot.h"
#include "model/code.h"
#include "state/days.h"
#include "state/monitors.h"

#include <assert.h>
#include <string.h>

/* The version of both formats: it changes if a member is changed or removed. */
enum { FORMAT_VERSION = 1 };

/* A large dashboard has a million of uptimes, so these are written to memory of a known size. */
enum {
    UPTIME_MAX = sizeof "\"uptime_percent\": , \"measured_percent\": " + 2 * TEXT_NUMBER_MAX,
    SINCE_MAX = sizeof ", \"since\": \"\"}" + CLOCK_TEXT_MAX,
    SPAN_MAX = sizeof ", \"\": {" + SPAN_NAME_MAX + UPTIME_MAX + SINCE_MAX
};

/* Writes both percentages, and returns their end. */
static char *write_uptime(char *at, struct uptime uptime)
{
    at = stpcpy(at, "\"uptime_percent\": ");
    at += json_put_write_percent(at, uptime.has_data, uptime.uptime);
    at = stpcpy(at, ", \"measured_percent\": ");
    return at + json_put_write_percent(at, true, uptime.measured);
}

/* first_ms is the first check ever (INT64_MAX: none). */
static void put_uptimes(struct buffer *into, const struct uptime uptime[SPANS], int64_t first_ms)
{
    char since[SINCE_MAX] = ", \"since\": null}", text[SPANS * SPAN_MAX], *at = text;

    if (first_ms != INT64_MAX) {
        char *moment = stpcpy(since, ", \"since\": \"");

        strcpy(moment + clock_write_ms(first_ms, moment), "\"}");
    }
    for (int span = 0; span < SPANS; span++) {
        at = stpcpy(at, span ? ", \"" : "{\"");
        at = stpcpy(at, snapshot_span_name((enum span)span));
        at = stpcpy(at, "\": {");
        at = write_uptime(at, uptime[span]);
        at = stpcpy(at, since);
    }
    *at++ = '}';
    buffer_append(into, text, (size_t)(at - text));
}

/* Writes the letters directly: a large dashboard has millions of buckets. */
static void put_timeline(struct buffer *into, const uint8_t *cells, size_t n_cells)
{
    char letters[STATUS_COUNT], *letter;

    for (int status = 0; status < STATUS_COUNT; status++)
        letters[status] = status_letter((enum status)status);
    if (buffer_reserve(into, n_cells))
        return;
    letter = into->data + into->size;
    for (size_t i = 0, n; i < n_cells; i += n) {
        n = memory_run(cells + i, n_cells - i);
        memset(letter + i, letters[cells[i]], n);
    }
    letter[n_cells] = '\0';
    into->size += n_cells;
}

/* Puts the members that sites and domains have in common. */
static void put_state(struct buffer *into, enum status status, const uint8_t *cells, size_t n_cells,
                      const struct uptime uptime[SPANS], int64_t first_ms)
{
    json_put_word(into, ", \"status\": ", status_name(status));
    buffer_puts(into, ", \"timeline\": \"");
    put_timeline(into, cells, n_cells);
    buffer_puts(into, "\", \"uptime\": ");
    put_uptimes(into, uptime, first_ms);
}

static void put_code(struct buffer *into, const char *code)
{
    if (code)
        json_put_word(into, ", \"code\": ", code);
    else
        buffer_puts(into, ", \"code\": null");
}

static void put_check(struct buffer *into, const struct recorded *check)
{
    json_put_ms(into, ", \"last_check\": {\"timestamp\": ", check->start_ms);
    json_put_word(into, ", \"domain_status\": ", status_name(check->status));
    json_put_number_or_null(into, ", \"http_status\": ", check->http_status != 0,
                            check->http_status);
    json_put_number_or_null(into, ", \"latency_ms\": ", check->latency_ms >= 0, check->latency_ms);
    json_put_text_or_null(into, ", \"failure_type\": ", check->failure);
    put_code(into, code_of(check->status, check->http_status, check->failure));
    buffer_puts(into, "}");
}

static void put_reasons(struct buffer *into, const struct outage *outage)
{
    buffer_puts(into, ", \"reasons\": [");
    for (size_t i = 0; i < outage->n_reasons; i++) {
        const struct outage_reason *reason = &outage->reasons[i];

        json_put_ms(into, i ? ", {\"since\": " : "{\"since\": ", reason->since_ms);
        json_put_text_or_null(into, ", \"code\": ", reason->code);
        json_put_text_or_null(into, ", \"failure\": ", reason->failure);
        buffer_puts(into, "}");
    }
    json_put_number(into, "], \"reasons_omitted\": ", (long long)outage->n_omitted);
}

static void put_outage(struct buffer *into, const struct snapshot *snapshot,
                       const struct domain_view *view, const struct outage *outage)
{
    bool ended = outage->end == OUTAGE_ENDED;
    char id[EVENT_ID_MAX];

    json_put_ms(into, "{\"from\": ", outage->from_ms);
    json_put_ms_or_null(into, ", \"to\": ", outage->end != OUTAGE_ONGOING, outage->to_ms);
    buffer_puts(into, ended ? ", \"ended\": true" : ", \"ended\": false");
    json_put_text_or_null(into, ", \"end_reason\": ", outage->end_reason ? outage->end_reason : "");
    json_put_number_or_null(into, ", \"duration_seconds\": ", ended,
                            (outage->to_ms - outage->from_ms) / MS_PER_SECOND);
    json_put_word(into, ", \"event_id\": ", snapshot_event_id(snapshot, view, outage, id));
    json_put_word(into, ", \"check\": ", event_check_name(outage->check));
    buffer_puts(into, outage->confirmed ? ", \"confirmed\": true" : ", \"confirmed\": false");
    json_put_word(into, ", \"status\": ", status_name(outage->status));
    json_put_number_or_null(into, ", \"http_status\": ", outage->http_status != 0,
                            outage->http_status);
    json_put_text_or_null(into, ", \"failure_type\": ", outage->reasons[0].failure);
    json_put_text_or_null(into, ", \"code\": ", outage->reasons[0].code);
    put_reasons(into, outage);
    buffer_puts(into, "}");
}

static void put_outages(struct buffer *into, const struct snapshot *snapshot,
                        const struct domain_view *view)
{
    const struct outage_list *list = &view->outages[LIST_ALL];

    if (list->n_all == 0) {
        buffer_puts(into, ",\n\"outages\": [],\n\"outages_earlier\": 0");
        return;
    }
    buffer_puts(into, ",\n\"outages\": [");
    for (size_t i = list->n - list->n_listed; i < list->n; i++) {
        if (i > list->n - list->n_listed)
            buffer_puts(into, ",\n");
        put_outage(into, snapshot, view, list->items[i]);
    }
    json_put_number(into, "],\n\"outages_earlier\": ", (long long)(list->n_all - list->n_listed));
}

/* What is not decided, and what was not confirmed. Most domains have neither, and then no member
 * for it: large dashboards have many domains. */
static void put_undecided(struct buffer *into, const struct domain_view *view)
{
    static const char *const names[] = {[UNDECIDED_NOTHING] = "null",
                                        [UNDECIDED_SUSPECT] = "\"SUSPECT\"",
                                        [UNDECIDED_RECOVERING] = "\"RECOVERING\""};

    if (view->outages[LIST_ALL].n_week == 0)
        return;
    buffer_puts(into, ", \"undecided\": ");
    buffer_puts(into, names[snapshot_undecided(view)]);
    json_put_number(
        into, ", \"unconfirmed_failures\": ", (long long)view->outages[LIST_UNCONFIRMED].n_week);
}

/* The starts of the days until today: written once a file, because each domain has many of them. */
static const char day_start[] = ",\n{\"date\": \"", day_start_end[] = "\", ";
struct day_starts {
    char text[DAYS_SHOWN][sizeof day_start + CLOCK_TEXT_MAX + sizeof day_start_end];
};

static void write_starts(const struct snapshot *snapshot, struct day_starts *starts)
{
    int64_t today = clock_floor_div(snapshot->at_ms, MS_PER_DAY);

    for (int i = 0; i < DAYS_SHOWN; i++) {
        char *at = mempcpy(starts->text[i], day_start, strlen(day_start));

        at += clock_write_day(today - DAYS_SHOWN + 1 + i, at);
        memcpy(at, day_start_end, sizeof day_start_end);
    }
}

/* The first day with data; today if there is none. */
static int first_day(const struct day_minutes *days)
{
    int i = 0;

    while (i < DAYS_SHOWN - 1 && days[i].good == 0 && days[i].bad == 0)
        i++;
    return i;
}

static bool is_same_uptime(struct uptime one, struct uptime other)
{
    return one.has_data == other.has_data && one.uptime == other.uptime &&
           one.measured == other.measured;
}

/* Most days have the uptime of the day before, so it is not written again. */
static void put_days(struct buffer *into, const struct snapshot *snapshot,
                     const struct domain_view *view, const struct day_starts *starts)
{
    int first = view->days ? first_day(view->days) : DAYS_SHOWN;
    struct uptime last = {0}, uptime;
    char text[UPTIME_MAX + 1];
    size_t size = 0;

    buffer_puts(into, ",\n\"days\": [");
    for (int i = first; i < DAYS_SHOWN; i++) {
        buffer_puts(into, starts->text[i] + (i > first ? 0 : strlen(",\n")));
        uptime = snapshot_day_uptime(view->days, i, snapshot->at_ms, view->first_ms);
        if (size == 0 || !is_same_uptime(uptime, last)) {
            size = (size_t)(stpcpy(write_uptime(text, uptime), "}") - text);
            last = uptime;
        }
        buffer_append(into, text, size);
    }
    buffer_puts(into, "]");
}

/* With starts, adds the outages and the days. */
static void put_domain(struct buffer *into, const struct snapshot *snapshot,
                       const struct domain_view *view, const struct day_starts *starts)
{
    const struct domain *domain = view->domain;

    json_put_text(into, "{\"id\": ", domain->id);
    json_put_text(into, ", \"name\": ", domain->name);
    json_put_word(into, ", \"role\": ", config_role_names[domain->role]);
    json_put_text(into, ", \"url\": ", domain->shown_url);
    put_state(into, view->status, view->timeline, snapshot->n_buckets, view->uptime,
              view->first_ms);
    if (view->last)
        put_check(into, view->last);
    else
        buffer_puts(into, ", \"last_check\": null");
    put_undecided(into, view);
    if (starts) {
        put_outages(into, snapshot, view);
        put_days(into, snapshot, view, starts);
    }
    buffer_puts(into, "}");
}

static void put_site(struct buffer *into, const struct snapshot *snapshot,
                     const struct site_view *view, const struct day_starts *starts)
{
    json_put_text(into, "\"id\": ", view->site->id);
    json_put_text(into, ", \"name\": ", view->site->name);
    put_state(into, view->status, view->timeline, snapshot->n_buckets, view->uptime,
              view->first_ms);
    buffer_puts(into, ",\n\"domains\": [");
    for (size_t i = 0; i < view->n_domains; i++) {
        buffer_puts(into, i ? ",\n" : "\n");
        put_domain(into, snapshot, &view->domains[i], starts);
        buffer_flush(into);
    }
    buffer_puts(into, "]");
}

static void put_history(struct buffer *into, const struct snapshot *snapshot)
{
    json_put_seconds(into, ", \"history\": {\"from\": ", snapshot->from_ms);
    json_put_number(into, ", \"bucket_seconds\": ", SECONDS_PER_MINUTE);
    json_put_number(into, ", \"buckets\": ", (long long)snapshot->n_buckets);
    buffer_puts(into, "}");
}

/* null if no tick is known. */
static void put_tick(struct buffer *into, const struct ticks *ticks)
{
    if (!ticks->recorded) {
        buffer_puts(into, ", \"tick\": null");
        return;
    }
    json_put_seconds(into, ", \"tick\": {\"start\": ", ticks->last.start_ms);
    json_put_number(into, ", \"duration_ms\": ", ticks->last.duration_ms);
    json_put_number(into, ", \"checks_done\": ", ticks->last.checks_done);
    json_put_number(into, ", \"left_over\": ", ticks->last.left_over);
    json_put_number(into, ", \"ticks_24h\": ", ticks->counted);
    json_put_number(into, ", \"expected_24h\": ", ticks->expected);
    buffer_puts(into, "}");
}

/* The local faults of the network. */
static void put_network(struct buffer *into, const struct network_views *network)
{
    buffer_puts(into, ",\n\"local_network\": [");
    for (size_t i = 0; i < network->n; i++) {
        const struct network_view *view = &network->views[i];

        json_put_word(into,
                      i ? ",\n{\"scope\": " : "{\"scope\": ", suspicion_scope_name(view->scope));
        json_put_ms(into, ", \"began\": ", view->began_ms);
        json_put_ms_or_null(into, ", \"ended\": ", view->ended_ms != 0, view->ended_ms);
        json_put_number_or_null(into, ", \"hosts\": ", view->hosts > 0, view->hosts);
        json_put_number_or_null(into, ", \"failed\": ", view->hosts > 0, view->failed);
        buffer_puts(into, "}");
    }
    buffer_puts(into, "]");
}

static void put_head(struct buffer *into, const struct snapshot *snapshot)
{
    json_put_seconds(into, ", \"generated_at\": ", snapshot->at_ms);
    if (!snapshot->past)
        json_put_seconds(into, ", \"valid_until\": ", snapshot->valid_until_ms);
    json_put_text(into, ", \"title\": ", snapshot->config->title);
}

int status_json_write(const struct snapshot *snapshot, struct buffer *into, struct error *error)
{
    json_put_number(into, "{\"version\": ", FORMAT_VERSION);
    put_head(into, snapshot);
    json_put_word(into, ", \"status\": ", status_name(snapshot->status));
    put_history(into, snapshot);
    put_tick(into, &snapshot->ticks);
    put_network(into, &snapshot->network);
    json_put_number(into, ",\n\"alerts\": {\"undelivered\": ", snapshot->undelivered);
    buffer_puts(into, "}");
    buffer_puts(into, ",\n\"sites\": [");
    for (size_t i = 0; i < snapshot->n_sites; i++) {
        buffer_puts(into, i ? ",\n{" : "\n{");
        put_site(into, snapshot, &snapshot->sites[i], NULL);
        buffer_puts(into, "}");
    }
    buffer_puts(into, "]");
    certificate_values_put_json(snapshot, into);
    buffer_puts(into, "}\n");
    return into->failed ? error_set(error, EXIT_IO, "status.json: out of memory") : 0;
}

/* By the member generator, uptick knows the file as its own when the site is no longer configured.
 */
int status_json_write_site(const struct snapshot *snapshot, size_t site, struct buffer *into,
                           struct error *error)
{
    struct day_starts starts;

    assert(site < snapshot->n_sites);
    write_starts(snapshot, &starts);
    json_put_number(into, "{\"version\": ", FORMAT_VERSION);
    buffer_puts(into, ", \"generator\": \"uptick\"");
    put_head(into, snapshot);
    put_history(into, snapshot);
    buffer_puts(into, ",\n");
    put_site(into, snapshot, &snapshot->sites[site], &starts);
    buffer_puts(into, "}\n");
    return into->failed ? error_set(error, EXIT_IO, "site/%s.json: out of memory",
                                    snapshot->sites[site].site->id)
                        : 0;
}
