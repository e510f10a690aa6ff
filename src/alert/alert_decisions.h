#ifndef ALERT_ALERT_DECISIONS_H
#define ALERT_ALERT_DECISIONS_H

#include "config/config.h"
#include "config/quiet.h"
#include "state/storage.h"

#include <stdbool.h>
#include <stdint.h>

/* What a decision depends on, besides the state. */
struct alert_decisions {
    const struct config *config;
    struct storage *storage;
    const struct quiet_spans *quiet; /* one for each of config->alerts */
    int64_t now_ms;
    bool at_once; /* only for targets that get a message for each subject: the others wait for the
                     end of the minute */
};

/*
 * Decides, within the caller's transaction, what each target has to be sent about the subjects that
 * have to be decided (alert_table.h), and stores the messages. The targets must be stored. A
 * message that waits and whose news is not the newest is withdrawn, and all its subjects are
 * decided again. Returns 0 or -1.
 */
int alert_decisions_make(const struct alert_decisions *decisions, struct error *error);

#endif
