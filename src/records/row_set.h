#ifndef RECORDS_ROW_SET_H
#define RECORDS_ROW_SET_H

#include "model/check.h"
#include "model/event.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Rows of one monitor, or lines of the event log, to find those that are in another file too. Rows
 * are equal if all their fields are: a monitor never makes two checks at the same moment. Events
 * are equal if it is the same change of the same condition at the same moment.
 */
struct row_set_row {
    int64_t start_ms;
    uint64_t hash;          /* of the other fields */
    int64_t offset, length; /* its place in its file; or any numbers of the caller */
    bool is_found;
};

struct row_set {
    struct row_set_row *rows; /* in the order of their start, once something was looked up */
    size_t n, capacity, n_found;
    bool is_sorted;
};

/* An empty set is all zeros. */
void row_set_free(struct row_set *set);
void row_set_clear(struct row_set *set);

/* Returns 0, or -1 if out of memory. */
int row_set_add(struct row_set *set, const struct check *check, int64_t offset, int64_t length);

int row_set_add_event(struct row_set *set, const struct event *event, int64_t offset,
                      int64_t length);

/* Marks the rows that are equal to this one as found. Returns whether there is one. */
bool row_set_find(struct row_set *set, const struct check *check);
bool row_set_find_event(struct row_set *set, const struct event *event);

/* Sorts the rows by their offsets. */
void row_set_order(struct row_set *set);

#endif
