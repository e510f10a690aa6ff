/* Loads the records of a past moment, and refuses one that has none. */
#include "commands/past.h"

#include "base/arena.h"
#include "base/clock.h"
#include "model/reach.h"
#include "records/journal.h"
#include "state/monitors.h"

#include <stdio.h>
#include <string.h>

/*
 * Sets *latest_ms to the latest check of a configured domain until a moment; INT64_MIN: none. Sets
 * *is_known to whether there are records of that moment: a check that still counts, or one of the
 * same day.
 */
static int find_latest(struct storage *storage, const struct config *config, int64_t at_ms,
                       int64_t *latest_ms, bool *is_known, struct error *error)
{
    struct arena *arena = arena_new();
    struct monitor_state *states;
    int result = arena ? monitors_load(storage, arena, &states, error)
                       : error_set(error, EXIT_IO, "uptick: out of memory");

    *latest_ms = INT64_MIN;
    *is_known = false;
    for (size_t i = 0; result == 0 && i < config->n_domains; i++) {
        int64_t check_ms = states[i].latest_ms;

        /* The state that is used for older days may know later checks too. */
        if (check_ms == INT64_MIN || check_ms > at_ms)
            continue;
        if (check_ms > *latest_ms)
            *latest_ms = check_ms;
        if (clock_is_same_day(check_ms, at_ms) ||
            reach_covers(check_ms, reach_ms(config->domains[i].interval_seconds), at_ms))
            *is_known = true;
    }
    arena_free(arena);
    return result;
}

/* Adds the records before and after a moment that has none. Either may be missing. */
static void add_neighbours(char *into, size_t size, int64_t latest_ms, int64_t next_day)
{
    char text[CLOCK_TEXT_MAX];
    size_t used = strlen(into);

    if (latest_ms != INT64_MIN) {
        clock_write_seconds(latest_ms, text);
        used +=
            (size_t)snprintf(into + used, size - used, "; the last check before was at %s", text);
    }
    if (next_day != INT64_MAX) {
        clock_write_day(next_day, text);
        snprintf(into + used, size - used, "; the next records are of %s", text);
    }
}

/* Sets the error for a moment without records. */
static int refuse(const struct config *config, const struct log *log, const struct moment *moment,
                  int64_t latest_ms, struct error *error)
{
    int64_t day = clock_floor_div(moment->at_ms, MS_PER_DAY);
    char text[ERROR_TEXT_MAX], when[CLOCK_TEXT_MAX];
    struct recorded_days days;

    if (journal_recorded_days(config, log, day + moment->whole_day, &days, error))
        return -1;
    if (days.first == INT64_MAX) {
        snprintf(text, sizeof text, "no records yet");
    } else if (day < days.first) {
        clock_write_day(days.first, when);
        snprintf(text, sizeof text, "no records before %s", when);
    } else {
        if (moment->whole_day)
            clock_write_day(day, when);
        else
            clock_write_seconds(moment->at_ms, when);
        snprintf(text, sizeof text, "no records %s %s", moment->whole_day ? "of" : "at", when);
        add_neighbours(text, sizeof text, latest_ms, days.next);
    }
    return error_set(error, EXIT_WRONG_USAGE, "--at: %s", text);
}

int past_load(struct storage **storage, const struct config *config, const struct log *log,
              const struct moment *moment, struct error *error)
{
    int64_t latest_ms;
    bool is_known;
    int result;

    if (journal_load_at(storage, config, log, moment->at_ms, error))
        return -1;
    result = find_latest(*storage, config, moment->at_ms, &latest_ms, &is_known, error);
    if (result == 0 && !is_known)
        result = refuse(config, log, moment, latest_ms, error);
    if (result) {
        storage_close(*storage);
        *storage = NULL;
    }
    return result;
}
