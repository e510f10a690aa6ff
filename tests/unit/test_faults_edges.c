/* state.db at its edges: statements that are part of the program, a pipe next to the file, monitors
 * that only the state or only the configuration has, and a result that is days late. */
#include "base/arena.h"
#include "dashboard/history.h"
#include "records/export.h"
#include "records/journal.h"
#include "records/prune.h"
#include "state/carry_over.h"
#include "state/days.h"
#include "state/monitors.h"
#include "state/statements.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "faults.h"
#include "records.h"

enum { DOMAINS = 4 };

static struct storage *open_state(const struct world *world, enum storage_mode mode)
{
    enum storage_health health;
    struct storage *storage;
    struct error error;

    assert_done(
        storage_open(&storage, path_in(world, "state.db"), mode, &world->config, &health, &error),
        &error);
    return storage;
}

/* Makes a state in which one day is counted for all monitors. */
static struct world *make_state(void)
{
    struct world *world = make_world(DOMAINS);
    struct storage *storage = open_state(world, STORAGE_READ_WRITE);
    struct tally domains[DOMAINS] = {{.minutes = {[STATUS_UP] = 3}}}, sites[DOMAINS] = {0};
    struct error error;

    domains[DOMAINS - 1].minutes[STATUS_UP] = 4;
    assert_done(days_put(storage, DAY_0, domains, sites, &error), &error);
    storage_close(storage);
    return world;
}

/* statements.h and the texts are made by one program, so none can be missing when uptick runs. */
static void every_statement_is_part_of_the_program(void **state)
{
    (void)state;
    for (int sql = 0; sql < SQL_COUNT; sql++) {
        if (sql == SQL_PREPARED)
            assert_null(statements[sql]);
        else
            assert_true(strlen(statements[sql]) > strlen("COMMIT") - 1);
    }
}

static void a_fifo_next_to_the_state_is_named_and_never_blocks(void **state)
{
    static const char *const names[] = {"state.db-journal", "state.db-wal"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct world *world = make_state();
        struct storage *storage = open_state(world, STORAGE_IN_MEMORY), *other;
        enum storage_health health;
        struct error error;

        assert_int_equal(mkfifo(path_in(world, names[i]), 0600), 0);
        assert_int_equal(storage_open(&other, path_in(world, "state.db"), STORAGE_READ_WRITE,
                                      &world->config, &health, &error),
                         -1);
        assert_non_null(strstr(error.text, names[i]));

        /* Nothing is carried over from the old state, and the new one is sound. */
        assert_done(carry_over_derived(storage, path_in(world, "state.db"), &error), &error);
        assert_false(storage_is_damaged(storage));
        storage_close(storage);
        free_world(world);
    }
}

static void day_sums_cover_monitors_in_both_state_and_configuration(void **state)
{
    static const size_t n_domains[] = {DOMAINS, 2, 0};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct world *world = make_state();
        struct storage *storage;
        struct counted domains, sites;
        struct error error;

        /* Only some of the monitors of the state; or one that is not in the state, and that a
         * reader does not add. */
        world->config.n_domains = n_domains[i];
        world->config.n_sites = n_domains[i] == 2 ? 1 : n_domains[i] / 2;
        if (n_domains[i] == DOMAINS)
            world->domains[0].id = "a-new-one";
        storage = open_state(world, i == 0 ? STORAGE_READ_ONLY : STORAGE_READ_WRITE);
        assert_done(days_load(storage, DAY_0 + 1, &domains, &sites, &error), &error);
        if (n_domains[i])
            assert_int_equal(domains.sums[DAYS_7].minutes[STATUS_UP], i == 0 ? 0 : 3);
        if (n_domains[i] == DOMAINS)
            assert_int_equal(domains.sums[3 * DAY_SPANS + DAYS_7].minutes[STATUS_UP], 4);
        days_free(&domains);
        days_free(&sites);
        storage_close(storage);
        free_world(world);
    }
}

/* The samples of a counted day stay as long as a result of that day is staged. */
static void pruning_keeps_the_index_of_a_day_with_a_staged_result(void **state)
{
    struct world *world = make_world(1);
    struct journal *journal = open_world(world, AT_0);
    struct check first = check_at(AT_0, STATUS_UP),
                 late = check_at(AT_0 + MS_PER_MINUTE, STATUS_UP);
    int64_t later = AT_0 + 5 * MS_PER_DAY, day;
    struct error error;

    (void)state;
    stage(journal, 0, &first);
    assert_done(export_run(journal, &error), &error);
    assert_done(history_count_days(journal_storage(journal), &world->config, DAY_0 + 5, &error),
                &error);
    stage(journal, 0, &late);
    assert_done(prune_run(journal, later, &error), &error);
    assert_done(export_run(journal, &error), &error);
    assert_done(days_counted(journal_storage(journal), &day, &error), &error);
    assert_int_equal(day, DAY_0 - 1);
    journal_close(journal);
    free_world(world);
}

/* Version 3 had other names of tables and columns: sql/carry_over.sql. */
static void all_that_the_csv_lacks_is_carried_over_from_version_3(void **state)
{
    static const char to_version_3[] = "ALTER TABLE staged RENAME COLUMN due_after_ms TO served_ms;"
                                       "PRAGMA user_version = 3";
    struct world *world = make_world(1);
    struct journal *journal = open_world(world, AT_0);
    struct monitor_state *states;
    struct arena *arena = arena_new();
    struct check checks[3];
    struct error error;
    sqlite3 *db;

    (void)state;
    for (int i = 0; i < 3; i++) {
        checks[i] = check_at(AT_0 + i * MS_PER_MINUTE, i == 1 ? STATUS_DOWN : STATUS_UP);
        if (i == 2)
            assert_done(export_run(journal, &error), &error);
        stage(journal, 0, &checks[i]);
    }
    assert_done(history_count_days(journal_storage(journal), &world->config, DAY_0 + 1, &error),
                &error);
    journal_close(journal);
    assert_int_equal(sqlite3_open(path_in(world, "state.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, to_version_3, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(unlink(path_in(world, "live/s0/d0.log")), 0);

    journal = open_world(world, AT_0 + 3 * MS_PER_MINUTE);
    assert_done(export_run(journal, &error), &error);
    assert_file(world, "live/s0/d0.log", "2026-11-23T00:02:00.000Z,s0,d0,UP,200,87,\n");
    assert_done(monitors_load(journal_storage(journal), arena, &states, &error), &error);
    assert_int_equal(states[0].first_ms, AT_0);
    arena_free(arena);
    journal_close(journal);
    free_world(world);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_statement_is_part_of_the_program),
        cmocka_unit_test(a_fifo_next_to_the_state_is_named_and_never_blocks),
        cmocka_unit_test(day_sums_cover_monitors_in_both_state_and_configuration),
        cmocka_unit_test(pruning_keeps_the_index_of_a_day_with_a_staged_result),
        cmocka_unit_test(all_that_the_csv_lacks_is_carried_over_from_version_3),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
