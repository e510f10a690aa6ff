#ifndef STATE_STORAGE_H
#define STATE_STORAGE_H

#include "base/error.h"
#include "config/config.h"
#include "model/aggregator.h"
#include "model/check.h"
#include "model/outage.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * state.db: stages results until they are known to be in the CSV, indexes the recent ones for the
 * timelines, keeps the schedule, the lengths that it vouches for, and the counts of each day. What
 * is indexed is a function of what the CSV holds, so that a rebuild gives the same.
 *
 * A domain is named by its index in the configuration that storage_open was given. SQL lives in
 * sql/, one statement a file, every value bound.
 */

struct arena;
struct storage;

enum storage_mode {
    STORAGE_READ_WRITE, /* the one writer; makes the file where it is missing */
    STORAGE_READ_ONLY,  /* beside a writer */
    STORAGE_IN_MEMORY   /* an empty state that is gone with its closing: render --at */
};

enum storage_health {
    STORAGE_SOUND,
    STORAGE_MISSING, /* there was no file, or an empty one: made new, where the mode allows that */
    STORAGE_CORRUPT, /* not a database, damaged, or not of this program */
    STORAGE_OLDER,   /* another schema version: to be made anew from the CSV */
    STORAGE_NEWER
};

/*
 * Opens path. Returns 0 with the storage; or -1, and then *health says whether making the state
 * anew would mend it (CORRUPT, OLDER, NEWER) or not (SOUND: the disk is full, say). READ_ONLY on a
 * missing file gives an empty state. config must outlive the storage.
 */
int storage_open(struct storage **storage, const char *path, enum storage_mode mode,
                 const struct config *config, enum storage_health *health, struct error *error);

/* NULL is fine. */
void storage_close(struct storage *storage);

/* A check as the state tells of it: as struct check, but takes no room for a longer text. */
struct recorded {
    int64_t start_ms;
    enum status status;
    int http_status;
    int latency_ms;
    const char *failure;
};

/* What is known of one configured domain; last.status UNKNOWN: never checked. */
struct monitor_state {
    int64_t first_ms;             /* its first check ever; INT64_MAX: never checked */
    int64_t latest_ms;            /* its latest in time; INT64_MIN: never checked */
    int64_t due_after_ms;         /* scheduler.h */
    struct recorded last;         /* the latest recorded check */
    const struct phases *phases;  /* of that one; NULL: not known, as the CSV has none */
    struct recorded last_failure; /* the latest that was not UP; status UNKNOWN: none */
};

/* One a domain of the configuration, in an array that the arena owns, with its texts. */
int monitors_load(struct storage *storage, struct arena *arena, struct monitor_state **states,
                  struct error *error);

/* due_after_ms alone, one a domain; staged results count. The caller frees. */
int monitors_load_due_after(struct storage *storage, int64_t **due_after_ms, struct error *error);

/* A result to be staged. */
struct staged_result {
    size_t domain;
    int64_t due_after_ms;
    struct check check;
    bool has_phases; /* they are known */
    struct phases phases;
};

/* Stages these in one transaction, and moves each domain's due_after_ms on. */
int staged_add(struct storage *storage, const struct staged_result *staged_results, size_t n,
               struct error *error);

/* The last check to start in a minute, as the index keeps it. */
struct sample {
    int64_t start_ms;
    enum status status;
    int latency_ms; /* -1: none */
};

/*
 * Calls each for every configured domain and hour that has checks, hours ascending (numbered since
 * the epoch, both ends included); marks ascend and are gone after the call. each returns 0 to go
 * on.
 */
typedef int minute_index_each_hour(void *context, size_t domain, int64_t hour,
                                   const struct sample *samples, size_t n_samples);
int minute_index_each(struct storage *storage, int64_t first_hour, int64_t last_hour,
                      minute_index_each_hour *each, void *context, struct error *error);

/*
 * Calls each for every configured domain that has turns, which ascend and are gone after the call;
 * their texts are the arena's. each returns 0 to go on, or -1 with the error.
 */
typedef int transitions_each_monitor(void *context, size_t domain,
                                     const struct transition *transitions, size_t n_transitions,
                                     struct error *error);
int transitions_each(struct storage *storage, struct arena *arena, transitions_each_monitor *each,
                     void *context, struct error *error);

/* The spans of days that end yesterday, for the uptimes over 7, 30 and 90 days with today. */
enum day_span { DAYS_7, DAYS_30, DAYS_90, DAY_SPANS };

/*
 * Counts of whole days, one tally a domain or a site of the configuration. The day counted last is
 * also kept: all days up to it are final, until a row of such a day is indexed late, which moves it
 * back before that day. INT64_MIN: none yet.
 */
int days_counted(struct storage *storage, int64_t *day, struct error *error);
int days_put(struct storage *storage, int64_t day, const struct tally *domains,
             const struct tally *sites, struct error *error);

/*
 * What was counted of the days before today. Owner i's begin at i * DAY_SPANS, which are sums over
 * each span: of 6, 29 and 89 days, since today is the last of each; and at i * DAYS_SHOWN, oldest
 * first, of which the last is today, and left for the caller to fill.
 */
enum { DAYS_SHOWN = 90 };

struct counted {
    struct tally *sums;
    struct day_minutes *days;
};

/* Returns 0, or -1; both are then empty. days_free takes an empty one. */
int days_load(struct storage *storage, int64_t today, struct counted *domains,
              struct counted *sites, struct error *error);
void days_free(struct counted *counted);

/* The first day from this one on in which any check is indexed; INT64_MAX: none. */
int minute_index_next_day(struct storage *storage, int64_t from, int64_t *day, struct error *error);

/* Small numbers that outlive a tick, by name; a missing one is 0. */
enum storage_setting {
    SETTING_BUILT_MS,     /* when the dashboard was last built; 0: never */
    SETTING_PENDING,      /* 1: something was recorded that the dashboard does not show yet */
    SETTING_STALE_AT_MS,  /* when time alone next turns a bucket to UNKNOWN; 0: never */
    SETTING_ROTATED_HOUR, /* the hour of the last rotation */
    SETTING_CONFIG_HASH,  /* of the configuration and the program the dashboard was built with */
    SETTINGS
};
int storage_get_setting(struct storage *storage, enum storage_setting note, int64_t *value,
                        struct error *error);
int storage_set_setting(struct storage *storage, enum storage_setting note, int64_t value,
                        struct error *error);

/* The three that a build of the dashboard leaves (built, fades, hash), and nothing pending. */
int storage_set_built(struct storage *storage, int64_t built_ms, int64_t stale_at_ms, int64_t hash,
                      struct error *error);

#endif
