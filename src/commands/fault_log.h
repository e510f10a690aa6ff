#ifndef COMMANDS_FAULT_LOG_H
#define COMMANDS_FAULT_LOG_H

#include "base/log.h"
#include "check/collector.h"
#include "model/suspicion.h"
#include "state/storage.h"

enum { FAULT_LOG_KINDS = 17 };

/*
 * Reports local faults that kept checks from being made: once when a kind of fault begins and once
 * when it ends, not in each tick, because cron mails every line. Which kinds last is a setting in
 * state.db. After a rebuild of the state, a fault that lasts is reported once more.
 */
struct fault_log {
    struct {
        size_t n;      /* checks */
        size_t domain; /* of the first one, and its failure */
        char failure[FAILURE_MAX];
        bool is_hidden;      /* neither its begin nor its end is printed */
        bool is_end_printed; /* as that of the network's fault */
    } kinds[FAULT_LOG_KINDS];
};

/* Counts a result without a verdict, and ignores others. */
void fault_log_add(struct fault_log *faults, const struct result *result);

/*
 * Prints what has begun and, if all due checks were made or failed (is_complete), what has ended.
 * Then it forgets the counts. A monitor with a local fault is due in each tick, so a complete tick
 * without the fault shows its end.
 */
void fault_log_report(struct fault_log *faults, struct storage *storage,
                      const struct config *config, bool is_complete, const struct log *log);

/* The scope of the network in which a result without a verdict shows a fault, such as a dead
 * gateway; SCOPE_NONE: it shows none. */
enum network_scope fault_log_scope_of(const struct result *result);

/* The fault of this scope is reported elsewhere. So the next report leaves out the kinds of fault
 * that the scope can have. */
void fault_log_hide(struct fault_log *faults, enum network_scope scope);

/* The fault of this scope lasts, although its cause is not seen any more: until the next report,
 * causes that can be those of the scope do not end. */
void fault_log_keep(struct fault_log *faults, enum network_scope scope);

/* The fault of this scope is over, and this is printed as an alert: the next report does not print
 * the end of its cause too. */
void fault_log_end(struct fault_log *faults, enum network_scope scope);

/* The code of an event: the cause that results since the last report show in this scope. Never "".
 */
const char *fault_log_code(const struct fault_log *faults, enum network_scope scope);

/* Prints a line if the limit of open files keeps down the number of checks at once, and another one
 * in the first tick in which the limit is high enough for all monitors. */
void fault_log_report_limit(const struct collector *collector, struct storage *storage,
                            const struct log *log);

#endif
