/* dashboard/snapshot: what the pages show of results that were recorded as by ticks. */
#include "dashboard/snapshot.h"

#include "base/clock.h"
#include "dashboard/history.h"
#include "records/export.h"
#include "records/journal.h"
#include "state/staged.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "records.h"

/* Tests count minutes from this moment: 2026-11-24T00:10:30Z. */
static const int64_t now_minute = (DAY_0 + 1) * MINUTES_PER_DAY + 10;
#define NOW_MS (now_minute * MS_PER_MINUTE + 30000)

/* Records a row for each letter, one a minute until last_minute, offset_ms after the start of its
 * minute: U, D, T, B; '.': no row. */
static void record_at(struct world *world, size_t domain, int last_minute, int offset_ms,
                      const char *letters)
{
    static const enum status statuses['Z'] = {['U'] = STATUS_UP,
                                              ['D'] = STATUS_DOWN,
                                              ['T'] = STATUS_TIMEOUT,
                                              ['B'] = STATUS_BOT_DETECTED};
    struct journal *journal = open_world(world, NOW_MS);
    int64_t first = now_minute + last_minute - (int64_t)strlen(letters) + 1;
    struct error error;

    for (size_t i = 0; letters[i]; i++) {
        enum status status = statuses[(unsigned char)letters[i]];
        struct check check = check_at((first + (int64_t)i) * MS_PER_MINUTE + offset_ms, status);

        if (status == STATUS_UNKNOWN)
            continue;
        if (status == STATUS_UP)
            check.latency_ms = 100 + (int)i;
        stage(journal, domain, &check);
    }
    assert_done(export_run(journal, &error), &error);
    assert_done(history_count_days(journal_storage(journal), &world->config,
                                   clock_floor_div(NOW_MS, MS_PER_DAY), &error),
                &error);
    journal_close(journal);
}

static void record(struct world *world, size_t domain, int last_minute, const char *letters)
{
    record_at(world, domain, last_minute, 0, letters);
}

static struct snapshot *take(struct world *world, struct storage *storage, int64_t now_ms)
{
    struct error error;
    struct snapshot *snapshot = snapshot_take(storage, &world->config, now_ms, &error);

    if (!snapshot)
        fail_msg("%s", error.text);
    return snapshot;
}

/* "DOWN -9 to -5 ended": minutes from now, of all outages of domain 0. */
static char *list_outages(const struct snapshot *snapshot, char text[1024])
{
    static const char *const ends[] = {
        [OUTAGE_ONGOING] = "ongoing", [OUTAGE_ENDED] = "ended", [OUTAGE_UNSEEN] = "unseen"};
    const struct outage_list *list = &snapshot->domains[0].outages[LIST_ALL];
    size_t size = 0;

    text[0] = '\0';
    for (size_t i = 0; i < list->n; i++) {
        const struct outage *one = list->items[i];

        assert_non_null(strstr(one->reasons[0].failure, "http_status: expected 200"));
        size += (size_t)snprintf(
            text + size, 1024 - size, "%s%s %lld to %lld %s", i ? ", " : "",
            status_name(one->status),
            (long long)(clock_floor_div(one->from_ms, MS_PER_MINUTE) - now_minute),
            (long long)(clock_floor_div(one->to_ms, MS_PER_MINUTE) - now_minute), ends[one->end]);
    }
    return text;
}

/* After the ticks, after a rebuild with the old state, after one without it, and loaded as of now.
 */
static void assert_outages(struct world *world, const char *expected)
{
    for (int round = 0; round < 4; round++) {
        struct journal *journal = NULL;
        struct storage *loaded = NULL;
        struct snapshot *snapshot;
        struct journal_counts counts;
        struct error error;
        char text[1024];

        if (round == 1)
            assert_done(journal_rebuild(&world->config, &world->log, NOW_MS, &counts, &error),
                        &error);
        if (round == 2)
            unlink(path_in(world, "state.db"));
        if (round == 3)
            assert_done(journal_load_at(&loaded, &world->config, &world->log, NOW_MS, &error),
                        &error);
        else
            journal = open_world(world, NOW_MS);
        snapshot = take(world, loaded ? loaded : journal_storage(journal), NOW_MS);
        if (strcmp(list_outages(snapshot, text), expected) != 0)
            fail_msg("round %d: %s instead of %s", round, text, expected);
        snapshot_free(snapshot);
        storage_close(loaded);
        journal_close(journal);
    }
}

static void outages_are_computed_from_the_recorded_checks(void **state)
{
    static const struct {
        struct {
            int last_minute;
            const char *letters;
        } parts[3];
        const char *outages;
    } cases[] = {
        {{{0, "UUU"}}, ""},
        {{{0, "UUUDDU"}}, "DOWN -2 to 0 ended"},
        {{{0, "UUUDTD"}}, "DOWN -2 to 0 ongoing"},
        {{{0, "UUUDTBBD"}}, "DOWN -4 to 0 ongoing, BOT_DETECTED -2 to 0 ongoing"},
        /* Across midnight, ten minutes ago. */
        {{{0, "UDDDDDDDDDDDDDUUU"}}, "DOWN -15 to -2 ended"},
        /* The machine was off: a gap ends no outage. */
        {{{0, "DD......DD"}}, "DOWN -9 to 0 ongoing"},
        {{{0, "UDD......UU"}}, "DOWN -9 to -1 ended"},
        {{{0, "UDD...."}}, "DOWN -5 to -4 unseen"},
        /* The clock was fast and has been set back: by minutes, and across midnight. */
        {{{7, "UUDD"}, {0, "UU"}}, ""},
        {{{9, "UUUU"}, {0, "DDD"}}, "DOWN -2 to 0 ongoing"},
        {{{-3, "UUUUUDDDU"}, {-11, "UD"}, {0, "UUU"}}, "DOWN -11 to -2 ended, DOWN -6 to -3 ended"},
        /* The order of the rows counts, not that of their times. */
        {{{0, "UDD.....DDU"}, {-4, "DDDD"}}, "DOWN -9 to 0 ended, DOWN -7 to 0 ongoing"},
        /* 91 days ago, and one minute less than 90 days ago. */
        {{{-91 * 1440, "UDDU"}, {0, "U"}}, ""},
        {{{-90 * 1440 + 1, "UDDU"}, {0, "U"}}, "DOWN -129601 to -129599 ended"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct world *world = make_world(1);

        for (int j = 0; j < 3 && cases[i].parts[j].letters; j++)
            record_at(world, 0, cases[i].parts[j].last_minute, 1000 * j, cases[i].parts[j].letters);
        assert_outages(world, cases[i].outages);
        free_world(world);
    }
}

static struct snapshot *take_now(struct world *world, int64_t now_ms)
{
    struct journal *journal = open_world(world, now_ms);
    struct snapshot *snapshot = take(world, journal_storage(journal), now_ms);

    journal_close(journal);
    return snapshot;
}

static void a_minute_has_the_latency_of_its_last_check_if_it_was_up(void **state)
{
    struct world *world = make_world(2);
    const struct domain_view *view;
    struct snapshot *snapshot;

    (void)state;
    record(world, 0, 0, "UUDTBU.U");
    record(world, 0, -LATENCY_MINUTES, "UUUU"); /* even the last one is a minute too old */
    record(world, 0, -LATENCY_MINUTES + 1, "U");
    record(world, 1, 1, "UUU");
    snapshot = take_now(world, NOW_MS);
    view = &snapshot->domains[0];
    assert_int_equal(view->latencies[0], 100);
    for (int i = 1; i < LATENCY_MINUTES - 8; i++)
        assert_int_equal(view->latencies[i], LATENCY_NONE);
    for (int i = 0; i < 8; i++)
        assert_int_equal(view->latencies[LATENCY_MINUTES - 8 + i],
                         "UUDTBU.U"[i] == 'U' ? 100 + i : LATENCY_NONE);
    assert_memory_equal(view->timeline, view->day_cells + LATENCY_MINUTES - snapshot->n_buckets,
                        snapshot->n_buckets);
    assert_int_equal(view->day_cells[LATENCY_MINUTES - 6], STATUS_DOWN);

    /* Checks in the future are not shown. */
    view = &snapshot->domains[1];
    assert_int_equal(view->latencies[LATENCY_MINUTES - 1], 101);
    assert_int_equal(view->latencies[LATENCY_MINUTES - 2], 100);
    assert_int_equal(view->latencies[LATENCY_MINUTES - 3], LATENCY_NONE);
    snapshot_free(snapshot);
    free_world(world);
}

/* Gives the domains and sites of the configuration the ids of the others, from the last one on. */
static void reverse_ids(struct world *world)
{
    size_t n = world->config.n_domains, n_sites = world->config.n_sites;

    for (size_t i = 0; i < n; i++)
        world->domains[i].id = world->ids[n - 1 - i];
    for (size_t s = 0; s < n_sites; s++)
        world->sites[s].id = world->ids[MAX_DOMAINS + n_sites - 1 - s];
}

/* The loaded domain of a snapshot is that of a complete one. */
static void assert_same_domain(const struct snapshot *snapshot, const struct domain_view *view,
                               const struct domain_view *whole)
{
    assert_int_equal(view->status, whole->status);
    assert_memory_equal(view->timeline, whole->timeline, snapshot->n_buckets);
    assert_memory_equal(view->day_cells, whole->day_cells, LATENCY_MINUTES);
    assert_memory_equal(view->latencies, whole->latencies,
                        LATENCY_MINUTES * sizeof *whole->latencies);
    for (int i = 0; i < LATENCY_WEEK_SLOTS; i++)
        assert_memory_equal(&view->week[i], &whole->week[i], 5);
    for (int i = 0; i < LATENCY_MONTH_SLOTS; i++)
        assert_memory_equal(&view->month[i], &whole->month[i], 5);
    assert_memory_equal(view->uptime, whole->uptime, sizeof whole->uptime);
    assert_memory_equal(view->days, whole->days, DAYS_SHOWN * sizeof *whole->days);
    assert_int_equal(view->first_ms, whole->first_ms);
}

/* The sites of a portion are those of a complete snapshot. */
static void assert_same_sites(const struct snapshot *snapshot, const size_t *sites, size_t n,
                              const struct snapshot *whole)
{
    for (size_t s = 0; s < n; s++) {
        const struct site_view *view = &snapshot->sites[sites[s]];
        const struct site_view *whole_view = &whole->sites[sites[s]];

        assert_int_equal(view->status, whole_view->status);
        assert_memory_equal(view->timeline, whole_view->timeline, whole->n_buckets);
        assert_int_equal(view->n_day_runs, whole_view->n_day_runs);
        for (size_t i = 0; i < view->n_day_runs; i++)
            assert_memory_equal(&view->day_runs[i], &whole_view->day_runs[i], 5);
        for (size_t d = 0; d < view->n_domains; d++)
            assert_same_domain(snapshot, &view->domains[d], &whole_view->domains[d]);
    }
}

/* Loads portions of at most max_domains, and compares them, also when the next one is loaded.
 * Returns how many there were. */
static size_t compare_portions(struct world *world, struct storage *storage, size_t max_domains,
                               const struct snapshot *whole)
{
    struct error error;
    struct snapshot *snapshot = snapshot_open(storage, &world->config, NOW_MS, max_domains, &error);
    size_t n_portions = 0, n_seen = 0, n, n_before = 0;
    const size_t *sites, *before = NULL;

    assert_non_null(snapshot);
    for (;; n_portions++, n_seen += n, before = sites, n_before = n) {
        assert_done(snapshot_next(snapshot, storage, &sites, &n, &error), &error);
        assert_same_sites(snapshot, before, n_before, whole);
        assert_same_sites(snapshot, sites, n, whole);
        if (n == 0)
            break;
    }
    assert_done(snapshot_next(snapshot, storage, &sites, &n, &error), &error);
    assert_int_equal(n, 0);
    assert_int_equal(n_seen, whole->n_sites);
    assert_int_equal(snapshot->status, whole->status);
    assert_int_equal(snapshot->stale_at_ms, whole->stale_at_ms);
    assert_int_equal(snapshot->valid_until_ms, whole->valid_until_ms);
    for (size_t i = 0; i < world->config.n_domains; i++) {
        assert_null(snapshot->domains[i].latencies);
        assert_null(snapshot->domains[i].week);
        assert_null(snapshot->domains[i].month);
    }
    snapshot_free(snapshot);
    return n_portions;
}

static void portions_of_the_sites_show_what_all_sites_at_once_show(void **state)
{
    enum { DOMAINS = MAX_DOMAINS / PER_SITE * PER_SITE };
    struct world *world = make_world(DOMAINS);
    struct journal *journal;

    (void)state;
    for (size_t i = 0; i < DOMAINS; i++)
        record_at(world, i, 0, (int)i, &"UUDTBU.U"[i % 7]);

    /* Afterwards, the order of the configuration is not that of the index; one domain is new. */
    for (int round = 0; round < 3; round++) {
        struct snapshot *whole;

        journal = open_world(world, NOW_MS);
        whole = take(world, journal_storage(journal), NOW_MS);
        for (size_t max = 1; max <= DOMAINS; max += 3)
            assert_true(compare_portions(world, journal_storage(journal), max, whole) > 0);
        assert_int_equal(compare_portions(world, journal_storage(journal), 1, whole),
                         world->config.n_sites);
        assert_int_equal(compare_portions(world, journal_storage(journal), 8 * DOMAINS, whole), 1);

        /* At first an eighth, then a quarter, a half and the rest. */
        assert_int_equal(compare_portions(world, journal_storage(journal), DOMAINS, whole), 4);
        snapshot_free(whole);
        journal_close(journal);
        if (round == 0)
            reverse_ids(world);
        else
            world->domains[1].id = "new";
    }
    free_world(world);
}

static void the_last_of_the_ninety_days_is_today_so_far(void **state)
{
    struct world *world = make_world(3);
    const struct day_minutes *days;
    struct snapshot *snapshot;

    (void)state;

    /* Midnight is ten minutes ago, so eleven buckets are of today. */
    record(world, 0, 0, "UUUUDDDDDDDDTTUBU");
    for (int round = 0; round < 2; round++) {
        snapshot = take_now(world, NOW_MS);
        days = snapshot->domains[0].days;
        assert_int_equal(days[89].good, 2);
        assert_int_equal(days[89].bad, 8);
        assert_int_equal(days[88].good, 4);
        assert_int_equal(days[88].bad, 2);
        for (int i = 0; i < 88; i++)
            assert_int_equal(days[i].good + days[i].bad, 0);
        assert_int_equal(snapshot->domains[1].days[89].good, 0);
        days = snapshot->sites[0].days;
        assert_int_equal(days[89].bad, 8);
        assert_int_equal(days[88].bad, 2);
        snapshot_free(snapshot);
    }
    free_world(world);
}

/* Midnight is ten minutes ago: it does not interrupt the buckets. The first check is 17 minutes
 * old. */
static void the_last_24_hours_of_a_site_are_in_buckets_of_five_minutes(void **state)
{
    static const struct bucket_run expected[] = {{0, 285, STATUS_UNKNOWN}, {285, 1, STATUS_DOWN}};
    struct world *world = make_world(3);
    struct snapshot *snapshot;
    const struct site_view *site;

    (void)state;
    for (size_t i = 0; i < 3; i++)
        record(world, i, 0, i == 1 ? "UUUUUDUUUUUUUUUUU" : "UUUUUUUUUUUUUUUUU");
    snapshot = take_now(world, NOW_MS);
    site = &snapshot->sites[0];
    assert_int_equal(site->n_day_runs, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(site->day_runs[i].first, expected[i].first);
        assert_int_equal(site->day_runs[i].n, expected[i].n);
        assert_int_equal(site->day_runs[i].status, expected[i].status);
    }
    snapshot_free(snapshot);
    free_world(world);
}

/* The state has not counted any day. */
static void forget_latencies(const struct world *world)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(path_in(world, "state.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "DELETE FROM latency", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

/* Then the day before is in the minutes of the last 24 hours, as far as they reach. */
static void latencies_of_a_day_that_is_not_counted_are_shown(void **state)
{
    struct world *world = make_world(1);
    struct snapshot *snapshot;
    const struct domain_view *view;

    (void)state;
    record(world, 0, -11, "UDU");
    record(world, 0, 0, "U");
    for (int counted = 1; counted >= 0; counted--) {
        if (!counted)
            forget_latencies(world);
        snapshot = take_now(world, NOW_MS);
        view = &snapshot->domains[0];
        assert_int_equal(view->week[LATENCY_WEEK_SLOTS - 1].median, 100);
        assert_int_equal(view->week[LATENCY_WEEK_SLOTS - 2].p95, 102);
        assert_int_equal(view->week[LATENCY_WEEK_SLOTS - 2].status, STATUS_DOWN);
        assert_int_equal(view->week[LATENCY_WEEK_SLOTS - 3].status, STATUS_UNKNOWN);
        assert_int_equal(view->month[LATENCY_MONTH_SLOTS - 1].p95, 100);
        assert_int_equal(view->month[LATENCY_MONTH_SLOTS - 2].median, 100);
        snapshot_free(snapshot);
    }
    free_world(world);
}

static void a_domain_has_the_phases_of_its_last_check_or_none(void **state)
{
    struct world *world = make_world(2);
    const struct check checks[] = {check_at(NOW_MS - 61000, STATUS_UP),
                                   check_at(NOW_MS - 1000, STATUS_DOWN)};
    const struct staged_result staged_results[] = {
        {.domain = 0,
         .check = checks[0],
         .has_phases = true,
         .phases = {{100, 200, 300, 400, 500}}},
        {.domain = 0, .check = checks[1], .has_phases = true, .phases = {{7, 8, -1, -1, -1}}},
        {.domain = 1, .check = checks[0], .has_phases = true, .phases = {{1, 2, 3, 4, 5}}},
        {.domain = 1, .check = checks[1]},
    };
    struct journal *journal = open_world(world, NOW_MS);
    struct journal_counts counts;
    struct snapshot *snapshot;
    struct error error;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_done(staged_add(journal_storage(journal), &staged_results[i], 1, &error), &error);
        if (i % 2)
            assert_done(export_run(journal, &error), &error);
    }
    journal_close(journal);
    snapshot = take_now(world, NOW_MS);
    assert_int_equal(snapshot->domains[0].phases->us[PHASE_LOOKUP], 7);
    assert_int_equal(snapshot->domains[0].phases->us[PHASE_TOTAL], -1);
    assert_null(snapshot->domains[1].phases);
    snapshot_free(snapshot);

    /* That check is in the future: the clock has been set back. */
    snapshot = take_now(world, NOW_MS - 2000);
    assert_null(snapshot->domains[0].last);
    assert_null(snapshot->domains[0].phases);
    snapshot_free(snapshot);

    /* The CSV has no phases. */
    assert_done(journal_rebuild(&world->config, &world->log, NOW_MS, &counts, &error), &error);
    snapshot = take_now(world, NOW_MS);
    assert_int_equal(snapshot->domains[0].last->start_ms, NOW_MS - 1000);
    assert_null(snapshot->domains[0].phases);
    snapshot_free(snapshot);
    free_world(world);
}

/* The status of domain 0 at a moment; *stale_at_ms: when it would be UNKNOWN. */
static enum status status_at(struct world *world, int64_t now_ms, int64_t *stale_at_ms)
{
    struct journal *journal = open_world(world, NOW_MS);
    struct snapshot *snapshot = take(world, journal_storage(journal), now_ms);
    enum status status = snapshot->domains[0].status;

    *stale_at_ms = snapshot->stale_at_ms;
    snapshot_free(snapshot);
    journal_close(journal);
    return status;
}

static void a_dashboard_is_out_of_date_once_a_check_does_not_count(void **state)
{
    struct world *world = make_world(1);
    int64_t stale_ms, none_ms;

    (void)state;
    record_at(world, 0, 0, 1500, "U");
    assert_int_equal(status_at(world, NOW_MS, &stale_ms), STATUS_UP);
    assert_int_equal(stale_ms, now_minute * MS_PER_MINUTE + 1500 + 120001);
    assert_int_equal(status_at(world, stale_ms - 1, &none_ms), STATUS_UP);
    assert_int_equal(status_at(world, stale_ms, &none_ms), STATUS_UNKNOWN);
    assert_int_equal(none_ms, 0);
    free_world(world);
}

/* The clock was set back. */
static void a_check_ahead_of_the_clock_does_not_hide_the_one_before_it(void **state)
{
    struct world *world = make_world(1);
    int64_t stale_ms;

    (void)state;
    record_at(world, 0, 0, 31000, "U");
    assert_int_equal(status_at(world, NOW_MS, &stale_ms), STATUS_UNKNOWN);
    record_at(world, 0, -1, 29000, "D");
    assert_int_equal(status_at(world, NOW_MS, &stale_ms), STATUS_DOWN);
    assert_int_equal(status_at(world, NOW_MS + 1000, &stale_ms), STATUS_UP);
    free_world(world);
}

/* Also of a check with a time in the future, until its minute has come. */
static void a_first_check_after_the_dashboard_is_not_shown(void **state)
{
    static const int minutes[] = {-6, -5, 0};
    struct world *world = make_world(1);
    struct journal *journal;

    (void)state;
    record(world, 0, -2, "UUUU");
    journal = open_world(world, NOW_MS);
    for (size_t i = 0; i < sizeof minutes / sizeof minutes[0]; i++) {
        int64_t at_ms = (now_minute + minutes[i]) * MS_PER_MINUTE;
        int64_t first_ms = (now_minute - 5) * MS_PER_MINUTE;
        struct snapshot *snapshot = take(world, journal_storage(journal), at_ms);

        if (at_ms < first_ms)
            first_ms = INT64_MAX;
        assert_int_equal(snapshot->domains[0].first_ms, first_ms);
        assert_int_equal(snapshot->sites[0].first_ms, first_ms);
        snapshot_free(snapshot);
    }
    journal_close(journal);
    free_world(world);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(outages_are_computed_from_the_recorded_checks),
        cmocka_unit_test(a_minute_has_the_latency_of_its_last_check_if_it_was_up),
        cmocka_unit_test(portions_of_the_sites_show_what_all_sites_at_once_show),
        cmocka_unit_test(the_last_of_the_ninety_days_is_today_so_far),
        cmocka_unit_test(the_last_24_hours_of_a_site_are_in_buckets_of_five_minutes),
        cmocka_unit_test(latencies_of_a_day_that_is_not_counted_are_shown),
        cmocka_unit_test(a_domain_has_the_phases_of_its_last_check_or_none),
        cmocka_unit_test(a_dashboard_is_out_of_date_once_a_check_does_not_count),
        cmocka_unit_test(a_check_ahead_of_the_clock_does_not_hide_the_one_before_it),
        cmocka_unit_test(a_first_check_after_the_dashboard_is_not_shown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
