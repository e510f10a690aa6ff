#ifndef STATE_MONITORS_H
#define STATE_MONITORS_H

#include "base/arena.h"
#include "base/text.h"
#include "model/check.h"
#include "state/storage.h"

/*
 * The monitors of state.db, configured or not, and the last checks of each.
 *
 * The last check is the one recorded last, not the latest in time: after the clock was set back,
 * the newest result counts. A check in the future is stored like others, and shown when its minute
 * has come. A monitor that returns to the configuration has its history again.
 */

/* A monitor in state.db. It stays there when it leaves the configuration, as its files do. */
struct monitor_id {
    int64_t id; /* 0: none */
    char site[TEXT_ID_MAX + 1], domain[TEXT_ID_MAX + 1];
};

/* Finds the monitor with these ids, or adds it. */
int monitors_find(struct storage *storage, const char *site, const char *domain, int64_t *id,
                  struct error *error);

/* The same, but adds nothing: *id becomes 0 if there is none. */
int monitors_lookup(struct storage *storage, const char *site, const char *domain, int64_t *id,
                    struct error *error);

/* Whether the monitor is configured. If so, *domain is its index in the configuration. */
bool monitors_is_configured(const struct storage *storage, int64_t monitor, size_t *domain);

/* A check as loaded from the state: like struct check, but it points to its failure text. */
struct recorded {
    int64_t start_ms;
    enum status status;
    int http_status;
    int latency_ms;
    const char *failure;
};

/*
 * The last checks and the schedule of a configured domain. If it was never checked, last.status is
 * UNKNOWN.
 */
struct monitor_state {
    int64_t first_ms;            /* start of its first check ever; INT64_MAX: never checked */
    int64_t latest_ms;           /* start of its latest check in time; INT64_MIN: never checked */
    int64_t due_after_ms;        /* slots before this moment are done; see scheduler.h */
    int64_t wait_until_ms;       /* the server asks to wait until then; 0: it does not */
    struct recorded last;        /* the check recorded last, which need not be the latest in time */
    const struct phases *phases; /* of that check; NULL: unknown, because a rebuild has no phases */
    struct recorded last_failure; /* the last check that was not UP; status UNKNOWN: none */
};

/*
 * Loads one state for each domain of the configuration, in its order. The arena owns the array and
 * its texts.
 */
int monitors_load(struct storage *storage, struct arena *arena, struct monitor_state **states,
                  struct error *error);

/*
 * Loads due_after_ms and wait_until_ms only, one for each domain; staged results are taken into
 * account. The wait is that of the check recorded last (retry_after.h). The caller frees the
 * arrays.
 */
int monitors_load_due_after(struct storage *storage, int64_t **due_after_ms,
                            int64_t **wait_until_ms, struct error *error);

/* The same of any monitor, as the indexer needs it: without HTTP statuses, latencies and texts. */
struct monitor_summary {
    int64_t first_ms; /* INT64_MAX: never checked */
    int64_t due_after_ms;
    int64_t last_ms, failed_ms;
    enum status last_status, failed_status; /* UNKNOWN: none */
    int64_t latest_ms;                      /* of the latest check in time */
    enum status latest_status;              /* UNKNOWN: none */
};

/* Loads the summary of a monitor, which must be in state.db. */
int monitors_load_summary(struct storage *storage, int64_t monitor, struct monitor_summary *summary,
                          struct error *error);

#endif
