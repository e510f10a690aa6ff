#ifndef DASHBOARD_OUTAGES_H
#define DASHBOARD_OUTAGES_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct domain_view;
struct outage;
struct snapshot;
struct storage;

/* Loads the outages of each domain. */

/* The lists of a domain, each in ascending order. */
enum outage_list_kind {
    LIST_CONFIRMED,   /* on the page, and in the feeds */
    LIST_UNCONFIRMED, /* closed without being confirmed: on the page, apart */
    LIST_UNDECIDED,   /* neither confirmed nor closed: beside the state only */
    LIST_ALL,         /* in the JSON: all together */
    OUTAGE_LISTS
};

/* What is being checked about a domain, beside its status. */
enum undecided {
    UNDECIDED_NOTHING,
    UNDECIDED_SUSPECT,   /* it failed, which is not confirmed yet */
    UNDECIDED_RECOVERING /* it is well, but its outage is not over yet */
};

/* At most this many of a domain are kept, confirmed and not confirmed: the newest ones. No file
 * lists more of them, and no timeline has more reasons (ceilings.h). */
enum { OUTAGES_KEPT_MAX = 256 };

/* The numbers are small, because large dashboards have many lists. */
struct outage_list {
    const struct outage *const *items;
    uint32_t n;           /* kept */
    uint32_t n_all;       /* known, whether kept or not */
    uint32_t n_week;      /* of these, those that touch the last WEEK_DAYS */
    uint32_t n_fortnight; /* the same of the last FORTNIGHT_DAYS */
    uint32_t n_listed;    /* of the kept ones, the newest, which are in the list of the site */
};

/*
 * Sets the lists of all domains of the snapshot, without n_listed: the outages that touch the last
 * OUTAGE_DAYS (snapshot.h). Needs latest_ms of all domains. Returns 0 or -1.
 */
int outages_load(struct snapshot *snapshot, struct storage *storage, struct error *error);

/* Frees what outages_load has kept, also after -1. */
void outages_free(struct snapshot *snapshot);

#endif
