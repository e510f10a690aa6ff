#ifndef STATE_EXPIRY_H
#define STATE_EXPIRY_H

#include "state/storage.h"

/*
 * Deletes everything that no timeline and no span needs any more:
 * - samples before horizon_ms that do not count at horizon_ms any more;
 * - committed lengths of archives before first_archive_day;
 * - those of event logs before first_log_day;
 * - counts of days before first_count_day, and times of first checks before that day.
 * Samples stay if their day is not counted yet, or will be counted again because of staged results.
 */
int expiry_delete(struct storage *storage, int64_t horizon_ms, int64_t first_archive_day,
                  int64_t first_log_day, int64_t first_count_day, struct error *error);

#endif
