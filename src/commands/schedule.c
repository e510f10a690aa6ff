/* Finds the checks that are due in a minute of a tick. */
#include "commands/schedule.h"

#include "state/monitor_conditions.h"
#include "state/monitors.h"

#include <stdlib.h>

int schedule_load(struct schedule *schedule, const struct config *config, struct storage *storage,
                  struct error *error)
{
    *schedule = (struct schedule){.config = config,
                                  .storage = storage,
                                  .running = calloc(config->n_domains, sizeof(bool)),
                                  .undecided = calloc(config->n_domains, sizeof(bool))};
    if (!schedule->running || !schedule->undecided)
        return error_set(error, EXIT_IO, "tick: out of memory");
    return monitors_load_due_after(storage, &schedule->due_after_ms, &schedule->wait_until_ms,
                                   error);
}

void schedule_free(struct schedule *schedule)
{
    free(schedule->due_after_ms);
    free(schedule->wait_until_ms);
    free(schedule->running);
    free(schedule->undecided);
}

void schedule_find_due(struct schedule *schedule, int64_t now_ms, struct step_log *steps,
                       struct job **jobs, size_t *n_jobs)
{
    const struct config *config = schedule->config;
    struct error error;

    *jobs = NULL;
    *n_jobs = 0;
    step_log_result(
        steps, monitor_conditions_find_undecided(schedule->storage, schedule->undecided, &error),
        &error);
    scheduler_forget_future(config, schedule->due_after_ms, now_ms);
    schedule->has_all = scheduler_due(config, schedule->due_after_ms, schedule->wait_until_ms,
                                      schedule->undecided, now_ms, jobs, n_jobs) == 0;
    if (!schedule->has_all)
        step_log_result(
            steps, error_set(&error, EXIT_IO, "tick: out of memory while preparing the schedule"),
            &error);
    schedule->skipped = scheduler_skip_running(config, schedule->running, now_ms, *jobs, n_jobs);
}
