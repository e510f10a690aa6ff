#ifndef DASHBOARD_NETWORK_VIEWS_H
#define DASHBOARD_NETWORK_VIEWS_H

#include "model/suspicion.h"
#include "state/storage.h"

/* The local faults of the network, as pages and files show them: those that last, and those that
 * ended in the last 24 hours. */

struct network_view {
    enum network_scope scope;
    int64_t began_ms, ended_ms; /* ended_ms 0: it lasts */
    int64_t failed, hosts;      /* when it began; hosts 0: unknown */
};

enum { NETWORK_VIEWS_MAX = 20 }; /* the newest ones are shown */

/* In the order in which they began, the newest first. */
struct network_views {
    struct network_view views[NETWORK_VIEWS_MAX];
    size_t n;
};

/* Loads those that are shown at now_ms. Returns 0, or -1 and sets the error. */
int network_views_load(struct network_views *views, struct storage *storage, int64_t now_ms,
                       struct error *error);

/* Whether a scope has a fault that lasts. */
bool network_views_lasts(const struct network_views *views, enum network_scope scope);

#endif
