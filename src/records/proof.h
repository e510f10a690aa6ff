#ifndef RECORDS_PROOF_H
#define RECORDS_PROOF_H

#include <stddef.h>
#include <stdint.h>

/*
 * What is old is judged by the days that have an archive, because one reading of a wrong clock must
 * not delete anything. All days are counted since the epoch.
 */
struct proof {
    int64_t last_day;   /* the latest day that the archives prove; INT64_MIN: none */
    int64_t first_kept; /* archives of days before this one may be deleted; INT64_MIN: none may */
    int64_t first_log;  /* the same for event logs, and for events in the state */
};

/*
 * Judges n days that have an archive, ascending. Days after today do not count. The last two days
 * count only if they follow the day before them without a gap: a clock that was wrong for two days
 * leaves such days. The last day that counts and `keep` archives before it are kept; if keep is 0,
 * all are.
 *
 * Event logs are kept for EVENT_DAYS recorded days, and no shorter than other archives. A day that
 * had no event leaves no folder, so days of the calendar count too, if more than `keep` recorded
 * days are within the last EVENT_DAYS.
 */
void proof_find(const int64_t *days, size_t n, int64_t today, int keep, struct proof *proof);

#endif
