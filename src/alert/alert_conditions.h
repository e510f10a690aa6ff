#ifndef ALERT_ALERT_CONDITIONS_H
#define ALERT_ALERT_CONDITIONS_H

#include "config/config.h"
#include "state/storage.h"

#include <stdint.h>

/* The conditions that uptick is in itself (EVENT_ALERT): messages of a target that cannot be
 * delivered, and a time without a tick. */

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

/* If a target wants to know it, stages the time without a tick before the one that began at
 * began_ms, if it was too long: the begin is the last tick. In a transaction of its own. Returns 0
 * or -1. */
int alert_conditions_find_late(struct storage *storage, const struct config *config,
                               int64_t began_ms, struct error *error);

#endif
