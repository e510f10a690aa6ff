#ifndef DASHBOARD_PROBLEM_ORDER_H
#define DASHBOARD_PROBLEM_ORDER_H

#include "base/arena.h"
#include "base/error.h"
#include "model/status.h"

#include <stddef.h>
#include <stdint.h>

struct snapshot;

/*
 * The sites with problems in the order of the index: the worst first, then in that of the
 * configuration. It is known before any site is loaded, from the last checks alone. If the clock
 * was set back, a site can be missing or have the status of a later check.
 */
struct problem_order {
    struct ordered_problem {
        uint32_t site; /* its index */
        enum status status;
    } * items;
    size_t n;
};

/* Makes the order; the arena owns it. Needs `last` and `first_ms` of all domains of the snapshot.
 * Returns 0, or -1 if out of memory. */
int problem_order_make(struct problem_order *order, const struct snapshot *snapshot,
                       struct arena *arena);

/*
 * Sets *previous and *next to the sites before and after one with a problem; NULL: there is none.
 * They are in the order, which owns them.
 */
void problem_order_neighbours(const struct problem_order *order, size_t site, enum status status,
                              const struct ordered_problem **previous,
                              const struct ordered_problem **next);

#endif
