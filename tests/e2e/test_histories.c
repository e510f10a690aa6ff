/* Histories written by hand: what a rebuild and a moved clock make of them. */
#include "cmocka_all.h"
#include "e2e.h"

#include <string.h>

/* Runs uptick at this moment of the clock; it must end with 0. */
static void run_at(struct e2e *world, const char *clock, const char *command)
{
    world->clock = clock;
    e2e_uptick(world, command, NULL);
    assert_int_equal(world->last.status, 0);
}

static json_t *status_at(struct e2e *world, const char *clock)
{
    run_at(world, clock, "render");
    return e2e_status(world);
}

/* "uptime_percent" or "measured_percent" of "site" or "site/domain". */
static double percent(const json_t *status, const char *monitor, const char *span, const char *what)
{
    const json_t *uptime = json_object_get(e2e_entry(status, monitor), "uptime");

    return json_number_value(json_object_get(json_object_get(uptime, span), what));
}

/* Appends a row to an archive. The date is the name of the folder. */
static void add_row(struct e2e *world, const char *domain, const char *day, const char *time,
                    const char *status)
{
    e2e_shell(world,
              "mkdir -p data/archive/%s/s && echo '%sT%s.000Z,s,%s,%s,,,' >> "
              "data/archive/%s/s/%s.log",
              day, day, time, domain, status, day, domain);
}

static const char two_paces[] = "sites:\n"
                                "  - id: s\n"
                                "    domains:\n"
                                "      - {id: slow, url: 'http://@http@/ok?1',\n"
                                "         interval_seconds: 172800}\n"
                                "      - {id: fast, url: 'http://@http@/ok?2',\n"
                                "         interval_seconds: 43200}\n";

/* The slow monitor's check of the 20th counts for the 21st and half of the 22nd; the fast monitor
 * has a gap. */
static void write_two_paces(struct e2e *world)
{
    e2e_config(world, two_paces);
    add_row(world, "slow", "2026-11-20", "12:00:00", "UP");
    add_row(world, "slow", "2026-11-22", "12:00:00", "UP");
    add_row(world, "fast", "2026-11-20", "12:00:00", "UP");
    add_row(world, "fast", "2026-11-21", "00:00:00", "UP");
    add_row(world, "fast", "2026-11-23", "00:00:00", "UP");
}

static void a_rebuild_keeps_the_figures_of_deleted_archives(struct e2e *world)
{
    json_t *before, *after;

    write_two_paces(world);
    run_at(world, "2026-11-23 13:00:00", "rebuild");
    before = status_at(world, "2026-11-23 13:00:00");
    e2e_shell(world, "rm -r data/archive/2026-11-20");
    run_at(world, "2026-11-23 13:00:00", "rebuild");
    after = status_at(world, "2026-11-23 13:00:00");
    assert_true(json_equal(json_object_get(before, "sites"), json_object_get(after, "sites")));
}

static void a_past_moment_keeps_the_first_check_of_deleted_archives(struct e2e *world)
{
    write_two_paces(world);
    run_at(world, "2026-11-23 13:00:00", "rebuild");
    e2e_uptick(world, "render", "--at", "2026-11-23T12:30", "--output", "before", NULL);
    e2e_silent(world, 0);
    e2e_shell(world, "rm -r data/archive/2026-11-20");
    e2e_uptick(world, "render", "--at", "2026-11-23T12:30", "--output", "after", NULL);
    e2e_silent(world, 0);
    e2e_shell(world, E2E_DIFF " before after");
}

static void a_rebuild_counts_the_first_day_again_if_nothing_was_pruned(struct e2e *world)
{
    json_t *status;

    e2e_config(world, two_paces);
    add_row(world, "slow", "2026-11-21", "12:00:00", "DOWN");
    add_row(world, "fast", "2026-11-22", "12:00:00", "UP");
    run_at(world, "2026-11-23 13:00:00", "rebuild");
    e2e_shell(world, "sed -i s/DOWN/UP/ data/archive/2026-11-21/s/slow.log");
    run_at(world, "2026-11-23 13:00:00", "rebuild");
    status = status_at(world, "2026-11-23 13:00:00");
    assert_true(percent(status, "s/slow", "7d", "uptime_percent") == 100.0);
    assert_true(percent(status, "s", "7d", "uptime_percent") == 100.0);
}

static void a_rebuild_indexes_rows_ahead_of_the_clock(struct e2e *world)
{
    json_t *status;

    e2e_config(world, two_paces);
    add_row(world, "slow", "2026-11-23", "23:00:00", "DOWN");
    add_row(world, "slow", "2026-11-24", "00:05:00", "UP");

    /* The clock was set back over midnight. */
    run_at(world, "2026-11-23 23:30:00", "rebuild");
    status = status_at(world, "2026-11-23 23:30:00");
    assert_string_equal(e2e_text(e2e_entry(status, "s/slow"), "status"), "DOWN");
    status = status_at(world, "2026-11-24 00:06:00");
    assert_string_equal(e2e_text(e2e_entry(status, "s/slow"), "status"), "UP");
}

static void a_tick_with_a_clock_of_1970_counts_no_later_days(struct e2e *world)
{
    e2e_config(world, two_paces);
    add_row(world, "slow", "2026-11-22", "12:00:00", "DOWN");
    run_at(world, "2026-11-23 09:00:00", "rebuild");
    run_at(world, "2026-11-23 09:00:00", "render");
    e2e_tick(world, "1970-01-01 01:00:00");
    assert_true(percent(e2e_status(world), "s/slow", "7d", "uptime_percent") == 100.0);
}

static void a_clock_that_was_days_ahead_leaves_no_gap(struct e2e *world)
{
    write_two_paces(world);
    run_at(world, "2026-11-23 12:00:00", "rebuild");
    e2e_tick(world, "2026-12-03 12:00:00");
    e2e_tick(world, "2026-11-23 12:10:00");
    assert_true(percent(e2e_status(world), "s/slow", "24h", "measured_percent") == 100.0);

    /* 4,331 of 9,371 minutes: all since the first check, three days ago. */
    assert_true(percent(e2e_status(world), "s/slow", "7d", "measured_percent") == 46.217);
}

static void a_rebuild_with_a_clock_of_1970_keeps_the_counts(struct e2e *world)
{
    json_t *before, *after;

    write_two_paces(world);
    run_at(world, "2026-11-23 13:00:00", "rebuild");
    before = status_at(world, "2026-11-23 13:00:00");
    e2e_shell(world, "rm -r data/archive/2026-11-20");
    run_at(world, "1970-01-01 00:01:00", "rebuild");
    after = status_at(world, "2026-11-23 13:00:00");
    assert_true(percent(before, "s/slow", "24h", "measured_percent") == 100.0);
    assert_true(json_equal(json_object_get(before, "sites"), json_object_get(after, "sites")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(a_rebuild_keeps_the_figures_of_deleted_archives),
        E2E_TEST(a_past_moment_keeps_the_first_check_of_deleted_archives),
        E2E_TEST(a_rebuild_counts_the_first_day_again_if_nothing_was_pruned),
        E2E_TEST(a_rebuild_indexes_rows_ahead_of_the_clock),
        E2E_TEST(a_tick_with_a_clock_of_1970_counts_no_later_days),
        E2E_TEST(a_clock_that_was_days_ahead_leaves_no_gap),
        E2E_TEST(a_rebuild_with_a_clock_of_1970_keeps_the_counts),
    };

    return cmocka_run_group_tests_name("histories", tests, NULL, NULL);
}
