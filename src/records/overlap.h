#ifndef RECORDS_OVERLAP_H
#define RECORDS_OVERLAP_H

#include "records/internal.h"

/*
 * Rows that stand both at the end of an archive and in a live file: a rotation was killed in
 * between, and the state that knew of it is lost. They count where they are live, and the archive
 * is vouched for without them, so that the next rotation writes them over themselves.
 */

/* Finds them in all live files, and the first day that has live rows. */
int overlap_find(struct replay *replay, struct error *error);

/* How much of a file of a day's archive, which has this size, is not in the live file too. */
int64_t overlap_limit(const struct replay *replay, int64_t day, const char *site,
                      const char *domain, int64_t size);

#endif
