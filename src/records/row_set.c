/* Rows of one monitor, to be found in other files. */
#include "records/row_set.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

void row_set_free(struct row_set *set)
{
    free(set->rows);
    *set = (struct row_set){.rows = NULL};
}

void row_set_clear(struct row_set *set)
{
    set->n = set->n_found = 0;
    set->is_sorted = false;
}

/* FNV-1a. */
static uint64_t add_bytes(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static const uint64_t empty_hash = UINT64_C(0xcbf29ce484222325);

static uint64_t hash_of(const struct check *check)
{
    const int numbers[] = {(int)check->status, check->http_status, check->latency_ms};

    return add_bytes(add_bytes(empty_hash, numbers, sizeof numbers), check->failure,
                     strlen(check->failure));
}

static uint64_t hash_of_event(const struct event *event)
{
    const int64_t numbers[] = {event->began_ms, (int64_t)event->check, (int64_t)event->change};

    return add_bytes(add_bytes(empty_hash, numbers, sizeof numbers), event->scope,
                     strlen(event->scope));
}

static int add_row(struct row_set *set, struct row_set_row row)
{
    struct row_set_row *grown =
        memory_grow(set->rows, &set->capacity, set->n + 1, sizeof *set->rows);

    if (!grown)
        return -1;
    set->rows = grown;
    set->rows[set->n++] = row;
    set->is_sorted = false;
    return 0;
}

int row_set_add(struct row_set *set, const struct check *check, int64_t offset, int64_t length)
{
    return add_row(set,
                   (struct row_set_row){check->start_ms, hash_of(check), offset, length, false});
}

int row_set_add_event(struct row_set *set, const struct event *event, int64_t offset,
                      int64_t length)
{
    return add_row(set,
                   (struct row_set_row){event->at_ms, hash_of_event(event), offset, length, false});
}

static int compare_starts(const void *a, const void *b)
{
    const struct row_set_row *x = a, *y = b;

    return (x->start_ms > y->start_ms) - (x->start_ms < y->start_ms);
}

static int compare_offsets(const void *a, const void *b)
{
    const struct row_set_row *x = a, *y = b;

    return (x->offset > y->offset) - (x->offset < y->offset);
}

/* The first row that does not start before this moment. */
static size_t lower_bound(const struct row_set *set, int64_t start_ms)
{
    size_t low = 0, high = set->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (set->rows[middle].start_ms < start_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool find_row(struct row_set *set, int64_t start_ms, uint64_t hash)
{
    bool is_found = false;

    if (!set->is_sorted && set->n)
        qsort(set->rows, set->n, sizeof *set->rows, compare_starts);
    set->is_sorted = true;
    for (size_t i = lower_bound(set, start_ms); i < set->n && set->rows[i].start_ms == start_ms;
         i++) {
        struct row_set_row *row = &set->rows[i];

        if (row->hash != hash)
            continue;
        set->n_found += !row->is_found;
        row->is_found = is_found = true;
    }
    return is_found;
}

bool row_set_find(struct row_set *set, const struct check *check)
{
    return find_row(set, check->start_ms, hash_of(check));
}

bool row_set_find_event(struct row_set *set, const struct event *event)
{
    return find_row(set, event->at_ms, hash_of_event(event));
}

void row_set_order(struct row_set *set)
{
    if (set->n)
        qsort(set->rows, set->n, sizeof *set->rows, compare_offsets);
    set->is_sorted = false;
}
