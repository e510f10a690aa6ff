#ifndef ALERT_ALERT_SCOPES_H
#define ALERT_ALERT_SCOPES_H

#include "base/arena.h"
#include "base/table.h"
#include "config/config.h"
#include "model/event.h"
#include "state/storage.h"

#include <stdbool.h>

/* Which monitors the subjects of alerts belong to, and what these monitors depend on. */
struct alert_scopes {
    const struct config *config;
    struct storage *storage;
    struct arena *arena;     /* of the names */
    struct table by_monitor; /* domains, by "site/domain" */
    bool has_dependencies;   /* any domain has depends_on */
};

/* Fills it. The caller ends with alert_scopes_close in any case. Returns 0 or -1. */
int alert_scopes_open(struct alert_scopes *scopes, const struct config *config,
                      struct storage *storage, struct error *error);
void alert_scopes_close(struct alert_scopes *scopes);

/* The index of the monitor that a subject is about; SIZE_MAX: it is about none that is configured.
 */
size_t alert_scopes_domain(const struct alert_scopes *scopes, enum event_check check,
                           const char *scope);

/* Whether the `sites` of a target let a subject through. A certificate belongs to each monitor with
 * its server, and to the one whose redirect led there. Returns 0 or -1. */
int alert_scopes_let_through(const struct alert_scopes *scopes, const struct alert_target *target,
                             enum event_check check, const char *scope, bool *let_through,
                             struct error *error);

/*
 * Whether an outage of this domain must not be reported as its own, because a monitor that it
 * depends on, also by way of others, is DOWN or not decided. Or because it depends on one and seems
 * to recover: the other one may have been the only reason. Conditions must be loaded.
 */
bool alert_scopes_is_held(const struct alert_scopes *scopes, size_t domain);

/* Whether the domain depends on one of those that are marked, also by way of others. */
bool alert_scopes_depends_on(const struct alert_scopes *scopes, size_t domain, const bool *marked);

#endif
