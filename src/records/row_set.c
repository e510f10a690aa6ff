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

static uint64_t hash_of(const struct check *check)
{
    const int numbers[] = {(int)check->status, check->http_status, check->latency_ms};
    uint64_t hash = add_bytes(UINT64_C(0xcbf29ce484222325), numbers, sizeof numbers);

    return add_bytes(hash, check->failure, strlen(check->failure));
}

int row_set_add(struct row_set *set, const struct check *check, int64_t offset, int64_t length)
{
    struct row_set_row *grown =
        memory_grow(set->rows, &set->capacity, set->n + 1, sizeof *set->rows);

    if (!grown)
        return -1;
    set->rows = grown;
    set->rows[set->n++] = (struct row_set_row){
        .start_ms = check->start_ms, .hash = hash_of(check), .offset = offset, .length = length};
    set->is_sorted = false;
    return 0;
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

bool row_set_find(struct row_set *set, const struct check *check)
{
    bool is_found = false;

    if (!set->is_sorted && set->n)
        qsort(set->rows, set->n, sizeof *set->rows, compare_starts);
    set->is_sorted = true;
    for (size_t i = lower_bound(set, check->start_ms);
         i < set->n && set->rows[i].start_ms == check->start_ms; i++) {
        struct row_set_row *row = &set->rows[i];

        if (row->hash != hash_of(check))
            continue;
        set->n_found += !row->is_found;
        row->is_found = is_found = true;
    }
    return is_found;
}

void row_set_order(struct row_set *set)
{
    if (set->n)
        qsort(set->rows, set->n, sizeof *set->rows, compare_offsets);
    set->is_sorted = false;
}
