/* What cron runs: the flow of the whole program, from left to right, once. */
#include "base/clock.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/lock.h"
#include "base/sandbox.h"
#include "check/collector.h"
#include "commands/command.h"
#include "dashboard/dashboard.h"
#include "dashboard/history.h"
#include "model/scheduler.h"
#include "records/journal.h"
#include "records/ticks.h"
#include "state/monitors.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    EXPORT_EVERY_MS =
        10 * MS_PER_SECOND,         /* in a tick that lasts, what was staged becomes visible */
    BUILT_AT_ONCE = 1000,           /* domains whose dashboard is built in far below a second */
    PACK_MS = 3 * MS_PER_SECOND,    /* of a tick, for packing archives */
    PACK_FINISH_MS = MS_PER_SECOND, /* of the minute, for what packing has begun */
    PACK_LEAST_MS = 300,            /* of the minute, to begin with it at all */
};

struct tick {
    const struct log *log;
    const struct config *config;
    struct journal *journal;
    struct storage *storage;
    int64_t started_ms; /* its minute is the tick's */
    int64_t started_us; /* the same moment, on the monotonic clock */
    int64_t lap_us;     /* when the step that is being timed began, on the monotonic clock */
    size_t checks_done; /* and staged */
    size_t left_over;   /* due, but left for the next tick */
    int exit_code;
    bool no_public; /* public_dir could not be made, for this reason */
    struct error why_no_public;
};

/* Under -v: what was done, and how long it took since the last of these lines. */
__attribute__((format(printf, 2, 3))) static void lap(struct tick *tick, const char *format, ...)
{
    int64_t now = clock_monotonic_us();
    char what[64];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    log_detail(tick->log, "%8.1f ms  %s", (double)(now - tick->lap_us) / US_PER_MS, what);
    tick->lap_us = now;
}

/*
 * A step that fails does not keep the later ones from what they can still do. The first error is
 * said and decides the exit status; those that follow from it (a full disk fails every step) are
 * not news.
 */
static void note(struct tick *tick, int result, const struct error *error)
{
    if (result == 0)
        return;
    if (tick->exit_code == EXIT_DONE) {
        tick->exit_code = (int)error->code;
        log_warn(tick->log, "%s", error->text);
    } else {
        log_detail(tick->log, "%s", error->text);
    }
}

/* The tick as it stands. */
static struct ticks_record record(const struct tick *tick)
{
    return (struct ticks_record){.start_ms = tick->started_ms,
                                 .duration_ms =
                                     (clock_monotonic_us() - tick->started_us) / US_PER_MS,
                                 .checks_done = (int64_t)tick->checks_done,
                                 .left_over = (int64_t)tick->left_over};
}

/*
 * The record is the least of what a tick does: where it cannot be written, the checks are recorded
 * all the same, and what keeps it from the disk is said by those that it keeps from it too.
 */
static void leave_record(const struct tick *tick)
{
    struct ticks_record done = record(tick);
    struct error error;

    if (ticks_write(tick->config->data_dir, &done, &error))
        log_detail(tick->log, "%s", error.text);
}

/* Finishes what a killed tick left, and what a new hour or day asks for. */
static void catch_up(struct tick *tick)
{
    int64_t now = tick->started_ms;
    int64_t today = clock_floor_div(now, MS_PER_DAY);
    struct error error;

    note(tick, export_run(tick->journal, &error), &error);
    note(tick, rotate_run(tick->journal, now, &error), &error);
    note(tick, history_count_days(tick->storage, tick->config, today, &error), &error);
    note(tick, prune_run(tick->journal, now, &error), &error);
    lap(tick, "caught up");
}

static int export_staged(struct tick *tick)
{
    struct error error;
    int result = export_run(tick->journal, &error);

    note(tick, result, &error);
    return result;
}

static void build_if_due(struct tick *tick)
{
    int64_t now = clock_now();
    struct ticks_record present = record(tick);
    struct ticks ticks;
    struct error error;
    bool due = false;

    note(tick, dashboard_is_due(tick->storage, tick->config, now, &due, &error), &error);
    if (!due)
        return;
    if (tick->no_public) {
        note(tick, -1, &tick->why_no_public);
        return;
    }
    ticks_read(tick->config->data_dir, now, &present, &ticks);
    note(tick, dashboard_build(tick->storage, tick->config, &ticks, now, &error), &error);
    lap(tick, "dashboard of %zu sites built", tick->config->n_sites);
}

/* Packs archives in what is left of the tick's minute, so that the next tick finds no lock. */
static void pack(struct tick *tick)
{
    int64_t minute = clock_floor_div(tick->started_ms, MS_PER_MINUTE);
    int64_t left = (minute + 1) * MS_PER_MINUTE - clock_now(), room = left - PACK_FINISH_MS;
    struct error error;
    size_t n;

    if (left < PACK_LEAST_MS)
        return;
    note(tick,
         compress_run(tick->journal, tick->started_ms, room < PACK_MS ? room : PACK_MS, &n, &error),
         &error);
    if (n > 0)
        lap(tick, "%zu archives packed", n);
}

/* Of so many checks that were due, those that were not begun in time, or that a signal kept from
 * being finished. */
static size_t left_over(const struct tick *tick, const struct collector *collector, size_t n_jobs)
{
    return interrupt_came() ? n_jobs - tick->checks_done : collector_left_over(collector);
}

/* Makes the checks; in a tick that waits for a slow one, the others are shown meanwhile. */
static void collect(struct tick *tick, const struct job *jobs, size_t n_jobs)
{
    int64_t export_at = clock_monotonic() + EXPORT_EVERY_MS;
    struct collector *collector;
    struct error error;
    size_t exported = 0;
    bool finished = false;

    collector = collector_start(tick->config, tick->storage, jobs, n_jobs, &error);
    if (!collector) {
        note(tick, -1, &error);
        tick->left_over = n_jobs;
        return;
    }
    while (!finished) {
        note(tick, collector_step(collector, &finished, &error), &error);
        tick->checks_done = collector_staged(collector);
        if (finished || clock_monotonic() < export_at || tick->checks_done == exported)
            continue;
        exported = tick->checks_done;
        lap(tick, "%zu results staged so far", exported);
        export_staged(tick);
        lap(tick, "exported to CSV");
        build_if_due(tick);
        export_at = clock_monotonic() + EXPORT_EVERY_MS;
    }
    tick->left_over = left_over(tick, collector, n_jobs);
    lap(tick, "%zu results staged", tick->checks_done);
    collector_warn(collector, tick->log);
    collector_free(collector);
}

static void check_due(struct tick *tick)
{
    int64_t *due_after_ms = NULL;
    struct job *jobs = NULL;
    size_t n_jobs = 0;
    struct error error;

    if (monitors_load_due_after(tick->storage, &due_after_ms, &error)) {
        note(tick, -1, &error);
        return;
    }
    if (scheduler_due(tick->config, due_after_ms, tick->started_ms, &jobs, &n_jobs))
        note(tick, error_set(&error, EXIT_IO, "schedule: out of memory"), &error);
    lap(tick, "%zu checks found due", n_jobs);
    if (n_jobs > 0)
        collect(tick, jobs, n_jobs);
    free(jobs);
    free(due_after_ms);
}

static void run(struct tick *tick)
{
    catch_up(tick);
    if (interrupt_came())
        return;
    check_due(tick);
    export_staged(tick);
    lap(tick, "exported to CSV");

    /* A signal leaves a second. Where that is too short, the old dashboard stands, and the state
     * knows that it is behind. */
    if (!interrupt_came() || tick->config->n_domains <= BUILT_AT_ONCE)
        build_if_due(tick);
    if (!interrupt_came())
        pack(tick);
}

/*
 * What comes from the network is read by code that can write nowhere but to the records and the
 * pages. public_dir is made before that, and where it cannot be, the build says why.
 */
static void confine(struct tick *tick)
{
    const char *const folders[] = {tick->config->data_dir, tick->config->public_dir};
    struct error error;

    tick->no_public = file_make_folder(folders[1], 0755, &tick->why_no_public) != 0;
    if (sandbox_enter(folders, sizeof folders / sizeof folders[0], &error))
        lap(tick, "not confined: %s", error.text);
    else
        lap(tick, "confined to data_dir and public_dir");
}

static int run_alone(const struct invocation *invocation, struct tick *tick)
{
    struct error error;
    bool busy;
    int lock;

    if (command_lock(tick->config, false, &lock, &busy, &error))
        return command_fail(invocation, &error);
    if (busy) {
        log_detail(tick->log, "%s/lock: another tick is running", tick->config->data_dir);
        return EXIT_DONE;
    }
    confine(tick);
    if (journal_open(&tick->journal, tick->config, tick->log, tick->started_ms, &error)) {
        lock_release(lock);
        return command_fail(invocation, &error);
    }
    tick->storage = journal_storage(tick->journal);
    run(tick);
    journal_close(tick->journal);
    leave_record(tick);
    lock_release(lock);
    return tick->exit_code;
}

int cmd_tick(const struct invocation *invocation)
{
    struct tick tick = {
        .log = &invocation->log, .started_ms = clock_now(), .started_us = clock_monotonic_us()};
    struct config *config;
    int exit_code = command_no_arguments(invocation);

    if (exit_code)
        return exit_code;
    interrupt_install();
    config = command_config(invocation);
    if (!config)
        return EXIT_CONFIG;
    tick.config = config;
    tick.lap_us = tick.started_us;
    lap(&tick, "configuration read");
    exit_code = run_alone(invocation, &tick);
    config_free(config);
    return exit_code;
}
