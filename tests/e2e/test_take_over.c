/* A tick that is still running when another minute begins covers that minute too; and it ends,
 * whatever hangs. */
#define _GNU_SOURCE
#include "calls.h"
#include "cmocka_all.h"
#include "e2e.h"
#include "midnight.h"
#include "state.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void pass(volatile int64_t *clocks, int64_t seconds)
{
    clocks[MONOTONIC] += seconds * 1000;
    clocks[WALL] += seconds * 1000;
}

static pid_t start_tick(struct e2e *world, const char *clock)
{
    world->clock = clock;
    return e2e_start(world, "tick", NULL);
}

static void end_tick(struct e2e *world, pid_t pid)
{
    e2e_wait(world, pid);
    e2e_silent(world, 0);
}

/* A slow monitor and a healthy one, both due each minute. */
static void config_slow(struct e2e *world, const char *target, const char *keys)
{
    e2e_config(world, e2e_format(world,
                                 "render_interval_seconds: 0\n"
                                 "defaults: {interval_seconds: 60, timeout_seconds: 30}\n"
                                 "sites:\n"
                                 "  - id: s\n"
                                 "    domains:\n"
                                 "      - {id: slow, url: 'http://@http@%s'%s}\n"
                                 "      - {id: ok, url: 'http://@http@/ok'}\n",
                                 target, keys));
}

/* How many rows of a monitor have a timestamp that begins with this text. */
static size_t rows_at(struct e2e *world, const char *monitor, const char *begin)
{
    struct csv csv = e2e_rows(world, monitor);
    size_t n = 0;

    for (size_t i = 0; i < csv.n; i++)
        n += strncmp(csv.rows[i].field[TIMESTAMP], begin, strlen(begin)) == 0;
    return n;
}

/* Whether the ring has a line that begins with this text; if so, it ends with these counts. */
static bool has_line(struct e2e *world, const char *begin, const char *counts)
{
    const char *line = strstr(e2e_read(world, "data/ticks"), begin), *end;

    if (!line)
        return false;
    end = strchr(line, ' ');
    e2e_check(end && (size_t)(end - line) > strlen(counts) &&
                  memcmp(end - strlen(counts), counts, strlen(counts)) == 0,
              "the line of %s does not end with %s: %.64s", begin, counts, line);
    return true;
}

static void a_slow_monitor_costs_no_other_a_minute(struct e2e *world)
{
    pid_t pid;

    config_slow(world, "/slow/3000", "");
    pid = start_tick(world, "2026-11-23 09:30:58");
    e2e_await(world, "/ok", 2);

    /* Cron's own tick of that minute finds the lock and leaves. */
    world->clock = "2026-11-23 09:31:00";
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    end_tick(world, pid);
    assert_int_equal(e2e_count(world, "/ok"), 2);
    assert_int_equal(e2e_count(world, "/slow/3000"), 1);
    assert_int_equal(rows_at(world, "s/ok", "2026-11-23T09:30"), 1);
    assert_int_equal(rows_at(world, "s/ok", "2026-11-23T09:31"), 1);
    assert_int_equal(rows_at(world, "s/slow", "2026-11-23T09:30"), 1);

    /* Each minute has its own line. What was skipped in the second one is left over. */
    assert_true(has_line(world, "2026-11-23T09:30:5", ",1,0"));
    assert_true(has_line(world, "2026-11-23T09:31:0", ",2,1"));
    assert_string_equal(e2e_text(e2e_entry(e2e_status(world), "s/slow"), "status"), "UP");

    /* The next tick of the same minute catches up the skipped slot, and nothing else. */
    e2e_tick(world, "2026-11-23 09:31:20");
    assert_int_equal(e2e_count(world, "/ok"), 2);
    assert_int_equal(e2e_count(world, "/slow/3000"), 2);
    e2e_tick(world, "2026-11-23 09:31:30");
    assert_int_equal(e2e_count(world, "/slow/3000"), 2);
}

static void a_minute_that_is_taken_over_rotates_and_counts_days(struct e2e *world)
{
    pid_t pid;

    config_slow(world, "/slow/2500", "");
    e2e_tick(world, "2026-11-23 23:58:00");
    pid = start_tick(world, "2026-11-23 23:59:59");
    end_tick(world, pid);
    e2e_shell(world, "test -e data/archive/2026-11-23/s/ok.log && "
                     "test $(grep -c . data/archive/2026-11-23/s/ok.log) = 2");
    assert_int_equal(rows_at(world, "s/ok", "2026-11-24T00:00"), 1);
    assert_int_equal(rows_at(world, "s/slow", "2026-11-23T23:59"), 1);
    assert_true(has_line(world, "2026-11-24T00:00:0", ",2,1"));
}

/* Minutes pass as the clocks are moved; the server needs only eight seconds. */
static void several_minutes_are_taken_over_one_after_the_other(struct e2e *world)
{
    volatile int64_t *clocks = e2e_move_clocks(world);
    pid_t pid;

    config_slow(world, "/slow/8000", "");
    pid = start_tick(world, "2026-11-23 09:30:10");
    for (int i = 0; i < 5; i++) {
        state_await_result(world, "s/ok", e2e_format(world, "2026-11-23T09:3%d", i));
        clocks[WALL] += 60000;
    }
    e2e_await(world, "/ok", 6);
    end_tick(world, pid);
    assert_int_equal(e2e_count(world, "/ok"), 6);
    assert_int_equal(e2e_count(world, "/slow/8000"), 1);
    for (int i = 0; i <= 5; i++)
        assert_int_equal(rows_at(world, "s/ok", e2e_format(world, "2026-11-23T09:3%d", i)), 1);
    assert_true(has_line(world, "2026-11-23T09:34:1", ",1,1"));
}

/* The retries of a monitor that is DOWN do not keep its server from the others. */
static void a_retry_blocks_nobody(struct e2e *world)
{
    char *yaml = e2e_format(world, "%s",
                            "max_per_host: 1\n"
                            "defaults: {interval_seconds: 60, timeout_seconds: 10}\n"
                            "sites:\n  - id: s\n    domains:\n"
                            "      - {id: a, url: 'http://@http@/status/503', retries: 2}\n");
    long long times[4], ok[12];

    for (int i = 0; i < 12; i++)
        yaml = e2e_format(world, "%s      - {id: d%d, url: 'http://@http@/ok'}\n", yaml, i);
    e2e_config(world, yaml);
    e2e_tick(world, "2026-11-23 09:30:00");
    assert_int_equal(e2e_times(world, "/status/503", times, 4), 3);
    assert_int_equal(e2e_times(world, "/ok", ok, 12), 12);
    assert_true(ok[11] < times[1]);
    assert_in_range(times[2] - times[1], 1900, 3000);
    assert_string_equal(e2e_rows(world, "s/a").rows[0].field[STATUS], "DOWN");
}

/* People get the message about a minute at its end, not at the end of the tick. */
static void each_minute_that_is_taken_over_has_its_message(struct e2e *world)
{
    volatile int64_t *clocks = e2e_move_clocks(world);
    pid_t pid;

    e2e_config(world, "render_interval_seconds: 0\n"
                      "alerts:\n"
                      "  - {id: chat, type: webhook, url: 'http://@http@/hook/chat', "
                      "format: slack}\n"
                      "defaults: {interval_seconds: 60, timeout_seconds: 8}\n"
                      "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - {id: slow, url: 'http://@http@/hang'}\n"
                      "      - {id: bad, url: 'http://@http@/status/503'}\n");
    pid = start_tick(world, "2026-11-23 09:30:10");
    state_await_result(world, "s/bad", "2026-11-23T09:30");
    assert_int_equal(e2e_count_posts(world, "chat"), 0);
    clocks[WALL] += 60000;
    assert_non_null(strstr(e2e_post(world, "chat", 1), "DOWN s/bad"));
    assert_int_equal(e2e_rows(world, "s/slow").n, 0);
    end_tick(world, pid);
    assert_non_null(strstr(e2e_post(world, "chat", 2), "DOWN s/slow"));
    assert_int_equal(e2e_count_posts(world, "chat"), 2);
}

/* A monitor with a short interval keeps its tick busy for as long as ticks may go on. */
static void a_tick_ends_after_a_quarter_of_an_hour(struct e2e *world)
{
    volatile int64_t *clocks = e2e_move_clocks(world);
    int64_t began = e2e_now();
    pid_t pid;

    e2e_config(world, "render_interval_seconds: 0\n"
                      "defaults: {timeout_seconds: 1}\n"
                      "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - {id: often, url: 'http://@http@/ok?often', interval_seconds: 10}\n"
                      "      - {id: ok, url: 'http://@http@/ok', interval_seconds: 60}\n");
    pid = start_tick(world, "2026-11-23 09:30:00");
    for (int i = 0; i < 15; i++) {
        const char *minute = e2e_format(world, "2026-11-23T09:%d", 30 + i);

        state_await_result(world, "s/ok", minute);
        state_await_result(world, "s/often", minute);

        /* The clock goes on beside the jumps. The last one ends at 09:44:51, when the checks that
         * did not begin are left over, and not later, when they would be dropped. */
        pass(clocks, i < 14 ? 60 : 51 - (e2e_now() - began) / 1000);
    }
    end_tick(world, pid);

    /* The tick of 09:45 finds the lock free. */
    assert_int_equal(e2e_count(world, "/ok"), 15);
    for (int i = 0; i < 15; i++)
        assert_int_equal(rows_at(world, "s/ok", e2e_format(world, "2026-11-23T09:%d", 30 + i)), 1);
    assert_int_equal(rows_at(world, "s/often", "2026-11-23T09:45"), 0);
    assert_null(strstr(e2e_read(world, "data/ticks"), "2026-11-23T09:45"));
    assert_non_null(strstr(e2e_read(world, "data/ticks"), "2026-11-23T09:44"));
}

/* Near the end, a failed attempt that cannot be retried in time is the result. */
static void a_retry_that_does_not_fit_into_the_last_minute_is_not_made(struct e2e *world)
{
    volatile int64_t *clocks = e2e_move_clocks(world);
    struct csv csv;
    pid_t pid;

    e2e_config(world, "render_interval_seconds: 0\n"
                      "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - {id: often, url: 'http://@http@/ok', interval_seconds: 10}\n"
                      "      - {id: d, url: 'http://@http@/status/503', interval_seconds: 60,\n"
                      "         timeout_seconds: 50, retries: 5}\n");
    pid = start_tick(world, "2026-11-23 09:30:00");
    e2e_await(world, "/status/503", 1);
    pass(clocks, 14 * 60 + 3);

    /* The last minute: one attempt at its start, at most. A retry ends after 09:44:55. */
    e2e_await(world, "/ok", 2);

    /* A slow machine has ten seconds more, before the quarter of an hour is over. */
    pass(clocks, 47);
    end_tick(world, pid);
    csv = e2e_rows(world, "s/d");
    assert_true(csv.n >= 1);

    /* The clock may have jumped before its response was read: that is a TIMEOUT. */
    assert_string_not_equal(csv.rows[0].field[STATUS], "UP");
    assert_true(e2e_count(world, "/status/503") <= 3);
}

/* The wall clock is set forward within the last minute, so there is less time than a check needs.
 */
static void a_check_that_outlasts_the_last_minute_is_dropped(struct e2e *world)
{
    volatile int64_t *clocks = e2e_move_clocks(world);
    pid_t pid;

    config_slow(world, "/hang", ", timeout_seconds: 50");
    pid = start_tick(world, "2026-11-23 09:30:10");
    e2e_await(world, "/hang", 1);
    state_await_result(world, "s/ok", "2026-11-23T09:30");
    pass(clocks, 810);
    e2e_await(world, "/hang", 2);
    e2e_await(world, "/ok", 2);
    clocks[MONOTONIC] += 21000;
    clocks[WALL] += 66000;
    for (int i = 0; i < 100 && !strstr(e2e_read(world, "data/ticks"), "2026-11-23T09:43"); i++)
        usleep(50 * 1000);
    clocks[MONOTONIC] += 12000;
    e2e_wait(world, pid);
    e2e_reported(world, 74, "tick: 1 check still running after 15 minutes; dropped", NULL);
    assert_null(strchr(strchr(world->last.err, '\n') + 1, '\n'));
    assert_true(world->last.seconds < 10);
    assert_int_equal(rows_at(world, "s/slow", "2026-11-23T09:43"), 0);

    /* Left over: two slots of the slow one, and one of the other, unless it was checked before the
     * clock was set. */
    assert_in_range(e2e_rows(world, "s/ok").n, 2, 3);
    if (e2e_rows(world, "s/ok").n == 2)
        assert_true(has_line(world, "2026-11-23T09:44:4", ",0,3"));

    /* What was dropped is left over: the next tick makes it. */
    clocks[WALL] = clocks[MONOTONIC] = 0;
    config_slow(world, "/ok?slow", "");
    e2e_tick(world, "2026-11-23 09:45:00");
    assert_int_equal(rows_at(world, "s/slow", "2026-11-23T09:45"), 1);
}

static void a_clock_set_forward_during_a_tick_begins_one_minute(struct e2e *world)
{
    volatile int64_t *clocks = e2e_move_clocks(world);
    pid_t pid;

    config_slow(world, "/slow/2500", "");
    pid = start_tick(world, "2026-11-23 09:30:10");
    state_await_result(world, "s/ok", "2026-11-23T09:30");
    clocks[WALL] += 3600000;
    end_tick(world, pid);
    assert_int_equal(e2e_count(world, "/ok"), 2);
    assert_int_equal(rows_at(world, "s/ok", "2026-11-23T10:30"), 1);
    assert_int_equal(e2e_rows(world, "s/slow").n, 1);
}

static void a_clock_set_back_during_a_tick_checks_nothing_twice(struct e2e *world)
{
    volatile int64_t *clocks = e2e_move_clocks(world);
    pid_t pid;

    config_slow(world, "/slow/2500", "");
    pid = start_tick(world, "2026-11-23 09:30:01");
    e2e_await(world, "/ok", 1);
    clocks[WALL] -= 3000;
    usleep(700 * 1000);
    clocks[WALL] += 3000;
    usleep(300 * 1000);
    clocks[WALL] -= 3600000;
    end_tick(world, pid);
    assert_int_equal(e2e_count(world, "/ok"), 1);

    /* The checks go on from there. */
    clocks[WALL] = 0;
    e2e_tick(world, "2026-11-23 08:31:00");
    e2e_tick(world, "2026-11-23 08:32:00");
    assert_int_equal(e2e_count(world, "/ok"), 3);
}

/* The dashboard of a tick that has built before shows its last check, however soon that is. */
static void the_last_check_of_a_tick_is_shown(struct e2e *world)
{
    volatile int64_t *clocks = e2e_move_clocks(world);
    const json_t *last;
    struct csv csv;
    int64_t passed = 0;
    pid_t pid;

    e2e_config(world, "render_interval_seconds: 3600\n"
                      "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - {id: d, url: 'http://@http@/ok', interval_seconds: 10,\n"
                      "         timeout_seconds: 1}\n");
    pid = start_tick(world, "2026-11-23 09:30:05");
    e2e_await(world, "/ok", 1);
    /* The first 11 s may pass before the tick begins to count the 10 s between two builds. */
    for (int i = 0; i < 200 && !e2e_exists(world, "public/status.json"); i++) {
        int64_t seconds = i % 40 == 0 && passed < 33 ? 11 : 0;

        pass(clocks, seconds);
        passed += seconds;
        usleep(50 * 1000);
    }
    assert_true(e2e_exists(world, "public/status.json"));
    pass(clocks, 47 - passed);
    end_tick(world, pid);
    csv = e2e_rows(world, "s/d");
    assert_true(csv.n > 2);
    last = json_object_get(e2e_entry(e2e_status(world), "s/d"), "last_check");
    assert_memory_equal(e2e_text(last, "timestamp"), csv.rows[csv.n - 1].field[TIMESTAMP], 19);
}

/* Nothing but the kernel ends this tick. */
static void a_tick_that_hangs_is_ended_and_keeps_its_results(struct e2e *world)
{
    world->environment = "MOVED_ALARM=1500";
    config_slow(world, "/hang", "");
    world->clock = "2026-11-23 09:30:00";
    e2e_uptick(world, "tick", NULL);
    e2e_reported(world, 74, "did not end within 16 minutes", NULL);
    assert_null(strchr(strchr(world->last.err, '\n') + 1, '\n'));
    assert_true(world->last.seconds < 5);

    /* The next tick does not check again what was finished. */
    world->environment = NULL;
    config_slow(world, "/ok?slow", "");
    e2e_tick(world, "2026-11-23 09:30:30");
    assert_int_equal(e2e_count(world, "/ok"), 1);
    assert_int_equal(rows_at(world, "s/ok", "2026-11-23T09:30:0"), 1);
    assert_int_equal(e2e_rows(world, "s/slow").n, 1);
}

/* What happens when a tick writes the file whose path ends with this. */
struct event {
    const char *end;
    volatile int64_t *clocks; /* a minute passes; NULL: the call hangs */
    int times;
};

static struct judgement on_call(void *context, const struct call *call)
{
    struct event *event = context;
    const char *path = *call->to ? call->to : call->path;
    size_t length = strlen(path), end = strlen(event->end);

    if ((call->writes || *call->to) && length > end &&
        strcmp(path + length - end, event->end) == 0 && event->times++ == 0) {
        if (event->clocks)
            pass(event->clocks, 60);
        else
            usleep(3000 * 1000);
    }
    return (struct judgement){CALL_LET, 0};
}

/* Until a tick has released its lock, another one cannot cover the minute. */
static void a_minute_that_begins_in_the_last_steps_is_taken_over(struct e2e *world)
{
    static const char *const files[] = {"/live/s/ok.log", "/public/index.html", "/state.db.stamp",
                                        "/data/ticks"};
    volatile int64_t *clocks = e2e_move_clocks(world);

    sweep_need_held_calls(world);
    config_slow(world, "/ok?slow", "");
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct event event = {files[i], clocks, 0};
        struct calls calls = {.below = world->folder, .judge = on_call, .context = &event};

        clocks[WALL] = clocks[MONOTONIC] = 0;
        e2e_shell(world, "rm -rf data public");
        world->calls = &calls;
        e2e_tick(world, "2026-11-23 09:30:00");
        world->calls = NULL;
        assert_true(event.times > 0);
        assert_int_equal(rows_at(world, "s/ok", "2026-11-23T09:30:0"), 1);
        assert_int_equal(rows_at(world, "s/ok", "2026-11-23T09:31:0"), 1);
        assert_true(has_line(world, "2026-11-23T09:30:0", ",2,0"));
        assert_true(has_line(world, "2026-11-23T09:31:0", ",2,0"));
        assert_int_equal(e2e_count(world, "/ok"), 2 * (i + 1));
    }
}

/* A disk that does not answer. */
static void a_tick_that_waits_for_a_file_for_ever_is_ended(struct e2e *world)
{
    struct event event = {"/live/s/ok.log", NULL, 0};
    struct calls calls = {.below = world->folder, .judge = on_call, .context = &event};

    sweep_need_held_calls(world);
    world->environment = "MOVED_ALARM=1000";
    config_slow(world, "/ok?slow", "");
    world->clock = "2026-11-23 09:30:00";
    world->calls = &calls;
    e2e_uptick(world, "tick", NULL);
    world->calls = NULL;
    e2e_reported(world, 74, "did not end within 16 minutes", NULL);
    assert_int_equal(event.times, 1);

    /* What was staged is in the CSV after the next tick. */
    world->environment = NULL;
    e2e_tick(world, "2026-11-23 09:30:30");
    assert_int_equal(e2e_rows(world, "s/ok").n, 1);
    assert_int_equal(e2e_count(world, "/ok"), 1);
}

/* Starts a tick that runs for three seconds, and waits until it makes check number n. */
static pid_t start_slow_tick(struct e2e *world, int n)
{
    pid_t pid;

    config_slow(world, "/slow/3000", "");
    pid = start_tick(world, "2026-11-23 09:30:00");
    e2e_await(world, "/slow/3000", n);
    e2e_await(world, "/ok", n);
    return pid;
}

static void a_lock_held_for_long_is_reported(struct e2e *world)
{
    pid_t pid = start_slow_tick(world, 1);
    const char *newline;

    kill(pid, SIGSTOP);
    e2e_tick(world, "2026-11-23 09:34:50");
    world->clock = "2026-11-23 09:36:10";
    e2e_uptick(world, "tick", NULL);
    e2e_reported(world, 0, e2e_format(world, "process %d ", (int)pid), "6 minutes", NULL);
    newline = strchr(world->last.err, '\n');
    e2e_check(newline && !newline[1], "more than one line: %s", world->last.err);
    kill(pid, SIGCONT);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);

    /* What a killed tick wrote into the file is no news. */
    config_slow(world, "/ok?slow", "");
    e2e_tick(world, "2026-11-23 09:40:00");
    assert_true(e2e_rows(world, "s/ok").n >= 1);
}

/* Only a name is needed to remove a file. The kernel's lock must hold all the same. */
static void a_lock_file_that_was_removed_or_replaced_lets_no_second_tick_in(struct e2e *world)
{
    static const char *const deeds[] = {
        "rm data/lock",
        "rm data/lock && touch data/lock",
        "touch other && mv other data/lock",
        "cp data/lock other && mv other data/lock",
        "rm data/lock && touch other && ln other data/lock",
    };

    for (size_t i = 0; i < sizeof deeds / sizeof deeds[0]; i++) {
        pid_t pid = start_slow_tick(world, (int)i + 1);

        e2e_shell(world, "%s", deeds[i]);
        e2e_tick(world, "2026-11-23 09:31:00");
        e2e_tick(world, "2026-11-23 09:32:00");
        assert_int_equal(e2e_count(world, "/slow/3000"), i + 1);
        assert_int_equal(e2e_count(world, "/ok"), i + 1);
        end_tick(world, pid);
        assert_int_equal(e2e_rows(world, "s/ok").n, 1);
        e2e_shell(world, "rm -rf data other");
    }
}

static void a_lock_file_with_another_name_is_not_written(struct e2e *world)
{
    config_slow(world, "/ok?slow", "");
    e2e_shell(world, "mkdir data && echo precious > precious && ln precious data/lock");
    e2e_tick(world, "2026-11-23 09:30:00");
    assert_string_equal(e2e_read(world, "precious"), "precious\n");
    assert_int_equal(e2e_rows(world, "s/ok").n, 1);
}

static void something_else_in_the_place_of_the_lock_is_an_error(struct e2e *world)
{
    static const char *const things[] = {"mkdir data/lock", "mkfifo data/lock",
                                         "ln -s ../other data/lock"};

    config_slow(world, "/ok?slow", "");
    e2e_shell(world, "mkdir data");
    for (size_t i = 0; i < sizeof things / sizeof things[0]; i++) {
        e2e_shell(world, "%s", things[i]);
        world->clock = "2026-11-23 09:30:00";
        e2e_uptick(world, "tick", NULL);
        e2e_reported(world, 74, "data/lock: not a regular file; remove it", NULL);
        assert_int_equal(e2e_count(world, "/ok"), 0);
        e2e_shell(world, "rm -r data/lock");
    }
}

/* Any content, also of a process that never ran. */
static void the_content_of_the_lock_file_is_not_trusted(struct e2e *world)
{
    static const char *const contents[] = {
        "",
        "x",
        "1",
        "1 2",
        "-1 0 0",
        "99999999999999999999 9999999999999999999 -999999999999999",
        "0 0 0",
        "5 -99999999999999 -99999999999999",
        "\\377\\377\\377\\n\\n"};
    pid_t pid = start_slow_tick(world, 1);

    kill(pid, SIGSTOP);
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
        e2e_shell(world, "printf -- '%s' > data/lock", contents[i]);
        world->clock = "2026-11-23 09:31:00";
        e2e_uptick(world, "tick", NULL);
        assert_int_equal(world->last.status, 0);
    }
    kill(pid, SIGCONT);
    end_tick(world, pid);
}

static void validate_warns_if_the_retries_do_not_fit_into_a_minute(struct e2e *world)
{
    static const struct {
        const char *keys, *expected; /* NULL: no warning */
    } cases[] = {
        {"timeout_seconds: 30, retries: 3",
         "s/slow: all attempts of a check take up to 126 seconds"},
        {"timeout_seconds: 29, retries: 1, confirm: {}", NULL},
        {"timeout_seconds: 30, retries: 1", "take up to 62 seconds"},
        {"timeout_seconds: 50", NULL},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        config_slow(world, "/ok", e2e_format(world, ", %s", cases[i].keys));
        e2e_uptick(world, "validate", NULL);
        if (cases[i].expected)
            e2e_reported(world, 0, cases[i].expected, NULL);
        else
            e2e_silent(world, 0);
        assert_non_null(strstr(world->last.out, "no mistakes"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(a_slow_monitor_costs_no_other_a_minute),
        E2E_TEST(a_minute_that_is_taken_over_rotates_and_counts_days),
        E2E_TEST(several_minutes_are_taken_over_one_after_the_other),
        E2E_TEST(a_retry_blocks_nobody),
        E2E_TEST(each_minute_that_is_taken_over_has_its_message),
        E2E_TEST(a_tick_ends_after_a_quarter_of_an_hour),
        E2E_TEST(a_retry_that_does_not_fit_into_the_last_minute_is_not_made),
        E2E_TEST(a_check_that_outlasts_the_last_minute_is_dropped),
        E2E_TEST(a_clock_set_forward_during_a_tick_begins_one_minute),
        E2E_TEST(a_clock_set_back_during_a_tick_checks_nothing_twice),
        E2E_TEST(the_last_check_of_a_tick_is_shown),
        E2E_TEST(a_tick_that_hangs_is_ended_and_keeps_its_results),
        E2E_TEST(a_minute_that_begins_in_the_last_steps_is_taken_over),
        E2E_TEST(a_tick_that_waits_for_a_file_for_ever_is_ended),
        E2E_TEST(a_lock_held_for_long_is_reported),
        E2E_TEST(a_lock_file_that_was_removed_or_replaced_lets_no_second_tick_in),
        E2E_TEST(a_lock_file_with_another_name_is_not_written),
        E2E_TEST(something_else_in_the_place_of_the_lock_is_an_error),
        E2E_TEST(the_content_of_the_lock_file_is_not_trusted),
        E2E_TEST(validate_warns_if_the_retries_do_not_fit_into_a_minute),
    };

    return cmocka_run_group_tests_name("take over", tests, NULL, NULL);
}
