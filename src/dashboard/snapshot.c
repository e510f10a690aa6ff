/* Takes a snapshot of the state: statuses, timelines, uptimes, outages and last checks. */
#include "dashboard/snapshot.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/memory.h"
#include "dashboard/latency_slots.h"
#include "dashboard/outage_choice.h"
#include "model/reach.h"
#include "model/scheduler.h"
#include "state/conditions.h"
#include "state/days.h"
#include "state/message_table.h"
#include "state/monitors.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    char name[SPAN_NAME_MAX + 1];
    int days;              /* UTC days, today included; 0: the last 24 hours */
    enum day_span counted; /* the days before today */
} spans[SPANS] = {
    [SPAN_24H] = {"24h", 0, DAYS_7},       [SPAN_7D] = {"7d", 7, DAYS_7},
    [SPAN_30D] = {"30d", 30, DAYS_30},     [SPAN_90D] = {"90d", 90, DAYS_90},
    [SPAN_365D] = {"365d", 365, DAYS_365},
};

static int out_of_memory(struct error *error)
{
    return error_set(error, EXIT_IO, "uptick: out of memory while preparing the dashboard");
}

const char *snapshot_span_name(enum span span)
{
    return spans[span].name;
}

/*
 * Computes the uptimes of one domain or site from its cells of the last 24 hours and its counted
 * days. The last cell is the minute of now. Also sets today, the last of its days.
 */
static void measure_uptimes(const struct history *history, const uint8_t *cells, int64_t first_ms,
                            const struct counted *counted, size_t owner,
                            struct uptime uptime[SPANS])
{
    const struct tally *sums = counted->sums + owner * DAY_SPANS;
    int64_t now_minute = history->from_minute + (int64_t)history->n_minutes - 1;
    int64_t today = clock_floor_div(now_minute, MINUTES_PER_DAY);
    size_t minutes_today = (size_t)(now_minute - today * MINUTES_PER_DAY + 1);
    size_t minutes_before = history->n_minutes - minutes_today;
    struct tally so_far = {{0}}, last_24h;

    aggregator_count(cells + minutes_before, minutes_today, &so_far);
    counted->days[owner * DAYS_SHOWN + DAYS_SHOWN - 1] = aggregator_minutes(&so_far);
    last_24h = so_far;
    aggregator_count(cells, minutes_before, &last_24h);
    for (int span = 0; span < SPANS; span++) {
        struct watched_span watched = {history->from_minute, (int64_t)history->n_minutes,
                                       history->now_ms, first_ms};
        struct tally tally = last_24h;

        if (spans[span].days > 0) {
            watched.from_minute = (today - spans[span].days + 1) * MINUTES_PER_DAY;
            watched.n_minutes = now_minute - watched.from_minute + 1;
            tally = so_far;
            aggregator_sum(&tally, &sums[spans[span].counted]);
        }
        uptime[span] = aggregator_uptime(&tally, &watched);
    }
}

/* The check, or NULL if there is none or it is in the future: the clock has been set back. */
static const struct recorded *past_check(const struct snapshot *snapshot,
                                         const struct recorded *check)
{
    return check->status == STATUS_UNKNOWN || check->start_ms > snapshot->at_ms ? NULL : check;
}

/* If the clock has been set back, the latest check that counts is the one recorded last. */
static int64_t find_latest(const struct snapshot *snapshot, size_t i)
{
    const struct monitor_state *state = &snapshot->states[i];

    if (state->latest_ms <= snapshot->at_ms)
        return state->latest_ms;
    return state->last.start_ms <= snapshot->at_ms ? state->last.start_ms : INT64_MIN;
}

/* When the newest bucket of a domain would turn UNKNOWN: once its latest check does not count. */
static int64_t find_stale(const struct snapshot *snapshot, size_t i)
{
    int64_t latest = snapshot->domains[i].latest_ms;

    if (latest == INT64_MIN)
        return snapshot->at_ms;
    return latest + reach_ms(snapshot->config->domains[i].interval_seconds) + 1;
}

/* INT64_MAX: none by then. A dashboard of the past does not know what came later. */
static int64_t first_check(const struct snapshot *snapshot, size_t i)
{
    int64_t first_ms = snapshot->states[i].first_ms;

    return first_ms <= snapshot->at_ms ? first_ms : INT64_MAX;
}

/* Copies the end of a day's cells, which a timeline shows. */
static const uint8_t *keep_timeline(const struct snapshot *snapshot, size_t number,
                                    const uint8_t *cells)
{
    uint8_t *timeline = snapshot->cells + number * snapshot->n_buckets;

    memcpy(timeline, cells + snapshot->history.n_minutes - snapshot->n_buckets,
           snapshot->n_buckets);
    return timeline;
}

/* Sets what follows from the cells of a domain, which is the one at `place` of the history. */
static void view_domain(struct snapshot *snapshot, size_t place)
{
    const struct history *history = &snapshot->history;
    const uint8_t *cells = history->domain_cells + place * history->n_minutes;
    size_t i = history->domains[place];
    struct domain_view *view = &snapshot->domains[i];
    int64_t stale_ms = find_stale(snapshot, i);

    view->status = cells[history->n_minutes - 1];
    view->timeline = keep_timeline(snapshot, i, cells);
    view->day_cells = cells;
    view->latencies = history->latencies + place * history->n_minutes;
    view->week = history->slots[place].week;
    view->month = history->slots[place].month;
    measure_uptimes(history, cells, view->first_ms, &snapshot->domain_days, i, view->uptime);
    if (view->status != STATUS_UNKNOWN && stale_ms < snapshot->stale_at_ms)
        snapshot->stale_at_ms = stale_ms;
}

/* Keeps the runs of the last 24 hours of a site. Returns 0, or -1 if out of memory. */
static int keep_day_runs(struct snapshot *snapshot, struct site_view *view, const uint8_t *cells)
{
    struct bucket_run runs[DAY_BUCKETS], *kept;

    view->n_day_runs = day_runs_find(cells, runs);
    if (view->n_day_runs == 0)
        return 0;
    view->day_runs = kept = arena_alloc(snapshot->arena, view->n_day_runs * sizeof *kept);
    if (!kept)
        return -1;
    memcpy(kept, runs, view->n_day_runs * sizeof *kept);
    return 0;
}

/* The same of a site. Returns 0, or -1 if out of memory. */
static int view_site(struct snapshot *snapshot, size_t place)
{
    const struct history *history = &snapshot->history;
    const uint8_t *cells = history->site_cells + place * history->n_minutes;
    size_t s = history->sites[place];
    struct site_view *view = &snapshot->sites[s];

    view->status = cells[history->n_minutes - 1];
    view->timeline = keep_timeline(snapshot, snapshot->config->n_domains + s, cells);
    measure_uptimes(history, cells, view->first_ms, &snapshot->site_days, s, view->uptime);
    if (status_severity(view->status) > status_severity(snapshot->status))
        snapshot->status = view->status;
    return keep_day_runs(snapshot, view, cells);
}

/* Sets what does not need the cells. */
static void begin_domain(struct snapshot *snapshot, size_t i)
{
    const struct monitor_state *state = &snapshot->states[i];
    struct domain_view *view = &snapshot->domains[i];

    view->domain = &snapshot->config->domains[i];
    view->last = past_check(snapshot, &state->last);
    view->phases = view->last ? state->phases : NULL;
    view->last_failure = past_check(snapshot, &state->last_failure);
    view->first_ms = first_check(snapshot, i);
    view->server = server_list_of(&snapshot->servers, i);
    view->days = snapshot->domain_days.days + i * DAYS_SHOWN;
}

static void begin_site(struct snapshot *snapshot, size_t s)
{
    const struct site *site = &snapshot->config->sites[s];
    struct site_view *view = &snapshot->sites[s];

    view->site = site;
    view->domains = snapshot->domains + site->first_domain;
    view->n_domains = site->n_domains;
    view->first_ms = INT64_MAX;
    for (size_t i = 0; i < site->n_domains; i++) {
        if (view->domains[i].first_ms < view->first_ms)
            view->first_ms = view->domains[i].first_ms;
    }
    view->days = snapshot->site_days.days + s * DAYS_SHOWN;
    outage_choice_make(snapshot->domains + site->first_domain, site->n_domains);
}

static void begin_views(struct snapshot *snapshot)
{
    snapshot->stale_at_ms = INT64_MAX;
    snapshot->status = STATUS_UP;
    for (size_t i = 0; i < snapshot->config->n_domains; i++)
        begin_domain(snapshot, i);
    for (size_t s = 0; s < snapshot->n_sites; s++)
        begin_site(snapshot, s);
}

/* Drops the sites that were loaded before the last ones. Their memory is used for the next ones. */
static void unload(struct snapshot *snapshot)
{
    struct history *history = &snapshot->history, last = *history;

    *history = snapshot->before;
    snapshot->before = last;
    for (size_t i = 0; history->domains && i < history->n_domains; i++) {
        snapshot->domains[history->domains[i]].day_cells = NULL;
        snapshot->domains[history->domains[i]].latencies = NULL;
        snapshot->domains[history->domains[i]].week = NULL;
        snapshot->domains[history->domains[i]].month = NULL;
    }
}

int snapshot_next(struct snapshot *snapshot, struct storage *storage, const size_t **sites,
                  size_t *n, struct error *error)
{
    struct history *history = &snapshot->history;

    unload(snapshot);
    *n = history->n_sites = history_next_portion(&snapshot->portions, &history->sites);
    *sites = history->sites;
    if (*n == 0) {
        history_free(history);
        return 0;
    }
    if (history_load(history, storage, snapshot->config, snapshot->states, error) ||
        latency_slots_load(history, storage, snapshot->config, error))
        return -1;
    for (size_t i = 0; i < history->n_domains; i++)
        view_domain(snapshot, i);
    for (size_t s = 0; s < history->n_sites; s++) {
        if (view_site(snapshot, s))
            return out_of_memory(error);
    }
    if (snapshot_is_complete(snapshot) && snapshot->stale_at_ms == INT64_MAX)
        snapshot->stale_at_ms = 0;
    return 0;
}

bool snapshot_is_complete(const struct snapshot *snapshot)
{
    return snapshot->portions.next == snapshot->n_sites;
}

/* Finds what is DOWN of that on which each domain depends, also by way of others. */
static int find_dependencies(struct snapshot *snapshot, struct storage *storage,
                             struct error *error)
{
    const struct domain *domains = snapshot->config->domains;

    for (size_t i = 0; i < snapshot->config->n_domains; i++) {
        const struct domain **down = &snapshot->domains[i].down_dependency;

        if (domains[i].depends_on && conditions_load(storage, error))
            return -1;
        for (size_t at = i; domains[at].depends_on && !*down;) {
            const struct condition *open;

            at = domains[at].dependency;
            open = conditions_of(storage, EVENT_HTTP, at);
            if (open && open->state != EVENT_SUSPECT)
                *down = &domains[at];
        }
    }
    return 0;
}

static int load_snapshot(struct snapshot *snapshot, struct storage *storage, struct error *error)
{
    const struct config *config = snapshot->config;
    struct arena *arena = snapshot->arena = arena_new();
    int64_t *due_after_ms, *wait_until_ms;

    if (!arena)
        return out_of_memory(error);
    due_after_ms = arena_alloc(arena, config->n_domains * sizeof *due_after_ms);
    wait_until_ms = arena_alloc(arena, config->n_domains * sizeof *wait_until_ms);
    snapshot->sites = arena_alloc(arena, config->n_sites * sizeof *snapshot->sites);
    snapshot->domains = arena_alloc(arena, config->n_domains * sizeof *snapshot->domains);
    if (!due_after_ms || !wait_until_ms || !snapshot->sites || !snapshot->domains)
        return out_of_memory(error);
    if (monitors_load(storage, arena, &snapshot->states, error) ||
        history_forget(storage, config, snapshot->states, snapshot->at_ms, error) ||
        days_load(storage, clock_floor_div(snapshot->at_ms, MS_PER_DAY), &snapshot->domain_days,
                  &snapshot->site_days, error) ||
        server_list_read(&snapshot->servers, arena, storage, config, snapshot->at_ms, error))
        return -1;
    for (size_t i = 0; i < config->n_domains; i++) {
        due_after_ms[i] = snapshot->states[i].due_after_ms;
        wait_until_ms[i] = snapshot->states[i].wait_until_ms;
        snapshot->domains[i].latest_ms = find_latest(snapshot, i);
    }
    if (outages_load(snapshot, storage, error) ||
        network_views_load(&snapshot->network, storage, snapshot->at_ms, error) ||
        find_dependencies(snapshot, storage, error) ||
        message_table_count_undelivered(storage, &snapshot->undelivered, error))
        return -1;
    snapshot->valid_until_ms =
        scheduler_valid_until(config, due_after_ms, wait_until_ms, snapshot->at_ms);
    begin_views(snapshot);
    return problem_order_make(&snapshot->problem_order, snapshot, arena) ? out_of_memory(error) : 0;
}

/* Prepares the loading of portions. */
static int begin_portions(struct snapshot *snapshot, const struct storage *storage,
                          size_t max_domains, struct error *error)
{
    const struct config *config = snapshot->config;

    snapshot->history.from_minute =
        clock_floor_div(snapshot->at_ms, MS_PER_MINUTE) - LATENCY_MINUTES + 1;
    snapshot->history.n_minutes = LATENCY_MINUTES;
    snapshot->history.now_ms = snapshot->at_ms;
    snapshot->history.usual_domains =
        config->n_domains < max_domains ? config->n_domains : max_domains;
    snapshot->before = snapshot->history;
    snapshot->cells =
        memory_alloc_large((config->n_domains + config->n_sites) * snapshot->n_buckets + 1);

    /* Threads that wait for the first portion begin early. */
    return history_begin_portions(&snapshot->portions, storage, config, max_domains / 8 + 1,
                                  max_domains) ||
                   !snapshot->cells
               ? out_of_memory(error)
               : 0;
}

struct snapshot *snapshot_open(struct storage *storage, const struct config *config, int64_t now_ms,
                               size_t max_domains, struct error *error)
{
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);

    assert(config->history_hours * 60 <= LATENCY_MINUTES);
    if (!snapshot) {
        out_of_memory(error);
        return NULL;
    }
    snapshot->config = config;
    snapshot->at_ms = now_ms;
    snapshot->n_sites = config->n_sites;
    snapshot->n_buckets = (size_t)config->history_hours * MINUTES_PER_HOUR;
    snapshot->from_ms =
        (clock_floor_div(now_ms, MS_PER_MINUTE) - (int64_t)snapshot->n_buckets + 1) * MS_PER_MINUTE;
    if (load_snapshot(snapshot, storage, error) ||
        begin_portions(snapshot, storage, max_domains, error)) {
        snapshot_free(snapshot);
        return NULL;
    }
    return snapshot;
}

struct snapshot *snapshot_take(struct storage *storage, const struct config *config, int64_t now_ms,
                               struct error *error)
{
    struct snapshot *snapshot = snapshot_open(storage, config, now_ms, SIZE_MAX, error);
    const size_t *sites;
    size_t n;

    if (snapshot && snapshot_next(snapshot, storage, &sites, &n, error)) {
        snapshot_free(snapshot);
        return NULL;
    }
    return snapshot;
}

void snapshot_free(struct snapshot *snapshot)
{
    if (!snapshot)
        return;
    history_free(&snapshot->history);
    history_free(&snapshot->before);
    free(snapshot->portions.order);
    free(snapshot->cells);
    days_free(&snapshot->domain_days);
    days_free(&snapshot->site_days);
    outages_free(snapshot);
    arena_free(snapshot->arena);
    free(snapshot);
}

const char *snapshot_event_id(const struct snapshot *snapshot, const struct domain_view *view,
                              const struct outage *outage, char id[EVENT_ID_MAX])
{
    char scope[CONFIG_MONITOR_MAX];

    config_monitor_name(snapshot->config, (size_t)(view->domain - snapshot->config->domains),
                        scope);
    return event_write_id(scope, outage->check, outage->began_ms, id);
}

const struct outage *snapshot_ongoing(const struct domain_view *view)
{
    const struct outage_list *list = &view->outages[LIST_ALL];
    enum event_check check = view->status == STATUS_BOT_DETECTED ? EVENT_BOT : EVENT_HTTP;

    if (status_is_good(view->status))
        return NULL;
    for (size_t i = list->n; i-- > 0;) {
        if (list->items[i]->end == OUTAGE_ONGOING && list->items[i]->check == check)
            return list->items[i];
    }
    return NULL;
}

/* A failure while it recovers is not always in the log (confirm.h), so the status decides too. */
enum undecided snapshot_undecided(const struct domain_view *view)
{
    const struct outage_list *list = &view->outages[LIST_ALL];
    bool recovers = false;

    for (size_t i = list->n; i-- > 0;) {
        if (list->items[i]->end != OUTAGE_ONGOING)
            continue;
        if (list->items[i]->state == EVENT_SUSPECT)
            return UNDECIDED_SUSPECT;
        recovers = recovers || list->items[i]->state == EVENT_RECOVERING_STATE;
    }
    return recovers && status_is_good(view->status) ? UNDECIDED_RECOVERING : UNDECIDED_NOTHING;
}

bool snapshot_failed_once(const struct domain_view *view)
{
    const struct outage_list *list = &view->outages[LIST_UNCONFIRMED];
    const struct outage *newest = list->n ? list->items[list->n - 1] : NULL;

    return newest && view->last && newest->end == OUTAGE_ENDED &&
           newest->changed_ms == view->last->start_ms;
}

int64_t snapshot_day_start(int64_t at_ms, int day)
{
    return (clock_floor_div(at_ms, MS_PER_DAY) - DAYS_SHOWN + 1 + day) * MS_PER_DAY;
}

struct uptime snapshot_day_uptime(const struct day_minutes *days, int day, int64_t now_ms,
                                  int64_t first_ms)
{
    int64_t now = clock_floor_div(now_ms, MS_PER_MINUTE);
    int64_t from = snapshot_day_start(now_ms, day) / MS_PER_MINUTE;
    bool is_today = day == DAYS_SHOWN - 1;
    struct watched_span span = {from, is_today ? now + 1 - from : MINUTES_PER_DAY,
                                is_today ? now_ms : (from + MINUTES_PER_DAY) * MS_PER_MINUTE,
                                first_ms};
    struct tally tally = {{0}};

    assert(day >= 0 && day < DAYS_SHOWN);
    tally.minutes[STATUS_UP] = days[day].good;
    tally.minutes[STATUS_DOWN] = days[day].bad;
    return aggregator_uptime(&tally, &span);
}
