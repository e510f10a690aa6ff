/* dashboard/builders: memory is short, or a file cannot be written, in any of several threads. */
#include "dashboard/dashboard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "built.h"
#include "faults.h"

enum { SITES = 20, DOMAINS = 12, STEP = 61, MANY_SITES = 160 };

static int set_up_with(void **state, size_t sites)
{
    struct fixture *fixture;

    if (set_up_sized(state, sites, DOMAINS))
        return -1;
    fixture = *state;
    fixture->example->config.workers = 10;
    return 0;
}

static int set_up_some(void **state)
{
    return set_up_with(state, SITES);
}

/* More than one portion of sites. */
static int set_up_portions(void **state)
{
    return set_up_with(state, MANY_SITES);
}

/* Builds the same dashboard with the title "New" again and again; each time another call fails,
 * from then on or once. A failed build changes no file. */
static void sweep_build(struct fixture *fixture, enum fault_kind kind, int code, bool lasting)
{
    struct example *example = fixture->example;
    bool met = true;

    for (int nth = 1; met; nth += STEP) {
        struct error error = {.text = ""};
        int result;

        example->config.title = "Old";
        build(fixture);
        example->config.title = "New";
        fault_arm(kind, nth, lasting, code);
        result = dashboard_render(&example->snapshot, fixture->folder, NULL, &error);
        met = fault_disarm();
        if (result == 0)
            continue;
        assert_true(error.text[0]);
        if (kind == FAULT_OF_MEMORY)
            assert_non_null(strstr(read_built(fixture, "index.html"), "<title>Old</title>"));
    }
    assert_non_null(strstr(read_built(fixture, "index.html"), "<title>New</title>"));
}

static void a_thread_without_memory_publishes_nothing(void **state)
{
    sweep_build(*state, FAULT_OF_MEMORY, 0, true);
}

static void one_failed_allocation_publishes_all_or_nothing(void **state)
{
    sweep_build(*state, FAULT_OF_MEMORY, 0, false);
}

static void a_failed_call_on_a_file_is_reported_or_made_good(void **state)
{
    sweep_build(*state, FAULT_OF_FILE, EIO, false);
}

/* A portion cannot be loaded while other threads make the files of the one before. */
static void a_failed_statement_ends_all_threads_and_publishes_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct config *config = &fixture->example->config;
    const struct dashboard_moment moment = {.at_ms = example_at_ms};
    bool met = true;

    build(fixture);
    config->title = "New";
    for (int nth = 1; met; nth += STEP) {
        struct storage *storage;
        enum storage_health health;
        struct error error;
        int result;

        if (storage_open(&storage, "", STORAGE_IN_MEMORY, config, &health, &error))
            fail_msg("%s", error.text);
        fault_arm(FAULT_OF_SQL, nth, true, SQLITE_IOERR);
        result = dashboard_build(storage, config, &moment, fixture->folder, &error);
        met = fault_disarm();
        assert_int_equal(result, met ? -1 : 0);
        assert_int_equal(!strstr(read_built(fixture, "index.html"), "<title>New</title>"), met);
        storage_close(storage);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_thread_without_memory_publishes_nothing, set_up_some,
                                        tear_down),
        cmocka_unit_test_setup_teardown(one_failed_allocation_publishes_all_or_nothing, set_up_some,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_failed_call_on_a_file_is_reported_or_made_good,
                                        set_up_some, tear_down),
        cmocka_unit_test_setup_teardown(a_failed_statement_ends_all_threads_and_publishes_nothing,
                                        set_up_portions, tear_down),
    };

    return cmocka_run_group_tests_name("faults_builders", tests, NULL, NULL);
}
