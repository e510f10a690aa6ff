#ifndef ALERT_ALERT_CONDITIONS_H
#define ALERT_ALERT_CONDITIONS_H

#include "config/config.h"
#include "state/storage.h"

#include <stdint.h>

/* Conditions of uptick itself (EVENT_ALERT): messages to a target cannot be delivered, or there was
 * no tick for some time. */

enum { ALERT_CONDITIONS_ATTEMPTS = 3 /* a message that has failed so often is reported */ };

/*
 * Within the caller's transaction, after messages have changed. Opens the condition of each target
 * with a message that has failed three times. Closes it if one was delivered since then and none
 * waits that has failed, or if the target is not configured any more. If the number of undelivered
 * messages is not `undelivered` as before, the pages are due to be built. Sets SETTING_ALERT_DUE_MS.
 * Returns 0 or -1.
 */
int alert_conditions_settle(struct storage *storage, const struct config *config,
                            int64_t undelivered, int64_t now_ms, struct error *error);

/* If a target wants late_ticks, and there was no tick for too long before the one that began at
 * began_ms, stages that time as a condition which begins with the last tick. In a transaction of
 * its own. Returns 0 or -1. */
int alert_conditions_find_late(struct storage *storage, const struct config *config,
                               int64_t began_ms, struct error *error);

#endif
