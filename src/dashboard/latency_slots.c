/* Loads the latencies of 7 and 30 days. */
#include "dashboard/latency_slots.h"

#include "base/clock.h"
#include "base/memory.h"
#include "config/config.h"
#include "dashboard/history.h"
#include "model/latency.h"
#include "state/latency_table.h"

#include <stdlib.h>

/* A load under way. */
struct latency_slots_loading {
    struct history *history;
    int64_t now_minute; /* the last one of the history */
    size_t *places;     /* of each configured domain in the history, from 1; 0: it has none */
    int64_t *last_days; /* of each domain of the history: its slots have the days until then */
};

/* The days before today of a history of the state. If the clock was set back, it has later ones. */
static int add_counted_days(void *context, size_t domain, int64_t day,
                            struct latency_history *counted)
{
    const struct latency_slots_loading *loading = context;
    int64_t yesterday = clock_floor_div(loading->now_minute, MINUTES_PER_DAY) - 1;
    size_t place = loading->places[domain];

    if (place == 0)
        return 0;
    latency_move(counted, (day + 1) * MINUTES_PER_DAY - 1, loading->now_minute);
    loading->history->slots[place - 1] = *counted;
    loading->last_days[place - 1] = day < yesterday ? day : yesterday;
    return 0;
}

/* Adds the minutes after the last day of a domain, at most those of the history. */
static void add_minutes(const struct latency_slots_loading *loading, size_t place)
{
    const struct history *history = loading->history;
    int64_t from = (loading->last_days[place] + 1) * MINUTES_PER_DAY;
    size_t skipped = from > history->from_minute ? (size_t)(from - history->from_minute) : 0;
    size_t first = place * history->n_minutes + skipped;
    const struct latency_minutes minutes = {
        history->from_minute + (int64_t)skipped, history->n_minutes - skipped,
        history->latencies + first, history->domain_cells + first};

    latency_add(&history->slots[place], loading->now_minute, &minutes);
}

static int load_slots(struct latency_slots_loading *loading, struct storage *storage,
                      struct error *error)
{
    struct history *history = loading->history;
    int64_t none = clock_floor_div(history->from_minute, MINUTES_PER_DAY) - 1;

    for (size_t i = 0; i < history->n_domains; i++) {
        loading->places[history->domains[i]] = i + 1;
        loading->last_days[i] = none;
        latency_clear(&history->slots[i]);
    }
    if (latency_table_each_of(storage, history->domains, history->n_domains, add_counted_days,
                              loading, error))
        return -1;
    for (size_t i = 0; i < history->n_domains; i++)
        add_minutes(loading, i);
    return 0;
}

/* Provides memory for the slots, that of the portion before if it is enough. */
static int reserve_slots(struct history *history)
{
    size_t usual = history->usual_domains, n = history->n_domains;

    if (n > history->max_slots) {
        n = n > usual ? n : usual;
        free(history->slots);
        history->slots = memory_alloc_large(n * sizeof *history->slots);
        history->max_slots = history->slots ? n : 0;
    }
    return history->slots ? 0 : -1;
}

int latency_slots_load(struct history *history, struct storage *storage,
                       const struct config *config, struct error *error)
{
    struct latency_slots_loading loading = {
        history, history->from_minute + (int64_t)history->n_minutes - 1,
        calloc(config->n_domains + 1, sizeof *loading.places),
        malloc((history->n_domains + 1) * sizeof *loading.last_days)};
    int result =
        loading.places && loading.last_days && reserve_slots(history) == 0
            ? load_slots(&loading, storage, error)
            : error_set(error, EXIT_IO, "uptick: out of memory while preparing the latencies");

    free(loading.places);
    free(loading.last_days);
    return result;
}
