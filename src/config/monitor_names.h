#ifndef CONFIG_MONITOR_NAMES_H
#define CONFIG_MONITOR_NAMES_H

#include "config/loader.h"

/* Finds sites and monitors by the names that other keys give them, once all of them are read. */

struct monitor_name {
    const struct site *site;
    const struct domain *domain; /* NULL: the whole site */
};

/*
 * Returns what a node names: "site" or "site/domain". NULL: there is none, which is
 * reported as a mistake. It belongs to the arena of the mistakes.
 */
const struct monitor_name *monitor_names_find(struct loader *loader, struct node *node);

#endif
