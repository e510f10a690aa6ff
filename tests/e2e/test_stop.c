/* Whatever a tick is doing, a signal ends it within one second, and no finished result is lost. */
#include "calls.h"
#include "cmocka_all.h"
#include "e2e.h"
#include "midnight.h"
#include "state.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char monitors[] = "defaults: {timeout_seconds: 2, interval_seconds: 60}\n"
                               "render_interval_seconds: 0\n"
                               "sites:\n"
                               "  - id: s\n"
                               "    domains:\n"
                               "      - {id: a, url: 'http://@http@/ok?a'}\n"
                               "      - {id: b, url: 'http://@http@/status/500'}\n";

static const char with_hang[] = "      - {id: hang, url: 'http://@http@/hang'}\n";

/* Ends the tick with SIGTERM, within one second and with status 0. */
static void end_tick(struct e2e *world, pid_t pid)
{
    e2e_end(world, pid, SIGTERM);
    /* On a busy machine, the signal may come before the program can notice it. */
    assert_true(world->last.signal == 0 || world->last.signal == SIGTERM);
}

/* Another program that reads the state, in a transaction: the tick cannot commit. */
static sqlite3 *start_reader(struct e2e *world)
{
    sqlite3 *reader = state_open(world, "data/state.db", SQLITE_OPEN_READONLY);

    assert_int_equal(sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM monitor;", NULL, NULL, NULL),
                     SQLITE_OK);
    return reader;
}

/* Ticks once without a reader, then one with a reader, which a signal ends. */
static void tick_beside_a_reader(struct e2e *world)
{
    sqlite3 *reader;
    pid_t pid;

    e2e_config(world, e2e_format(world, "%s%s", monitors, with_hang));
    e2e_tick(world, "2026-11-23 09:30:00");
    reader = start_reader(world);
    world->clock = "2026-11-23 09:31:00";
    pid = e2e_start(world, "tick", NULL);
    e2e_await(world, "/ok?a", 2);
    e2e_await(world, "/status/500", 2);
    nanosleep(&(struct timespec){.tv_nsec = 500 * 1000000},
              NULL); /* the tick has the responses too, but can show that nowhere */
    end_tick(world, pid);
    sqlite3_close(reader);
}

/* Each monitor has one row of each of these minutes. */
static void check_rows(struct e2e *world, const char *last)
{
    const char *const starts[] = {"2026-11-23T09:30", "2026-11-23T09:31", last};

    assert_int_equal(e2e_rows(world, "s/a").n, 3);
    assert_int_equal(e2e_rows(world, "s/b").n, 3);
    for (int i = 0; i < 3; i++) {
        struct csv csv = e2e_rows(world, "s/a");
        const char *minute = starts[i];

        assert_memory_equal(csv.rows[i].field[TIMESTAMP], minute, strlen(minute));
    }
}

static void a_reader_of_the_state_neither_delays_a_signal_nor_loses_results(struct e2e *world)
{
    char *left;

    tick_beside_a_reader(world);
    e2e_silent(world, 0);
    left = e2e_read(world, "data/unstaged.csv");
    assert_non_null(strstr(left, ",s,a,UP,200,"));
    assert_non_null(strstr(left, ",s,b,DOWN,500,"));

    e2e_config(world, monitors);
    e2e_tick(world, "2026-11-23 09:32:00");
    check_rows(world, "2026-11-23T09:32");
    assert_false(e2e_exists(world, "data/unstaged.csv"));

    /* A tick that was killed after it staged the rows leaves the file. */
    e2e_write(world, "data/unstaged.csv", left);
    e2e_tick(world, "2026-11-23 09:32:10");
    check_rows(world, "2026-11-23T09:32");
    assert_false(e2e_exists(world, "data/unstaged.csv"));
}

static void a_damaged_file_of_unstaged_results_loses_no_result(struct e2e *world)
{
    char *left;

    tick_beside_a_reader(world);
    left = e2e_read(world, "data/unstaged.csv");
    e2e_write(world, "data/unstaged.csv",
              e2e_format(world, "no row\n%s2026-11-23T09:31:00.000Z,s,a,UP,2", left));
    e2e_config(world, monitors);
    world->clock = "2026-11-23 09:32:00";
    e2e_uptick(world, "tick", NULL);
    e2e_reported(world, 0, "data/unstaged.csv: contained bytes that are not results; moved to ",
                 NULL);
    check_rows(world, "2026-11-23T09:32");
    assert_string_equal(e2e_read(world, "data/unstaged.csv.quarantine"), "no row\n");
}

static void something_else_in_the_place_of_unstaged_results_stops_no_check(struct e2e *world)
{
    static const char *const things[] = {"mkdir data/unstaged.csv", "ln -s x data/unstaged.csv",
                                         "echo >x && ln x data/unstaged.csv"};

    e2e_config(world, monitors);
    for (size_t i = 0; i < sizeof things / sizeof things[0]; i++) {
        e2e_tick(world, "2026-11-23 09:30:00");
        e2e_shell(world, "%s", things[i]);
        world->clock = "2026-11-23 09:31:00";
        e2e_uptick(world, "tick", NULL);
        e2e_reported(world, 74, "data/unstaged.csv: not a regular file with one name; remove it",
                     NULL);
        assert_int_equal(e2e_rows(world, "s/a").n, 2);
        e2e_shell(world, "rm -rf data public x");
    }
}

/* A staged result whose row is in the live file already: an export was killed before its commit. */
static void unstaged_results_beside_a_killed_export_need_no_rebuild(struct e2e *world)
{
    sqlite3 *state;

    tick_beside_a_reader(world);
    e2e_write(world, "data/live/s/a.log",
              e2e_format(world, "%s2026-11-23T09:31:30.000Z,s,a,UP,200,1,\n",
                         e2e_read(world, "data/live/s/a.log")));
    state = state_open(world, "data/state.db", SQLITE_OPEN_READWRITE);
    assert_int_equal(
        sqlite3_exec(
            state,
            "INSERT INTO staged SELECT id, 1, 1795426290000, 1795426290000, 1, 200, 1, '', NULL "
            "FROM monitor WHERE domain = 'a'",
            NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(state);
    e2e_shell(world, "rm data/state.db.stamp");
    e2e_config(world, monitors);
    e2e_tick(world, "2026-11-23 09:32:00");
    e2e_silent(world, 0);
    assert_int_equal(e2e_rows(world, "s/a").n, 4);
}

static void unstaged_results_survive_the_loss_of_the_state(struct e2e *world)
{
    tick_beside_a_reader(world);
    e2e_shell(world, "rm data/state.db");
    e2e_config(world, monitors);
    world->clock = "2026-11-23 09:32:00";
    e2e_uptick(world, "tick", NULL);
    e2e_reported(world, 0, "state.db: was missing; rebuilt", NULL);
    check_rows(world, "2026-11-23T09:32");
}

/* Kills a run at one of its file calls. */
struct kill_at {
    long at, seen;
};

static struct judgement kill_one(void *context, const struct call *call)
{
    struct kill_at *kill_at = context;

    (void)call;
    return (struct judgement){++kill_at->seen == kill_at->at ? CALL_KILL : CALL_LET, 0};
}

/* Returns whether the tick was killed before it had finished. */
static bool tick_killed_at(struct e2e *world, long at)
{
    struct kill_at kill_at = {.at = at};
    struct calls calls = {.below = world->folder,
                          .all = true,
                          .judge = kill_one,
                          .context = &kill_at,
                          .listener = -1};

    world->calls = &calls;
    e2e_uptick(world, "tick", NULL);
    world->calls = NULL;
    return world->last.signal == SIGKILL;
}

static void
a_kill_while_unstaged_results_are_staged_neither_loses_nor_doubles_them(struct e2e *world)
{
    enum { STEP = 23 };
    long at = 1;
    bool killed;

    sweep_need_held_calls(world);
    tick_beside_a_reader(world);
    e2e_config(world, monitors);
    e2e_shell(world, "cp -a data saved");
    do {
        e2e_shell(world, "rm -rf data && cp -a saved data");
        world->clock = "2026-11-23 10:00:00"; /* so the rows are rotated too */
        killed = tick_killed_at(world, at);
        world->clock = "2026-11-23 10:00:10";
        e2e_uptick(world, "tick", NULL);
        assert_int_equal(world->last.status, 0);
        check_rows(world, "2026-11-23T10:00");
        at += STEP;
    } while (killed);
    assert_true(at > 8 * STEP);
}

/* Writes rows of one site with many domains into live files, as a tick would. */
static void write_history(struct e2e *world, int n)
{
    char *path = e2e_path(world, "make-history");
    FILE *script = fopen(path, "w");

    assert_non_null(script);
    fprintf(script,
            "mkdir -p data/live/s && cd data/live/s || exit 1\n"
            "i=0; while [ $i -lt %d ]; do\n"
            "  for m in 10 11 12 13 14 15 16 17; do\n"
            "    echo \"2026-11-23T09:$m:00.000Z,s,d$i,UP,200,5,\"\n"
            "  done >d$i.log; i=$((i + 1))\n"
            "done\n",
            n);
    fclose(script);
    e2e_shell(world, "sh make-history");
}

static void config_many(struct e2e *world, int n)
{
    char *path = e2e_path(world, "uptick.yaml");
    FILE *config = fopen(path, "w");

    assert_non_null(config);
    fputs("sites:\n  - id: s\n    domains:\n", config);
    for (int i = 0; i < n; i++)
        fprintf(config, "      - {id: d%d, url: 'http://127.0.0.1:9/'}\n", i);
    fclose(config);
}

/* The rebuild, and the rotation of an hour that is over, with a thousand live files. */
static void a_signal_ends_a_rebuild_and_a_rotation(struct e2e *world)
{
    enum { MONITORS = 1500, STEPS = 12, STEP_MS = 60 };
    size_t rows;

    config_many(world, MONITORS);
    write_history(world, MONITORS);
    rows = e2e_all_rows(world);
    world->clock = "2026-11-23 10:00:00";
    for (int step = 1; step <= STEPS; step++) {
        struct timespec wait = {.tv_nsec = step * STEP_MS * 1000000L % 1000000000L};
        pid_t pid = e2e_start(world, "tick", NULL);

        nanosleep(&wait, NULL);
        end_tick(world, pid);
        assert_true(world->last.status == 0 || world->last.signal == SIGTERM);
    }
    e2e_uptick(world, "tick", NULL);
    assert_int_equal(world->last.status, 0);
    for (int i = 0; i < MONITORS; i += 100) {
        struct csv csv = e2e_rows(world, e2e_format(world, "s/d%d", i));
        size_t n = 0;

        for (size_t k = 0; k < csv.n; k++)
            n += strncmp(csv.rows[k].field[TIMESTAMP], "2026-11-23T09", 13) == 0;
        assert_int_equal(n, 8);
    }
    assert_true(e2e_all_rows(world) >= rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(a_reader_of_the_state_neither_delays_a_signal_nor_loses_results),
        E2E_TEST(a_damaged_file_of_unstaged_results_loses_no_result),
        E2E_TEST(something_else_in_the_place_of_unstaged_results_stops_no_check),
        E2E_TEST(unstaged_results_beside_a_killed_export_need_no_rebuild),
        E2E_TEST(unstaged_results_survive_the_loss_of_the_state),
        E2E_TEST(a_kill_while_unstaged_results_are_staged_neither_loses_nor_doubles_them),
        E2E_TEST(a_signal_ends_a_rebuild_and_a_rotation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
