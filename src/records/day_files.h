#ifndef RECORDS_DAY_FILES_H
#define RECORDS_DAY_FILES_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct journal;
struct replay;

/*
 * data/days/YYYY-MM.csv: the day counts, a file for each month, a line for each monitor and site:
 *
 *     date,site_id,domain_id,up,degraded,bot_detected,down,timeout,first_check
 *
 * domain_id is empty for a site. The numbers are minutes. first_check is the time of the first
 * check of a monitor on the day of that check, and empty otherwise. There is no header. A file is
 * replaced as a whole, so no tick leaves half a line or a line twice.
 */

/*
 * Writes all counts of the state that are not in the files yet, or all if there is no file. If no
 * day was counted since the last call, it does nothing. Lines of other days, and lines that
 * are no counts, stay as they are. If a tick is killed, the next one writes them. After SIGTERM or
 * SIGINT, the rest is left to the next tick. Returns 0 or -1.
 */
int day_files_write(struct journal *journal, struct error *error);

/*
 * Adds the counts of the files to the state that is being made, after all rows are read: of days
 * from first_day on, and before the day of until_ms if this is not a rebuild. Lines that are no
 * counts are reported and skipped. Returns 0 or -1.
 */
int day_files_read(struct replay *replay, int64_t first_day, struct error *error);

/* Sets *exist to whether there is a file of day counts. Returns 0 or -1. */
int day_files_exist(const struct journal *journal, bool *exist, struct error *error);

/* Deletes the files of months that end before this day. Returns 0 or -1. */
int day_files_prune(const struct journal *journal, int64_t first_day, struct error *error);

#endif
