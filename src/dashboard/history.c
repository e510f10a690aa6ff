/* Makes the cells of domains and sites from the minute index, and counts finished days. */
#include "dashboard/history.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/memory.h"
#include "config/config.h"
#include "model/latency.h"
#include "model/reach.h"
#include "state/days.h"
#include "state/minute_index.h"
#include "state/monitors.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static int out_of_memory(struct error *error)
{
    return error_set(error, EXIT_IO, "uptick: out of memory while preparing the timelines");
}

/* Filled while the minute index is read, hour by hour. */
struct filling {
    struct history *history;
    struct track *tracks; /* one for each domain */
};

/* Adds the latencies of one domain's samples that are within the span. */
static void add_latencies(struct history *history, size_t domain, const struct sample *samples,
                          size_t n_samples)
{
    uint16_t *latencies = history->latencies + domain * history->n_minutes;
    int64_t from_ms = history->from_minute * MS_PER_MINUTE;
    int64_t until_ms = from_ms + (int64_t)history->n_minutes * MS_PER_MINUTE;

    for (size_t i = 0; i < n_samples; i++) {
        if (samples[i].status == STATUS_UP && samples[i].latency_ms >= 0 &&
            samples[i].start_ms >= from_ms && samples[i].start_ms < until_ms)
            latencies[(samples[i].start_ms - from_ms) / MS_PER_MINUTE] =
                (uint16_t)samples[i].latency_ms;
    }
}

static int add_hour(void *context, size_t domain, int64_t hour, const struct sample *samples,
                    size_t n_samples)
{
    const struct filling *filling = context;

    (void)hour;
    for (size_t i = 0; i < n_samples; i++)
        aggregator_add(&filling->tracks[domain], samples[i].start_ms, samples[i].status);
    if (filling->history->latencies)
        add_latencies(filling->history, domain, samples, n_samples);
    return 0;
}

/* The hours to read before the first bucket: a check that started then may still count for it. */
static int64_t max_reach_hours(const struct config *config)
{
    int max = 0;

    for (size_t i = 0; i < config->n_domains; i++) {
        if (config->domains[i].interval_seconds > max)
            max = config->domains[i].interval_seconds;
    }
    return reach_hours(max);
}

static int fill_domains(struct history *history, struct storage *storage,
                        const struct config *config, struct error *error)
{
    struct track *tracks = calloc(config->n_domains, sizeof *tracks);
    struct filling filling = {history, tracks};
    int64_t last = history->from_minute + (int64_t)history->n_minutes - 1;
    int64_t first_hour = clock_floor_div(history->from_minute, MINUTES_PER_HOUR);
    int64_t last_hour = clock_floor_div(last, MINUTES_PER_HOUR);
    int result;

    if (!tracks)
        return out_of_memory(error);
    for (size_t i = 0; i < config->n_domains; i++)
        aggregator_begin(&tracks[i], config->domains[i].interval_seconds, history->from_minute,
                         history->n_minutes, history->now_ms,
                         history->domain_cells + i * history->n_minutes);
    result = minute_index_each(storage, first_hour - max_reach_hours(config), last_hour, add_hour,
                               &filling, error);
    for (size_t i = 0; i < config->n_domains; i++)
        aggregator_end(&tracks[i]);
    free(tracks);
    return result;
}

static int fill_sites(struct history *history, const struct config *config,
                      const struct monitor_state *states, struct error *error)
{
    struct member *members = calloc(config->n_domains, sizeof *members);

    if (!members)
        return out_of_memory(error);
    for (size_t i = 0; i < config->n_domains; i++)
        members[i] =
            (struct member){history->domain_cells + i * history->n_minutes, config->domains[i].role,
                            states[i].first_ms <= history->now_ms ? states[i].first_ms : INT64_MAX};
    for (size_t s = 0; s < config->n_sites; s++)
        aggregator_site(members + config->sites[s].first_domain, config->sites[s].n_domains,
                        history->from_minute, history->n_minutes,
                        history->site_cells + s * history->n_minutes);
    free(members);
    return 0;
}

int history_load(struct history *history, struct storage *storage, const struct config *config,
                 const struct monitor_state *states, bool latencies, struct error *error)
{
    size_t n_cells = config->n_domains * history->n_minutes;

    assert(history->n_minutes > 0);
    history->domain_cells = memory_alloc_large(n_cells);
    history->site_cells = malloc(config->n_sites * history->n_minutes);
    history->latencies =
        latencies ? memory_alloc_large(n_cells * sizeof *history->latencies) : NULL;
    if (!history->domain_cells || !history->site_cells || (latencies && !history->latencies)) {
        history_free(history);
        return out_of_memory(error);
    }
    if (latencies)
        memset(history->latencies, 0xff, n_cells * sizeof *history->latencies); /* LATENCY_NONE */
    if (fill_domains(history, storage, config, error) == 0 &&
        fill_sites(history, config, states, error) == 0)
        return 0;
    history_free(history);
    return -1;
}

void history_free(struct history *history)
{
    free(history->domain_cells);
    free(history->site_cells);
    free(history->latencies);
    *history = (struct history){0};
}

/* The search for first checks in the minute index. */
struct first_search {
    struct monitor_state *states;
    int64_t from_ms;
};

static int add_first(void *context, size_t domain, int64_t hour, const struct sample *samples,
                     size_t n_samples)
{
    const struct first_search *search = context;
    struct monitor_state *state = &search->states[domain];

    (void)hour;
    for (size_t i = 0; i < n_samples; i++) {
        if (samples[i].start_ms >= search->from_ms && samples[i].start_ms < state->first_ms)
            state->first_ms = samples[i].start_ms;
    }
    return 0;
}

int history_forget(struct storage *storage, const struct config *config,
                   struct monitor_state *states, int64_t at_ms, struct error *error)
{
    int64_t from = clock_floor_div(at_ms, MS_PER_DAY) - days_kept(config);
    struct first_search search = {states, from * MS_PER_DAY};
    bool searches = false;

    for (size_t i = 0; i < config->n_domains; i++) {
        if (states[i].first_ms >= search.from_ms)
            continue;
        if (days_find_first(storage, i, from, &states[i].first_ms, error))
            return -1;
        searches = searches || states[i].first_ms == INT64_MAX;
    }
    return searches
               ? minute_index_each(storage, from * HOURS_PER_DAY,
                                   clock_floor_div(at_ms, MS_PER_HOUR), add_first, &search, error)
               : 0;
}

/* Counts each row of a day's cells. */
static void count_rows(const uint8_t *cells, size_t n_rows, struct tally *tallies)
{
    for (size_t i = 0; i < n_rows; i++)
        aggregator_count(cells + i * MINUTES_PER_DAY, MINUTES_PER_DAY, &tallies[i]);
}

static int count_day(struct storage *storage, const struct config *config,
                     const struct monitor_state *states, int64_t day, struct error *error)
{
    struct history history = {.from_minute = day * MINUTES_PER_DAY,
                              .n_minutes = MINUTES_PER_DAY,
                              .now_ms = (day + 1) * MS_PER_DAY};
    struct tally *tallies; /* of the domains, then of the sites */
    int result;

    if (history_load(&history, storage, config, states, false, error))
        return -1;
    tallies = calloc(config->n_domains + config->n_sites, sizeof *tallies);
    if (tallies) {
        count_rows(history.domain_cells, config->n_domains, tallies);
        count_rows(history.site_cells, config->n_sites, tallies + config->n_domains);
        result = days_put(storage, day, tallies, tallies + config->n_domains, error);
    } else {
        result = out_of_memory(error);
    }
    free(tallies);
    history_free(&history);
    return result;
}

int history_count_days(struct storage *storage, const struct config *config, int64_t today,
                       struct error *error)
{
    struct monitor_state *states;
    struct arena *arena;
    int64_t counted, indexed, indexed_day, day, next;
    int64_t last; /* the latest day with samples that was found */
    int result;

    if (days_counted(storage, &counted, error) ||
        storage_get_setting(storage, SETTING_INDEXED_HOUR, &indexed, error) ||
        minute_index_next_day(storage, INT64_MIN / MINUTES_PER_DAY, &day, error))
        return -1;
    if (day <= counted)
        day = counted + 1;

    /* A row that is late by days must not make days count again that have lost samples. */
    indexed_day = clock_floor_div(indexed, HOURS_PER_DAY) + (indexed % HOURS_PER_DAY != 0);
    if (day < indexed_day)
        day = indexed_day;
    if (day >= today)
        return 0;
    arena = arena_new();
    if (!arena)
        return out_of_memory(error);
    result = monitors_load(storage, arena, &states, error);
    for (last = day; day < today && result == 0; day++) {
        result = minute_index_next_day(storage, day, &next, error);
        if (result)
            break;
        if (next == day)
            last = day;

        /* No check counts for the days after this one. Skip to the next day with samples: a clock
         * that started in 1970 would otherwise cost a count for each day since. */
        if (day > last + max_reach_hours(config) / 24 + 1)
            day = next < today ? next : today - 1;
        result = count_day(storage, config, states, day, error);
    }
    arena_free(arena);
    return result;
}
