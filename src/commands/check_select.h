#ifndef COMMANDS_CHECK_SELECT_H
#define COMMANDS_CHECK_SELECT_H

#include "config/config.h"

#include <stdbool.h>

/*
 * Sets selected, which has one element a domain, for the domains that a name on the command line
 * means: "site" or "site/domain", in upper or lower case. Returns whether there are any.
 */
bool check_select(const struct config *config, const char *name, bool *selected);

/* Finds the "site" or "site/domain" most like a name that is not in the configuration; empty: none
 * is similar. */
void check_select_nearest(const struct config *config, const char *name,
                          char nearest[CONFIG_MONITOR_MAX]);

#endif
