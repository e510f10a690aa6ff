/* Which day it is, and which archives are old, by the records instead of the clock. */
#include "records/proof.h"

enum { UNPROVEN = 2 };

void proof_find(const int64_t *days, size_t n, int64_t today, int keep, struct proof *proof)
{
    *proof = (struct proof){INT64_MIN, INT64_MIN};
    while (n > 0 && days[n - 1] > today)
        n--;
    if (n <= UNPROVEN)
        return;
    if (days[n - 1] - days[n - 1 - UNPROVEN] != UNPROVEN)
        n -= UNPROVEN;
    proof->last_day = days[n - 1];
    if (keep > 0 && n - 1 > (size_t)keep)
        proof->first_kept = days[n - 1 - (size_t)keep];
}
