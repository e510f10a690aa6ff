/* dashboard/outages: the outages of domains, read from table event. */
#include "dashboard/ceilings.h"
#include "dashboard/outage_choice.h"
#include "dashboard/outages.h"
#include "dashboard/snapshot.h"
#include "records/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "logged.h"
#include "records.h"

static const int64_t now_ms = AT_0 + MS_PER_DAY;

static struct snapshot *take(struct world *world)
{
    struct journal *journal = open_world(world, now_ms);
    struct error error;
    struct snapshot *snapshot =
        snapshot_take(journal_storage(journal), &world->config, now_ms, &error);

    if (!snapshot)
        fail_msg("%s", error.text);
    journal_close(journal);
    return snapshot;
}

static void assert_counts(const struct domain_view *view, size_t confirmed, size_t unconfirmed,
                          size_t undecided)
{
    assert_int_equal(view->outages[LIST_CONFIRMED].n_all, confirmed);
    assert_int_equal(view->outages[LIST_UNCONFIRMED].n_all, unconfirmed);
    assert_int_equal(view->outages[LIST_UNDECIDED].n_all, undecided);
    assert_int_equal(view->outages[LIST_ALL].n_all, confirmed + unconfirmed + undecided);
}

static void each_domain_has_the_outages_of_its_events(void **state)
{
    struct world *world = make_world(4);
    const int64_t at = now_ms - MS_PER_HOUR;
    struct snapshot *snapshot;

    (void)state;
    log_outage(world, "s0/d1", EVENT_HTTP, at, at + 60000, EVENT_RECOVERED);
    log_outage(world, "s0/d1", EVENT_HTTP, at + 120000, at + 125000, EVENT_BLIP);
    log_outage(world, "s0/d1", EVENT_BOT, at + 90000, at + 180000, EVENT_RECOVERED);
    log_outage(world, "s0/d1", EVENT_SLOW, at, at + 60000, EVENT_RECOVERED);
    log_outage(world, "s1/d3", EVENT_HTTP, at, at + 60000, EVENT_UNSEEN);
    log_outage(world, "s1/d3", EVENT_HTTP, at + 120000, at + 180000, NULL);

    /* Not of a configured domain, or of no domain at all. */
    log_outage(world, "s0/gone", EVENT_HTTP, at, at + 60000, EVENT_RECOVERED);
    log_outage(world, "gone/d0", EVENT_HTTP, at, at + 60000, EVENT_RECOVERED);
    log_outage(world, "host.example:443", EVENT_CERTIFICATE, at, at + 60000, EVENT_RENEWED);
    log_outage(world, "ipv4-public", EVENT_LOCAL_NETWORK, at, at + 60000, EVENT_ENDED);
    snapshot = take(world);
    assert_counts(&snapshot->domains[0], 0, 0, 0);
    assert_counts(&snapshot->domains[1], 2, 1, 0);
    assert_counts(&snapshot->domains[2], 0, 0, 0);
    assert_counts(&snapshot->domains[3], 1, 1, 0);
    for (int i = 0; i < 3; i++) {
        const struct outage *one = snapshot->domains[1].outages[LIST_ALL].items[i];

        assert_int_equal(one->began_ms, at + (i == 0 ? 0 : i == 1 ? 90000 : 120000));
        assert_int_equal(one->check, i == 1 ? EVENT_BOT : EVENT_HTTP);
        assert_int_equal(one->confirmed, i < 2);
        assert_string_equal(one->reasons[0].failure, "connect: connection refused");
    }
    snapshot_free(snapshot);
    free_world(world);
}

/* What began long ago and is not over is shown; what was over before the last days is not. */
static void outages_that_touch_the_last_days_are_shown(void **state)
{
    const int64_t from = now_ms - (int64_t)OUTAGE_DAYS * MS_PER_DAY;
    struct world *world = make_world(3);
    struct snapshot *snapshot;

    (void)state;
    log_outage(world, "s0/d0", EVENT_HTTP, from - 60000, from - 1, EVENT_RECOVERED);
    log_outage(world, "s0/d0", EVENT_HTTP, from - 60000, from - 1, EVENT_BLIP);
    log_outage(world, "s0/d1", EVENT_HTTP, from - 60000, from, EVENT_RECOVERED);
    log_outage(world, "s0/d2", EVENT_HTTP, from - 90 * (int64_t)MS_PER_DAY, 0, NULL);
    log_condition(world, "s0/d2", EVENT_HTTP, from - 90 * (int64_t)MS_PER_DAY);
    log_check(world, 2, now_ms - 1000, STATUS_DOWN);
    snapshot = take(world);
    assert_counts(&snapshot->domains[0], 0, 0, 0);
    assert_counts(&snapshot->domains[1], 1, 0, 0);
    assert_counts(&snapshot->domains[2], 1, 0, 0);
    assert_int_equal(snapshot->domains[2].outages[LIST_ALL].items[0]->end, OUTAGE_ONGOING);
    assert_non_null(snapshot_ongoing(&snapshot->domains[2]));
    snapshot_free(snapshot);
    free_world(world);
}

/* Failures that were not confirmed are counted for a week, and lists are of all days. */
static void outages_of_the_last_week_are_counted_apart(void **state)
{
    const int64_t week = now_ms - (int64_t)WEEK_DAYS * MS_PER_DAY;
    struct world *world = make_world(3);
    const struct outage_list *lists;
    struct snapshot *snapshot;

    (void)state;
    log_outage(world, "s0/d0", EVENT_HTTP, week - 9000, week - 1, EVENT_BLIP);
    log_outage(world, "s0/d0", EVENT_HTTP, week - 500, week, EVENT_BLIP);
    log_outage(world, "s0/d0", EVENT_HTTP, week + 500, week + 1000, EVENT_RECOVERED);
    log_outage(world, "s0/d1", EVENT_HTTP, week - 9000, week - 1, EVENT_BLIP);
    log_outage(world, "s0/d2", EVENT_HTTP, week - 9000, 0, NULL);
    log_condition(world, "s0/d2", EVENT_HTTP, week - 9000);
    log_check(world, 2, now_ms - 1000, STATUS_DOWN);
    snapshot = take(world);
    lists = snapshot->domains[0].outages;
    assert_counts(&snapshot->domains[0], 1, 2, 0);
    assert_int_equal(lists[LIST_CONFIRMED].n_week, 1);
    assert_int_equal(lists[LIST_UNCONFIRMED].n_week, 1);
    assert_int_equal(lists[LIST_ALL].n_week, 2);
    assert_int_equal(snapshot->domains[1].outages[LIST_ALL].n, 1);
    assert_int_equal(snapshot->domains[1].outages[LIST_ALL].n_week, 0);
    assert_int_equal(snapshot->domains[2].outages[LIST_CONFIRMED].n_week, 1);
    snapshot_free(snapshot);
    free_world(world);
}

/* The newest of all sites, with the others counted. Those of a domain that has very many are not
 * all kept, and are counted too. */
static void the_newest_outages_of_a_fortnight_are_chosen(void **state)
{
    enum { MANY = OUTAGES_KEPT_MAX + 50 };
    const int64_t from = now_ms - (int64_t)FORTNIGHT_DAYS * MS_PER_DAY;
    struct chosen_outage items[CEILING_INDEX_OUTAGES];
    struct world *world = make_world(6);
    struct snapshot *snapshot;
    struct logging logging;
    size_t n, n_all;

    (void)state;
    snapshot = take(world);
    assert_int_equal(outage_choice_fortnight(snapshot, items, &n_all), 0);
    assert_int_equal(n_all, 0);
    snapshot_free(snapshot);
    log_outage(world, "s0/d0", EVENT_HTTP, from - 9000, from - 1, EVENT_RECOVERED);
    log_outage(world, "s0/d0", EVENT_HTTP, from - 500, from, EVENT_RECOVERED);
    log_outage(world, "s0/d1", EVENT_HTTP, now_ms - 9000, now_ms - 5000, EVENT_RECOVERED);
    log_outage(world, "s0/d2", EVENT_HTTP, now_ms - 8000, now_ms - 7500, EVENT_BLIP);
    log_outage(world, "s1/d3", EVENT_BOT, now_ms - 9000, 0, NULL);
    log_condition(world, "s1/d3", EVENT_BOT, now_ms - 9000);
    log_check(world, 3, now_ms - 1000, STATUS_BOT_DETECTED);
    snapshot = take(world);
    assert_int_equal(outage_choice_fortnight(snapshot, items, &n_all), 3);
    assert_int_equal(n_all, 3);
    assert_ptr_equal(items[0].domain, &snapshot->domains[1]);
    assert_ptr_equal(items[0].site, &snapshot->sites[0]);
    assert_ptr_equal(items[1].domain, &snapshot->domains[3]);
    assert_ptr_equal(items[1].site, &snapshot->sites[1]);
    assert_int_equal(items[1].outage->end, OUTAGE_ONGOING);
    assert_int_equal(items[2].outage->from_ms, from - 500);
    snapshot_free(snapshot);
    logging_begin(&logging, world);
    for (int i = 0; i < MANY; i++)
        logging_add_outage(&logging, "s1/d4", EVENT_HTTP, now_ms - MS_PER_HOUR + i * 1000,
                           now_ms - MS_PER_HOUR + i * 1000 + 500, EVENT_RECOVERED);
    logging_end(&logging);
    snapshot = take(world);
    n = outage_choice_fortnight(snapshot, items, &n_all);
    assert_int_equal(n, CEILING_INDEX_OUTAGES_MIN);
    assert_int_equal(n_all, MANY + 3);
    for (size_t i = 2; i < n; i++)
        assert_int_equal(items[i].outage->from_ms,
                         now_ms - MS_PER_HOUR + (MANY + 1 - (int64_t)i) * 1000);
    snapshot_free(snapshot);
    free_world(world);
}

/* The page of many sites has more of them. */
static void more_sites_have_more_outages_of_a_fortnight(void **state)
{
    static const struct {
        size_t domains; /* three of them are a site */
        size_t expected;
    } rows[] = {{3, 15}, {45, 15}, {48, 16}, {60, 20}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct world *world = make_world(rows[i].domains);
        struct chosen_outage items[CEILING_INDEX_OUTAGES];
        struct snapshot *snapshot;
        struct logging logging;
        size_t n_all;

        logging_begin(&logging, world);
        for (int k = 0; k < 60; k++)
            logging_add_outage(&logging, "s0/d1", EVENT_HTTP, now_ms - MS_PER_HOUR + k * 1000,
                               now_ms - MS_PER_HOUR + k * 1000 + 500, EVENT_RECOVERED);
        logging_end(&logging);
        snapshot = take(world);
        assert_int_equal(outage_choice_fortnight(snapshot, items, &n_all), rows[i].expected);
        assert_int_equal(n_all, 60);
        snapshot_free(snapshot);
        free_world(world);
    }
}

/* Only the newest are kept, and those of a site are listed up to the ceilings; all are counted. */
static void the_newest_of_very_many_outages_are_kept(void **state)
{
    enum { MANY = 2 * OUTAGES_KEPT_MAX + 150 };
    struct world *world = make_world(2);
    const struct outage_list *lists;
    struct snapshot *snapshot;
    struct logging logging;

    (void)state;
    logging_begin(&logging, world);
    for (int i = 0; i < MANY; i++) {
        int64_t at = now_ms - (int64_t)(MANY - i) * MS_PER_MINUTE;

        logging_add_outage(&logging, "s0/d0", EVENT_HTTP, at, at + 5000, EVENT_BLIP);
        logging_add_outage(&logging, "s0/d0", EVENT_HTTP, at + 10000, at + 20000, EVENT_RECOVERED);
    }
    logging_end(&logging);
    snapshot = take(world);
    lists = snapshot->domains[0].outages;
    assert_counts(&snapshot->domains[0], MANY, MANY, 0);
    for (int i = 0; i < LIST_UNDECIDED; i++) {
        assert_int_equal(lists[i].n, OUTAGES_KEPT_MAX);
        assert_int_equal(lists[i].items[OUTAGES_KEPT_MAX - 1]->began_ms,
                         now_ms - MS_PER_MINUTE + (i == LIST_CONFIRMED ? 10000 : 0));
        assert_int_equal(lists[i].items[0]->began_ms,
                         now_ms - (int64_t)OUTAGES_KEPT_MAX * MS_PER_MINUTE +
                             (i == LIST_CONFIRMED ? 10000 : 0));
    }
    assert_int_equal(lists[LIST_CONFIRMED].n_listed, CEILING_PAGE_OUTAGES);
    assert_int_equal(lists[LIST_UNCONFIRMED].n_listed, CEILING_PAGE_UNCONFIRMED);
    assert_int_equal(lists[LIST_ALL].n_listed, CEILING_JSON_OUTAGES);
    assert_int_equal(snapshot->domains[1].outages[LIST_ALL].n, 0);
    snapshot_free(snapshot);
    free_world(world);
}

/* The newest check decides what is shown beside the status. */
static void an_undecided_domain_is_known_by_its_events(void **state)
{
    struct world *world = make_world(4);
    const int64_t at = now_ms - 2000;
    struct snapshot *snapshot;

    (void)state;
    world->domains[0].confirm = (struct confirm){.failures = 3, .successes = 2};
    for (size_t i = 0; i < 4; i++)
        log_check(world, i, at, i == 0 ? STATUS_DOWN : STATUS_UP);
    log_outage(world, "s0/d0", EVENT_HTTP, at - 60000, at - 30000, EVENT_BLIP);
    log_outage(world, "s0/d1", EVENT_HTTP, at - 60000, at, "recovering");
    log_outage(world, "s0/d2", EVENT_HTTP, at - 60000, at, EVENT_BLIP);
    log_outage(world, "s1/d3", EVENT_HTTP, at - 60000, at - 30000, EVENT_BLIP);
    snapshot = take(world);
    assert_int_equal(snapshot_undecided(&snapshot->domains[0]), UNDECIDED_SUSPECT);
    assert_int_equal(snapshot_undecided(&snapshot->domains[1]), UNDECIDED_RECOVERING);
    assert_int_equal(snapshot_undecided(&snapshot->domains[2]), UNDECIDED_NOTHING);
    assert_false(snapshot_failed_once(&snapshot->domains[0]));
    assert_false(snapshot_failed_once(&snapshot->domains[1]));
    assert_true(snapshot_failed_once(&snapshot->domains[2]));
    assert_false(snapshot_failed_once(&snapshot->domains[3]));
    assert_non_null(snapshot_ongoing(&snapshot->domains[0]));
    assert_null(snapshot_ongoing(&snapshot->domains[1]));

    /* What is being checked is not yet a failure that was not confirmed. */
    assert_counts(&snapshot->domains[0], 0, 1, 1);
    snapshot_free(snapshot);
    free_world(world);
}

/* The clock was set ahead by a day, and back after the conditions had been closed. */
static void a_condition_that_was_closed_ahead_of_now_is_not_open(void **state)
{
    const int64_t at = now_ms - 2000, ahead = now_ms + MS_PER_DAY;
    struct world *world = make_world(2);
    struct snapshot *snapshot;

    (void)state;
    for (size_t i = 0; i < 2; i++)
        log_check(world, i, at, i == 0 ? STATUS_DOWN : STATUS_UP);
    log_outage(world, "s0/d0", EVENT_HTTP, at - 60000, ahead, EVENT_RECOVERED);
    log_outage(world, "s0/d1", EVENT_HTTP, at - 60000, ahead, EVENT_BLIP);
    log_outage(world, "s0/d1", EVENT_HTTP, ahead, ahead + 60000, EVENT_RECOVERED);
    snapshot = take(world);
    assert_counts(&snapshot->domains[0], 2, 0, 0);
    assert_int_equal(snapshot->domains[0].outages[LIST_ALL].items[0]->end, OUTAGE_UNSEEN);
    assert_int_equal(snapshot_ongoing(&snapshot->domains[0])->began_ms, at);
    assert_counts(&snapshot->domains[1], 0, 1, 0);
    assert_int_equal(snapshot_undecided(&snapshot->domains[1]), UNDECIDED_NOTHING);
    snapshot_free(snapshot);
    free_world(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_domain_has_the_outages_of_its_events),
        cmocka_unit_test(outages_that_touch_the_last_days_are_shown),
        cmocka_unit_test(outages_of_the_last_week_are_counted_apart),
        cmocka_unit_test(the_newest_outages_of_a_fortnight_are_chosen),
        cmocka_unit_test(more_sites_have_more_outages_of_a_fortnight),
        cmocka_unit_test(the_newest_of_very_many_outages_are_kept),
        cmocka_unit_test(a_condition_that_was_closed_ahead_of_now_is_not_open),
        cmocka_unit_test(an_undecided_domain_is_known_by_its_events),
    };

    return cmocka_run_group_tests_name("outages", tests, NULL, NULL);
}
