/* Each call that fails while the outages of a snapshot are loaded. */
#include "dashboard/snapshot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "faults.h"
#include "logged.h"
#include "records.h"

static const int64_t now_ms = AT_0 + MS_PER_DAY;

/* Takes a snapshot in which each call of this kind fails in turn. */
static void sweep(struct world *world, enum fault_kind kind, int min)
{
    bool met = true;

    for (int nth = 1; met || nth <= min; nth++) {
        struct journal *journal = open_world(world, now_ms);
        struct error error = {.text = ""};
        struct snapshot *snapshot;

        fault_arm(kind, nth, nth % 2, SQLITE_IOERR);
        snapshot = snapshot_take(journal_storage(journal), &world->config, now_ms, &error);
        met = fault_disarm();
        if (met != !snapshot)
            fail_msg("call %d: %s", nth, error.text);
        if (met) {
            assert_int_equal(error.code, EXIT_IO);
        } else {
            assert_int_equal(snapshot->domains[0].outages[LIST_ALL].n, 2);
            assert_int_equal(snapshot->domains[1].outages[LIST_ALL].n, 1);
        }
        snapshot_free(snapshot);
        journal_close(journal);
    }
}

static void a_failed_call_leaves_no_part_of_a_snapshot(void **state)
{
    struct world *world = make_world(3);

    (void)state;
    log_outage(world, "s0/d0", EVENT_HTTP, now_ms - 90000, now_ms - 60000, EVENT_RECOVERED);
    log_outage(world, "s0/d0", EVENT_HTTP, now_ms - 50000, now_ms - 40000, EVENT_BLIP);
    log_outage(world, "s0/d1", EVENT_BOT, now_ms - 50000, now_ms - 40000, EVENT_RECOVERED);
    sweep(world, FAULT_OF_MEMORY, 10);
    sweep(world, FAULT_OF_SQL, 10);
    free_world(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_call_leaves_no_part_of_a_snapshot),
    };

    return cmocka_run_group_tests_name("faults_outages", tests, NULL, NULL);
}
