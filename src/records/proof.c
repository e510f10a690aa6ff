/* Which day it is, and which archives are old, by the records instead of the clock. */
#include "records/proof.h"

#include "model/event.h"

enum { UNPROVEN = 2 };

/* The first of n days that has to be kept with `keep` days before the last one. */
static int64_t find_first(const int64_t *days, size_t n, int keep)
{
    return keep > 0 && n - 1 > (size_t)keep ? days[n - 1 - (size_t)keep] : INT64_MIN;
}

static int64_t find_first_log(const int64_t *days, size_t n, int keep, int64_t first_kept)
{
    int64_t calendar = days[n - 1] - EVENT_DAYS;

    if (keep == 0 || keep >= EVENT_DAYS)
        return first_kept;
    return first_kept >= calendar ? calendar : find_first(days, n, EVENT_DAYS);
}

void proof_find(const int64_t *days, size_t n, int64_t today, int keep, struct proof *proof)
{
    *proof = (struct proof){INT64_MIN, INT64_MIN, INT64_MIN};
    while (n > 0 && days[n - 1] > today)
        n--;
    if (n <= UNPROVEN)
        return;
    if (days[n - 1] - days[n - 1 - UNPROVEN] != UNPROVEN)
        n -= UNPROVEN;
    proof->last_day = days[n - 1];
    proof->first_kept = find_first(days, n, keep);
    proof->first_log = find_first_log(days, n, keep, proof->first_kept);
}
