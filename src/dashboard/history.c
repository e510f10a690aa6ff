/* Makes the cells of domains and sites from the minute index, and counts finished days. */
#include "dashboard/history.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/memory.h"
#include "config/config.h"
#include "model/latency.h"
#include "model/reach.h"
#include "state/days.h"
#include "state/latency_table.h"
#include "state/minute_index.h"
#include "state/monitors.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static int out_of_memory(struct error *error)
{
    return error_set(error, EXIT_IO, "uptick: out of memory while preparing the timelines");
}

/* A site, and what it is sorted by: the first of its rows in the minute index. */
struct placed_site {
    int64_t row;
    size_t site;
};

static int compare_places(const void *a, const void *b)
{
    const struct placed_site *one = a, *other = b;

    if (one->row != other->row)
        return one->row < other->row ? -1 : 1;
    return one->site < other->site ? -1 : one->site > other->site;
}

static void place_sites(struct placed_site *places, const struct storage *storage,
                        const struct config *config)
{
    for (size_t s = 0; s < config->n_sites; s++) {
        size_t first = config->sites[s].first_domain;

        places[s] = (struct placed_site){INT64_MAX, s};
        for (size_t d = first; d < first + config->sites[s].n_domains; d++) {
            int64_t row = minute_index_row_of(storage, d);

            if (row < places[s].row)
                places[s].row = row;
        }
    }
    qsort(places, config->n_sites, sizeof *places, compare_places);
}

int history_begin_portions(struct history_portions *portions, const struct storage *storage,
                           const struct config *config, size_t first_domains, size_t max_domains)
{
    struct placed_site *places = malloc((config->n_sites + 1) * sizeof *places);

    *portions = (struct history_portions){
        .config = config, .max_domains = max_domains, .now_domains = first_domains};
    portions->order = malloc((config->n_sites + 1) * sizeof *portions->order);
    if (places && portions->order) {
        place_sites(places, storage, config);
        for (size_t i = 0; i < config->n_sites; i++)
            portions->order[i] = places[i].site;
    }
    free(places);
    return places && portions->order ? 0 : -1;
}

size_t history_next_portion(struct history_portions *portions, const size_t **sites)
{
    const struct config *config = portions->config;
    size_t first = portions->next, n_domains = 0;

    *sites = portions->order + first;
    while (portions->next < config->n_sites) {
        n_domains += config->sites[portions->order[portions->next]].n_domains;
        if (portions->next > first && n_domains > portions->now_domains)
            break;
        portions->next++;
    }
    portions->now_domains = portions->now_domains < portions->max_domains / 2
                                ? portions->now_domains * 2
                                : portions->max_domains;
    return portions->next - first;
}

/* Filled while the minute index is read, hour by hour. */
struct filling {
    struct history *history;
    struct track *tracks; /* one for each domain of the history */
    size_t *places;       /* of each configured domain in the history, from 1; 0: it has none */
};

/* Adds the latencies of one domain's samples of an hour that are within the span. */
static void add_latencies(struct history *history, size_t place, int64_t hour,
                          const struct sample *samples, size_t n_samples)
{
    uint16_t *latencies = history->latencies + place * history->n_minutes;
    int64_t first = hour * MINUTES_PER_HOUR - history->from_minute; /* the hour's first minute */

    for (size_t i = 0; i < n_samples; i++) {
        uint32_t within_ms = (uint32_t)(samples[i].start_ms - hour * MS_PER_HOUR);
        size_t minute = (size_t)first + within_ms / MS_PER_MINUTE;

        if (samples[i].latency_ms >= 0 && status_is_good(samples[i].status) &&
            minute < history->n_minutes)
            latencies[minute] = (uint16_t)samples[i].latency_ms;
    }
}

static int add_hour(void *context, size_t domain, int64_t hour, const struct sample *samples,
                    size_t n_samples)
{
    const struct filling *filling = context;
    size_t place = filling->places[domain];
    struct track *track;

    if (place == 0)
        return 0;
    track = &filling->tracks[place - 1];
    for (size_t i = 0; i < n_samples; i++)
        aggregator_add(track, samples[i].start_ms, samples[i].status);
    add_latencies(filling->history, place - 1, hour, samples, n_samples);
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

/* Reads the samples of the domains of the history into their cells. */
static int read_index(struct filling *filling, struct storage *storage, const struct config *config,
                      struct error *error)
{
    struct history *history = filling->history;
    int64_t last = history->from_minute + (int64_t)history->n_minutes - 1;
    int64_t first_hour = clock_floor_div(history->from_minute, MINUTES_PER_HOUR);
    int result;

    for (size_t i = 0; i < history->n_domains; i++) {
        filling->places[history->domains[i]] = i + 1;
        aggregator_begin(&filling->tracks[i], config->domains[history->domains[i]].interval_seconds,
                         history->from_minute, history->n_minutes, history->now_ms,
                         history->domain_cells + i * history->n_minutes);
    }
    result = minute_index_each_of(
        storage, history->domains, history->n_domains, first_hour - max_reach_hours(config),
        clock_floor_div(last, MINUTES_PER_HOUR), add_hour, filling, error);
    for (size_t i = 0; i < history->n_domains; i++)
        aggregator_end(&filling->tracks[i]);
    return result;
}

static int fill_domains(struct history *history, struct storage *storage,
                        const struct config *config, struct error *error)
{
    struct filling filling = {history, calloc(history->n_domains + 1, sizeof *filling.tracks),
                              calloc(config->n_domains + 1, sizeof *filling.places)};
    int result = filling.tracks && filling.places ? read_index(&filling, storage, config, error)
                                                  : out_of_memory(error);

    free(filling.tracks);
    free(filling.places);
    return result;
}

static int fill_sites(struct history *history, const struct config *config,
                      const struct monitor_state *states, struct error *error)
{
    struct member *members = calloc(history->n_domains + 1, sizeof *members);
    size_t first = 0;

    if (!members)
        return out_of_memory(error);
    for (size_t i = 0; i < history->n_domains; i++) {
        size_t d = history->domains[i];

        members[i] =
            (struct member){history->domain_cells + i * history->n_minutes, config->domains[d].role,
                            states[d].first_ms <= history->now_ms ? states[d].first_ms : INT64_MAX};
    }
    for (size_t s = 0; s < history->n_sites; s++) {
        size_t n = config->sites[history->sites[s]].n_domains;

        aggregator_site(members + first, n, history->from_minute, history->n_minutes,
                        history->site_cells + s * history->n_minutes);
        first += n;
    }
    free(members);
    return 0;
}

static void count_domains(struct history *history, const struct config *config)
{
    history->n_domains = 0;
    for (size_t s = 0; s < history->n_sites; s++)
        history->n_domains += config->sites[history->sites[s]].n_domains;
}

/* Lists the domains of the sites. */
static int list_domains(struct history *history, const struct config *config)
{
    size_t n = 0;

    free(history->domains);
    history->domains = malloc((history->n_domains + 1) * sizeof *history->domains);
    if (!history->domains)
        return -1;
    for (size_t s = 0; s < history->n_sites; s++) {
        const struct site *site = &config->sites[history->sites[s]];

        for (size_t d = 0; d < site->n_domains; d++)
            history->domains[n++] = site->first_domain + d;
    }
    return 0;
}

/* Provides memory for the cells, that of the portion before if it is enough. */
static int reserve_cells(struct history *history)
{
    size_t usual = history->usual_domains, n = history->n_domains, n_sites = history->n_sites;
    size_t n_cells = (n > usual ? n : usual) * history->n_minutes;
    size_t n_site_cells = (n_sites > usual ? n_sites : usual) * history->n_minutes;

    if (n_cells > history->max_cells || n_site_cells > history->max_site_cells) {
        history_free(history);
        history->domain_cells = memory_alloc_large(n_cells);
        history->site_cells = malloc(n_site_cells);
        history->latencies = memory_alloc_large(n_cells * sizeof *history->latencies);
        history->max_cells = n_cells;
        history->max_site_cells = n_site_cells;
    }
    return history->domain_cells && history->site_cells && history->latencies ? 0 : -1;
}

int history_load(struct history *history, struct storage *storage, const struct config *config,
                 const struct monitor_state *states, struct error *error)
{
    size_t n_cells;

    assert(history->n_minutes > 0);
    count_domains(history, config);
    n_cells = history->n_domains * history->n_minutes;
    if (reserve_cells(history) || list_domains(history, config))
        return out_of_memory(error);
    memset(history->latencies, 0xff, n_cells * sizeof *history->latencies); /* LATENCY_NONE */
    return fill_domains(history, storage, config, error) ||
                   fill_sites(history, config, states, error)
               ? -1
               : 0;
}

void history_free(struct history *history)
{
    free(history->domains);
    free(history->domain_cells);
    free(history->site_cells);
    free(history->slots);
    free(history->latencies);
    history->domains = NULL;
    history->domain_cells = history->site_cells = NULL;
    history->slots = NULL;
    history->latencies = NULL;
    history->max_slots = 0;
    history->max_cells = history->max_site_cells = 0;
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

/* Counts the cells of a portion of the sites. The tallies are those of all domains, then of all
 * sites. */
static void count_cells(const struct history *history, const struct config *config,
                        struct tally *tallies)
{
    for (size_t i = 0; i < history->n_domains; i++)
        aggregator_count(history->domain_cells + i * MINUTES_PER_DAY, MINUTES_PER_DAY,
                         &tallies[history->domains[i]]);
    for (size_t s = 0; s < history->n_sites; s++)
        aggregator_count(history->site_cells + s * MINUTES_PER_DAY, MINUTES_PER_DAY,
                         &tallies[config->n_domains + history->sites[s]]);
}

/* Stores the latencies of a portion of the sites. With the first portion, old ones are deleted: to
 * find them, the whole table is read. */
static int put_latencies(const struct history *history, struct storage *storage, int64_t day,
                         bool is_first, struct error *error)
{
    int result = 0;

    if (storage_begin(storage, error))
        return -1;
    if (is_first)
        result = latency_table_delete_before(storage, day - LATENCY_DAYS + 1, error);
    for (size_t i = 0; i < history->n_domains && result == 0; i++)
        result = latency_table_add(storage, history->domains[i], day,
                                   history->latencies + i * MINUTES_PER_DAY,
                                   history->domain_cells + i * MINUTES_PER_DAY, error);
    return storage_end(storage, result, error);
}

static int count_portions(struct storage *storage, const struct config *config,
                          const struct monitor_state *states, int64_t day, struct tally *tallies,
                          struct error *error)
{
    struct history history = {.from_minute = day * MINUTES_PER_DAY,
                              .n_minutes = MINUTES_PER_DAY,
                              .now_ms = (day + 1) * MS_PER_DAY};
    struct history_portions portions;
    int result = 0;

    if (history_begin_portions(&portions, storage, config, HISTORY_PORTION, HISTORY_PORTION))
        result = out_of_memory(error);
    while (result == 0 && (history.n_sites = history_next_portion(&portions, &history.sites))) {
        result =
            history_load(&history, storage, config, states, error) ||
                    put_latencies(&history, storage, day, history.sites == portions.order, error)
                ? -1
                : 0;
        if (result == 0)
            count_cells(&history, config, tallies);
    }
    history_free(&history);
    free(portions.order);
    return result;
}

static int count_day(struct storage *storage, const struct config *config,
                     const struct monitor_state *states, int64_t day, struct error *error)
{
    struct tally *tallies = calloc(config->n_domains + config->n_sites, sizeof *tallies);
    int result = tallies ? count_portions(storage, config, states, day, tallies, error)
                         : out_of_memory(error);

    if (result == 0)
        result = days_put(storage, day, tallies, tallies + config->n_domains, error);
    free(tallies);
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
