#ifndef COMMANDS_SCHEDULE_H
#define COMMANDS_SCHEDULE_H

#include "commands/step_log.h"
#include "model/scheduler.h"
#include "state/storage.h"

/* What is due when, in a tick (scheduler.h). The arrays have one value for each domain. */
struct schedule {
    const struct config *config;
    struct storage *storage;
    int64_t *due_after_ms;  /* with the results of this tick */
    int64_t *wait_until_ms; /* the same */
    bool *running;          /* whether a check of an earlier minute runs */
    bool *undecided;        /* whether the domain is due in each minute */
    size_t skipped;         /* checks that are due in the minute but have no job */
    bool has_all;           /* all that is due has a job, or is running */
};

/* Loads it. Config and storage must outlive the schedule. Returns 0, or -1: it is to be freed too.
 */
int schedule_load(struct schedule *schedule, const struct config *config, struct storage *storage,
                  struct error *error);

/*
 * Makes the jobs that are due in the minute that began at now_ms, ordered by start, without those
 * whose earlier check still runs. The caller frees the array; it is NULL if there is no job. Errors
 * go to the step log.
 */
void schedule_find_due(struct schedule *schedule, int64_t now_ms, struct step_log *steps,
                       struct job **jobs, size_t *n_jobs);

/* Frees what was loaded. */
void schedule_free(struct schedule *schedule);

#endif
