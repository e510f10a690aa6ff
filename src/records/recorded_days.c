/* Finds the days with records next to a day that has none. */
#include "records/recorded_days.h"

#include "records/overlap.h"
#include "records/walk.h"

#include <stdlib.h>

static void add_day(struct recorded_days *days, int64_t from, int64_t day)
{
    if (day < days->first)
        days->first = day;
    if (day >= from && day < days->next)
        days->next = day;
}

static int add_archives(const struct journal *journal, int64_t from, struct recorded_days *days,
                        struct error *error)
{
    int64_t *archives;
    size_t n;
    int result = walk_days(journal, &archives, &n, error);

    for (size_t i = 0; result == 0 && i < n && days->next == INT64_MAX; i++) {
        bool has;

        result = walk_has_records(journal, archives[i], &has, error);
        if (result == 0 && has)
            add_day(days, from, archives[i]);
    }
    free(archives);
    return result;
}

int recorded_days_find(struct journal *journal, int64_t day, struct recorded_days *days,
                       struct error *error)
{
    struct overlaps live;
    int result;

    *days = (struct recorded_days){INT64_MAX, INT64_MAX};
    if (add_archives(journal, day, days, error))
        return -1;
    result = overlap_find(&live, journal, error);
    if (result == 0)
        add_day(days, day, live.first_live_day);
    overlap_free(&live);
    return result;
}
