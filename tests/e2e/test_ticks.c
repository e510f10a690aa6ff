/* What a tick checks and when: the schedule under a moved clock, and two ticks at once. */
#include "cmocka_all.h"
#include "e2e.h"

#include <string.h>
#include <sys/wait.h>
#include <time.h>

#define ONE_DOMAIN                                                                                 \
    "sites:\n"                                                                                     \
    "  - id: s\n"                                                                                  \
    "    domains:\n"                                                                               \
    "      - {id: d, url: 'http://@http@/ok', interval_seconds: %d}\n"

static void config_with_interval(struct e2e *world, int seconds)
{
    e2e_config(world, e2e_format(world, ONE_DOMAIN, seconds));
}

/* "2026-11-23 HH:MM:SS", this many minutes after midnight; later days if they overflow. */
static const char *minute(struct e2e *world, int minutes, int second)
{
    return e2e_format(world, "2026-11-%02d %02d:%02d:%02d", 23 + minutes / 1440, minutes / 60 % 24,
                      minutes % 60, second);
}

/* Seconds since the epoch of a row's timestamp. */
static time_t moment(const struct csv_row *row)
{
    struct tm tm = {0};

    assert_non_null(strptime(row->field[TIMESTAMP], "%Y-%m-%dT%H:%M:%S", &tm));
    return timegm(&tm);
}

static void the_first_tick_checks_every_domain(struct e2e *world)
{
    struct csv csv;

    e2e_config(world, "sites:\n"
                      "  - id: a\n"
                      "    domains:\n"
                      "      - {id: d, url: 'http://@http@/ok?1', interval_seconds: 604800}\n"
                      "      - {id: e, url: 'http://@http@/ok?2', interval_seconds: 300}\n"
                      "  - id: b\n"
                      "    domains:\n"
                      "      - {id: d, url: 'http://@http@/ok?3', interval_seconds: 60}\n");
    e2e_tick(world, "2026-11-23 09:30:00");
    assert_int_equal(e2e_all_rows(world), 3);
    csv = e2e_rows(world, "a/d");
    assert_int_equal(csv.n, 1);
    assert_memory_equal(csv.rows[0].field[TIMESTAMP], "2026-11-23T09:30:0", 18);
    assert_string_equal(csv.rows[0].field[SITE], "a");
    assert_string_equal(csv.rows[0].field[DOMAIN], "d");
    assert_string_equal(e2e_text(e2e_entry(e2e_status(world), "a/d"), "status"), "UP");
}

static void a_second_tick_in_the_same_minute_checks_nothing(struct e2e *world)
{
    config_with_interval(world, 60);
    e2e_tick(world, "2026-11-23 09:30:01");
    e2e_tick(world, "2026-11-23 09:30:20");
    e2e_tick(world, "2026-11-23 09:30:58");
    assert_int_equal(e2e_count(world, "/ok"), 1);
    e2e_tick(world, "2026-11-23 09:31:00");
    assert_int_equal(e2e_count(world, "/ok"), 2);
    assert_int_equal(e2e_all_rows(world), 2);
}

static void a_tick_exits_at_once_if_another_is_running(struct e2e *world)
{
    pid_t first;

    e2e_config(world, "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - {id: d, url: 'http://@http@/slow/3000', timeout_seconds: 30}\n");
    first = e2e_start(world, "tick", NULL);
    e2e_await(world, "/slow/3000", 1);
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    assert_string_equal(world->last.out, "");

    /* It did not wait: the check of the first tick is still running. */
    assert_int_equal(waitpid(first, NULL, WNOHANG), 0);
    assert_int_equal(e2e_all_rows(world), 0);
    e2e_wait(world, first);
    e2e_silent(world, 0);
    assert_int_equal(e2e_count(world, "/slow/3000"), 1);
    assert_int_equal(e2e_all_rows(world), 1);
}

/* An hour and the time around it, one tick a minute. */
static void an_interval_of_15_minutes_gives_four_checks_an_hour(struct e2e *world)
{
    struct csv csv;
    size_t in_hour = 0;

    config_with_interval(world, 900);
    for (int m = 0; m < 150; m++)
        e2e_tick(world, minute(world, 9 * 60 + m, m % 50));
    csv = e2e_rows(world, "s/d");

    /* The first check is made at once, all others are 15 minutes apart. */
    for (size_t i = 0; i < csv.n; i++)
        in_hour += strncmp(csv.rows[i].field[TIMESTAMP], "2026-11-23T10", 13) == 0;
    assert_int_equal(in_hour, 4);
    for (size_t i = 2; i < csv.n; i++)
        assert_int_equal(moment(&csv.rows[i]) / 60 - moment(&csv.rows[i - 1]) / 60, 15);
}

static void two_hundred_monitors_are_spread_over_their_interval(struct e2e *world)
{
    char *yaml = e2e_format(world, "%s",
                            "defaults: {interval_seconds: 300}\n"
                            "sites:\n  - id: s\n    domains:\n");
    long before;

    for (int i = 0; i < 200; i++)
        yaml = e2e_format(world, "%s      - {id: d%d, url: 'http://@http@/ok'}\n", yaml, i);
    e2e_config(world, yaml);
    e2e_tick(world, minute(world, 600, 0));
    assert_int_equal(e2e_count(world, "/ok"), 200);
    for (int m = 1; m <= 5; m++) {
        long now;

        before = e2e_count(world, "/ok");
        e2e_tick(world, minute(world, 600 + m, 0));
        now = e2e_count(world, "/ok");
        e2e_check(now - before >= 15 && now - before <= 75,
                  "%ld of 200 checks in one of five minutes", now - before);
    }

    /* Each had exactly one slot in these five minutes. */
    assert_int_equal(e2e_count(world, "/ok"), 400);
}

/* So the disk works while checks run. The pages show them later. */
static void many_results_are_exported_while_another_check_runs(struct e2e *world)
{
    enum { N = 2250, FROM = 2048 };
    int64_t started_ms;
    pid_t pid;

    e2e_config(world, "@http@");
    e2e_shell(world,
              "port=$(cat uptick.yaml) && { echo 'defaults: {interval_seconds: 3600, "
              "confirm: {failures: 1, successes: 1, recheck_seconds: []}}' && "
              "echo 'sites:' && awk -v port=\"$port\" -v n=%d 'BEGIN { for (i = 0; i < n; i++) { "
              "if (i %% 50 == 0) print \"  - id: s\" i \"\\n    domains:\"; "
              "print \"      - {id: d\" i \", url: \\\"http://\" port \"/ok\\\"}\" } "
              "print \"      - {id: hangs, timeout_seconds: 9, url: \\\"http://\" port "
              "\"/hang\\\"}\" }'; } > new && mv new uptick.yaml",
              N);
    world->clock = "2026-11-23 09:30:00";
    started_ms = e2e_now();
    pid = e2e_start(world, "tick", NULL);
    e2e_shell(world,
              "for i in $(seq 300); do [ $(cat data/live/*/*.log 2>/dev/null | wc -l) -ge %d ] && "
              "exit; sleep 0.1; done; exit 1",
              FROM);

    /* After ten seconds, which a slow machine may need for this, the dashboard is built too. */
    if (e2e_now() - started_ms < 8000)
        assert_false(e2e_exists(world, "public/index.html"));
    e2e_wait(world, pid);
    e2e_silent(world, 0);
    assert_int_equal(e2e_all_rows(world), N + 1);
    e2e_shell(world, "test $(cat data/live/*/*.log | sort | uniq | wc -l) = %d", N + 1);
}

static void an_hour_without_ticks_is_caught_up_with_one_check(struct e2e *world)
{
    long before;

    config_with_interval(world, 600);
    for (int m = 0; m < 20; m++)
        e2e_tick(world, minute(world, 540 + m, 0));

    /* One check at 09:00 at once, and two slots of ten minutes. */
    e2e_check(e2e_count(world, "/ok") == 3 || e2e_count(world, "/ok") == 2, "%ld checks",
              e2e_count(world, "/ok"));

    /* No tick for just over an hour: six slots were missed, and one check catches up. */
    before = e2e_count(world, "/ok");
    e2e_tick(world, minute(world, 625, 30));
    assert_int_equal(e2e_count(world, "/ok"), before + 1);
    e2e_tick(world, minute(world, 625, 50));
    assert_int_equal(e2e_count(world, "/ok"), before + 1);

    /* The slots go on as before: one in the next ten minutes. */
    for (int m = 626; m < 636; m++)
        e2e_tick(world, minute(world, m, 0));
    assert_in_range(e2e_count(world, "/ok"), (unsigned long)before + 1, (unsigned long)before + 2);
}

static void a_missed_slot_is_caught_up_at_once(struct e2e *world)
{
    config_with_interval(world, 86400);
    e2e_tick(world, "2026-11-23 00:00:00");
    assert_int_equal(e2e_count(world, "/ok"), 1);

    /* A whole day has one slot; in whichever minute it was, it was missed. */
    e2e_tick(world, "2026-11-24 00:05:00");
    assert_int_equal(e2e_count(world, "/ok"), 2);
    e2e_tick(world, "2026-11-24 00:06:00");
    assert_int_equal(e2e_count(world, "/ok"), 2);
}

static void a_clock_set_back_never_stops_the_checks(struct e2e *world)
{
    long before;

    config_with_interval(world, 60);
    for (int m = 0; m < 5; m++)
        e2e_tick(world, minute(world, 600 + m, 0));
    before = e2e_count(world, "/ok");
    assert_int_equal(before, 5);

    /* An hour back, and the checks go on from there, one a minute. */
    for (int m = 0; m < 5; m++)
        e2e_tick(world, minute(world, 545 + m, 0));
    e2e_check(e2e_count(world, "/ok") >= before + 4, "%ld checks in five minutes",
              e2e_count(world, "/ok") - before);
    e2e_check(e2e_count(world, "/ok") <= before + 5, "%ld checks in five minutes",
              e2e_count(world, "/ok") - before);
    assert_int_equal(e2e_all_rows(world), e2e_count(world, "/ok"));
}

static void a_clock_briefly_far_ahead_does_not_stop_the_checks(struct e2e *world)
{
    config_with_interval(world, 60);
    e2e_tick(world, "2026-11-23 10:00:00");
    e2e_tick(world, "2031-01-01 00:00:00");
    for (int m = 1; m < 5; m++)
        e2e_tick(world, minute(world, 600 + m, 0));
    e2e_check(e2e_count(world, "/ok") >= 5, "%ld checks in six minutes", e2e_count(world, "/ok"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(the_first_tick_checks_every_domain),
        E2E_TEST(a_second_tick_in_the_same_minute_checks_nothing),
        E2E_TEST(a_tick_exits_at_once_if_another_is_running),
        E2E_TEST(an_interval_of_15_minutes_gives_four_checks_an_hour),
        E2E_TEST(two_hundred_monitors_are_spread_over_their_interval),
        E2E_TEST(many_results_are_exported_while_another_check_runs),
        E2E_TEST(an_hour_without_ticks_is_caught_up_with_one_check),
        E2E_TEST(a_missed_slot_is_caught_up_at_once),
        E2E_TEST(a_clock_set_back_never_stops_the_checks),
        E2E_TEST(a_clock_briefly_far_ahead_does_not_stop_the_checks),
    };

    return cmocka_run_group_tests_name("ticks", tests, NULL, NULL);
}
