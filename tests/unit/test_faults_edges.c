/* The state at its edges: a program that lacks a statement, a pipe beside the file, monitors that
 * the state or the configuration does not know, and a result that comes days late. */
#include "dashboard/history.h"
#include "records/journal.h"
#include "state/ledger.h"

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

/* A state with a day that is counted for all monitors. */
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

static void a_program_that_lacks_a_statement_says_so(void **state)
{
    struct world *world = make_state();
    enum storage_health health;
    struct storage *storage;
    struct error error;
    int result;

    (void)state;
    fault_arm(FAULT_OF_ASSET, 1, false, 0);
    result = storage_open(&storage, path_in(world, "state.db"), STORAGE_READ_WRITE, &world->config,
                          &health, &error);
    assert_true(fault_disarm());
    assert_int_equal(result, -1);
    assert_int_equal(error.code, EXIT_BUG);
    assert_non_null(strstr(error.text, "is not part of the program"));
    free_world(world);
}

static void a_pipe_beside_the_state_is_named_and_waited_for_by_none(void **state)
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

        /* Of the old state nothing is inherited, and the new one is none the worse. */
        assert_done(carry_over_derived(storage, path_in(world, "state.db"), &error), &error);
        assert_false(storage_is_damaged(storage));
        storage_close(storage);
        free_world(world);
    }
}

static void sums_are_of_the_monitors_that_both_know(void **state)
{
    static const size_t n_domains[] = {DOMAINS, 2, 0};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct world *world = make_state();
        struct storage *storage;
        struct counted domains, sites;
        struct error error;

        /* A part of those that the state knows; or one that it does not know, which a reader does
         * not tell it. */
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

/* The index of a day that was counted stays, since a result for it waits. */
static void the_index_is_kept_for_a_result_that_waits(void **state)
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

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_that_lacks_a_statement_says_so),
        cmocka_unit_test(a_pipe_beside_the_state_is_named_and_waited_for_by_none),
        cmocka_unit_test(sums_are_of_the_monitors_that_both_know),
        cmocka_unit_test(the_index_is_kept_for_a_result_that_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
