/* Finds rows that are both archived and live. */
#include "records/overlap.h"

#include "base/file.h"
#include "base/memory.h"
#include "records/batch.h"
#include "records/blocks.h"
#include "records/walk.h"
#include "state/ledger.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct overlap {
    int64_t day, length; /* length: of the archive without the live rows */
    struct monitor_id monitor;
};

static int compare_overlaps(const void *a, const void *b)
{
    const struct overlap *x = a, *y = b;
    int order = (x->day > y->day) - (x->day < y->day);

    if (!order)
        order = strcmp(x->monitor.site, y->monitor.site);
    return order ? order : strcmp(x->monitor.domain, y->monitor.domain);
}

static int add_overlap(struct overlaps *overlaps, const struct overlap *overlap)
{
    struct overlap *grown =
        memory_grow(overlaps->items, &overlaps->capacity, overlaps->n + 1, sizeof *grown);

    if (!grown)
        return -1;
    overlaps->items = grown;
    overlaps->items[overlaps->n++] = *overlap;
    return 0;
}

/*
 * Finds where the tail of an archive, which has this size, becomes the beginning of the live rows.
 * That can only be at the start of a line. Returns the offset in the archive; size: nowhere.
 */
static int64_t find_start(const char *tail, size_t tail_size, int64_t size,
                          const struct buffer *rows)
{
    for (size_t at = 0; at < tail_size; at++) {
        size_t left = tail_size - at;
        bool is_line_start = at ? tail[at - 1] == '\n' : (int64_t)tail_size == size;

        if (is_line_start && left <= rows->size && blocks_match(tail + at, rows->data, left))
            return size - (int64_t)left;
    }
    return size;
}

/* The walk through the live files. */
struct overlap_search {
    struct journal *journal;
    struct overlaps *overlaps;
    struct batch batch;
};

/* Compares the live rows of a day with the end of its archive. */
static int compare_day(const struct overlap_search *search, const struct monitor_id *monitor,
                       int64_t day, struct error *error)
{
    struct journal *journal = search->journal;
    const struct buffer *rows = &search->batch.lines;
    struct overlap overlap = {.day = day, .monitor = *monitor};
    struct record record;
    int64_t size;
    size_t tail_size;
    char *tail = NULL;
    int fd, result = 0;

    record_name(&record, day, monitor);
    fd = record_open(journal, &record, O_RDONLY, &size, error);
    if (fd < 0)
        return record_is_absent(error) ? 0 : -1;

    /* The byte before shows whether the tail starts with a line. */
    tail_size = size > (int64_t)rows->size ? rows->size + 1 : (size_t)size;
    tail = malloc(tail_size + 1);
    if (!tail || file_read_at(fd, tail, tail_size, size - (int64_t)tail_size)) {
        result = record_set_error(journal, &record, error);
    } else {
        overlap.length = find_start(tail, tail_size, size, rows);
        if (overlap.length < size && add_overlap(search->overlaps, &overlap))
            result = error_set(error, EXIT_IO, "%s: out of memory", record.folder);
    }
    free(tail);
    close(fd);
    return result;
}

static int visit_live(void *context, const struct monitor_id *monitor, struct error *error)
{
    struct overlap_search *search = context;
    struct overlaps *overlaps = search->overlaps;
    struct record record;
    int64_t size, next_day;
    int fd, result = 0;

    if (!monitor)
        return -1;
    record_name(&record, RECORD_LIVE, monitor);
    fd = record_open(search->journal, &record, O_RDONLY, &size, error);
    if (fd < 0)
        return record_is_absent(error) ? 0 : -1;
    if (batch_read(&search->batch, fd, 0, size))
        result = record_set_error(search->journal, &record, error);
    for (int64_t day = BATCH_BAD; result == 0 && day != INT64_MAX; day = next_day) {
        result = batch_gather(&search->batch, monitor, day, &next_day, error);
        if (next_day < overlaps->first_live_day)
            overlaps->first_live_day = next_day;
        if (result == 0 && day != BATCH_BAD)
            result = compare_day(search, monitor, day, error);
    }
    close(fd);
    return result;
}

int overlap_find(struct overlaps *overlaps, struct journal *journal, struct error *error)
{
    struct overlap_search search = {.journal = journal, .overlaps = overlaps};
    int result;

    *overlaps = (struct overlaps){.first_live_day = INT64_MAX};
    batch_init(&search.batch);
    result = visit_live(&search, &ledger_event_log, error);
    overlaps->first_live_day = INT64_MAX; /* only rows count, not events */
    if (result == 0)
        result = walk_records(journal, RECORD_LIVE, visit_live, &search, error);
    batch_free(&search.batch);
    if (overlaps->n)
        qsort(overlaps->items, overlaps->n, sizeof *overlaps->items, compare_overlaps);
    return result;
}

void overlap_free(struct overlaps *overlaps)
{
    free(overlaps->items);
    *overlaps = (struct overlaps){.items = NULL};
}

int64_t overlap_limit(const struct overlaps *overlaps, int64_t day,
                      const struct monitor_id *monitor, int64_t size)
{
    struct overlap key = {.day = day, .monitor = *monitor};
    const struct overlap *found = NULL;

    if (overlaps->n)
        found = bsearch(&key, overlaps->items, overlaps->n, sizeof key, compare_overlaps);
    return found ? found->length : size;
}

int overlap_cut(const struct overlaps *overlaps, struct journal *journal, struct error *error)
{
    for (size_t i = 0; i < overlaps->n; i++) {
        const struct overlap *overlap = &overlaps->items[i];
        struct record record;
        int64_t size;
        int fd, result;

        record_name(&record, overlap->day, &overlap->monitor);
        fd = record_open(journal, &record, O_RDWR, &size, error);
        if (fd < 0)
            return -1;
        result = ftruncate(fd, overlap->length) ? record_set_error(journal, &record, error) : 0;
        close(fd);
        if (result)
            return -1;
    }
    return 0;
}
