/* Ticks that are ended halfway, by SIGTERM, SIGINT or SIGKILL. */
#include "cmocka_all.h"
#include "e2e.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char quick[] =
    "sites:\n"
    "  - id: s\n"
    "    domains:\n"
    "      - {id: a, url: 'http://@http@/ok?a', interval_seconds: 60}\n"
    "      - {id: b, url: 'http://@http@/status/500', interval_seconds: 60}\n"
    "      - {id: c, url: 'http://@http@/ok?c', interval_seconds: 60}\n";

/* The quick monitors, and one that keeps the tick running. */
static void config_in_the_middle(struct e2e *world)
{
    e2e_config(world, "defaults: {timeout_seconds: 30, interval_seconds: 60}\n"
                      "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - {id: a, url: 'http://@http@/ok?a'}\n"
                      "      - {id: b, url: 'http://@http@/status/500'}\n"
                      "      - {id: c, url: 'http://@http@/ok?c'}\n"
                      "      - {id: slow, url: 'http://@http@/hang'}\n");
}

/* Every row is complete, and there is at most one for each answer of the server. */
static void check_rows(struct e2e *world, const char *monitor, const char *target, long lost)
{
    struct csv csv = e2e_rows(world, monitor);
    long asked = e2e_count(world, target);

    e2e_check((long)csv.n <= asked && (long)csv.n >= asked - lost, "%s: %zu rows for %ld checks",
              monitor, csv.n, asked);
    for (size_t i = 1; i < csv.n; i++)
        assert_string_not_equal(csv.rows[i].field[TIMESTAMP], csv.rows[i - 1].field[TIMESTAMP]);
}

static void check_pages_complete(struct e2e *world)
{
    const char *page = e2e_read(world, "public/index.html");

    assert_non_null(strstr(page, "</html>"));
    assert_non_null(strstr(e2e_read(world, "public/site/s.html"), "</html>"));
    e2e_status(world);
}

/* Starts a tick, and waits until the quick checks are finished and staged. */
static pid_t tick_to_its_middle(struct e2e *world)
{
    static const struct timespec moment = {.tv_sec = 1};
    long before = e2e_count(world, "/ok?a");
    pid_t pid = e2e_start(world, "tick", NULL);

    e2e_await(world, "/ok?a", before + 1);
    e2e_await(world, "/ok?c", before + 1);
    e2e_await(world, "/status/500", before + 1);
    e2e_await(world, "/hang", 1);

    /* Results are staged a few times a second; this cannot be seen from outside. */
    nanosleep(&moment, NULL);
    return pid;
}

/* Ends a tick halfway by a signal, after a complete tick in the minute before. */
static void end_by(struct e2e *world, int number)
{
    pid_t pid;

    e2e_config(world, quick);
    e2e_tick(world, "2026-11-23 09:30:00");
    config_in_the_middle(world);
    world->clock = "2026-11-23 09:31:00";
    pid = tick_to_its_middle(world);
    e2e_end(world, pid, number);
    assert_int_equal(world->last.signal, 0);
    e2e_silent(world, 0);

    /* Finished results are kept, checks in flight are dropped, and the dashboard stays. */
    assert_int_equal(e2e_rows(world, "s/a").n, 2);
    assert_int_equal(e2e_rows(world, "s/b").n, 2);
    assert_int_equal(e2e_rows(world, "s/c").n, 2);
    assert_int_equal(e2e_rows(world, "s/slow").n, 0);
    check_pages_complete(world);

    /* The next tick shows the finished results, even though it has nothing to check. */
    e2e_config(world, quick);
    e2e_tick(world, "2026-11-23 09:31:40");
    assert_memory_equal(
        e2e_text(json_object_get(e2e_entry(e2e_status(world), "s/a"), "last_check"), "timestamp"),
        "2026-11-23T09:31", 16);
}

static void sigterm_ends_a_tick_within_a_second(struct e2e *world)
{
    end_by(world, SIGTERM);
}

static void sigint_ends_a_tick_within_a_second(struct e2e *world)
{
    end_by(world, SIGINT);
}

static void checks_dropped_by_a_signal_are_made_by_the_next_tick(struct e2e *world)
{
    pid_t pid;

    config_in_the_middle(world);
    pid = tick_to_its_middle(world);
    kill(pid, SIGTERM);
    e2e_wait(world, pid);
    pid = e2e_start(world, "tick", NULL);
    e2e_await(world, "/hang", 2);
    kill(pid, SIGTERM);
    e2e_wait(world, pid);
    e2e_silent(world, 0);
}

static void sigterm_ends_a_tick_at_once_while_it_waits_for_a_slot(struct e2e *world)
{
    pid_t pid;

    world->clock = "2026-11-23 09:30:01";
    e2e_config(world, "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - {id: d, url: 'http://@http@/ok', interval_seconds: 40}\n");
    pid = e2e_start(world, "tick", NULL);
    e2e_await(world, "/ok", 1);
    e2e_end(world, pid, SIGTERM);
    e2e_silent(world, 0);
}

static void a_tick_killed_halfway_loses_and_doubles_nothing(struct e2e *world)
{
    pid_t pid;

    config_in_the_middle(world);
    pid = tick_to_its_middle(world);
    kill(pid, SIGKILL);
    e2e_wait(world, pid);
    assert_int_equal(world->last.signal, SIGKILL);

    /* The next tick finds no lock, exports the staged results to the CSV, and goes on. */
    e2e_config(world, quick);
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    check_rows(world, "s/a", "/ok?a", 0);
    check_rows(world, "s/b", "/status/500", 0);
    check_rows(world, "s/c", "/ok?c", 0);
    check_pages_complete(world);
}

/* Kills are spread over the whole life of a tick. A check in flight may be lost, but a row is never
 * doubled. */
static void ticks_killed_at_any_moment_leave_complete_records(struct e2e *world)
{
    enum { KILLS = 60, MONITORS = 10 };
    char *yaml = e2e_format(world, "%s", "sites:\n  - id: s\n    domains:\n");

    for (int i = 0; i < MONITORS; i++)
        yaml = e2e_format(world,
                          "%s      - {id: d%d, url: 'http://@http@/ok?%d', interval_seconds: 60}\n",
                          yaml, i, i);
    e2e_config(world, yaml);
    for (int i = 0; i < KILLS; i++) {
        struct timespec life = {.tv_nsec = (i * 1500 % 45000) * 1000L};
        pid_t pid;

        /* Across the ends of hours, so that kills hit rotations too. */
        world->clock = e2e_format(world, "2026-11-23 %02d:%02d:00", 8 + i / 6, 50 + i % 10);
        pid = e2e_start(world, "tick", NULL);
        nanosleep(&life, NULL);
        kill(pid, SIGKILL);
        e2e_wait(world, pid);
    }
    e2e_tick(world, "2026-11-23 20:00:00");
    for (int i = 0; i < MONITORS; i++)
        check_rows(world, e2e_format(world, "s/d%d", i), e2e_format(world, "/ok?%d", i), KILLS);
    e2e_check(e2e_all_rows(world) >= MONITORS, "%zu rows", e2e_all_rows(world));
    check_pages_complete(world);
    e2e_shell(world, "test -z \"$(find . -name '*.quarantine')\"");
    e2e_shell(world, "test -z \"$(ls public | grep -v -e '^site$' -e '^badge$' "
                     "-e '^[a-z].*\\.\\(html\\|json\\|css\\|svg\\|js\\|xml\\|prom\\)$')\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(sigterm_ends_a_tick_within_a_second),
        E2E_TEST(sigint_ends_a_tick_within_a_second),
        E2E_TEST(checks_dropped_by_a_signal_are_made_by_the_next_tick),
        E2E_TEST(sigterm_ends_a_tick_at_once_while_it_waits_for_a_slot),
        E2E_TEST(a_tick_killed_halfway_loses_and_doubles_nothing),
        E2E_TEST(ticks_killed_at_any_moment_leave_complete_records),
    };

    return cmocka_run_group_tests_name("kills", tests, NULL, NULL);
}
