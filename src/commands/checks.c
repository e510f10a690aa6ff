/* The checks of a tick: plans them, takes their results through the gate, and stages them. */
#include "commands/checks.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "check/collector.h"
#include "commands/fault_log.h"
#include "commands/gate.h"
#include "commands/recheck.h"
#include "commands/schedule.h"
#include "commands/stager.h"
#include "records/new_files.h"
#include "state/certificates.h"

#include <stdlib.h>

struct checks {
    struct checks_parts parts;
    struct storage *storage;
    struct schedule schedule;
    struct stager stager;
    struct gate *gate;
    struct rechecks rechecks;
    struct fault_log faults;
    struct collector *collector; /* NULL: nothing was due yet */
    struct collector_sink sink;
    size_t left_over_before; /* checks left over by the collector before the minute began */
    size_t next_new;         /* domains before it have their files (new_files.h) */
    bool has_taken;          /* a result has come in this step */
    bool dropped;            /* checks that hang were dropped */
};

/* A sink that lets results through the gate. */
static void take_result(void *context, struct result *result)
{
    struct checks *checks = context;

    checks->has_taken = true;
    gate_take(checks->gate, result);
}

/* The exit of the gate: stages results and remembers local faults. */
static void stage_result(void *context, const struct result *result)
{
    struct checks *checks = context;

    fault_log_add(&checks->faults, result);
    stager_take(&checks->stager, result);
    recheck_take(&checks->rechecks, result);
}

static int store_results(void *context, struct error *error)
{
    struct checks *checks = context;

    return stager_store(&checks->stager, error);
}

struct checks *checks_new(const struct checks_parts *parts, struct error *error)
{
    struct checks *checks = calloc(1, sizeof *checks);

    if (!checks) {
        error_set(error, EXIT_IO, "tick: out of memory");
        return NULL;
    }
    checks->parts = *parts;
    checks->storage = journal_storage(parts->journal);
    checks->sink = (struct collector_sink){checks, take_result, store_results};
    if (schedule_load(&checks->schedule, parts->config, checks->storage, error)) {
        checks_free(checks);
        return NULL;
    }
    stager_init(&checks->stager, checks->storage, &checks->schedule);
    recheck_init(&checks->rechecks, parts->config, checks->storage);
    checks->gate = gate_new(&(struct gate_parts){parts->config,
                                                 checks->storage,
                                                 parts->steps->log,
                                                 &checks->faults,
                                                 {checks, stage_result}});
    if (!checks->gate) {
        error_set(error, EXIT_IO, "tick: out of memory");
        checks_free(checks);
        return NULL;
    }
    return checks;
}

void checks_free(struct checks *checks)
{
    if (!checks)
        return;
    recheck_free(&checks->rechecks);
    collector_free(checks->collector);
    stager_free(&checks->stager);
    gate_free(checks->gate);
    schedule_free(&checks->schedule);
    free(checks);
}

/* Checks that were due in this minute and not done: not planned, not started in time or, after a
 * signal, not finished. */
static void count_left_over(struct checks *checks)
{
    struct minute *minute = checks->parts.minute;

    minute->left_over = checks->schedule.skipped;
    if (checks->collector)
        minute->left_over += collector_left_over(checks->collector) - checks->left_over_before;
}

/* Starts these checks, besides those that may be running. Returns 0, or -1 with none started. */
static int start_checks(struct checks *checks, const struct job *jobs, size_t n_jobs,
                        struct error *error)
{
    size_t n_open = checks->collector ? collector_open(checks->collector) : 0;

    storage_release(checks->storage);
    if (stager_reserve(&checks->stager, n_open + n_jobs + gate_held(checks->gate), error))
        return -1;
    if (checks->collector)
        return collector_add(checks->collector, jobs, n_jobs, error);
    checks->collector = collector_start(checks->parts.config, jobs, n_jobs, &checks->sink, error);
    return checks->collector ? 0 : -1;
}

void checks_plan(struct checks *checks)
{
    const struct minute *minute = checks->parts.minute;
    struct job *jobs;
    size_t n_jobs;
    struct error error;

    checks->stager.n_staged = 0;
    checks->left_over_before = checks->collector ? collector_left_over(checks->collector) : 0;
    recheck_begin_minute(&checks->rechecks, minute->began_ms, minute->began_us);
    schedule_find_due(&checks->schedule, minute->began_ms, checks->parts.steps, &jobs, &n_jobs);
    step_log_count(checks->parts.steps, n_jobs, "check", "due");
    gate_begin_pass(checks->gate, jobs, n_jobs, minute->began_ms,
                    checks->schedule.has_all && checks->schedule.skipped == 0);
    if (n_jobs > 0 && start_checks(checks, jobs, n_jobs, &error)) {
        step_log_result(checks->parts.steps, -1, &error);
        checks->schedule.skipped += n_jobs;
    }
    if (checks->collector && minute->is_last)
        collector_end_by(checks->collector,
                         clock_monotonic() + scheduler_time_left(minute->began_ms));
    count_left_over(checks);
    free(jobs);
}

/* Judges doubtful results, and stages those that are let through. Returns whether some are still
 * held. */
static bool judge_results(struct checks *checks, bool finished)
{
    size_t before = checks->stager.n_results;
    struct error error;
    bool failed, held = gate_step(checks->gate, finished, &failed, &error);

    if (failed)
        step_log_result(checks->parts.steps, -1, &error);
    if (checks->stager.n_results > before)
        step_log_result(checks->parts.steps, stager_store(&checks->stager, &error), &error);
    return held;
}

/* Starts the rechecks that follow from the results stored so far. Returns whether there are some.
 * Those that begin after the minute are not left over: the domains are due in the next one. */
static bool start_rechecks(struct checks *checks)
{
    struct job *jobs;
    size_t n_jobs;
    struct error error;
    int result;

    if (checks->stager.n_results > 0 || interrupt_came() || checks->dropped)
        return false;
    result = recheck_plan(&checks->rechecks, &checks->schedule, &jobs, &n_jobs, &error);
    if (result == 0 && n_jobs > 0)
        result = start_checks(checks, jobs, n_jobs, &error);
    step_log_result(checks->parts.steps, result, &error);
    free(jobs);
    return result == 0 && n_jobs > 0;
}

/* At the end of the last minute, drops the checks that hang. */
static void drop_if_hanging(struct checks *checks)
{
    char dropped[TEXT_COUNTED_MAX];
    struct error error;

    if (checks->dropped || interrupt_came() || !minute_is_overdue(checks->parts.minute))
        return;
    checks->dropped = true;
    text_counted(collector_open(checks->collector), "check", dropped);
    collector_stop(checks->collector);
    step_log_result(checks->parts.steps,
                    error_set(&error, EXIT_IO,
                              "tick: %s still running after 15 minutes; dropped, the next tick "
                              "tries again",
                              dropped),
                    &error);
}

bool checks_have_begun(const struct checks *checks)
{
    return checks->collector != NULL;
}

bool checks_step(struct checks *checks, bool *rechecks)
{
    struct error error;
    bool finished = false;

    checks->has_taken = false;
    step_log_result(checks->parts.steps, collector_step(checks->collector, &finished, &error),
                    &error);
    if (!checks->has_taken && !finished)
        checks->next_new = new_files_create(checks->parts.journal, checks->schedule.due_after_ms,
                                            checks->next_new);
    finished &= !judge_results(checks, finished);
    *rechecks = start_rechecks(checks);
    finished &= !*rechecks;
    if (!finished)
        drop_if_hanging(checks);
    checks->parts.minute->done = checks->stager.n_staged;
    if (finished)
        count_left_over(checks);
    return finished;
}

bool checks_is_idle(const struct checks *checks)
{
    return collector_is_idle(checks->collector);
}

/* Reports local faults, and stores what the checks of this minute have seen of certificates. Only
 * if no check runs or is left over, all faults that last were seen. */
static void settle_minute(struct checks *checks, bool finished)
{
    const struct checks_parts *parts = &checks->parts;
    bool is_complete =
        finished && checks->schedule.has_all && parts->minute->left_over == 0 && !interrupt_came();
    struct error error;

    fault_log_report(&checks->faults, checks->storage, parts->config, is_complete,
                     parts->steps->log);
    step_log_result(parts->steps,
                    certificates_settle(checks->storage, parts->minute->began_ms, &error), &error);
}

static void count_done(struct checks *checks)
{
    checks->parts.minute->done = checks->stager.n_staged;
    step_log_count(checks->parts.steps, checks->stager.n_staged, "result", "staged");
}

void checks_end_minute(struct checks *checks)
{
    struct step_log *steps = checks->parts.steps;
    struct error error;

    /* In this order, each check that is not running any more is in due_after_ms and wait_until_ms.
     */
    collector_withdraw(checks->collector, checks->schedule.running);
    step_log_result(steps, collector_flush(checks->collector, &error), &error);
    step_log_result(steps, gate_end_pass(checks->gate, &error), &error);
    step_log_result(steps, stager_store(&checks->stager, &error), &error);
    count_left_over(checks);
    count_done(checks);
    settle_minute(checks, false);
}

/* Saves the results that state.db did not take. */
static void rescue_results(struct checks *checks)
{
    struct stager *stager = &checks->stager;
    struct error error;

    if (stager_rescue(stager, checks->parts.journal, &error))
        step_log_lost(checks->parts.steps, stager->n_results, &error);
}

void checks_finish(struct checks *checks)
{
    const struct checks_parts *parts = &checks->parts;

    rescue_results(checks);
    if (checks->collector) {
        count_done(checks);
        fault_log_report_limit(checks->collector, checks->storage, parts->steps->log);
    }
    settle_minute(checks, true);
}
