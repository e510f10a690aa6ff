/* The CSV is enough: state.db is lost or damaged, and past moments are shown. */
#include "cmocka_all.h"
#include "e2e.h"
#include "state.h"

#include <sqlite3.h>
#include <string.h>

static const char lively[] =
    "sites:\n"
    "  - id: s\n"
    "    domains:\n"
    "      - {id: a, url: 'http://@http@/script/2u1d1c3u1b?a', interval_seconds: 60,\n"
    "         bot_protection_string: Checking, expect: {body_contains: basket}}\n"
    "      - {id: b, url: 'http://@http@/flap/3', interval_seconds: 120, role: supplementary}\n"
    "  - id: t\n"
    "    domains:\n"
    "      - {id: hangs, url: 'http://@http@/hang', interval_seconds: 300, timeout_seconds: 0.1}\n"
    "      - {id: refused, url: 'http://@refused@/', interval_seconds: 3600}\n";

/* Two days with a gap, the end of an hour and the end of a day. */
static void live_a_while(struct e2e *world)
{
    e2e_config(world, lively);
    for (int m = 0; m < 6; m++)
        e2e_tick(world, e2e_format(world, "2026-11-21 23:%02d:00", 54 + m));
    for (int m = 0; m < 6; m++)
        e2e_tick(world, e2e_format(world, "2026-11-23 09:%02d:00", 54 + m));
    for (int m = 0; m < 6; m++)
        e2e_tick(world, e2e_format(world, "2026-11-23 10:%02d:00", m));
}

/* Builds the dashboard into a folder at one moment. Everything that shows this moment is made
 * equal. */
static void render_into(struct e2e *world, const char *folder)
{
    world->clock = "2026-11-23 10:05:40";
    e2e_uptick(world, "render", "--output", folder, NULL);
    e2e_silent(world, 0);
    e2e_shell(world, "find '%s' -type f -exec sed -i -e 's/10:05:4[0-9]/10:05:4x/g' {} +", folder);
}

static void check_same_dashboard(struct e2e *world)
{
    render_into(world, "after");
    e2e_shell(world, E2E_DIFF " before after");
}

/* All events, sorted: in time, and those of one moment by their texts. */
static char *sorted_events(struct e2e *world)
{
    e2e_shell(world, "cat data/archive/*/events.log data/live/events.log 2>/dev/null | sort > all");
    return e2e_read(world, "all");
}

static void a_lost_event_log_is_derived_from_the_rows(struct e2e *world)
{
    char *before, *after;

    live_a_while(world);
    before = sorted_events(world);
    render_into(world, "before");
    e2e_shell(world, "test \"$(grep -c ,opened, all)\" -gt 3 && "
                     "rm data/archive/*/events.log data/live/events.log data/state.db*");
    world->clock = "2026-11-23 10:05:30";
    e2e_uptick(world, "rebuild", NULL);
    e2e_shell(world, "test \"$(wc -l < data/live/events.log) events\" = "
                     "\"$(wc -l < all) events\"");
    after = sorted_events(world);
    assert_string_equal(after, before);
    check_same_dashboard(world);
}

/* A tick that rebuilds shows what it derived: one line, and the outages on the pages. */
static void a_tick_shows_the_events_that_it_has_derived(struct e2e *world)
{
    e2e_config(world, lively);
    e2e_tick(world, "2026-11-23 09:53:00");
    for (int m = 0; m < 6; m++)
        e2e_tick(world, e2e_format(world, "2026-11-23 09:%02d:00", 54 + m));
    e2e_shell(world, "rm data/live/events.log data/state.db*");
    world->clock = "2026-11-23 09:59:30";
    e2e_uptick(world, "tick", NULL);
    e2e_reported(world, 0, "data/state.db: was missing; rebuilt from ",
                 "data/live/events.log: ", " events were missing; derived again from the rows\n",
                 NULL);
    e2e_shell(world, "test -s data/live/events.log && "
                     "grep -q \"$(grep -m 1 -o 's/a/http@[^,]*' data/live/events.log)\" "
                     "public/status.json public/site/*.json");
    e2e_tick(world, "2026-11-23 10:00:00");
    e2e_silent(world, 0);
}

/* Nothing is missing in an event log that an older version did not have. */
static void an_older_state_begins_an_event_log(struct e2e *world)
{
    sqlite3 *state;

    live_a_while(world);
    e2e_shell(world, "rm data/archive/*/events.log data/live/events.log data/state.db.stamp");
    state = state_open(world, "data/state.db", SQLITE_OPEN_READWRITE);
    assert_int_equal(sqlite3_exec(state, "PRAGMA user_version = 4", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(state);
    world->clock = "2026-11-23 10:05:30";
    e2e_uptick(world, "tick", NULL);
    e2e_reported(world, 0, "data/state.db: was written by another version of uptick; rebuilt from ",
                 " files; the event log begins with ", " events; the old file is now ", NULL);
    assert_null(strstr(world->last.err, "missing"));
}

/* The tables of version 5 had no alerts. */
static void a_state_of_version_5_is_rebuilt(struct e2e *world)
{
    sqlite3 *state;

    live_a_while(world);
    render_into(world, "before");
    state = state_open(world, "data/state.db", SQLITE_OPEN_READWRITE);
    assert_int_equal(sqlite3_exec(state,
                                  "DROP TABLE message_event; DROP TABLE changed_subject; "
                                  "DROP TABLE target; DROP TABLE reported; DROP TABLE message; "
                                  "DROP TABLE message_part; PRAGMA user_version = 5",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(state);
    e2e_shell(world, "rm data/state.db.stamp");
    world->clock = "2026-11-23 10:05:30";
    e2e_uptick(world, "rebuild", NULL);
    assert_null(strstr(world->last.err, "missing"));
    check_same_dashboard(world);
}

/* The same history, with what was sent about each event in the log: nothing else is different. */
static void events_of_messages_change_nothing_that_is_shown(struct e2e *world)
{
    char *before, *after;

    live_a_while(world);
    before = sorted_events(world);
    render_into(world, "before");
    e2e_shell(world,
              "for log in data/archive/*/events.log data/live/events.log; do "
              "test -s $log || continue; "
              "awk -F, '{ print; if ($5 !~ /^[a-z_]+$/) next; n++; at = $1 \",\" $2 \",,\" $4; "
              "print at \",sent,DOWN,,ops \" n \" began\"; "
              "print at \",failed,UP,,pager \" n \" ended HTTP 503\"; "
              "print at \",expired,SUSPECT,x,pager \" n \" ended\"; "
              "print at \",acknowledged,DOWN,,\" }' $log > with && cat with > $log; done; "
              "rm with data/state.db*; grep -q ,sent, data/live/events.log");
    world->clock = "2026-11-23 10:05:30";
    e2e_uptick(world, "rebuild", NULL);
    e2e_reported(world, 0, "data/state.db: was missing; rebuilt from ", NULL);
    assert_null(strstr(world->last.err, "derived"));
    check_same_dashboard(world);
    e2e_uptick(world, "rebuild", NULL);
    e2e_silent(world, 0);
    e2e_shell(world, "sed -E -i '/,(sent|failed|expired|acknowledged),/d' "
                     "data/archive/*/events.log data/live/events.log");
    after = sorted_events(world);
    assert_string_equal(after, before);
}

static void a_rebuild_shows_its_progress_only_on_a_terminal(struct e2e *world)
{
    /* A chroot may have no terminals. */
    if (system("script -qec true /dev/null > /dev/null 2>&1 < /dev/null")) {
        world->passed = true;
        skip();
    }
    live_a_while(world);
    e2e_shell(world, "script -qec \"$UPTICK rebuild\" terminal > /dev/null < /dev/null && "
                     "tr '\\r' '\\n' < terminal | grep -q '^[0-9,]* rows in [0-9,]* files $'");
    e2e_shell(world, "\"$UPTICK\" rebuild > piped 2>&1 && "
                     "test \"$(cat piped)\" = \"$(grep 'rebuilt from' piped)\" && "
                     "! grep -q \"$(printf '\\r')\" piped");
}

/* The next tick, in a minute in which nothing is due, so that only the rebuild changes anything.
 * The record of this tick itself is removed. */
static void rebuild_by_tick(struct e2e *world)
{
    e2e_shell(world, "cp data/ticks ticks.before");
    world->clock = "2026-11-23 10:05:20";
    e2e_uptick(world, "tick", NULL);
    e2e_shell(world, "mv ticks.before data/ticks");
}

static void the_command_rebuild_gives_the_same_dashboard(struct e2e *world)
{
    live_a_while(world);
    render_into(world, "before");
    e2e_uptick(world, "rebuild", NULL);
    e2e_silent(world, 0);
    check_same_dashboard(world);
    e2e_shell(world, "test -z \"$(ls data | grep corrupt)\"");
}

static void the_next_tick_rebuilds_a_deleted_state(struct e2e *world)
{
    long before;

    live_a_while(world);
    render_into(world, "before");
    before = e2e_count(world, "/flap/3");
    e2e_shell(world, "rm data/state.db*");
    rebuild_by_tick(world);
    e2e_reported(world, 0, "state.db", NULL);
    assert_int_equal(e2e_count(world, "/flap/3"), before);
    check_same_dashboard(world);

    /* It is reported once. */
    rebuild_by_tick(world);
    e2e_silent(world, 0);
}

static void damage_and_rebuild(struct e2e *world, const char *command)
{
    live_a_while(world);
    render_into(world, "before");
    e2e_shell(world, "%s", command);
    rebuild_by_tick(world);
    e2e_reported(world, 0, "state.db", NULL);
    check_same_dashboard(world);
    e2e_shell(world, "ls data | grep -q '^state.db.corrupt-'");
    rebuild_by_tick(world);
    e2e_silent(world, 0);
    e2e_tick(world, "2026-11-23 10:06:00");
}

static void a_state_of_random_bytes_is_set_aside_and_rebuilt(struct e2e *world)
{
    damage_and_rebuild(world,
                       "rm -f data/state.db-* && head -c 100000 /dev/urandom > data/state.db");
}

static void a_state_damaged_in_the_middle_is_set_aside_and_rebuilt(struct e2e *world)
{
    damage_and_rebuild(world, "rm -f data/state.db-* && "
                              "size=$(wc -c < data/state.db) && "
                              "dd if=/dev/urandom of=data/state.db bs=4096 seek=1 "
                              "count=$((size / 4096 - 1)) conv=notrunc 2> /dev/null");
}

static void a_truncated_state_is_set_aside_and_rebuilt(struct e2e *world)
{
    damage_and_rebuild(world, "rm -f data/state.db-* && truncate -s 5000 data/state.db");
}

static void an_empty_state_is_rebuilt(struct e2e *world)
{
    live_a_while(world);
    render_into(world, "before");
    e2e_shell(world, "rm -f data/state.db-* && : > data/state.db");
    rebuild_by_tick(world);
    e2e_reported(world, 0, "state.db", NULL);
    check_same_dashboard(world);
}

static void the_first_tick_creates_the_state_without_a_message(struct e2e *world)
{
    e2e_config(world, lively);
    e2e_tick(world, "2026-11-23 09:00:00");
    assert_true(e2e_exists(world, "data/state.db"));
}

/* status.json without the members about its own creation. */
static json_t *bare_status(struct e2e *world, const char *name)
{
    json_t *status = json_loads(e2e_read(world, name), 0, NULL);

    assert_non_null(status);
    json_object_del(status, "generated_at");
    json_object_del(status, "valid_until");
    json_object_del(status, "tick");
    return status;
}

static void a_past_moment_is_shown_as_it_was(struct e2e *world)
{
    json_t *then, *now;

    live_a_while(world);
    e2e_shell(world, "cp public/status.json then.json");
    for (int m = 6; m < 12; m++)
        e2e_tick(world, e2e_format(world, "2026-11-23 10:%02d:00", m));
    world->clock = "2026-11-23 10:12:30";
    e2e_uptick(world, "render", "--at", "2026-11-23T10:05:59Z", "--output", "past", NULL);
    e2e_silent(world, 0);
    then = bare_status(world, "then.json");
    assert_non_null(strstr(e2e_read(world, "past/status.json"), "\"tick\": null"));
    now = bare_status(world, "past/status.json");
    if (!json_equal(then, now))
        e2e_shell(world, "cat then.json past/status.json >&2");
    assert_true(json_equal(then, now));
    json_decref(then);
    json_decref(now);

    /* The published dashboard is unchanged. */
    assert_memory_equal(e2e_text(e2e_status(world), "generated_at"), "2026-11-23T10:11", 16);
}

static void invalid_rows_are_skipped_and_reported(struct e2e *world)
{
    live_a_while(world);
    e2e_shell(world, "rm data/state.db*");
    e2e_shell(world, "printf 'not,a,row\\n\\n,,,,,,\\n2026-99-99T00:00:00.000Z,s,a,UP,200,1,\\n' "
                     ">> data/archive/2026-11-23/s/a.log");
    rebuild_by_tick(world);
    e2e_reported(world, 0, "a.log", NULL);
    e2e_tick(world, "2026-11-23 10:06:00");
    assert_string_equal(e2e_text(e2e_entry(e2e_status(world), "t/refused"), "status"), "DOWN");
}

/* Changes data/state.db as somebody with an SQL shell may, without regard to its own rules. */
static void change_state(struct e2e *world, const char *sql)
{
    sqlite3 *state;

    assert_int_equal(sqlite3_open(e2e_path(world, "data/state.db"), &state), SQLITE_OK);
    assert_int_equal(sqlite3_exec(state, "PRAGMA ignore_check_constraints = 1", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_exec(state, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(state);
    e2e_shell(world, "rm -f data/state.db.stamp");
}

/* A tick may rebuild such a state, or name it and leave it to the next tick. It never ends with 70
 * or by a signal. */
static void a_tick_survives_impossible_counts_and_lengths(struct e2e *world)
{
    static const char *const changes[] = {
        "UPDATE sum SET minutes = CAST(substr(hex(minutes), 1, length(minutes)) AS BLOB)",
        "UPDATE day SET up = 100000000",
        "UPDATE day SET down = -1000000000000",
        "UPDATE live SET archived = length + 1000",
        "UPDATE live SET length = -3, archived = -9",
        "UPDATE archive SET length = -5",
        "UPDATE monitor SET first_ms = -1, latest_status = 77",
    };

    live_a_while(world);
    e2e_shell(world, "cp -R data saved");
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        e2e_shell(world, "rm -rf data && cp -R saved data");
        change_state(world, changes[i]);
        for (int m = 6; m < 9; m++) {
            world->clock = e2e_format(world, "2026-11-23 10:%02d:00", m);
            e2e_uptick(world, "tick", NULL);
            if (world->last.status != 0 && world->last.status != 74)
                fail_msg("%s: exit status %d: %s", changes[i], world->last.status, world->last.err);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(a_tick_survives_impossible_counts_and_lengths),
        E2E_TEST(the_command_rebuild_gives_the_same_dashboard),
        E2E_TEST(the_next_tick_rebuilds_a_deleted_state),
        E2E_TEST(a_state_of_random_bytes_is_set_aside_and_rebuilt),
        E2E_TEST(a_state_damaged_in_the_middle_is_set_aside_and_rebuilt),
        E2E_TEST(a_truncated_state_is_set_aside_and_rebuilt),
        E2E_TEST(an_empty_state_is_rebuilt),
        E2E_TEST(the_first_tick_creates_the_state_without_a_message),
        E2E_TEST(a_past_moment_is_shown_as_it_was),
        E2E_TEST(a_lost_event_log_is_derived_from_the_rows),
        E2E_TEST(a_tick_shows_the_events_that_it_has_derived),
        E2E_TEST(an_older_state_begins_an_event_log),
        E2E_TEST(a_state_of_version_5_is_rebuilt),
        E2E_TEST(events_of_messages_change_nothing_that_is_shown),
        E2E_TEST(a_rebuild_shows_its_progress_only_on_a_terminal),
        E2E_TEST(invalid_rows_are_skipped_and_reported),
    };

    return cmocka_run_group_tests_name("rebuild", tests, NULL, NULL);
}
