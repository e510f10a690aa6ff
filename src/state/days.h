#ifndef STATE_DAYS_H
#define STATE_DAYS_H

#include "base/text.h"
#include "model/aggregator.h"
#include "state/storage.h"

/*
 * The minutes of each day by status, for more than a year. A day is counted once, when it is over,
 * and the sums over the spans are stored too. The counts stay when the archives are deleted. A site
 * is counted with the domains and roles of that day; a rebuild knows only those of today.
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
 * day becomes the last day counted. After a failure some may be stored: the day is counted again.
 */
int days_put(struct storage *storage, int64_t day, const struct tally *domains,
             const struct tally *sites, struct error *error);

/*
 * For how many days counts are kept: 400, or for the longest span before the oldest archive, so
 * render --at shows all spans for each moment that the archives cover.
 */
int days_kept(const struct config *config);

/*
 * Finds the first check of a domain of the configuration by its counts since a day: on the first
 * day with a count, all minutes without one came before it. INT64_MAX: there is no count.
 */
int days_find_first(struct storage *storage, size_t domain, int64_t from, int64_t *first_ms,
                    struct error *error);

/* The minutes of an owner on one day, as data/days has them. */
enum { DAYS_COLUMNS = 5, DAYS_LAST = 2932896 /* 9999-12-31 */ };

struct day_row {
    int64_t day; /* 0 to DAYS_LAST */
    char site[TEXT_ID_MAX + 1];
    char domain[TEXT_ID_MAX + 1]; /* "": the row is that of the site */
    int minutes[DAYS_COLUMNS];    /* UP, DEGRADED, BOT_DETECTED, DOWN, TIMEOUT; 1,440 at most */
    int64_t first_ms;             /* of a domain that was first checked on this day; INT64_MAX */
};

/* The first check by the row alone: the minutes without a count came before it. */
int64_t days_first_ms(const struct day_row *row);

/* Whether the minutes of a row can be those of one day. */
bool days_are_possible(const struct day_row *row);

/*
 * Calls each for all rows of the days from `first` to `last`, in the order of the days; on each day
 * the domains come before the sites. Stops as soon as each returns non-zero, and returns that.
 */
typedef int days_each_row(void *context, const struct day_row *row, struct error *error);
int days_each(struct storage *storage, int64_t first, int64_t last, days_each_row *each,
              void *context, struct error *error);

/*
 * The minutes counted before today. sums holds DAY_SPANS tallies for each domain or site, over 6,
 * 29, 89 and 364 days, because today is the last day of each span. They have the minutes that count
 * for uptimes: UP, DEGRADED, and DOWN with those of TIMEOUT. days holds DAYS_SHOWN entries
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
