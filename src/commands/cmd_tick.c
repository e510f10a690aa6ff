/* The command tick, run by cron every minute: all steps of the program, in their order. */
#include "base/clock.h"
#include "base/deadline.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/lock.h"
#include "base/sandbox.h"
#include "base/text.h"
#include "check/collector.h"
#include "check/results.h"
#include "commands/command.h"
#include "commands/fault_log.h"
#include "commands/gate.h"
#include "commands/recheck.h"
#include "commands/stager.h"
#include "dashboard/dashboard.h"
#include "dashboard/history.h"
#include "dashboard/trial.h"
#include "model/scheduler.h"
#include "records/compress.h"
#include "records/day_files.h"
#include "records/export.h"
#include "records/journal.h"
#include "records/prune.h"
#include "records/rotate.h"
#include "records/ticks.h"
#include "records/unstaged.h"
#include "state/certificates.h"
#include "state/monitor_conditions.h"
#include "state/monitors.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

enum {
    EXPORT_EVERY_MS = 10 * MS_PER_SECOND, /* how often a long tick exports and shows its results */
    EXPORT_FROM =
        4096, /* this many results are exported at once: the disk works beside the checks */
    DONE_AT_ONCE = 1000, /* the results of this many domains are shown within a second */
    COMPRESS_MS = 3 * MS_PER_SECOND,    /* at most this long for compressing archives */
    COMPRESS_FINISH_MS = MS_PER_SECOND, /* kept free to finish the file being compressed */
    COMPRESS_MIN_MS = 300,              /* do not start compressing with less left of the minute */
    HELD_LONG_MS = 5 * MS_PER_MINUTE,   /* a lock held for longer is reported */
    LATE_MS = 2 * MS_PER_SECOND,        /* a check that is late by this much at the end hangs */
    HANG_SECONDS = SCHEDULER_TICK_MAX_MS / MS_PER_SECOND + 50, /* 50: the longest timeout */
};

static const char hang_message[] =
    "uptick: a tick did not end within 16 minutes and was stopped; stored results are kept; if it "
    "was rebuilding state.db, run 'uptick rebuild'\n";

/* The minute that a tick covers: at first its own, then each one that it takes over. */
struct minute {
    int64_t started_ms;
    int64_t started_us;   /* the same moment, on the monotonic clock */
    size_t staged_before; /* results staged, and checks left over, before it began */
    size_t left_over_before;
    size_t skipped;   /* checks that are due but were not planned */
    size_t left_over; /* checks that are due, but left over for the next minute */
    bool is_planned;  /* all checks that are due were started, or are running */
    bool is_last;     /* the next one is not taken over */
};

struct tick {
    const struct log *log;
    const struct config *config;
    struct journal *journal;
    struct storage *storage;
    struct minute minute;
    struct stager stager;
    struct gate *gate;
    struct rechecks rechecks;
    struct fault_log faults;
    struct collector *collector; /* NULL: nothing was due yet */
    struct collector_sink sink;
    int64_t *due_after_ms;  /* of each domain, with the results of this tick */
    int64_t *wait_until_ms; /* the same */
    bool *running;          /* of each domain: whether a check of an earlier minute runs */
    bool *undecided;        /* the same: whether it is due in each minute (scheduler.h) */
    int64_t started_us;     /* on the monotonic clock */
    int64_t lap_us;         /* monotonic start of the step being timed */
    int exit_code;
    bool builds_at_end;         /* whether its last results are shown, however soon after others */
    bool dropped;               /* checks that hang were dropped */
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

/* The record of this minute so far: its start, its duration until now, and its counts. */
static struct ticks_record record(const struct tick *tick)
{
    const struct minute *minute = &tick->minute;
    int64_t passed_us = clock_monotonic_us() - minute->started_us;

    return (struct ticks_record){.start_ms = minute->started_ms,
                                 .duration_ms = passed_us / US_PER_MS,
                                 .checks_done =
                                     (int64_t)(tick->stager.n_staged - minute->staged_before),
                                 .left_over = (int64_t)minute->left_over};
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

/* Finishes what a killed tick left. */
static void catch_up(struct tick *tick)
{
    struct error error;

    record_error(tick, unstaged_stage(tick->journal, &error), &error);
    record_error(tick, export_run(tick->journal, &error), &error);
    lap(tick, "earlier results exported");
}

/* What is known of monitors that left the configuration ends: nothing will change it any more. */
static void close_removed(struct tick *tick)
{
    struct error error;

    record_error(tick,
                 monitor_conditions_close_removed(tick->storage, tick->minute.started_ms, &error),
                 &error);
}

/* Does what a new hour requires. The checks of the minute do not wait for it: they run. */
static void keep_records(struct tick *tick)
{
    int64_t now = tick->minute.started_ms;
    struct error error;

    record_error(tick, rotate_run(tick->journal, now, &error), &error);
    record_error(tick, prune_run(tick->journal, now, &error), &error);
    lap(tick, "records rotated and pruned");
}

/* Counts the days that are over. The dashboard shows the counts. */
static void count_days(struct tick *tick)
{
    int64_t today = clock_floor_div(tick->minute.started_ms, MS_PER_DAY);
    struct error error;

    record_error(tick, history_count_days(tick->storage, tick->config, today, &error), &error);
    record_error(tick, day_files_write(tick->journal, &error), &error);
}

static void export_staged(struct tick *tick)
{
    struct error error;

    record_error(tick, export_run(tick->journal, &error), &error);
}

/*
 * Whether the dashboard is to be built now. A tick that has built it before, or that has made
 * rechecks, builds it at its end too, however soon that is: otherwise its last checks would not be
 * shown until the next tick.
 */
static bool is_build_due(struct tick *tick, int64_t now, bool at_end)
{
    int64_t pending = 0;
    struct error error;
    bool due = false;

    record_error(tick, dashboard_is_due(tick->storage, tick->config, now, &due, &error), &error);
    if (due || !at_end || !tick->builds_at_end)
        return due;
    record_error(tick, storage_get_setting(tick->storage, SETTING_PENDING, &pending, &error),
                 &error);
    return pending != 0;
}

static void build_if_due(struct tick *tick, bool at_end)
{
    int64_t now = clock_now();
    struct ticks_record so_far = record(tick);
    char sites[TEXT_COUNTED_MAX];
    struct ticks ticks;
    struct error error;
    bool busy = false;
    int lock;

    count_days(tick);
    if (!is_build_due(tick, now, at_end))
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
    tick->builds_at_end = true;
    lap(tick, "dashboard built (%s)", text_counted(tick->config->n_sites, "site", sites));
}

/* Compresses archives in the time left of this minute. */
static void compress_archives(struct tick *tick)
{
    int64_t minute = clock_floor_div(tick->minute.started_ms, MS_PER_MINUTE);
    int64_t left = (minute + 1) * MS_PER_MINUTE - clock_now(), max = left - COMPRESS_FINISH_MS;
    char archives[TEXT_COUNTED_MAX];
    struct error error;
    size_t n;

    if (left < COMPRESS_MIN_MS)
        return;
    record_error(tick,
                 compress_run(tick->journal, tick->minute.started_ms,
                              max < COMPRESS_MS ? max : COMPRESS_MS, &n, &error),
                 &error);
    if (n > 0)
        lap(tick, "%s compressed", text_counted(n, "archive", archives));
}

static void lap_staged(struct tick *tick)
{
    size_t n = tick->stager.n_staged - tick->minute.staged_before;
    char results[TEXT_COUNTED_MAX];

    lap(tick, "%s staged", text_counted(n, "result", results));
}

/* A sink that lets results through the gate. */
static void take_result(void *context, const struct result *result)
{
    struct tick *tick = context;

    gate_take(tick->gate, result);
}

/* The exit of the gate: stages results and remembers local faults. */
static void stage_result(void *context, const struct result *result)
{
    struct tick *tick = context;

    struct result taken = *result;

    fault_log_add(&tick->faults, &taken);
    stager_take(&tick->stager, &taken);
    recheck_take(&tick->rechecks, &taken);
    results_free_result(&taken);
}

static int store_results(void *context, struct error *error)
{
    struct tick *tick = context;

    return stager_store(&tick->stager, error);
}

/* Judges doubtful results, and stages those that are let through. Returns whether some are still
 * held. */
static bool judge_results(struct tick *tick, bool finished)
{
    size_t before = tick->stager.n_results;
    struct error error;
    bool failed, held = gate_step(tick->gate, finished, &failed, &error);

    if (failed)
        record_error(tick, -1, &error);
    if (tick->stager.n_results > before)
        record_error(tick, stager_store(&tick->stager, &error), &error);
    return held;
}

/* Stores what the checks of this minute have seen of certificates. */
static void settle_certificates(struct tick *tick)
{
    struct error error;

    record_error(tick, certificates_settle(tick->storage, tick->minute.started_ms, &error), &error);
}

static int64_t age_ms(const struct tick *tick)
{
    return (clock_monotonic_us() - tick->started_us) / US_PER_MS;
}

/* Whether another minute has begun that this tick takes over. */
static bool next_minute_begins(const struct tick *tick)
{
    int64_t now = clock_now();
    int64_t passed = (clock_monotonic_us() - tick->minute.started_us) / US_PER_MS;

    return !interrupt_came() && scheduler_minute_is_over(tick->minute.started_ms, now, passed) &&
           scheduler_may_take_over(age_ms(tick), now);
}

/* Begins the minute of now_ms, which is now_us on the monotonic clock. */
static void begin_minute(struct tick *tick, int64_t now_ms, int64_t now_us)
{
    int64_t age = (now_us - tick->started_us) / US_PER_MS;

    tick->minute = (struct minute){.started_ms = now_ms,
                                   .started_us = now_us,
                                   .staged_before = tick->stager.n_staged,
                                   .left_over_before =
                                       tick->collector ? collector_left_over(tick->collector) : 0,
                                   .is_last = scheduler_is_last_minute(age, now_ms)};
}

/* Checks that were due in this minute and not done: not planned, not started in time or, after a
 * signal, not finished. */
static void count_left_over(struct tick *tick)
{
    struct minute *minute = &tick->minute;

    minute->left_over = minute->skipped;
    if (tick->collector)
        minute->left_over += collector_left_over(tick->collector) - minute->left_over_before;
}

/* Starts these checks, besides those that may be running. Returns 0, or -1 with none started. */
static int start_checks(struct tick *tick, const struct job *jobs, size_t n_jobs,
                        struct error *error)
{
    size_t n_open = tick->collector ? collector_open(tick->collector) : 0;

    storage_release(tick->storage);
    if (stager_reserve(&tick->stager, n_open + n_jobs + gate_held(tick->gate), error))
        return -1;
    if (tick->collector)
        return collector_add(tick->collector, jobs, n_jobs, error);
    tick->collector = collector_start(tick->config, jobs, n_jobs, &tick->sink, error);
    return tick->collector ? 0 : -1;
}

/* Starts the checks of this minute, except those that still run. */
static void plan_checks(struct tick *tick)
{
    int64_t now = tick->minute.started_ms;
    struct job *jobs = NULL;
    size_t n_jobs = 0;
    char checks[TEXT_COUNTED_MAX];
    struct error error;

    recheck_begin_minute(&tick->rechecks, now, tick->minute.started_us);
    record_error(tick, monitor_conditions_find_undecided(tick->storage, tick->undecided, &error),
                 &error);
    scheduler_forget_future(tick->config, tick->due_after_ms, now);
    tick->minute.is_planned = scheduler_due(tick->config, tick->due_after_ms, tick->wait_until_ms,
                                            tick->undecided, now, &jobs, &n_jobs) == 0;
    if (!tick->minute.is_planned)
        record_error(tick,
                     error_set(&error, EXIT_IO, "tick: out of memory while preparing the schedule"),
                     &error);
    tick->minute.skipped = scheduler_skip_running(tick->config, tick->running, now, jobs, &n_jobs);
    lap(tick, "%s due", text_counted(n_jobs, "check", checks));
    gate_begin_pass(tick->gate, jobs, n_jobs, now,
                    tick->minute.is_planned && tick->minute.skipped == 0);
    if (n_jobs > 0 && start_checks(tick, jobs, n_jobs, &error)) {
        record_error(tick, -1, &error);
        tick->minute.skipped += n_jobs;
    }
    if (tick->collector && tick->minute.is_last)
        collector_end_by(tick->collector, clock_monotonic() + scheduler_time_left(now));
    count_left_over(tick);
    free(jobs);
}

/* Starts the rechecks that follow from the results stored so far. Returns whether there are some.
 * Those that do not fit into the minute are not left over: the domains are due in the next one. */
static bool start_rechecks(struct tick *tick)
{
    struct job *jobs = NULL;
    size_t n_jobs = 0;
    struct error error;
    int result = 0;

    if (tick->stager.n_results > 0 || interrupt_came() || tick->dropped)
        return false;
    result = recheck_plan(&tick->rechecks, tick->due_after_ms, tick->wait_until_ms, &jobs, &n_jobs,
                          &error);
    if (result == 0 && n_jobs > 0)
        result = start_checks(tick, jobs, n_jobs, &error);
    record_error(tick, result, &error);
    free(jobs);
    if (result || n_jobs == 0)
        return false;
    tick->builds_at_end = true;
    return true;
}

/* At the end of the last minute, drops the checks that hang: nothing was begun that could outlast
 * it. */
static void drop_if_hanging(struct tick *tick)
{
    int64_t left = SCHEDULER_TICK_MAX_MS - age_ms(tick), n;
    char checks[TEXT_COUNTED_MAX];
    struct error error;

    if (tick->minute.is_last)
        left = scheduler_time_left(tick->minute.started_ms) + LATE_MS -
               (clock_monotonic_us() - tick->minute.started_us) / US_PER_MS;
    if (left > 0 || tick->dropped || interrupt_came())
        return;
    tick->dropped = true;
    n = (int64_t)collector_open(tick->collector);
    collector_stop(tick->collector);
    record_error(tick,
                 error_set(&error, EXIT_IO,
                           "tick: %s still running after 15 minutes; dropped, the next tick tries "
                           "again",
                           text_counted((uint64_t)n, "check", checks)),
                 &error);
}

/*
 * Waits for the results and stages them. While checks are still running, results are exported if
 * there are many, and after a while, or when only rechecks are left, all results so far are
 * exported and shown. Returns true when no more results will come, and false if another minute
 * begins before.
 */
static bool collect(struct tick *tick)
{
    int64_t show_at = clock_monotonic() + EXPORT_EVERY_MS;
    size_t exported = tick->stager.n_staged, shown = exported;
    struct error error;
    bool finished = !tick->collector, has_rechecks = false;

    while (!finished && !next_minute_begins(tick)) {
        bool is_time;

        record_error(tick, collector_step(tick->collector, &finished, &error), &error);
        if (judge_results(tick, finished))
            finished = false;
        if (start_rechecks(tick)) {
            has_rechecks = true;
            finished = false;
        }
        if (!finished)
            drop_if_hanging(tick);
        is_time = (clock_monotonic() >= show_at ||
                   (has_rechecks && collector_is_idle(tick->collector))) &&
                  tick->stager.n_staged > shown;
        if (finished || (!is_time && tick->stager.n_staged - exported < EXPORT_FROM))
            continue;
        exported = tick->stager.n_staged;
        if (is_time)
            lap_staged(tick);
        export_staged(tick);
        if (!is_time)
            continue;
        lap(tick, "exported to CSV");
        shown = exported;
        has_rechecks = false;
        build_if_due(tick, false);
        show_at = clock_monotonic() + EXPORT_EVERY_MS;
    }
    count_left_over(tick);
    return finished;
}

/* Reports local faults. Only if no check runs or is left over, all faults that last were seen. */
static void report_faults(struct tick *tick, bool finished)
{
    bool is_complete =
        finished && tick->minute.is_planned && tick->minute.left_over == 0 && !interrupt_came();

    fault_log_report(&tick->faults, tick->storage, tick->config, is_complete, tick->log);
}

/*
 * Ends the minute although checks are running, and takes over the one that has begun: what has to
 * be done in it is done as if another tick had been started. Checks that have not begun are planned
 * again, the oldest first.
 */
static void take_over_minute(struct tick *tick)
{
    struct error error;

    /* In this order, each check that is not running any more is in due_after_ms and wait_until_ms.
     */
    collector_withdraw(tick->collector, tick->running);
    record_error(tick, collector_flush(tick->collector, &error), &error);
    record_error(tick, gate_end_pass(tick->gate, &error), &error);
    record_error(tick, stager_store(&tick->stager, &error), &error);
    count_left_over(tick);
    lap_staged(tick);
    report_faults(tick, false);
    settle_certificates(tick);
    write_record(tick);

    begin_minute(tick, clock_now(), clock_monotonic_us());
    lap(tick, "the next minute taken over");
    plan_checks(tick);
    catch_up(tick);
    keep_records(tick);
    build_if_due(tick, false);
}

/* Frees what is for checks that run. What was staged stays counted. */
static void free_results(struct tick *tick)
{
    recheck_free(&tick->rechecks);
    collector_free(tick->collector);
    tick->collector = NULL;
    stager_free(&tick->stager);
}

/* Ends the tick when no check runs any more. */
static void finish(struct tick *tick)
{
    struct error error;

    record_error(tick, stager_rescue(&tick->stager, tick->journal, &error), &error);
    if (tick->collector) {
        lap_staged(tick);
        fault_log_report_limit(tick->collector, tick->storage, tick->log);
    }

    /* The memory of the checks is free for the dashboard. */
    collector_free(tick->collector);
    tick->collector = NULL;
    report_faults(tick, true);
    settle_certificates(tick);
    free_results(tick);

    /* After a signal there is one second. If export and build may take longer, the results stay
     * staged and the old dashboard stays; the next tick does both. */
    if (!interrupt_came() || tick->config->n_domains <= DONE_AT_ONCE) {
        export_staged(tick);
        lap(tick, "exported to CSV");
        build_if_due(tick, true);
    }
    if (!interrupt_came())
        compress_archives(tick);
}

/* Starts the checks of the tick's own minute. Returns 0, or -1 with none started. */
static int begin_checks(struct tick *tick)
{
    struct error error;

    tick->running = calloc(tick->config->n_domains, sizeof *tick->running);
    tick->undecided = calloc(tick->config->n_domains, sizeof *tick->undecided);
    if (!tick->running || !tick->undecided) {
        record_error(tick, error_set(&error, EXIT_IO, "tick: out of memory"), &error);
        return -1;
    }
    if (monitors_load_due_after(tick->storage, &tick->due_after_ms, &tick->wait_until_ms, &error)) {
        record_error(tick, -1, &error);
        return -1;
    }
    stager_init(&tick->stager, tick->storage, tick->due_after_ms, tick->wait_until_ms);
    tick->gate = gate_new(&(struct gate_parts){
        tick->config, tick->storage, tick->log, &tick->faults, {tick, stage_result}});
    if (!tick->gate) {
        record_error(tick, error_set(&error, EXIT_IO, "tick: out of memory"), &error);
        return -1;
    }
    recheck_init(&tick->rechecks, tick->config, tick->storage);
    plan_checks(tick);
    return 0;
}

static void run_steps(struct tick *tick)
{
    bool begun;

    catch_up(tick);
    if (interrupt_came())
        return;
    close_removed(tick);
    begun = begin_checks(tick) == 0;
    keep_records(tick);
    while (begun && !collect(tick))
        take_over_minute(tick);
    finish(tick);
}

/* Frees what is for one opening of the journal. */
static void free_checks(struct tick *tick)
{
    free_results(tick);
    gate_free(tick->gate);
    tick->gate = NULL;
    free(tick->due_after_ms);
    free(tick->wait_until_ms);
    free(tick->running);
    free(tick->undecided);
    tick->stager = (struct stager){.n_staged = 0};
    tick->due_after_ms = tick->wait_until_ms = NULL;
    tick->running = tick->undecided = NULL;
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

/* Covers the minute of the tick, and those that it takes over while checks run. Returns 0 or -1. */
static int run_minutes(struct tick *tick, struct error *error)
{
    if (journal_open(&tick->journal, tick->config, tick->log, tick->minute.started_ms, error))
        return -1;
    tick->storage = journal_storage(tick->journal);
    run_steps(tick);
    journal_close(tick->journal);
    write_record(tick);
    free_checks(tick);
    return 0;
}

/* Another tick is running. It covers this minute too, unless it hangs. */
static int leave(const struct tick *tick)
{
    char minutes[TEXT_COUNTED_MAX];
    struct lock_owner owner;

    lock_read_owner(tick->config->data_dir, &owner);
    if (owner.process > 0 && owner.held_ms > HELD_LONG_MS)
        log_warn(tick->log, "%s/lock: held by process %ld for %s; if that process hangs, end it",
                 tick->config->data_dir, owner.process,
                 text_counted((uint64_t)(owner.held_ms / MS_PER_MINUTE), "minute", minutes));
    else
        log_detail(tick->log, "%s/lock: another tick is running; nothing to do",
                   tick->config->data_dir);
    return EXIT_DONE;
}

static int run_locked(const struct invocation *invocation, struct tick *tick)
{
    struct error error;
    bool busy = false;
    int lock = command_lock(tick->config, &busy, &error), failed;

    if (busy)
        return leave(tick);
    if (lock < 0)
        return command_fail(invocation, &error);
    enter_sandbox(tick);
    failed = run_minutes(tick, &error);

    /* The tick of a minute that began during the last steps has found the lock held. */
    while (!failed && next_minute_begins(tick)) {
        begin_minute(tick, clock_now(), clock_monotonic_us());
        failed = run_minutes(tick, &error);
    }
    lock_release(lock);
    if (failed && was_interrupted(&error))
        return EXIT_DONE;
    if (failed && error.os == EWOULDBLOCK)
        return leave(tick);
    return failed ? command_fail(invocation, &error) : tick->exit_code;
}

int cmd_tick(const struct invocation *invocation)
{
    struct tick tick = {.log = &invocation->log,
                        .started_us = clock_monotonic_us(),
                        .sink = {&tick, take_result, store_results}};
    struct config *config;
    struct error error;
    int exit_code;

    begin_minute(&tick, clock_now(), tick.started_us);
    interrupt_install();
    deadline_set(HANG_SECONDS, hang_message);
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
