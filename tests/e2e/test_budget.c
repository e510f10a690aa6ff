/* What a tick reports about itself: its own record, and those of the last day. */
#include "cmocka_all.h"
#include "e2e.h"

#include <signal.h>
#include <string.h>

static const char config[] =
    "sites:\n"
    "  - id: s\n"
    "    domains:\n"
    "      - {id: a, url: 'http://@http@/ok?a', interval_seconds: 60}\n"
    "      - {id: b, url: 'http://@http@/ok?b', interval_seconds: 60}\n"
    "      - {id: c, url: 'http://@http@/ok?c', interval_seconds: 86400}\n";

static long long number(const json_t *tick, const char *key)
{
    json_t *value = json_object_get(tick, key);

    e2e_check(json_is_integer(value), "the tick has no number '%s'", key);
    return json_integer_value(value);
}

static json_t *tick_of(const json_t *status)
{
    json_t *tick = json_object_get(status, "tick");

    assert_true(json_is_object(tick));
    return tick;
}

static void check_ticks(const json_t *tick, int counted, int expected)
{
    assert_int_equal(number(tick, "ticks_24h"), counted);
    assert_int_equal(number(tick, "expected_24h"), expected);
}

/* The tick as printed by the command status. */
static json_t *tick_of_command(struct e2e *world)
{
    e2e_uptick(world, "status", "--json", NULL);
    e2e_silent(world, 0);
    e2e_write(world, "public/status.json", world->last.out);
    return tick_of(e2e_status(world));
}

static void status_json_and_pages_show_the_tick_that_built_them(struct e2e *world)
{
    json_t *tick;

    e2e_config(world, config);
    e2e_tick(world, "2026-11-23 09:30:02");
    tick = tick_of(e2e_status(world));
    assert_memory_equal(e2e_text(tick, "start"), "2026-11-23T09:30:0", 18);
    assert_in_range(number(tick, "duration_ms"), 0, 10000);
    assert_int_equal(number(tick, "checks_done"), 3);
    assert_int_equal(number(tick, "left_over"), 0);
    check_ticks(tick, 1, 1);
    e2e_tick(world, "2026-11-23 09:31:00");
    tick = tick_of(e2e_status(world));
    assert_int_equal(number(tick, "checks_done"), 2);
    check_ticks(tick, 2, 2);
    assert_non_null(strstr(e2e_read(world, "public/index.html"), ": 2 checks in "));
    assert_non_null(strstr(e2e_read(world, "public/site/s.html"), "2 of 2 ticks"));
}

/* The longest part of a slow tick is done before its dashboard is built. */
static void the_duration_of_a_tick_includes_its_checks(struct e2e *world)
{
    json_t *tick;

    e2e_config(world, "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - {id: d, url: 'http://@http@/slow/700'}\n");
    e2e_tick(world, "2026-11-23 09:30:00");
    tick = tick_of(e2e_status(world));
    assert_in_range(number(tick, "duration_ms"), 700, 10000);
}

static void missed_ticks_are_counted(struct e2e *world)
{
    e2e_config(world, config);
    e2e_tick(world, "2026-11-23 23:55:00");
    e2e_tick(world, "2026-11-23 23:56:00");
    e2e_tick(world, "2026-11-24 00:04:00");
    check_ticks(tick_of(e2e_status(world)), 3, 10);
    assert_non_null(strstr(e2e_read(world, "public/index.html"), "3 of 10 ticks"));

    /* A day later only one fact counts: there was an earlier tick. */
    e2e_tick(world, "2026-11-25 00:04:00");
    check_ticks(tick_of(e2e_status(world)), 1, 1440);
}

static void future_ticks_do_not_count_if_the_clock_was_set_back(struct e2e *world)
{
    e2e_config(world, config);
    e2e_tick(world, "2026-11-23 10:30:00");
    e2e_tick(world, "2026-11-23 09:30:00");
    check_ticks(tick_of(e2e_status(world)), 1, 1);
}

static void status_and_render_show_the_last_tick(struct e2e *world)
{
    json_t *tick;

    e2e_config(world, config);
    e2e_tick(world, "2026-11-23 09:30:00");
    e2e_tick(world, "2026-11-23 09:31:00");
    world->clock = "2026-11-23 09:31:30";
    tick = tick_of_command(world);
    assert_memory_equal(e2e_text(tick, "start"), "2026-11-23T09:31:0", 18);
    assert_int_equal(number(tick, "checks_done"), 2);
    check_ticks(tick, 2, 2);
    e2e_uptick(world, "render", NULL);
    e2e_silent(world, 0);
    assert_true(json_equal(tick, tick_of(e2e_status(world))));
    e2e_uptick(world, "status", NULL);
    e2e_silent(world, 0);
    assert_non_null(strstr(world->last.out, "\nLast tick 09:31 UTC: 2 checks in "));
    assert_non_null(strstr(world->last.out, "; 2 of 2 ticks ran in the last 24 hours\n"));

    /* The tick of the current minute may still come; those of the minutes before were missed. */
    world->clock = "2026-11-23 09:34:00";
    check_ticks(tick_of_command(world), 2, 4);
}

static void the_record_of_ticks_survives_a_rebuild(struct e2e *world)
{
    json_t *tick;

    e2e_config(world, config);
    e2e_tick(world, "2026-11-23 09:30:00");
    e2e_tick(world, "2026-11-23 09:31:00");
    world->clock = "2026-11-23 09:31:30";
    tick = tick_of_command(world);
    e2e_uptick(world, "rebuild", NULL);
    assert_true(json_equal(tick, tick_of_command(world)));
}

static void a_past_moment_shows_no_tick(struct e2e *world)
{
    e2e_config(world, config);
    e2e_tick(world, "2026-11-23 09:30:00");
    world->clock = "2026-11-23 09:32:00";
    e2e_uptick(world, "render", "--at", "2026-11-23T09:31", "--output", "past", NULL);
    e2e_silent(world, 0);
    e2e_shell(world, "rm -r public && mv past public");
    assert_true(json_is_null(json_object_get(e2e_status(world), "tick")));
    assert_null(strstr(e2e_read(world, "public/index.html"), "Last tick"));
}

/* Neither an error nor a message: the tick counts itself. */
static void a_hostile_ticks_file_causes_no_error(struct e2e *world)
{
    static const char *const commands[] = {
        "head -c 92160 /dev/urandom > data/ticks",
        ": > data/ticks",
        "rm data/ticks && ln -s ../precious data/ticks",
        "rm data/ticks && mkfifo data/ticks",
        "rm data/ticks && mkdir data/ticks",
        "rmdir data/ticks && yes '2026-11-23T09:30:00.000Z,1,1,1' | head -c 92160 > data/ticks",
    };

    e2e_config(world, config);
    e2e_write(world, "precious", "precious\n");
    e2e_tick(world, "2026-11-23 09:30:00");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        e2e_shell(world, "%s", commands[i]);
        e2e_tick(world, e2e_format(world, "2026-11-23 09:%d:00", 31 + (int)i));
        check_ticks(tick_of(e2e_status(world)), 1, 1);
    }
    assert_string_equal(e2e_read(world, "precious"), "precious\n");
}

/* The checks count; only -v reports the failed record. */
static void an_unwritable_tick_record_fails_no_tick(struct e2e *world)
{
    e2e_config(world, config);
    e2e_write(world, "data/ticks/in_the_way", "");
    e2e_tick(world, "2026-11-23 09:30:00");
    assert_int_equal(e2e_all_rows(world), 3);
    world->clock = "2026-11-23 09:31:00";
    e2e_uptick(world, "-v", "tick", NULL);
    e2e_reported(world, 0, "data/ticks: ", NULL);
    assert_int_equal(e2e_all_rows(world), 5);
}

static void a_tick_that_finds_another_running_writes_no_record(struct e2e *world)
{
    pid_t pid;

    e2e_config(world, "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - {id: d, url: 'http://@http@/slow/3000', timeout_seconds: 30}\n");
    pid = e2e_start(world, "tick", NULL);
    e2e_await(world, "/slow/3000", 1);
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    assert_false(e2e_exists(world, "data/ticks"));
    e2e_wait(world, pid);
    e2e_silent(world, 0);
    assert_true(e2e_exists(world, "data/ticks"));
}

/* Checks in flight are left to the next tick, and counted. */
static void an_interrupted_tick_writes_its_record(struct e2e *world)
{
    json_t *tick;
    pid_t pid;

    e2e_config(world, "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - {id: a, url: 'http://@http@/ok'}\n"
                      "      - {id: b, url: 'http://@http@/hang', timeout_seconds: 30}\n");
    world->clock = "2026-11-23 09:30:00";
    pid = e2e_start(world, "tick", NULL);
    e2e_await(world, "/ok", 1);
    e2e_await(world, "/hang", 1);
    kill(pid, SIGTERM);
    e2e_wait(world, pid);
    e2e_silent(world, 0);
    world->clock = "2026-11-23 09:30:30";
    tick = tick_of_command(world);
    assert_int_equal(number(tick, "checks_done") + number(tick, "left_over"), 2);
    assert_true(number(tick, "left_over") >= 1);
    check_ticks(tick, 1, 1);
}

static void a_killed_tick_counts_as_missed(struct e2e *world)
{
    pid_t pid;

    e2e_config(world, config);
    e2e_tick(world, "2026-11-23 09:29:00");
    e2e_config(world, "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - {id: hangs, url: 'http://@http@/hang', timeout_seconds: 30}\n");
    world->clock = "2026-11-23 09:30:00";
    pid = e2e_start(world, "tick", NULL);
    e2e_await(world, "/hang", 1);
    kill(pid, SIGKILL);
    e2e_wait(world, pid);
    e2e_config(world, config);
    e2e_tick(world, "2026-11-23 09:31:00");
    check_ticks(tick_of(e2e_status(world)), 2, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(status_json_and_pages_show_the_tick_that_built_them),
        E2E_TEST(the_duration_of_a_tick_includes_its_checks),
        E2E_TEST(missed_ticks_are_counted),
        E2E_TEST(future_ticks_do_not_count_if_the_clock_was_set_back),
        E2E_TEST(status_and_render_show_the_last_tick),
        E2E_TEST(the_record_of_ticks_survives_a_rebuild),
        E2E_TEST(a_past_moment_shows_no_tick),
        E2E_TEST(a_hostile_ticks_file_causes_no_error),
        E2E_TEST(an_unwritable_tick_record_fails_no_tick),
        E2E_TEST(a_tick_that_finds_another_running_writes_no_record),
        E2E_TEST(an_interrupted_tick_writes_its_record),
        E2E_TEST(a_killed_tick_counts_as_missed),
    };

    return cmocka_run_group_tests_name("budget", tests, NULL, NULL);
}
