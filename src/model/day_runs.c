/* Finds the times within the last 24 hours at which a site was not UP. */
#include "model/day_runs.h"

#include "model/status.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

/* Most sites are UP all day, so all minutes are compared at once. */
static bool is_all_up(const uint8_t *cells, size_t n)
{
    return cells[0] == STATUS_UP && memcmp(cells, cells + 1, n - 1) == 0;
}

_Static_assert(DAY_BUCKET_MINUTES == 5, "find_worst compares five");

/* Most buckets have one status only. */
static enum status find_worst(const uint8_t cells[DAY_BUCKET_MINUTES])
{
    unsigned statuses = 0;

    if (cells[0] == cells[1] && cells[1] == cells[2] && cells[2] == cells[3] &&
        cells[3] == cells[4])
        return (enum status)cells[0];
    for (int i = 0; i < DAY_BUCKET_MINUTES; i++)
        statuses |= 1U << cells[i];
    return status_worst(statuses);
}

size_t day_runs_find(const uint8_t cells[DAY_BUCKETS * DAY_BUCKET_MINUTES],
                     struct bucket_run runs[DAY_BUCKETS])
{
    size_t n = 0;

    if (is_all_up(cells, (size_t)DAY_BUCKETS * DAY_BUCKET_MINUTES))
        return 0;
    for (int i = 0; i < DAY_BUCKETS; i++, cells += DAY_BUCKET_MINUTES) {
        enum status status = find_worst(cells);

        if (status == STATUS_UP)
            continue;
        if (n > 0 && runs[n - 1].status == status && runs[n - 1].first + runs[n - 1].n == i)
            runs[n - 1].n++;
        else
            runs[n++] = (struct bucket_run){(uint16_t)i, 1, (uint8_t)status};
    }
    return n;
}

void day_runs_expand(const struct bucket_run *runs, size_t n, uint8_t buckets[DAY_BUCKETS])
{
    memset(buckets, STATUS_UP, DAY_BUCKETS);
    for (size_t i = 0; i < n; i++) {
        assert(runs[i].first + runs[i].n <= DAY_BUCKETS);
        memset(buckets + runs[i].first, runs[i].status, runs[i].n);
    }
}
