#ifndef DASHBOARD_TRIAL_H
#define DASHBOARD_TRIAL_H

#include "base/error.h"
#include "config/config.h"

/*
 * Tries the templates and messages in templates_dir on samples: the first configured site, without
 * any checks; and alerts about an outage of it, which lasts or is over. So their mistakes are found
 * before a tick checks anything. Only a mistake that needs other values, such as a template that
 * includes itself within an outage, is not found. Without templates_dir there is nothing to try.
 * Returns 0, or -1 with the first mistake, whose code is EXIT_CONFIG; EXIT_IO: a file cannot be
 * read, or out of memory.
 */
int trial_run(const struct config *config, struct error *error);

#endif
