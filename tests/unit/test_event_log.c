/* The event log: export, rotation, retention and rebuild of events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "records.h"
#include "records/export.h"
#include "records/prune.h"
#include "records/rotate.h"
#include "records/unstaged.h"
#include "state/conditions.h"
#include "state/event_table.h"

#define LIVE        "live/events.log"
#define DAY         "archive/2026-11-23/events.log"
#define AT_DAY(day) (AT_0 + (int64_t)(day)*MS_PER_DAY)

#define OTHER       "archive/2026-11-24/events.log"

/* With these rules, d0 is DOWN after two failed checks, and UP again after one good one. */
static struct world *make_confirming_world(size_t n)
{
    struct world *world = make_world(n);

    for (size_t i = 0; i < n; i++)
        world->domains[i].confirm = (struct confirm){.failures = 2, .successes = 1};
    return world;
}

static void export(struct journal *journal)
{
    struct error error;

    assert_done(export_run(journal, &error), &error);
}

/* A tick at this moment in which all domains have this verdict. */
static void tick(struct world *world, int64_t now_ms, enum status status)
{
    struct journal *journal = open_world(world, now_ms);
    struct error error;

    export(journal);
    assert_done(rotate_run(journal, now_ms, &error), &error);
    assert_done(prune_run(journal, now_ms, &error), &error);
    for (size_t i = 0; i < world->config.n_domains; i++) {
        struct check check = check_at(now_ms + (int64_t)i, status);

        stage(journal, i, &check);
    }
    export(journal);
    journal_close(journal);
}

/* One line of d0. */
static const char *line_of(int64_t at_ms, int64_t began_ms, const char *rest)
{
    static char lines[8][256];
    static int at;
    char timestamp[CLOCK_TEXT_MAX], began[CLOCK_TEXT_MAX];

    at = (at + 1) % 8;
    clock_write_ms(at_ms, timestamp);
    clock_write_ms(began_ms, began);
    snprintf(lines[at], sizeof lines[at], "%s,s0/d0/http@%s,,s0/d0,%s\n", timestamp, began, rest);
    return lines[at];
}

static const char *joined(const char *a, const char *b, const char *c)
{
    static char text[1024];

    snprintf(text, sizeof text, "%s%s%s", a, b, c);
    return text;
}

#define OPENED    "opened,SUSPECT,status.other,\"http_status: expected 200, got \"\"4\"\"\""
#define CONFIRMED "confirmed,DOWN,status.other,\"http_status: expected 200, got \"\"4\"\"\""
#define CLOSED    "closed,UP,,recovered"
#define BLIP      "closed,UP,,blip"

static int count_one(void *context, const struct event *event, struct error *error)
{
    (void)event;
    (void)error;
    ++*(int *)context;
    return 0;
}

static int count_table(struct world *world, int64_t now_ms)
{
    struct journal *journal = open_world(world, now_ms);
    struct error error;
    int n = 0;

    assert_done(event_table_each_since(journal_storage(journal), 0, count_one, &n, &error), &error);
    journal_close(journal);
    return n;
}

static void rebuild(struct world *world, int64_t now_ms)
{
    struct journal_counts counts;
    struct error error;

    assert_done(journal_rebuild(&world->config, &world->log, now_ms, &counts, &error), &error);
}

static bool is_there(const struct world *world, const char *name)
{
    return access(path_in(world, name), F_OK) == 0;
}

static void events_are_exported_with_the_rows_and_rotated_by_their_day(void **state)
{
    struct world *world = make_confirming_world(1);
    int64_t at = AT_0 + MS_PER_DAY - 2 * MS_PER_MINUTE, end = AT_0 + MS_PER_DAY + MS_PER_HOUR;
    const char *opened = line_of(at, at, OPENED);
    const char *confirmed = line_of(at + MS_PER_MINUTE, at, CONFIRMED);
    const char *closed = line_of(at + 2 * MS_PER_MINUTE, at, CLOSED);

    (void)state;
    tick(world, at - MS_PER_MINUTE, STATUS_UP);
    assert_false(is_there(world, LIVE));
    tick(world, at, STATUS_DOWN);
    assert_file(world, LIVE, opened);
    tick(world, at + MS_PER_MINUTE, STATUS_DOWN);
    assert_file(world, LIVE, joined(opened, confirmed, ""));
    tick(world, at + 2 * MS_PER_MINUTE, STATUS_UP); /* the day is over: a rotation */
    assert_file(world, DAY, joined(opened, confirmed, ""));
    assert_file(world, LIVE, closed);
    tick(world, end, STATUS_UP);
    assert_file(world, LIVE, "");
    assert_file(world, OTHER, closed);
    assert_int_equal(count_table(world, end), 3);

    /* The table is the same from the files alone. */
    assert_int_equal(remove(path_in(world, "state.db")), 0);
    rebuild(world, end);
    assert_int_equal(count_table(world, end), 3);
    assert_file(world, DAY, joined(opened, confirmed, ""));
    assert_file(world, OTHER, closed);
    free_world(world);
}

static void an_event_without_a_row_is_exported(void **state)
{
    struct world *world = make_confirming_world(1);
    struct journal *journal = open_world(world, AT_0);
    struct event event = {AT_0, "ipv4-public",     EVENT_LOCAL_NETWORK,
                          AT_0, EVENT_OPENED,      EVENT_DOWN,
                          "",   "143 of 150 hosts"};
    struct error error;

    (void)state;
    assert_done(conditions_record(journal_storage(journal), &event, &error), &error);
    export(journal);
    journal_close(journal);
    assert_file(world, LIVE,
                "2026-11-23T00:00:00.000Z,ipv4-public/local_network@2026-11-23T00:00:00.000Z,,"
                "ipv4-public,opened,DOWN,,143 of 150 hosts\n");
    assert_false(is_there(world, "live/s0"));
    assert_int_equal(count_table(world, AT_0), 1);
    free_world(world);
}

static void torn_bytes_are_overwritten_and_foreign_ones_quarantined(void **state)
{
    struct world *world = make_confirming_world(1);
    const char *opened = line_of(AT_0, AT_0, OPENED);
    const char *confirmed = line_of(AT_0 + MS_PER_MINUTE, AT_0, CONFIRMED);
    const char *closed = line_of(AT_0 + 2 * MS_PER_MINUTE, AT_0, CLOSED);
    char torn[64];

    (void)state;
    tick(world, AT_0, STATUS_DOWN);
    snprintf(torn, sizeof torn, "%.50s", confirmed);
    append_text(world, LIVE, torn);
    tick(world, AT_0 + MS_PER_MINUTE, STATUS_DOWN);
    assert_file(world, LIVE, joined(opened, confirmed, ""));
    append_text(world, LIVE, "a person's note\n");
    tick(world, AT_0 + 2 * MS_PER_MINUTE, STATUS_UP);
    assert_file(world, LIVE, joined(opened, confirmed, closed));
    assert_file(world, LIVE ".quarantine", "a person's note\n");
    assert_non_null(strstr(world->log_text, LIVE ": contained bytes that are not results"));
    free_world(world);
}

static void an_event_log_of_another_moment_leads_to_a_rebuild(void **state)
{
    struct world *world = make_confirming_world(1);
    const char *opened = line_of(AT_0, AT_0, OPENED);

    (void)state;
    for (int shorter = 0; shorter < 2; shorter++) {
        tick(world, AT_0, STATUS_DOWN);
        tick(world, AT_0 + MS_PER_MINUTE, STATUS_DOWN);
        assert_int_equal(count_table(world, AT_0), 2);
        if (shorter)
            write_whole(world, LIVE, "wb", opened, strlen(opened));
        else
            append_text(world, LIVE, line_of(AT_0 + 1, AT_0 + 1, OPENED));
        assert_int_equal(remove(path_in(world, "state.db.stamp")), 0);
        assert_int_equal(count_table(world, AT_0 + 2 * MS_PER_MINUTE), shorter ? 1 : 3);
        assert_non_null(strstr(world->log_text, "was of another moment than the records"));
        reset_log(world);
        nftw(path_in(world, "live"), remove_one, 16, FTW_DEPTH | FTW_PHYS);
        remove(path_in(world, "state.db"));
    }
    free_world(world);
}

static void an_event_is_in_one_file_and_once_after_a_rebuild(void **state)
{
    struct world *world = make_confirming_world(1);
    const char *opened = line_of(AT_0, AT_0, OPENED);
    const char *closed = line_of(AT_0 + MS_PER_MINUTE, AT_0, BLIP);
    const char *late = line_of(AT_0 + 2 * MS_PER_MINUTE, AT_0 + 2 * MS_PER_MINUTE, OPENED);

    (void)state;
    tick(world, AT_0, STATUS_DOWN);
    tick(world, AT_0 + MS_PER_MINUTE, STATUS_UP);
    assert_file(world, LIVE, joined(opened, closed, ""));

    /* As a copy shows it that was made during a rotation. */
    write_whole(world, DAY, "wb", opened, strlen(opened));
    rebuild(world, AT_0 + 2 * MS_PER_MINUTE);
    assert_file(world, LIVE, joined(opened, closed, ""));
    assert_file(world, DAY, "");

    /* Both are archived, and one of them came back with an older live file. */
    write_whole(world, DAY, "wb", joined(opened, closed, ""), strlen(joined(opened, closed, "")));
    write_whole(world, LIVE, "wb", joined(closed, late, ""), strlen(joined(closed, late, "")));
    rebuild(world, AT_0 + 3 * MS_PER_MINUTE);
    assert_int_equal(count_table(world, AT_0 + 3 * MS_PER_MINUTE), 3);
    free_world(world);
}

static void assert_contains(struct world *world, const char *name, const char *line)
{
    char *text = read_whole(world, name, NULL);

    assert_non_null(text);
    assert_non_null(strstr(text, line));
    free(text);
}

static void bad_lines_are_reported_and_skipped(void **state)
{
    struct world *world = make_confirming_world(1);
    const char *opened = line_of(AT_0, AT_0, OPENED);

    (void)state;
    tick(world, AT_0, STATUS_DOWN);
    append_text(world, LIVE, "garbage\n");
    append_text(world, LIVE, line_of(AT_0 + 1, AT_0, "opened,UP,,"));
    append_text(world, DAY, line_of(AT_0 + MS_PER_DAY, AT_0, CONFIRMED));
    append_text(world, LIVE, "torn");
    rebuild(world, AT_0 + MS_PER_MINUTE);
    assert_non_null(strstr(world->log_text, LIVE ":2: skipped: expected eight fields"));
    assert_non_null(strstr(world->log_text, LIVE ":3: skipped: field 8"));
    assert_non_null(strstr(world->log_text, DAY ":1: skipped: event of another day"));
    assert_file(world, LIVE ".quarantine", "torn");
    assert_int_equal(count_table(world, AT_0 + MS_PER_MINUTE), 1);

    /* The rotation keeps the event, and quarantines the rest. */
    tick(world, AT_0 + 2 * MS_PER_HOUR, STATUS_DOWN);
    tick(world, AT_0 + 3 * MS_PER_HOUR, STATUS_UP);
    assert_contains(world, DAY, opened);
    assert_contains(world, LIVE ".quarantine", "garbage\n");
    free_world(world);
}

/* Ticks at noon; d0 fails on each day and is good again. */
static void live_days(struct world *world, int first, int last)
{
    for (int day = first; day <= last; day++) {
        int64_t noon = AT_DAY(day) + MS_PER_DAY / 2;

        tick(world, noon, STATUS_DOWN);
        tick(world, noon + MS_PER_MINUTE, STATUS_UP);
    }
    reset_log(world);
}

static void an_old_archive_keeps_its_event_log_for_400_days(void **state)
{
    struct world *world = make_confirming_world(1);
    int64_t end = AT_DAY(4) + MS_PER_DAY / 2 + MS_PER_HOUR;
    char name[64], date[CLOCK_TEXT_MAX];

    (void)state;
    world->config.retention_days = 2;
    live_days(world, 0, 4);
    tick(world, end, STATUS_UP);
    assert_true(is_there(world, DAY));
    assert_false(is_there(world, "archive/2026-11-23/s0"));
    assert_true(is_there(world, "archive/2026-11-25/s0/d0.log"));
    assert_int_equal(count_table(world, end), 10);

    /* A killed prune has left this. */
    append_text(world, "archive/2026-11-23/.pruned-s0/d0.log", "half\n");
    append_text(world, "archive/2026-11-23/s1/d3.log", "whole\n");
    rebuild(world, end);
    tick(world, end + MS_PER_HOUR, STATUS_UP);
    assert_true(is_there(world, DAY));
    assert_false(is_there(world, "archive/2026-11-23/.pruned-s0"));
    assert_false(is_there(world, "archive/2026-11-23/s1"));

    /* 400 days after it, the day is not too old; one day later, it is. */
    for (int day = 398; day <= 401; day++) {
        clock_write_day(DAY_0 + day, date);
        snprintf(name, sizeof name, "archive/%s", date);
        mkdir(path_in(world, name), 0750);
        if (day == 400)
            tick(world, AT_DAY(400) + MS_PER_HOUR, STATUS_UP);
        if (day == 400)
            assert_true(is_there(world, DAY));
    }
    tick(world, AT_DAY(401) + MS_PER_HOUR, STATUS_UP);
    assert_false(is_there(world, "archive/2026-11-23"));
    assert_true(is_there(world, OTHER));
    assert_int_equal(count_table(world, AT_DAY(401) + MS_PER_HOUR), 8);
    free_world(world);
}

static void the_events_of_an_open_condition_stay_in_the_state(void **state)
{
    struct world *world = make_confirming_world(1);
    char name[64], date[CLOCK_TEXT_MAX];

    (void)state;
    world->config.retention_days = 1;
    tick(world, AT_0, STATUS_DOWN);
    tick(world, AT_0 + MS_PER_MINUTE, STATUS_DOWN);
    for (int day = 399; day <= 402; day++) {
        clock_write_day(DAY_0 + day, date);
        snprintf(name, sizeof name, "archive/%s", date);
        mkdir(path_in(world, name), 0750);
    }
    tick(world, AT_DAY(402), STATUS_DOWN);
    assert_int_equal(count_table(world, AT_DAY(402)), 2);
    free_world(world);
}

static void retention_0_keeps_every_event_log(void **state)
{
    struct world *world = make_confirming_world(1);
    char name[64], date[CLOCK_TEXT_MAX];

    (void)state;
    world->config.retention_days = 0;
    live_days(world, 0, 1);
    for (int day = 499; day <= 502; day++) {
        clock_write_day(DAY_0 + day, date);
        snprintf(name, sizeof name, "archive/%s", date);
        mkdir(path_in(world, name), 0750);
    }
    tick(world, AT_DAY(502), STATUS_UP);
    assert_true(is_there(world, DAY));
    assert_true(is_there(world, "archive/2026-11-23/s0/d0.log"));
    assert_int_equal(count_table(world, AT_DAY(502)), 4);
    free_world(world);
}

/* Writes the results of d0 as a tick does that cannot write the state. */
static void write_unstaged(struct world *world, int64_t at_ms, enum status status)
{
    struct journal *journal = open_world(world, at_ms);
    struct staged_result result = outcome_of(0, at_ms + 1, check_at(at_ms, status));
    struct error error;

    assert_done(unstaged_write(journal, &result, 1, &error), &error);
    journal_close(journal);
}

static void stage_unstaged(struct world *world, int64_t now_ms, bool exports)
{
    struct journal *journal = open_world(world, now_ms);
    struct error error;

    assert_done(unstaged_stage(journal, &error), &error);
    if (exports)
        export(journal);
    journal_close(journal);
}

static void a_row_that_could_not_be_staged_causes_its_events_once(void **state)
{
    struct world *world = make_confirming_world(1);
    const char *opened = line_of(AT_0, AT_0, OPENED);
    const char *confirmed = line_of(AT_0 + MS_PER_MINUTE, AT_0, CONFIRMED);

    (void)state;
    write_unstaged(world, AT_0, STATUS_DOWN);
    write_unstaged(world, AT_0 + MS_PER_MINUTE, STATUS_DOWN);
    stage_unstaged(world, AT_0 + 2 * MS_PER_MINUTE, false);

    /* The run was killed before it deleted the file; then after the export. */
    write_unstaged(world, AT_0, STATUS_DOWN);
    write_unstaged(world, AT_0 + MS_PER_MINUTE, STATUS_DOWN);
    stage_unstaged(world, AT_0 + 2 * MS_PER_MINUTE, true);
    assert_file(world, LIVE, joined(opened, confirmed, ""));
    write_unstaged(world, AT_0, STATUS_DOWN);
    write_unstaged(world, AT_0 + MS_PER_MINUTE, STATUS_DOWN);
    stage_unstaged(world, AT_0 + 3 * MS_PER_MINUTE, true);
    assert_file(world, LIVE, joined(opened, confirmed, ""));
    assert_int_equal(count_table(world, AT_0 + 3 * MS_PER_MINUTE), 2);
    free_world(world);
}

/* The rows of a tick are exported although its events cannot be; those follow later. */
static void something_else_in_the_place_of_the_log_keeps_the_events_staged(void **state)
{
    struct world *world = make_confirming_world(1);
    struct journal *journal;
    struct check check = check_at(AT_0, STATUS_DOWN);
    struct error error;

    (void)state;
    mkdir(path_in(world, "live"), 0750);
    mkdir(path_in(world, LIVE), 0750);
    journal = open_world(world, AT_0);
    stage(journal, 0, &check);
    assert_int_equal(export_run(journal, &error), -1);
    assert_non_null(strstr(error.text, LIVE ": not a regular file; the results are kept in"));
    assert_true(is_there(world, "live/s0/d0.log"));
    rmdir(path_in(world, LIVE));
    export(journal);
    journal_close(journal);
    assert_file(world, LIVE, line_of(AT_0, AT_0, OPENED));
    assert_int_equal(count_table(world, AT_0), 1);
    free_world(world);
}

/* Stages EVENT_SENT about an outage of d0. */
static void stage_sent(struct journal *journal, int64_t at_ms, const char *detail)
{
    const struct event event = {at_ms,      "s0/d0",    EVENT_HTTP, AT_0,
                                EVENT_SENT, EVENT_DOWN, "",         detail};
    struct storage *storage = journal_storage(journal);
    struct error error;

    assert_done(storage_begin(storage, &error), &error);
    assert_done(storage_end(storage, conditions_stage_event(storage, &event, &error), &error),
                &error);
}

static int64_t setting_of(struct journal *journal, enum storage_setting setting)
{
    struct error error;
    int64_t value;

    assert_done(storage_get_setting(journal_storage(journal), setting, &value, &error), &error);
    return value;
}

static void what_was_sent_is_in_the_log_but_changes_no_page(void **state)
{
    struct world *world = make_confirming_world(1);
    struct journal *journal = open_world(world, AT_0);
    struct error error;
    char *text;

    (void)state;
    stage_sent(journal, AT_0, "ops 1 began");
    stage_sent(journal, AT_0, "pager 1 began");
    export(journal);
    assert_int_equal(setting_of(journal, SETTING_PENDING), 0);
    assert_int_equal(setting_of(journal, SETTING_LAST_EVENT), 2);
    text = read_whole(world, LIVE, NULL);
    assert_string_equal(text, joined(line_of(AT_0, AT_0, "sent,DOWN,,ops 1 began"),
                                     line_of(AT_0, AT_0, "sent,DOWN,,pager 1 began"), ""));
    free(text);
    assert_done(storage_set_setting(journal_storage(journal), SETTING_ALERT_DUE_MS, 1, &error),
                &error);
    stage_sent(journal, AT_0 + 1, "ops 2 ended");
    export(journal);
    assert_int_equal(setting_of(journal, SETTING_ALERT_DUE_MS), 1);
    journal_close(journal);

    /* An event of a condition does. */
    tick(world, AT_0 + MS_PER_MINUTE, STATUS_DOWN);
    journal = open_world(world, AT_0 + MS_PER_MINUTE);
    assert_int_equal(setting_of(journal, SETTING_PENDING), 1);
    assert_int_equal(setting_of(journal, SETTING_ALERT_DUE_MS), 0);
    journal_close(journal);
    free_world(world);
}

/* A rebuild stages again what was staged, and numbers it after the whole log. */
static void what_was_sent_is_carried_over_once(void **state)
{
    struct world *world = make_confirming_world(1);
    struct journal *journal;
    char *text;

    (void)state;
    tick(world, AT_0, STATUS_DOWN);
    journal = open_world(world, AT_0 + 1);
    stage_sent(journal, AT_0 + 1, "ops 1 began");
    export(journal);
    stage_sent(journal, AT_0 + 1, "ops 1 began"); /* it was exported already */
    stage_sent(journal, AT_0 + 2, "ops 2 ended");
    journal_close(journal);
    for (int i = 0; i < 2; i++) {
        rebuild(world, AT_0 + 3);
        journal = open_world(world, AT_0 + 3);
        export(journal);
        assert_int_equal(setting_of(journal, SETTING_LAST_EVENT), 3);
        journal_close(journal);
        text = read_whole(world, LIVE, NULL);
        assert_string_equal(text, joined(line_of(AT_0, AT_0, OPENED),
                                         line_of(AT_0 + 1, AT_0, "sent,DOWN,,ops 1 began"),
                                         line_of(AT_0 + 2, AT_0, "sent,DOWN,,ops 2 ended")));
        free(text);
    }
    assert_int_equal(count_table(world, AT_0 + 3), 1);

    /* Staged events of conditions too. */
    journal = open_world(world, AT_0 + 4);
    stage(journal, 0, &(struct check){.start_ms = AT_0 + 4, .status = STATUS_UP});
    journal_close(journal);
    rebuild(world, AT_0 + 5);
    journal = open_world(world, AT_0 + 5);
    export(journal);
    assert_int_equal(setting_of(journal, SETTING_LAST_EVENT), 4);
    journal_close(journal);
    assert_contains(world, LIVE, line_of(AT_0 + 4, AT_0, BLIP));
    assert_int_equal(count_table(world, AT_0 + 5), 2);
    free_world(world);
}

static void what_was_sent_is_kept_in_the_state_as_long_as_its_log(void **state)
{
    struct world *world = make_confirming_world(1);
    struct journal *journal = open_world(world, AT_0);
    struct error error;
    int n = 0;

    (void)state;
    stage_sent(journal, AT_0, "ops 1 began");
    export(journal);
    assert_done(event_table_delete_before(journal_storage(journal), AT_0, &error), &error);
    assert_done(event_table_each_of_messages(journal_storage(journal), 9, count_one, &n, &error),
                &error);
    assert_int_equal(n, 1);
    assert_done(event_table_delete_before(journal_storage(journal), AT_0 + 1, &error), &error);
    assert_done(event_table_each_of_messages(journal_storage(journal), 9, count_one, &n, &error),
                &error);
    assert_int_equal(n, 1);
    journal_close(journal);
    free_world(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_are_exported_with_the_rows_and_rotated_by_their_day),
        cmocka_unit_test(an_event_without_a_row_is_exported),
        cmocka_unit_test(torn_bytes_are_overwritten_and_foreign_ones_quarantined),
        cmocka_unit_test(an_event_log_of_another_moment_leads_to_a_rebuild),
        cmocka_unit_test(an_event_is_in_one_file_and_once_after_a_rebuild),
        cmocka_unit_test(bad_lines_are_reported_and_skipped),
        cmocka_unit_test(an_old_archive_keeps_its_event_log_for_400_days),
        cmocka_unit_test(the_events_of_an_open_condition_stay_in_the_state),
        cmocka_unit_test(retention_0_keeps_every_event_log),
        cmocka_unit_test(a_row_that_could_not_be_staged_causes_its_events_once),
        cmocka_unit_test(something_else_in_the_place_of_the_log_keeps_the_events_staged),
        cmocka_unit_test(what_was_sent_is_in_the_log_but_changes_no_page),
        cmocka_unit_test(what_was_sent_is_carried_over_once),
        cmocka_unit_test(what_was_sent_is_kept_in_the_state_as_long_as_its_log),
    };

    return cmocka_run_group_tests_name("event_log", tests, NULL, NULL);
}
