/* The command tick, run by cron every minute: all steps of the program, in their order. */
#include "alert/alert_conditions.h"
#include "alert/helper.h"
#include "base/clock.h"
#include "base/deadline.h"
#include "base/interrupt.h"
#include "base/lock.h"
#include "base/sandbox.h"
#include "base/text.h"
#include "commands/alerts.h"
#include "commands/builds.h"
#include "commands/checks.h"
#include "commands/command.h"
#include "dashboard/trial.h"
#include "model/scheduler.h"
#include "records/compress.h"
#include "records/export.h"
#include "records/prune.h"
#include "records/rotate.h"
#include "records/unstaged.h"
#include "state/monitor_conditions.h"

#include <errno.h>
#include <stdlib.h>

enum {
    EXPORT_EVERY_MS = 10 * MS_PER_SECOND, /* how often a long tick exports and shows its results */
    ALERT_EVERY_MS = 2 * MS_PER_SECOND,   /* how often a long tick alerts programs */
    ALERT_PAUSE = 9,     /* and it does not do so for this many times as long as it has taken */
    EXPORT_FROM = 2048,  /* results; then they are exported, so the disk works beside checks */
    DONE_AT_ONCE = 1000, /* the results of this many domains are shown within a second */
    COMPRESS_MS = 3 * MS_PER_SECOND,    /* at most this long for compressing archives */
    COMPRESS_FINISH_MS = MS_PER_SECOND, /* kept free to finish the file being compressed */
    COMPRESS_MIN_MS = 300,              /* do not start compressing with less left of the minute */
    HELD_LONG_MS = 5 * MS_PER_MINUTE,   /* a lock held for longer is reported */
    HANG_SECONDS = SCHEDULER_TICK_MAX_MS / MS_PER_SECOND + 50, /* 50: the longest timeout */
};

static const char hang_message[] =
    "uptick: a tick did not end within 16 minutes and was stopped; stored results are kept; if it "
    "was rebuilding state.db, run 'uptick rebuild'\n";

struct tick {
    const struct config *config;
    struct step_log steps;
    struct minute minute;
    struct builds builds;
    struct journal *journal;
    struct checks *checks; /* NULL: there can be none */
    struct helper *helper; /* runs the commands of alerts; NULL: there are none */
    struct quiet_spans *quiet;
    struct alerts *alerts; /* NULL: there can be none */
};

/* Failing to write this record is not an error: the results are saved regardless, and whatever is
 * wrong with the disk is reported by the steps that matter. */
static void write_record(const struct tick *tick)
{
    struct ticks_record done = minute_record(&tick->minute);
    struct error error;

    if (ticks_write(tick->config->data_dir, &done, &error))
        log_detail(tick->steps.log, "%s", error.text);
}

static void begin_alerts(struct tick *tick, enum alerts_when when)
{
    struct error error;

    if (tick->alerts)
        step_log_result(&tick->steps, alerts_begin(tick->alerts, when, &error), &error);
}

static void finish_alerts(struct tick *tick, bool wait)
{
    struct error error;

    if (tick->alerts)
        step_log_result(&tick->steps, alerts_finish(tick->alerts, wait, &error), &error);
}

/* Prepares for alerts. If there was no tick for too long, that is an event too. */
static void prepare_alerts(struct tick *tick)
{
    const struct alerts_parts parts = {tick->config, tick->journal, &tick->steps, tick->helper,
                                       tick->quiet};
    struct error error;

    tick->alerts = alerts_new(&parts, &error);
    step_log_result(&tick->steps, tick->alerts ? 0 : -1, &error);
    step_log_result(&tick->steps,
                    alert_conditions_find_late(journal_storage(tick->journal), tick->config,
                                               tick->minute.began_ms, &error),
                    &error);
}

/* Finishes what a killed tick left. */
static void catch_up(struct tick *tick)
{
    struct error error;

    step_log_result(&tick->steps, unstaged_stage(tick->journal, &error), &error);
    step_log_result(&tick->steps, export_run(tick->journal, &error), &error);
    step_log_done(&tick->steps, "earlier results exported");
}

/* Closes the conditions of monitors that left the configuration: no check will close them. */
static void close_removed(struct tick *tick)
{
    struct error error;

    step_log_result(&tick->steps,
                    monitor_conditions_close_removed(journal_storage(tick->journal),
                                                     tick->minute.began_ms, &error),
                    &error);
}

/* Starts the checks of the tick's own minute. */
static void begin_checks(struct tick *tick)
{
    struct error error;

    tick->checks = checks_new(
        &(struct checks_parts){tick->config, tick->journal, &tick->steps, &tick->minute}, &error);
    if (tick->checks)
        checks_plan(tick->checks);
    else
        step_log_result(&tick->steps, -1, &error);
}

/* Does what a new hour requires. The checks of the minute do not wait for it: they run. */
static void keep_records(struct tick *tick)
{
    int64_t now_ms = tick->minute.began_ms;
    struct error error;

    step_log_result(&tick->steps, rotate_run(tick->journal, now_ms, &error), &error);
    step_log_result(&tick->steps, prune_run(tick->journal, now_ms, &error), &error);
    step_log_done(&tick->steps, "records rotated and pruned");
}

static void export_staged(struct tick *tick)
{
    struct error error;

    step_log_result(&tick->steps, export_run(tick->journal, &error), &error);
}

/* Alerts programs while checks run. Returns when to do so again. */
static int64_t alert_at_once(struct tick *tick)
{
    int64_t begun_ms = clock_monotonic(), end_ms, pause_ms;

    begin_alerts(tick, ALERTS_AT_ONCE);
    end_ms = clock_monotonic();
    pause_ms = (end_ms - begun_ms) * ALERT_PAUSE;
    return end_ms + (pause_ms > ALERT_EVERY_MS ? pause_ms : ALERT_EVERY_MS);
}

static void show_staged(struct tick *tick)
{
    step_log_count(&tick->steps, tick->minute.done, "result", "staged");
    export_staged(tick);
    step_log_done(&tick->steps, "exported to CSV");
    builds_if_due(&tick->builds, tick->journal, &tick->minute, false);
}

/*
 * Waits for the results, which are staged. While checks are still running, results are exported if
 * there are many, or alerts about them, and after a while, or when only rechecks are left, all
 * results so far are exported and shown. Returns true when no more results will come, and false if
 * another minute begins before.
 */
static bool collect(struct tick *tick)
{
    int64_t show_at = clock_monotonic() + EXPORT_EVERY_MS;
    int64_t alert_at = clock_monotonic() + ALERT_EVERY_MS;
    size_t exported = tick->minute.done, shown = exported;
    bool finished = !checks_have_begun(tick->checks), has_rechecks = false;

    while (!finished && !minute_is_over(&tick->minute)) {
        bool is_time, alerts, rechecks;

        finished = checks_step(tick->checks, &rechecks);
        finish_alerts(tick, false);
        has_rechecks |= rechecks;
        tick->builds.is_due_at_end |= rechecks;
        is_time =
            (clock_monotonic() >= show_at || (has_rechecks && checks_is_idle(tick->checks))) &&
            tick->minute.done > shown;
        alerts = clock_monotonic() >= alert_at && tick->alerts && alerts_has_staged(tick->alerts);
        if (finished || (!is_time && !alerts && tick->minute.done - exported < EXPORT_FROM))
            continue;
        exported = tick->minute.done;
        if (is_time) {
            show_staged(tick);
            shown = exported;
            has_rechecks = false;
            show_at = clock_monotonic() + EXPORT_EVERY_MS;
        } else {
            export_staged(tick);
        }
        if (is_time || alerts)
            alert_at = alert_at_once(tick);
    }
    return finished;
}

/* Takes over the minute that has begun while checks are running: what has to be done in it is done
 * as if another tick had been started. */
static void take_over_minute(struct tick *tick)
{
    checks_end_minute(tick->checks);
    write_record(tick);
    tick->minute = minute_take_over(&tick->minute);
    step_log_done(&tick->steps, "the next minute taken over");
    checks_plan(tick->checks);
    catch_up(tick);
    keep_records(tick);
    builds_if_due(&tick->builds, tick->journal, &tick->minute, false);
    begin_alerts(tick, ALERTS_MINUTE_ENDS);
}

/* Ends the checks, and frees their memory for the dashboard. */
static void end_checks(struct tick *tick)
{
    if (tick->checks)
        checks_finish(tick->checks);
    checks_free(tick->checks);
    tick->checks = NULL;
}

/* Exports and shows the last results. After a signal there is one second. If that may take longer,
 * the results stay staged and the old dashboard stays; the next tick does both. */
static void show_results(struct tick *tick)
{
    if (interrupt_came() && tick->config->n_domains > DONE_AT_ONCE)
        return;
    export_staged(tick);
    step_log_done(&tick->steps, "exported to CSV");
    builds_if_due(&tick->builds, tick->journal, &tick->minute, true);
}

/* Compresses archives in the time left of this minute. */
static void compress_archives(struct tick *tick)
{
    int64_t minute = clock_floor_div(tick->minute.began_ms, MS_PER_MINUTE);
    int64_t left = (minute + 1) * MS_PER_MINUTE - clock_now(), max = left - COMPRESS_FINISH_MS;
    struct error error;
    size_t n;

    if (left < COMPRESS_MIN_MS || interrupt_came())
        return;
    step_log_result(&tick->steps,
                    compress_run(tick->journal, tick->minute.began_ms,
                                 max < COMPRESS_MS ? max : COMPRESS_MS, &n, &error),
                    &error);
    if (n > 0)
        step_log_count(&tick->steps, n, "archive", "compressed");
}

static void run_steps(struct tick *tick)
{
    prepare_alerts(tick);
    catch_up(tick);
    if (interrupt_came())
        return;
    close_removed(tick);
    begin_checks(tick);
    keep_records(tick);
    while (tick->checks && !collect(tick))
        take_over_minute(tick);
    end_checks(tick);
    show_results(tick);
    begin_alerts(tick, ALERTS_TICK_ENDS);
    compress_archives(tick);
    finish_alerts(tick, true);
}

/* Covers the minute of the tick, and those that it takes over while checks run. Returns 0 or -1. */
static int run_minutes(struct tick *tick, struct error *error)
{
    if (journal_open(&tick->journal, tick->config, tick->steps.log, tick->minute.began_ms, error))
        return -1;
    run_steps(tick);
    alerts_free(tick->alerts);
    tick->alerts = NULL;
    journal_close(tick->journal);
    write_record(tick);
    return 0;
}

/*
 * Gives up the right to write anywhere but in data_dir and public_dir before any byte from the
 * network is parsed. The commands that people run are not sandboxed: check writes its report
 * wherever they want.
 */
static void enter_sandbox(struct tick *tick)
{
    const char *const folders[] = {tick->config->data_dir, tick->config->public_dir};
    struct error error;

    builds_make_folder(&tick->builds);
    if (sandbox_enter(folders, sizeof folders / sizeof folders[0], &error))
        step_log_done(&tick->steps, "not sandboxed: %s", error.text);
    else
        step_log_done(&tick->steps, "sandboxed: writes only to data_dir and public_dir");
}

/* Starts what may start programs while the tick may not. */
static void start_helper(struct tick *tick)
{
    struct error error;

    step_log_result(&tick->steps, helper_start(tick->config, &tick->helper, &error), &error);
    if (tick->helper)
        step_log_done(&tick->steps, "helper process for commands started");
}

/* Another tick is running. It covers this minute too, unless it hangs. */
static int leave(const struct tick *tick)
{
    char minutes[TEXT_COUNTED_MAX];
    struct lock_owner owner;

    lock_read_owner(tick->config->data_dir, &owner);
    if (owner.process > 0 && owner.held_ms > HELD_LONG_MS)
        log_warn(tick->steps.log,
                 "%s/lock: held by process %ld for %s; if that process hangs, end it",
                 tick->config->data_dir, owner.process,
                 text_counted((uint64_t)(owner.held_ms / MS_PER_MINUTE), "minute", minutes));
    else
        log_detail(tick->steps.log, "%s/lock: another tick is running; nothing to do",
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
    start_helper(tick);
    enter_sandbox(tick);
    failed = run_minutes(tick, &error);

    /* The tick of a minute that began during the last steps has found the lock held. */
    while (!failed && minute_is_over(&tick->minute)) {
        tick->minute = minute_take_over(&tick->minute);
        failed = run_minutes(tick, &error);
    }
    helper_stop(tick->helper);
    lock_release(lock);
    if (failed && interrupt_stopped(&error))
        return EXIT_DONE;
    if (failed && error.os == EWOULDBLOCK)
        return leave(tick);
    return failed ? command_fail(invocation, &error) : tick->steps.exit_code;
}

int cmd_tick(const struct invocation *invocation)
{
    struct tick tick = {.minute = minute_of_tick()};
    struct config *config;
    struct error error;
    int exit_code;

    interrupt_install();
    deadline_set(HANG_SECONDS, hang_message);
    config = command_config(invocation);
    if (!config)
        return EXIT_CONFIG;
    tick.config = config;
    tick.steps = (struct step_log){.log = &invocation->log, .printed_us = tick.minute.began_us};
    tick.builds = (struct builds){.config = config, .steps = &tick.steps};
    step_log_done(&tick.steps, "configuration read");

    tick.quiet = alerts_make_quiet(config, tick.minute.began_ms, &error);
    if (!tick.quiet)
        exit_code = command_fail(invocation, &error);
    /* If a template cannot be read now, the endpoints are checked and the build reports it. */
    else if (trial_run(config, &error) && error.code == EXIT_CONFIG)
        exit_code = command_fail(invocation, &error);
    else
        exit_code = run_locked(invocation, &tick);
    free(tick.quiet);
    config_free(config);
    return exit_code;
}
