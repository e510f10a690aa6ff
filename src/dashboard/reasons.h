#ifndef DASHBOARD_REASONS_H
#define DASHBOARD_REASONS_H

#include "dashboard/object.h"

struct outage;

/* The reasons of an outage, one after the other: "refused 09:00–09:03, then 503". */
struct reasons {
    const struct outage *outage;
    struct object object;
};

/*
 * Adds to into
 * - reason_changed: whether there is more than one reason;
 * - reasons: a list of {word, code, failure, from, to, last, n_omitted}. word is the HTTP status,
 *   or a short text for the code. from and to are clock times, with the date if it is not the day
 *   on which the outage began. The last one has no to. n_omitted, of the first one: the number of
 *   reasons after it that were not kept.
 * reasons must live as long as the values are used.
 */
void reasons_add(struct reasons *reasons, const struct outage *outage, struct object *into);

#endif
