/* dashboard/builders: memory is short, or a file cannot be written, in any of several threads. */
#include "dashboard/dashboard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "built.h"
#include "faults.h"

enum { SITES = 20, DOMAINS = 12, STEP = 61 };

static int set_up_some(void **state)
{
    struct fixture *fixture;

    if (set_up_sized(state, SITES, DOMAINS))
        return -1;
    fixture = *state;
    fixture->example->config.workers = 10;
    return 0;
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_thread_without_memory_publishes_nothing, set_up_some,
                                        tear_down),
        cmocka_unit_test_setup_teardown(one_failed_allocation_publishes_all_or_nothing, set_up_some,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_failed_call_on_a_file_is_reported_or_made_good,
                                        set_up_some, tear_down),
    };

    return cmocka_run_group_tests_name("faults_builders", tests, NULL, NULL);
}
