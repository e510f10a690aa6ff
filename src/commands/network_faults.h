#ifndef COMMANDS_NETWORK_FAULTS_H
#define COMMANDS_NETWORK_FAULTS_H

#include "base/log.h"
#include "commands/fault_log.h"
#include "model/suspicion.h"
#include "state/storage.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The local faults of the network that last, by scope: their conditions in state.db, their events,
 * and one line on standard error for the begin and one for the end. A fault that only known causes
 * show gets no line here, because fault_log reports the cause. The code of its event is that cause;
 * other faults have none, so a rebuild knows both kinds.
 */
struct network_faults {
    struct storage *storage;
    const struct log *log;
    struct fault_log *causes;
    bool is_open[NETWORK_SCOPES]; /* it has a condition */
    bool is_printed; /* a target that is printed gets the end, so it is not printed here too */
    bool
        is_judged[NETWORK_SCOPES]; /* it also began with suspect failures, not with a known cause */
};

/* Loads the faults that last, and whether a target of the configuration is printed their ends. If
 * that fails, none does: the worst is a repeated event. */
void network_faults_load(struct network_faults *faults, const struct config *config,
                         struct storage *storage, const struct log *log, struct fault_log *causes);

/* A fault has begun, or lasts; began_ms: the first check that failed. It is judged if its
 * failures were suspect. Returns 0, or -1 with the error. */
int network_faults_begin(struct network_faults *faults, enum network_scope scope, bool is_judged,
                         const struct suspicion *suspicion, int64_t began_ms, struct error *error);

/* A fault is over, if there was one; ended_ms: the first check that answered. */
int network_faults_end(struct network_faults *faults, enum network_scope scope, int64_t ended_ms,
                       struct error *error);

#endif
