#ifndef DASHBOARD_COUNTS_H
#define DASHBOARD_COUNTS_H

#include "dashboard/object.h"
#include "model/status.h"

/* How many sites, domains or buckets have each status, as values for the templates. */
struct counts {
    const struct messages *messages;
    size_t n_of[STATUS_COUNT];
    enum status listed[STATUS_COUNT]; /* those that occur, worst first */
    size_t n;
    struct object object;
};

/*
 * Adds counts to into: a list of {status, n, word, is_up, more}, one for each status that occurs,
 * worst first. word goes after the number: "in maintenance". more: whether another one follows that
 * is not UP. counts and messages must live as long as the values are used.
 */
void counts_add(struct counts *counts, const size_t n_of[STATUS_COUNT],
                const struct messages *messages, struct object *into);

#endif
