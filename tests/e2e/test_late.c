/* A tick with too little time left in its minute: checks that it does not start are left to the
 * next one. */
#include "cmocka_all.h"
#include "e2e.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { N = 40, AT_ONCE = 8 };

/* N monitors of one server, all with the same path. */
static void config_of(struct e2e *world, const char *settings, const char *path)
{
    char *yaml = e2e_format(world, "%s\nsites:\n  - id: s\n    domains:\n", settings);

    for (int i = 0; i < N; i++)
        yaml = e2e_format(world,
                          "%s      - {id: d%d, interval_seconds: 60, timeout_seconds: 2, "
                          "url: 'http://@http@%s'}\n",
                          yaml, i, path);
    e2e_config(world, yaml);
}

static long long number(const json_t *status, const char *key)
{
    json_t *value = json_object_get(json_object_get(status, "tick"), key);

    e2e_check(json_is_integer(value), "the tick has no number '%s'", key);
    return json_integer_value(value);
}

static struct csv rows_of(struct e2e *world, int i)
{
    return e2e_rows(world, e2e_format(world, "s/d%d", i));
}

/* The server hangs. Eight checks at once are started, until the minute is too far advanced. */
static void checks_that_cannot_start_in_their_minute_are_left_over(struct e2e *world)
{
    const char *last_left = "", *first_other = "~";
    size_t left = 0;
    json_t *status;

    config_of(world, "", "/ok");
    e2e_tick(world, "2026-11-23 09:30:00");
    config_of(world, "", "/hang");
    e2e_tick(world, "2026-11-23 09:31:50");
    status = e2e_status(world);
    for (int i = 0; i < N; i++)
        left += rows_of(world, i).n == 1;
    assert_in_range(left, 1, N - AT_ONCE);
    assert_int_equal(number(status, "left_over"), left);
    assert_int_equal(number(status, "checks_done"), N - left);
    assert_non_null(
        strstr(e2e_read(world, "public/index.html"),
               e2e_format(world, "<strong>%zu left over for the next tick.</strong>", left)));
    assert_int_equal(e2e_count(world, "/hang"), N - left);

    /* The next tick starts with them. */
    config_of(world, "max_per_host: 1", "/ok");
    e2e_tick(world, "2026-11-23 09:32:30");
    for (int i = 0; i < N; i++) {
        struct csv csv = rows_of(world, i);
        const char *at = csv.rows[csv.n - 1].field[TIMESTAMP];

        assert_string_equal(csv.rows[csv.n - 1].field[STATUS], "UP");
        if (csv.n == 2 && strcmp(at, last_left) > 0)
            last_left = at;
        if (csv.n == 3 && strcmp(at, first_other) < 0)
            first_other = at;
    }
    assert_true(strcmp(last_left, first_other) <= 0);
    assert_int_equal(number(e2e_status(world), "left_over"), 0);
    assert_null(strstr(e2e_read(world, "public/index.html"), "left over for the next tick"));
}

static void checks_stopped_by_a_signal_are_counted_as_left_over(struct e2e *world)
{
    json_t *status;
    pid_t pid;

    config_of(world, "", "/hang");
    world->clock = "2026-11-23 09:30:00";
    pid = e2e_start(world, "tick", NULL);
    e2e_await(world, "/hang", AT_ONCE);
    kill(pid, SIGTERM);
    e2e_wait(world, pid);
    e2e_silent(world, 0);
    world->clock = "2026-11-23 09:30:30";
    e2e_uptick(world, "status", "--json", NULL);
    e2e_silent(world, 0);
    e2e_write(world, "public/status.json", world->last.out);
    status = e2e_status(world);
    assert_int_equal(number(status, "checks_done"), e2e_all_rows(world));
    assert_int_equal(number(status, "checks_done") + number(status, "left_over"), N);
    assert_true(number(status, "left_over") > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(checks_that_cannot_start_in_their_minute_are_left_over),
        E2E_TEST(checks_stopped_by_a_signal_are_counted_as_left_over),
    };

    return cmocka_run_group_tests_name("late", tests, NULL, NULL);
}
