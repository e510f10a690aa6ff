#ifndef COMMANDS_ALERT_TEST_H
#define COMMANDS_ALERT_TEST_H

#include "base/error.h"
#include "config/config.h"

#include <stdbool.h>

/*
 * Sends a message that is marked as a test to the wanted targets, wanted[i] for config->alerts[i],
 * and prints what each of them answered. A service that keeps incidents gets the end of it too.
 * Needs neither state nor lock. *all_accepted becomes whether no target has failed. Returns 0; or
 * -1, if nothing could be sent.
 */
int alert_test_run(const struct config *config, const bool *wanted, bool *all_accepted,
                   struct error *error);

#endif
