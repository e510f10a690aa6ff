#ifndef DASHBOARD_IDS_H
#define DASHBOARD_IDS_H

#include "dashboard/snapshot.h"

/* The ids of a snapshot's sites, to be looked up: of ten thousand files each asks for one. */
struct ids {
    const char **sorted;
    size_t n;
};

/* Returns 0 or -1: out of memory. ids_free takes one that is all zero. */
int ids_collect(struct ids *ids, const struct snapshot *snapshot);
void ids_free(struct ids *ids);

/* The site's id that is this text without regard to case, of which there is one at most; or NULL.
 */
const char *ids_find(const struct ids *ids, const char *text);

#endif
