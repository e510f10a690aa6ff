#ifndef COMMANDS_STAGER_H
#define COMMANDS_STAGER_H

#include "base/error.h"
#include "check/runner.h"
#include "commands/schedule.h"
#include "records/journal.h"
#include "state/staged.h"

#include <stddef.h>
#include <stdint.h>

/* Stages the results of checks in state.db, many at once. */
struct stager {
    struct storage *storage;
    struct schedule *schedule;     /* moved by the results */
    struct staged_result *results; /* taken and not staged yet */
    size_t n_results, capacity;
    size_t n_staged; /* so far; its user may start again from 0 */
};

/* Prepares the stager. With each result, it raises due_after_ms and sets wait_until_ms of the
 * schedule. The schedule and the storage must outlive it. */
void stager_init(struct stager *stager, struct storage *storage, struct schedule *schedule);

/* Makes room for n results that may come, besides those that are not staged yet. Returns 0 or -1.
 */
int stager_reserve(struct stager *stager, size_t n, struct error *error);

/* Takes a result, for which room was reserved, and keeps its chains until certificates_settle. One
 * without a verdict is not kept. */
void stager_take(struct stager *stager, const struct result *result);

/* Stages what was taken, in one transaction. Returns 0, or -1 and the results are kept. */
int stager_store(struct stager *stager, struct error *error);

/*
 * At the end: writes the results that could not be staged to a file of their own, which the next
 * tick reads (records/unstaged.h). They count as staged. Returns 0 or -1.
 */
int stager_rescue(struct stager *stager, struct journal *journal, struct error *error);

/* Frees the memory. Results that are neither staged nor rescued are lost. */
void stager_free(struct stager *stager);

#endif
