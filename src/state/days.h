#ifndef STATE_DAYS_H
#define STATE_DAYS_H

#include "model/aggregator.h"
#include "state/storage.h"

/*
 * The minutes of each day by status, for 400 days. A day is counted once, when it is over, and
 * the sums over the spans are stored too. The counts stay when the archives are deleted. A site is
 * counted with the domains and roles of that day; a rebuild knows only those of today.
 */

/* The spans of 7, 30, 90 and 365 days: whole days, with today as the last one. */
enum day_span { DAYS_7, DAYS_30, DAYS_90, DAYS_365, DAY_SPANS };

/*
 * Sets *day to the last day whose minutes are final (INT64_MIN: none). A row indexed late for such
 * a day moves it back, so that the day is counted again.
 */
int days_counted(struct storage *storage, int64_t *day, struct error *error);

/*
 * Stores the tallies of one whole day, one for each domain and each site of the configuration. This
 * day becomes the last day counted.
 */
int days_put(struct storage *storage, int64_t day, const struct tally *domains,
             const struct tally *sites, struct error *error);

/*
 * The minutes counted before today. sums holds DAY_SPANS tallies for each domain or site, over 6,
 * 29, 89 and 364 days, because today is the last day of each span. days holds DAYS_SHOWN entries
 * for each, oldest first; the caller fills in the last one, today.
 */
enum { DAYS_SHOWN = 90 };

struct counted {
    struct tally *sums;
    struct day_minutes *days;
};

/* Returns 0, or -1 with both structs empty. Release them with days_free, which accepts empty ones.
 */
int days_load(struct storage *storage, int64_t today, struct counted *domains,
              struct counted *sites, struct error *error);
void days_free(struct counted *counted);

#endif
