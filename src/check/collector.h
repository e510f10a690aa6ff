#ifndef CHECK_COLLECTOR_H
#define CHECK_COLLECTOR_H

#include "base/error.h"
#include "base/log.h"
#include "config/config.h"
#include "model/scheduler.h"
#include "state/storage.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Makes the checks of one tick and stages what they saw: runner → storage, a few times a second and
 * not once a row.
 */

struct collector;

/*
 * Starts the checks. jobs and config must outlive the collector; jobs may be NULL where there are
 * none. Returns NULL with the error.
 */
struct collector *collector_start(const struct config *config, struct storage *storage,
                                  const struct job *jobs, size_t n_jobs, struct error *error);

/*
 * Waits for results, a second at most, and stages what has come. Returns 0, or -1 where staging
 * failed: the results are kept, and the next step tries again. Sets *finished once all checks are
 * over and staged, or SIGTERM or SIGINT came and what was finished is staged; a step that fails
 * when no more will come is the last one too.
 */
int collector_step(struct collector *collector, bool *finished, struct error *error);

/* How many results were staged so far. */
size_t collector_staged(const struct collector *collector);

/* How many checks were not begun: no longer in time, or stopped by a signal. */
size_t collector_left_over(const struct collector *collector);

/*
 * Says that the limit of open files holds the checks up, if it does; and in one line which checks
 * could not be made because of a fault of this machine, where there are any: nothing is recorded of
 * them, and the next tick makes them.
 */
void collector_warn(const struct collector *collector, const struct log *log);

/* Drops what still runs. NULL is fine. */
void collector_free(struct collector *collector);

#endif
