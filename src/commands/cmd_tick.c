/* The command tick, run by cron every minute: all steps of the program, in their order. */
#include "base/clock.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/lock.h"
#include "base/sandbox.h"
#include "base/text.h"
#include "check/collector.h"
#include "commands/command.h"
#include "commands/stager.h"
#include "dashboard/dashboard.h"
#include "dashboard/history.h"
#include "dashboard/trial.h"
#include "records/compress.h"
#include "records/day_files.h"
#include "records/export.h"
#include "records/journal.h"
#include "records/prune.h"
#include "records/rotate.h"
#include "records/ticks.h"
#include "records/unstaged.h"
#include "state/monitors.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

enum {
    EXPORT_EVERY_MS = 10 * MS_PER_SECOND, /* how often a long tick exports and shows its results */
    DONE_AT_ONCE = 1000, /* the results of this many domains are shown within a second */
    COMPRESS_MS = 3 * MS_PER_SECOND,    /* at most this long for compressing archives */
    COMPRESS_FINISH_MS = MS_PER_SECOND, /* kept free to finish the file being compressed */
    COMPRESS_MIN_MS = 300,              /* do not start compressing with less left of the minute */
};

struct tick {
    const struct log *log;
    const struct config *config;
    struct journal *journal;
    struct storage *storage;
    int64_t started_ms; /* its minute is the minute of the tick */
    int64_t started_us; /* the same moment, on the monotonic clock */
    int64_t lap_us;     /* monotonic start of the step being timed */
    size_t checks_done; /* checks whose result is staged */
    size_t left_over;   /* checks that are due, but left over for the next tick */
    int exit_code;
    bool no_public;             /* public_dir could not be created */
    struct error why_no_public; /* if no_public: why */
};

/* With -v, prints what was done and the time since the previous such line. */
__attribute__((format(printf, 2, 3))) static void lap(struct tick *tick, const char *format, ...)
{
    int64_t now = clock_monotonic_us();
    char what[128];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    log_detail(tick->log, "%8.1f ms  %s", (double)(now - tick->lap_us) / US_PER_MS, what);
    tick->lap_us = now;
}

/* Whether a step ended early because of the signal. That is not an error of the tick: what is not
 * done is left for the next one. */
static bool was_interrupted(const struct error *error)
{
    return interrupt_came() && error->os == EINTR;
}

/*
 * Records the result of a step. A failed step does not stop the later ones. The first error is
 * printed and decides the exit status; further errors are usually consequences of it (on a full
 * disk every step fails) and are printed with -v only.
 */
static void record_error(struct tick *tick, int result, const struct error *error)
{
    if (result == 0 || was_interrupted(error))
        return;
    if (tick->exit_code == EXIT_DONE) {
        tick->exit_code = (int)error->code;
        log_warn(tick->log, "%s", error->text);
    } else {
        log_detail(tick->log, "%s", error->text);
    }
}

/* The record of this tick so far: its start, its duration until now, and its counts. */
static struct ticks_record record(const struct tick *tick)
{
    return (struct ticks_record){.start_ms = tick->started_ms,
                                 .duration_ms =
                                     (clock_monotonic_us() - tick->started_us) / US_PER_MS,
                                 .checks_done = (int64_t)tick->checks_done,
                                 .left_over = (int64_t)tick->left_over};
}

/* Failing to write this record is not an error: the results are saved regardless, and whatever is
 * wrong with the disk is reported by the steps that matter. */
static void write_record(const struct tick *tick)
{
    struct ticks_record done = record(tick);
    struct error error;

    if (ticks_write(tick->config->data_dir, &done, &error))
        log_detail(tick->log, "%s", error.text);
}

/* Finishes what a killed tick left, and does what a new hour or day requires. */
static void catch_up(struct tick *tick)
{
    int64_t now = tick->started_ms;
    int64_t today = clock_floor_div(now, MS_PER_DAY);
    struct error error;

    record_error(tick, unstaged_stage(tick->journal, &error), &error);
    record_error(tick, export_run(tick->journal, &error), &error);
    record_error(tick, rotate_run(tick->journal, now, &error), &error);
    record_error(tick, history_count_days(tick->storage, tick->config, today, &error), &error);
    record_error(tick, day_files_write(tick->journal, &error), &error);
    record_error(tick, prune_run(tick->journal, now, &error), &error);
    lap(tick, "earlier results exported, rotated and pruned");
}

static void export_staged(struct tick *tick)
{
    struct error error;

    record_error(tick, export_run(tick->journal, &error), &error);
    lap(tick, "exported to CSV");
}

static void build_if_due(struct tick *tick)
{
    int64_t now = clock_now();
    struct ticks_record so_far = record(tick);
    char sites[TEXT_COUNTED_MAX];
    struct ticks ticks;
    struct error error;
    bool due = false, busy = false;
    int lock;

    record_error(tick, dashboard_is_due(tick->storage, tick->config, now, &due, &error), &error);
    if (!due)
        return;
    if (tick->no_public) {
        record_error(tick, -1, &tick->why_no_public);
        return;
    }
    lock = lock_acquire_folder(tick->config->public_dir, &busy, &error);
    if (busy) {
        lap(tick, "dashboard not built: another uptick builds there");
        return;
    }
    ticks_read(tick->config->data_dir, now, &so_far, &ticks);
    if (lock < 0 || dashboard_build(tick->storage, tick->config, &ticks, now, NULL, &error)) {
        /* The results are recorded, so this is not a mistake that kept the tick from starting. */
        error.code = error.code == EXIT_CONFIG ? EXIT_IO : error.code;
        record_error(tick, -1, &error);
    }
    lock_release(lock);
    lap(tick, "dashboard built (%s)", text_counted(tick->config->n_sites, "site", sites));
}

/* Compresses archives in the time left of this minute, so that the next tick finds the lock
 * free. */
static void compress_archives(struct tick *tick)
{
    int64_t minute = clock_floor_div(tick->started_ms, MS_PER_MINUTE);
    int64_t left = (minute + 1) * MS_PER_MINUTE - clock_now(), max = left - COMPRESS_FINISH_MS;
    char archives[TEXT_COUNTED_MAX];
    struct error error;
    size_t n;

    if (left < COMPRESS_MIN_MS)
        return;
    record_error(tick,
                 compress_run(tick->journal, tick->started_ms,
                              max < COMPRESS_MS ? max : COMPRESS_MS, &n, &error),
                 &error);
    if (n > 0)
        lap(tick, "%s compressed", text_counted(n, "archive", archives));
}

static void lap_staged(struct tick *tick)
{
    char results[TEXT_COUNTED_MAX];

    lap(tick, "%s staged", text_counted(tick->checks_done, "result", results));
}

/* Checks that were due and not done: not started in time or, after a signal, not finished. */
static size_t left_over(const struct tick *tick, const struct collector *collector, size_t n_jobs)
{
    return interrupt_came() ? n_jobs - tick->checks_done : collector_left_over(collector);
}

/* Waits for the results and stages them. While slow checks are still running, the results so far
 * are exported and shown. */
static void collect(struct tick *tick, struct collector *collector, const struct stager *stager)
{
    int64_t export_at = clock_monotonic() + EXPORT_EVERY_MS;
    struct error error;
    size_t exported = 0;
    bool finished = false;

    while (!finished) {
        record_error(tick, collector_step(collector, &finished, &error), &error);
        tick->checks_done = stager->n_staged;
        if (finished || clock_monotonic() < export_at || tick->checks_done == exported)
            continue;
        exported = tick->checks_done;
        lap_staged(tick);
        export_staged(tick);
        build_if_due(tick);
        export_at = clock_monotonic() + EXPORT_EVERY_MS;
    }
}

static void make_checks(struct tick *tick, const struct job *jobs, size_t n_jobs)
{
    struct stager stager;
    const struct collector_sink sink = {&stager, stager_take, stager_store};
    struct collector *collector;
    struct error error;

    tick->left_over = n_jobs;
    if (stager_init(&stager, tick->storage, tick->config, jobs, n_jobs, &error)) {
        record_error(tick, -1, &error);
        return;
    }
    collector = collector_start(tick->config, jobs, n_jobs, &sink, &error);
    if (collector) {
        collect(tick, collector, &stager);
        record_error(tick, stager_rescue(&stager, tick->journal, &error), &error);
        tick->checks_done = stager.n_staged;
        tick->left_over = left_over(tick, collector, n_jobs);
        lap_staged(tick);
        collector_warn(collector, tick->log);
    } else {
        record_error(tick, -1, &error);
    }
    collector_free(collector);
    stager_free(&stager);
}

static void check_due(struct tick *tick)
{
    int64_t *due_after_ms = NULL;
    struct job *jobs = NULL;
    size_t n_jobs = 0;
    char checks[TEXT_COUNTED_MAX];
    struct error error;

    if (monitors_load_due_after(tick->storage, &due_after_ms, &error)) {
        record_error(tick, -1, &error);
        return;
    }
    if (scheduler_due(tick->config, due_after_ms, tick->started_ms, &jobs, &n_jobs))
        record_error(tick,
                     error_set(&error, EXIT_IO, "tick: out of memory while preparing the schedule"),
                     &error);
    lap(tick, "%s due", text_counted(n_jobs, "check", checks));
    if (n_jobs > 0)
        make_checks(tick, jobs, n_jobs);
    free(jobs);
    free(due_after_ms);
}

static void run_steps(struct tick *tick)
{
    catch_up(tick);
    if (interrupt_came())
        return;
    check_due(tick);

    /* After a signal there is one second. If export and build may take longer, the results stay
     * staged and the old dashboard stays; the next tick does both. */
    if (!interrupt_came() || tick->config->n_domains <= DONE_AT_ONCE) {
        export_staged(tick);
        build_if_due(tick);
    }
    if (!interrupt_came())
        compress_archives(tick);
}

/*
 * Gives up the right to write anywhere but in data_dir and public_dir before any byte from the
 * network is parsed. The commands that people run are not sandboxed: check writes its report
 * wherever they want. If public_dir cannot be created, remember why; the build reports it.
 */
static void enter_sandbox(struct tick *tick)
{
    const char *const folders[] = {tick->config->data_dir, tick->config->public_dir};
    struct error error;

    tick->no_public = file_make_folder(folders[1], 0755, &tick->why_no_public) != 0;
    if (sandbox_enter(folders, sizeof folders / sizeof folders[0], &error))
        lap(tick, "not sandboxed: %s", error.text);
    else
        lap(tick, "sandboxed: writes only to data_dir and public_dir");
}

static int run_locked(const struct invocation *invocation, struct tick *tick)
{
    struct error error;
    bool busy = false;
    int lock = command_lock(tick->config, &busy, &error);

    if (busy) {
        log_detail(tick->log, "%s/lock: another tick is running; nothing to do",
                   tick->config->data_dir);
        return EXIT_DONE;
    }
    if (lock < 0)
        return command_fail(invocation, &error);
    enter_sandbox(tick);
    if (journal_open(&tick->journal, tick->config, tick->log, tick->started_ms, &error)) {
        lock_release(lock);
        return was_interrupted(&error) ? EXIT_DONE : command_fail(invocation, &error);
    }
    tick->storage = journal_storage(tick->journal);
    run_steps(tick);
    journal_close(tick->journal);
    write_record(tick);
    lock_release(lock);
    return tick->exit_code;
}

int cmd_tick(const struct invocation *invocation)
{
    struct tick tick = {
        .log = &invocation->log, .started_ms = clock_now(), .started_us = clock_monotonic_us()};
    struct config *config;
    struct error error;
    int exit_code;

    interrupt_install();
    config = command_config(invocation);
    if (!config)
        return EXIT_CONFIG;
    tick.config = config;
    tick.lap_us = tick.started_us;
    lap(&tick, "configuration read");

    /* If a template cannot be read now, the endpoints are checked and the build reports it. */
    if (trial_run(config, &error) && error.code == EXIT_CONFIG)
        exit_code = command_fail(invocation, &error);
    else
        exit_code = run_locked(invocation, &tick);
    config_free(config);
    return exit_code;
}
