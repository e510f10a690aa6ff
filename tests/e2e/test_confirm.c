/* Failed checks become an outage, and good ones end it: rechecks within a tick, and the ticks that
 * follow. */
#define _GNU_SOURCE
#include "cmocka_all.h"
#include "e2e.h"
#include "space.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void pass(volatile int64_t *clocks, int64_t ms)
{
    clocks[MONOTONIC] += ms;
    clocks[WALL] += ms;
}

/* One monitor, "s/d". */
static void config_one(struct e2e *world, const char *target, const char *keys)
{
    e2e_config(world, e2e_format(world,
                                 "sites:\n  - id: s\n    domains:\n"
                                 "      - {id: d, url: 'http://@http@%s', %s}\n",
                                 target, keys));
}

static const char defaults[] = "interval_seconds: 60, confirm: {}";

/* The events of a monitor's outages in the log: "opened SUSPECT, closed UP blip". */
static const char *events_of(struct e2e *world, const char *monitor)
{
    const char *id = e2e_format(world, ",%s/http@", monitor);
    const char *archived = e2e_read_any(world, "data/archive/2026-11-23/events.log");
    char *log = e2e_format(world, "%s%s", archived ? archived : "",
                           e2e_read(world, "data/live/events.log"));
    char *text = e2e_format(world, "%s", "");

    for (const char *line = strtok(log, "\n"); line; line = strtok(NULL, "\n")) {
        char change[32], state[32], code[32], detail[600] = "";

        if (!strstr(line, id))
            continue;
        e2e_check(sscanf(line, "%*[^,],%*[^,],,%*[^,],%31[^,],%31[^,],%31[^,],%599[^\n]", change,
                         state, code, detail) >= 2,
                  "events.log: %s", line);
        if (strcmp(change, "closed") == 0)
            snprintf(detail, sizeof detail, " %s", strrchr(line, ',') + 1);
        else
            *detail = '\0';
        text = e2e_format(world, "%s%s%s %s%s", text, *text ? ", " : "", change, state, detail);
    }
    return text;
}

/* The verdicts of a monitor, in the order of its rows: "DOWN UP". */
static const char *verdicts_of(struct e2e *world, const char *monitor)
{
    struct csv csv = e2e_rows(world, monitor);
    char *text = e2e_format(world, "%s", "");

    for (size_t i = 0; i < csv.n; i++)
        text = e2e_format(world, "%s%s%s", text, *text ? " " : "", csv.rows[i].field[STATUS]);
    return text;
}

/* When a check started, in milliseconds of its hour. */
static long start_of(struct e2e *world, const char *monitor, size_t row)
{
    struct csv csv = e2e_rows(world, monitor);
    int minute, second, ms;

    e2e_check(row < csv.n, "%s has only %zu rows", monitor, csv.n);
    assert_int_equal(
        sscanf(csv.rows[row].field[TIMESTAMP], "%*d-%*d-%*dT%*d:%d:%d.%dZ", &minute, &second, &ms),
        3);
    return (minute * 60L + second) * 1000 + ms;
}

/* Waits until n rows of "s/d" are in the CSV: while a check runs, its clock must not be moved. */
static void await_rows(struct e2e *world, long n)
{
    e2e_shell(world,
              "for i in $(seq 200); do "
              "[ $(cat data/live/s/d.log data/archive/*/s/d.log 2>/dev/null | wc -l) -ge %ld ] && "
              "exit; sleep 0.05; done; exit 1",
              n);
}

/* Makes a tick, until the server has got n requests, and lets it wait for no recheck: the clocks
 * pass these milliseconds after each check but the last one. */
static void tick_fast(struct e2e *world, volatile int64_t *clocks, const char *clock,
                      const char *target, long n, const int64_t *ms)
{
    long first = e2e_count(world, target) + 1;
    pid_t pid;

    world->clock = clock;
    clocks[WALL] = clocks[MONOTONIC] = 0;
    pid = e2e_start(world, "tick", NULL);
    for (long i = first; i < n; i++) {
        await_rows(world, i);
        pass(clocks, *ms++);
    }
    e2e_await(world, target, n);
    e2e_wait(world, pid);
    e2e_silent(world, 0);
}
#define MS(...) ((const int64_t[]){__VA_ARGS__})

static void one_failed_check_is_a_blip(struct e2e *world)
{
    volatile int64_t *clocks = e2e_move_clocks(world);

    config_one(world, "/script/1d9u", defaults);
    tick_fast(world, clocks, "2026-11-23 09:30:00", "/script/1d9u", 2, MS(5000));
    assert_string_equal(verdicts_of(world, "s/d"), "DOWN UP");
    assert_string_equal(events_of(world, "s/d"), "opened SUSPECT, closed UP blip");
    assert_true(start_of(world, "s/d", 1) - start_of(world, "s/d", 0) >= 5000);

    /* It is decided: the next tick makes one check. */
    e2e_tick(world, "2026-11-23 09:31:00");
    assert_string_equal(verdicts_of(world, "s/d"), "DOWN UP UP");
}

/* Without moved clocks: what a user measures. */
static void the_defaults_confirm_an_outage_in_fifteen_seconds(struct e2e *world)
{
    static const char *const monitors[] = {"s/status", "s/refused"};

    e2e_config(world, "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - {id: status, url: 'http://@http@/status/500', confirm: {}}\n"
                      "      - {id: refused, url: 'http://@refused@/', confirm: {}}\n"
                      "      - {id: ok, url: 'http://@http@/ok', confirm: {}}\n");
    e2e_tick(world, "2026-11-23 09:30:00");
    e2e_check(world->last.seconds > 15 && world->last.seconds < 20, "%.1f s", world->last.seconds);
    for (size_t i = 0; i < 2; i++) {
        long first = start_of(world, monitors[i], 0);

        assert_string_equal(events_of(world, monitors[i]), "opened SUSPECT, confirmed DOWN");
        assert_string_equal(verdicts_of(world, monitors[i]), "DOWN DOWN DOWN");
        assert_in_range(start_of(world, monitors[i], 1) - first, 5000, 6000);
        assert_in_range(start_of(world, monitors[i], 2) - first, 15000, 16000);
    }
    assert_string_equal(verdicts_of(world, "s/ok"), "UP");
    assert_int_equal(e2e_count(world, "/status/500"), 3);
}

static void the_page_is_built_while_only_rechecks_are_left(struct e2e *world)
{
    volatile int64_t *clocks = e2e_move_clocks(world);
    json_t *status;
    pid_t pid;

    config_one(world, "/script/1d9u", defaults);
    world->clock = "2026-11-23 09:30:00";
    pid = e2e_start(world, "tick", NULL);
    e2e_shell(world, "for i in $(seq 80); do [ -e public/status.json ] && exit; sleep 0.05; done; "
                     "exit 1");
    status = e2e_status(world);
    assert_string_equal(e2e_text(e2e_entry(status, "s/d"), "status"), "DOWN");
    assert_string_equal(verdicts_of(world, "s/d"), "DOWN");
    pass(clocks, 5000);
    e2e_wait(world, pid);
    e2e_silent(world, 0);

    /* Also if that was a moment ago. */
    assert_string_equal(e2e_text(e2e_entry(e2e_status(world), "s/d"), "status"), "UP");
}

/* The page was built 20 s before. */
static void what_rechecks_decide_is_shown_at_once(struct e2e *world)
{
    volatile int64_t *clocks = e2e_move_clocks(world);

    config_one(world, "/script/1u9d", "interval_seconds: 60, confirm: {recheck_seconds: [0, 1]}");
    e2e_tick(world, "2026-11-23 09:30:40");
    tick_fast(world, clocks, "2026-11-23 09:31:00", "/script/1u9d", 4, MS(0, 1000));
    assert_string_equal(events_of(world, "s/d"), "opened SUSPECT, confirmed DOWN");
    assert_string_equal(e2e_text(e2e_entry(e2e_status(world), "s/d"), "status"), "DOWN");
}

static void one_failure_is_an_outage_if_the_configuration_asks_for_it(struct e2e *world)
{
    config_one(world, "/script/2d9u", "interval_seconds: 60, confirm: {failures: 1, successes: 1}");
    e2e_tick(world, "2026-11-23 09:30:00");
    assert_string_equal(events_of(world, "s/d"), "opened SUSPECT, confirmed DOWN");
    e2e_tick(world, "2026-11-23 09:31:00");
    e2e_tick(world, "2026-11-23 09:32:00");
    assert_string_equal(verdicts_of(world, "s/d"), "DOWN DOWN UP");
    assert_string_equal(events_of(world, "s/d"),
                        "opened SUSPECT, confirmed DOWN, closed UP recovered");
}

static void an_outage_ends_after_two_good_checks_in_one_tick(struct e2e *world)
{
    volatile int64_t *clocks = e2e_move_clocks(world);

    config_one(world, "/script/3d9u", defaults);
    tick_fast(world, clocks, "2026-11-23 09:30:00", "/script/3d9u", 3, MS(5000, 10000));
    tick_fast(world, clocks, "2026-11-23 09:31:00", "/script/3d9u", 5, MS(5000));
    assert_string_equal(verdicts_of(world, "s/d"), "DOWN DOWN DOWN UP UP");
    assert_string_equal(
        events_of(world, "s/d"),
        "opened SUSPECT, confirmed DOWN, recovering RECOVERING, closed UP recovered");
}

static void without_recheck_seconds_only_slots_count(struct e2e *world)
{
    config_one(world, "/status/500", "interval_seconds: 120, confirm: {recheck_seconds: []}");
    for (int minute = 30; minute < 38; minute++)
        e2e_tick(world, e2e_format(world, "2026-11-23 09:%d:01", minute));
    assert_in_range(e2e_count(world, "/status/500"), 4, 5);
    assert_string_equal(events_of(world, "s/d"), "opened SUSPECT, confirmed DOWN");
}

/* Its interval is an hour, but it is checked three times in each tick until it is decided. */
static void undecided_monitors_are_due_in_each_tick(struct e2e *world)
{
    volatile int64_t *clocks = e2e_move_clocks(world);
    static const char keys[] =
        "interval_seconds: 3600, confirm: {failures: 8, successes: 5, recheck_seconds: [1, 3]}";

    config_one(world, "/script/8d9u", keys);
    tick_fast(world, clocks, "2026-11-23 09:30:00", "/script/8d9u", 3, MS(1000, 2000));
    tick_fast(world, clocks, "2026-11-23 09:31:00", "/script/8d9u", 6, MS(1000, 2000));
    assert_string_equal(events_of(world, "s/d"), "opened SUSPECT");
    tick_fast(world, clocks, "2026-11-23 09:32:00", "/script/8d9u", 8, MS(1000));
    assert_string_equal(events_of(world, "s/d"), "opened SUSPECT, confirmed DOWN");

    /* Now only its slots count, one an hour. */
    e2e_tick(world, "2026-11-23 09:33:00");
    assert_int_equal(e2e_count(world, "/script/8d9u"), 8);
    tick_fast(world, clocks, "2026-11-23 10:34:00", "/script/8d9u", 11, MS(1000, 2000));
    tick_fast(world, clocks, "2026-11-23 10:35:00", "/script/8d9u", 13, MS(1000));
    assert_string_equal(
        events_of(world, "s/d"),
        "opened SUSPECT, confirmed DOWN, recovering RECOVERING, closed UP recovered");
    e2e_tick(world, "2026-11-23 10:36:00");
    assert_int_equal(e2e_count(world, "/script/8d9u"), 13);
}

static void after_a_gap_an_unconfirmed_failure_is_unseen(struct e2e *world)
{
    volatile int64_t *clocks = e2e_move_clocks(world);

    config_one(world, "/script/3d9u",
               "interval_seconds: 60, timeout_seconds: 2, "
               "confirm: {failures: 4, recheck_seconds: [1]}");
    e2e_tick(world, "2026-11-23 09:30:20");
    assert_string_equal(events_of(world, "s/d"), "opened SUSPECT");
    tick_fast(world, clocks, "2026-11-23 09:40:00", "/script/3d9u", 4, MS(1000));
    assert_string_equal(events_of(world, "s/d"),
                        "opened SUSPECT, closed UP unseen, opened SUSPECT, closed UP blip");
}

/* 30 s from the first check on: after the recheck seconds of this tick, and after that of 5 s. */
static void rechecks_wait_as_long_as_the_server_asks(struct e2e *world)
{
    volatile int64_t *clocks = e2e_move_clocks(world);

    config_one(world, "/wait/503/30", defaults);
    tick_fast(world, clocks, "2026-11-23 09:30:00", "/wait/503/30", 2, MS(30000));
    assert_in_range(start_of(world, "s/d", 1) - start_of(world, "s/d", 0), 30000, 31500);

    /* The wait that the recheck brings delays the tick after it too. */
    clocks[WALL] = clocks[MONOTONIC] = 0;
    e2e_tick(world, "2026-11-23 09:30:59");
    assert_int_equal(e2e_count(world, "/wait/503/30"), 2);
    tick_fast(world, clocks, "2026-11-23 09:31:00", "/wait/503/30", 3, MS(0));
    assert_string_equal(events_of(world, "s/d"), "opened SUSPECT, confirmed DOWN");
}

/* Each wait is longer than what is a gap without it. A rebuild knows the wait from the row. */
static void a_wait_is_no_gap(struct e2e *world)
{
    config_one(world, "/wait/503/300", defaults);
    e2e_tick(world, "2026-11-23 09:30:00");
    e2e_tick(world, "2026-11-23 09:35:30");
    e2e_shell(world, "rm data/state.db*");
    world->clock = "2026-11-23 09:41:00";
    e2e_uptick(world, "tick", NULL);
    assert_int_equal(e2e_count(world, "/wait/503/300"), 3);
    assert_string_equal(events_of(world, "s/d"), "opened SUSPECT, confirmed DOWN");
}

static void rechecks_respect_max_per_host(struct e2e *world)
{
    char *yaml = e2e_format(world, "%s",
                            "max_per_host: 3\n"
                            "defaults: {expect: {http_status: 500}, confirm: {recheck_seconds: "
                            "[1, 2]}}\nsites:\n  - id: s\n    domains:\n");

    for (int i = 0; i < 50; i++)
        yaml = e2e_format(world, "%s      - {id: d%d, url: 'http://@http@/crowd/a/50'}\n", yaml, i);
    e2e_config(world, yaml);
    e2e_tick(world, "2026-11-23 09:30:00");
    assert_int_equal(e2e_count(world, "/crowd/a/50"), 150);
    assert_in_range(e2e_crowd(world, "a"), 1, 3);
    for (int i = 0; i < 50; i++)
        assert_string_equal(events_of(world, e2e_format(world, "s/d%d", i)),
                            "opened SUSPECT, confirmed DOWN");
}

/* A port that accepts connections and never answers, at another address of loopback. */
static int open_silent(int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    inet_pton(AF_INET, "127.0.0.2", &at.sin_addr);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 9))
        fail_msg("127.0.0.2:%d cannot be used", port);
    return fd;
}

static void a_recheck_tries_the_next_address_first(struct e2e *world)
{
    int silent;

    space_names(world, "127.0.0.2 two.example\n127.0.0.1 two.example\n");
    silent = open_silent(e2e_port(world, "http"));
    e2e_config(world, "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - {id: d, url: 'http://two.example@:http@/ok', timeout_seconds: 1, "
                      "confirm: {recheck_seconds: [1]}}\n");
    e2e_tick(world, "2026-11-23 09:30:00");
    close(silent);
    assert_string_equal(verdicts_of(world, "s/d"), "TIMEOUT UP");
    assert_string_equal(events_of(world, "s/d"), "opened SUSPECT, closed UP blip");
}

/* Starts a tick and waits until the result of its first check is in the CSV. */
static pid_t start_failing(struct e2e *world, const char *clock)
{
    pid_t pid;

    world->clock = clock;
    pid = e2e_start(world, "tick", NULL);
    await_rows(world, 1);
    return pid;
}

static void a_killed_tick_is_continued_by_the_next_one(struct e2e *world)
{
    volatile int64_t *clocks = e2e_move_clocks(world);
    pid_t pid;

    config_one(world, "/script/4d9u", defaults);
    pid = start_failing(world, "2026-11-23 09:30:00");
    kill(pid, SIGKILL);
    e2e_wait(world, pid);
    assert_string_equal(events_of(world, "s/d"), "opened SUSPECT");
    tick_fast(world, clocks, "2026-11-23 09:31:00", "/script/4d9u", 3, MS(5000));
    assert_string_equal(events_of(world, "s/d"), "opened SUSPECT, confirmed DOWN");
    assert_string_equal(verdicts_of(world, "s/d"), "DOWN DOWN DOWN");
}

static void a_signal_ends_the_wait_for_a_recheck(struct e2e *world)
{
    pid_t pid;

    config_one(world, "/status/500", "interval_seconds: 60, confirm: {recheck_seconds: [40]}");
    pid = start_failing(world, "2026-11-23 09:30:00");
    e2e_end(world, pid, SIGTERM);
    e2e_silent(world, 0);
    assert_string_equal(verdicts_of(world, "s/d"), "DOWN");

    /* The recheck is not left over. */
    assert_non_null(strstr(e2e_read(world, "data/ticks"), ",1,0"));
}

/* The recheck of 09:30 is dropped, and the monitor is due in 09:31. */
static void a_minute_that_is_taken_over_counts_its_own_rechecks(struct e2e *world)
{
    volatile int64_t *clocks = e2e_move_clocks(world);
    pid_t pid;

    config_one(world, "/status/500",
               "interval_seconds: 3600, confirm: {failures: 4, recheck_seconds: [20, 30]}");
    pid = start_failing(world, "2026-11-23 09:30:00");
    pass(clocks, 62000);
    await_rows(world, 2);
    pass(clocks, 20000);
    await_rows(world, 3);
    pass(clocks, 10000);
    e2e_wait(world, pid);
    e2e_silent(world, 0);
    assert_string_equal(verdicts_of(world, "s/d"), "DOWN DOWN DOWN DOWN");
    assert_string_equal(events_of(world, "s/d"), "opened SUSPECT, confirmed DOWN");
    assert_in_range(start_of(world, "s/d", 1), (31 * 60 + 1) * 1000, (31 * 60 + 5) * 1000);
}

static void a_clock_that_is_set_moves_no_recheck(struct e2e *world)
{
    volatile int64_t *clocks = e2e_move_clocks(world);
    pid_t pid;

    /* One hour back, and then 20 s forward, which is not the next minute. */
    config_one(world, "/status/500", defaults);
    pid = start_failing(world, "2026-11-23 09:30:00");
    clocks[WALL] -= 3600000;
    pass(clocks, 5000);
    await_rows(world, 2);
    clocks[WALL] += 20000;
    pass(clocks, 10000);
    e2e_wait(world, pid);
    e2e_silent(world, 0);
    assert_string_equal(verdicts_of(world, "s/d"), "DOWN DOWN DOWN");
    assert_in_range(start_of(world, "s/d", 1) - start_of(world, "s/d", 0), 5000, 7000);
    assert_in_range(start_of(world, "s/d", 2) - start_of(world, "s/d", 1), 30000, 32000);
    assert_string_equal(events_of(world, "s/d"), "opened SUSPECT, confirmed DOWN");
}

/* The second recheck would begin after the minute: the tick goes on, and the next minute checks. */
static void slow_timeouts_are_confirmed_in_the_next_minute(struct e2e *world)
{
    volatile int64_t *clocks = e2e_move_clocks(world);
    pid_t pid;

    config_one(world, "/hang",
               "interval_seconds: 3600, timeout_seconds: 3, "
               "confirm: {recheck_seconds: [5, 50]}");
    pid = start_failing(world, "2026-11-23 09:30:00");
    pass(clocks, 5000);
    e2e_await(world, "/hang", 2);
    pass(clocks, 49000);
    e2e_wait(world, pid);
    e2e_silent(world, 0);
    assert_string_equal(verdicts_of(world, "s/d"), "TIMEOUT TIMEOUT TIMEOUT");
    assert_in_range(start_of(world, "s/d", 2) - start_of(world, "s/d", 0), 51000, 63000);
    assert_string_equal(events_of(world, "s/d"), "opened SUSPECT, confirmed DOWN");
}

static void a_removed_monitor_is_closed_once(struct e2e *world)
{
    static const char other[] = "sites: [{id: s, domains: [{id: e, url: 'http://@http@/ok'}]}]\n";

    config_one(world, "/status/500", "interval_seconds: 60, confirm: {failures: 1}");
    e2e_tick(world, "2026-11-23 09:30:00");
    e2e_config(world, other);
    e2e_tick(world, "2026-11-23 09:31:00");
    assert_string_equal(events_of(world, "s/d"),
                        "opened SUSPECT, confirmed DOWN, closed UP removed");
    e2e_tick(world, "2026-11-23 09:32:00");

    /* If it comes back, it starts UP. */
    config_one(world, "/status/500", "interval_seconds: 60, confirm: {failures: 1}");
    e2e_tick(world, "2026-11-23 09:33:00");
    assert_string_equal(
        events_of(world, "s/d"),
        "opened SUSPECT, confirmed DOWN, closed UP removed, opened SUSPECT, confirmed DOWN");
}

/* Its slots come every ten seconds; the recheck is one check more. */
static void short_intervals_keep_their_slots_beside_rechecks(struct e2e *world)
{
    config_one(world, "/script/1d9u", "interval_seconds: 10, confirm: {recheck_seconds: [2]}");
    e2e_tick(world, "2026-11-23 09:30:40");
    assert_string_equal(events_of(world, "s/d"), "opened SUSPECT, closed UP blip");
    assert_in_range(e2e_count(world, "/script/1d9u"), 3, 4);
}

/* Clang-format would put several on a line. */
/* clang-format off */
int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(one_failed_check_is_a_blip),
        E2E_TEST(the_defaults_confirm_an_outage_in_fifteen_seconds),
        E2E_TEST(the_page_is_built_while_only_rechecks_are_left),
        E2E_TEST(what_rechecks_decide_is_shown_at_once),
        E2E_TEST(one_failure_is_an_outage_if_the_configuration_asks_for_it),
        E2E_TEST(an_outage_ends_after_two_good_checks_in_one_tick),
        E2E_TEST(without_recheck_seconds_only_slots_count),
        E2E_TEST(undecided_monitors_are_due_in_each_tick),
        E2E_TEST(after_a_gap_an_unconfirmed_failure_is_unseen),
        E2E_TEST(rechecks_wait_as_long_as_the_server_asks),
        E2E_TEST(a_wait_is_no_gap),
        E2E_TEST(rechecks_respect_max_per_host),
        E2E_TEST(a_recheck_tries_the_next_address_first),
        E2E_TEST(a_killed_tick_is_continued_by_the_next_one),
        E2E_TEST(a_signal_ends_the_wait_for_a_recheck),
        E2E_TEST(a_minute_that_is_taken_over_counts_its_own_rechecks),
        E2E_TEST(a_clock_that_is_set_moves_no_recheck),
        E2E_TEST(slow_timeouts_are_confirmed_in_the_next_minute),
        E2E_TEST(a_removed_monitor_is_closed_once),
        E2E_TEST(short_intervals_keep_their_slots_beside_rechecks),
    };

    space_enter();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
