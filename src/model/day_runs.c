/* Finds the times within the last 24 hours at which a site was not UP. */
#include "model/day_runs.h"

#include "base/memory.h"
#include "model/status.h"

#include <assert.h>
#include <string.h>

/* The status of the first bucket. *n becomes how many buckets from there have it in all of their
 * minutes, but at least 1: most days have few runs. */
static enum status read_buckets(const uint8_t *cells, size_t n_cells, size_t *n)
{
    *n = memory_run(cells, n_cells) / DAY_BUCKET_MINUTES;
    if (*n > 0)
        return (enum status)cells[0];
    *n = 1;
    return status_worst(status_set(cells, DAY_BUCKET_MINUTES));
}

size_t day_runs_find(const uint8_t cells[DAY_BUCKETS * DAY_BUCKET_MINUTES],
                     struct bucket_run runs[DAY_BUCKETS])
{
    size_t n = 0, n_alike;

    for (size_t i = 0; i < DAY_BUCKETS; i += n_alike) {
        enum status status = read_buckets(cells + i * DAY_BUCKET_MINUTES,
                                          (DAY_BUCKETS - i) * DAY_BUCKET_MINUTES, &n_alike);

        if (status == STATUS_UP)
            continue;
        if (n > 0 && runs[n - 1].status == status && (size_t)runs[n - 1].first + runs[n - 1].n == i)
            runs[n - 1].n = (uint16_t)(runs[n - 1].n + n_alike);
        else
            runs[n++] = (struct bucket_run){(uint16_t)i, (uint16_t)n_alike, (uint8_t)status};
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
