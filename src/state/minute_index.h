#ifndef STATE_MINUTE_INDEX_H
#define STATE_MINUTE_INDEX_H

#include "state/samples.h"
#include "state/storage.h"

/*
 * The minute index: the last check in each minute of the last two days, for the timelines. Buckets
 * are not stored, because they depend on the interval, which may change.
 *
 * A row of the table fills a page of the database. It has the samples of one hour, for
 * MINUTE_INDEX_MONITORS monitors with neighbouring ids. So a tick of ten thousand monitors changes
 * some four hundred pages, which are next to each other.
 */

enum { MINUTE_INDEX_MONITORS = 27, MINUTE_INDEX_BYTES = MINUTE_INDEX_MONITORS * SAMPLES_BYTES };

/* The highest id of a monitor: the keys of an hour have no room for others. */
enum { MINUTE_INDEX_MONITOR_MAX = MINUTE_INDEX_MONITORS * ((1 << 20) - 1) - 1 };

/* The key of a row: ascending by hour (counted since the epoch), and within an hour by id. */
int64_t minute_index_key(int64_t hour, int64_t monitor);
int64_t minute_index_key_hour(int64_t key);
/* The lowest id of the row's monitors. */
int64_t minute_index_key_monitor(int64_t key);

/* A row that is being changed. */
struct minute_index_row {
    int64_t key; /* 0: none; no row of the table has this key */
    unsigned char samples[MINUTE_INDEX_BYTES];
};

/*
 * The rows that are being changed, one for each hour modulo MINUTE_INDEX_ROWS. A tick fills one
 * hour, monitor by monitor. A rebuild reads a day of one monitor after the other, so the rows of a
 * day stay here until those of the next monitors replace them.
 */
enum { MINUTE_INDEX_ROWS = 32 };

struct minute_index {
    struct storage *storage;
    struct minute_index_row rows[MINUTE_INDEX_ROWS];
};

void minute_index_begin(struct minute_index *minute_index, struct storage *storage);
int minute_index_add(struct minute_index *minute_index, int64_t monitor,
                     const struct sample *sample, struct error *error);
/* Reads the samples of a monitor in an hour, including those that were just added. */
int minute_index_get(struct minute_index *minute_index, int64_t monitor, int64_t hour,
                     struct sample samples[SAMPLES_MAX], size_t *n, struct error *error);
/* Saves all rows. Before that, minute_index_each does not see them. */
int minute_index_save(struct minute_index *minute_index, struct error *error);

/*
 * Calls each for every configured domain and every hour in which it has samples, from first_hour to
 * last_hour inclusive, in ascending order of the hours (counted since the epoch). The samples are
 * ascending and valid only during the call. Stops as soon as each returns non-zero, with -1.
 */
typedef int minute_index_each_hour(void *context, size_t domain, int64_t hour,
                                   const struct sample *samples, size_t n_samples);
int minute_index_each(struct storage *storage, int64_t first_hour, int64_t last_hour,
                      minute_index_each_hour *each, void *context, struct error *error);

/*
 * The same for some domains only. Also calls each for other domains that share a row of the table
 * with one of them. In each hour, the domains of a row come together.
 */
int minute_index_each_of(struct storage *storage, const size_t *domains, size_t n_domains,
                         int64_t first_hour, int64_t last_hour, minute_index_each_hour *each,
                         void *context, struct error *error);

/* Domains with equal numbers share the rows of the table; those with neighbouring numbers are next
 * to each other. 0: state.db does not have the domain. */
int64_t minute_index_row_of(const struct storage *storage, size_t domain);

/* Sets *day to the first day, starting with from, that has samples; INT64_MAX: none. */
int minute_index_next_day(struct storage *storage, int64_t from, int64_t *day, struct error *error);

#endif
