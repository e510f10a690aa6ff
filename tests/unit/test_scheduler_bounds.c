/* scheduler.h: slots exactly at a limit, and the checks of several domains. */
#include "base/clock.h"
#include "base/table.h"
#include "model/scheduler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* 2026-11-23T09:30:00Z: a multiple of ten minutes, so a slot is at its phase from here. */
static const int64_t nine_thirty = 1795426200000;

static struct site site = {.id = "s", .name = "s"};

static struct config config_of(struct domain *domains, size_t n)
{
    return (struct config){.sites = &site, .n_sites = 1, .domains = domains, .n_domains = n};
}

/* Makes a domain with this interval and this phase, by trying ids. */
static struct domain with_phase(int interval_seconds, int64_t phase_ms, char id[16])
{
    struct domain domain = {.id = id, .interval_seconds = interval_seconds, .timeout_ms = 1000};
    struct config config = config_of(&domain, 1);

    for (int i = 0; i < 100000; i++) {
        snprintf(id, 16, "d%d", i);
        if (scheduler_phase(&config, 0) == phase_ms)
            return domain;
    }
    fail_msg("no id has the phase %d", (int)phase_ms);
    return domain;
}

static void the_checks_of_a_minute_start_at_their_slots(void **state)
{
    enum { T = 20000 }; /* when the tick starts, within its minute */
    static const struct {
        int interval;
        int64_t phase, due_after, now; /* the last two since 9:30 */
        size_t n;
        int64_t first, last, last_served;
    } cases[] = {
        /* A slot exactly at the start of the tick is due now; the later slots of the minute follow.
         */
        {10, 5000, T - 4999, T + 5000, 4, T + 5000, T + 35000, T + 35001},
        /* A slot a millisecond later is not due now. */
        {10, 5000, T - 4999, T + 4999, 4, T + 5000, T + 35000, T + 35001},
        /* Slots before the tick that are not done are due now, once. */
        {10, 5000, T - 14999, T + 4999, 5, T + 4999, T + 35000, T + 35001},
        /* A slot that was done a millisecond ago is not due again. */
        {10, 5000, T + 5001, T + 5001, 3, T + 15000, T + 35000, T + 35001},
        /* A slot at the end of the minute belongs to the next minute. */
        {10, 0, T + 1, T + 1, 3, T + 10000, T + 30000, T + 30001},
        {60, 0, 60000, 0, 0, 0, 0, 0},
        {300, 0, 1, 240000, 0, 0, 0, 0},
        {300, 0, 1, 300000, 1, 300000, 300000, 360000},
        {300, 0, 1, 359999, 1, 359999, 359999, 360000},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char id[16];
        struct domain domain = with_phase(cases[i].interval, cases[i].phase, id);
        struct config config = config_of(&domain, 1);
        int64_t due_after = nine_thirty + cases[i].due_after;
        struct job *jobs;
        size_t n;

        assert_int_equal(
            scheduler_due(&config, &due_after, NULL, NULL, nine_thirty + cases[i].now, &jobs, &n),
            0);
        assert_int_equal(n, cases[i].n);
        if (n) {
            assert_int_equal(jobs[0].start_ms, nine_thirty + cases[i].first);
            assert_int_equal(jobs[n - 1].start_ms, nine_thirty + cases[i].last);
            assert_int_equal(jobs[n - 1].due_after_ms, nine_thirty + cases[i].last_served);
        }
        free(jobs);
    }
}

static void checks_of_several_domains_are_sorted_by_their_start(void **state)
{
    char ids[3][16];
    struct domain domains[] = {with_phase(10, 7000, ids[0]), with_phase(10, 3000, ids[1]),
                               with_phase(60, 0, ids[2])};
    struct config config = config_of(domains, 3);
    int64_t due_after[] = {nine_thirty, nine_thirty, nine_thirty - 60000};
    static const size_t order[] = {2, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0};
    struct job *jobs;
    size_t n;

    (void)state;
    assert_int_equal(scheduler_due(&config, due_after, NULL, NULL, nine_thirty, &jobs, &n), 0);
    assert_int_equal(n, LENGTH(order));
    for (size_t i = 0; i < n; i++)
        assert_int_equal(jobs[i].domain, order[i]);
    free(jobs);
}

static void the_phase_uses_all_letters_of_the_longest_ids(void **state)
{
    char name[64 + 1 + 64 + 1];
    char site_id[65], domain_id[65];
    struct site long_site = {.id = site_id};
    struct domain domain = {.id = domain_id, .interval_seconds = 604800};
    struct config config = {.sites = &long_site, .n_sites = 1, .domains = &domain, .n_domains = 1};

    (void)state;
    snprintf(site_id, sizeof site_id, "%064d", 1);
    snprintf(domain_id, sizeof domain_id, "%064d", 2);
    snprintf(name, sizeof name, "%s/%s", site_id, domain_id);
    assert_int_equal(scheduler_phase(&config, 0), table_hash(name, strlen(name)) % 604800 * 1000);
}

static void a_page_is_valid_until_the_next_due_minute_is_checked(void **state)
{
    enum { MINUTE = 60000 };
    /* Times since 9:30. The tick runs at the start of the minute. */
    static const struct {
        int render_interval;
        struct {
            int interval;
            int64_t phase, due_after;
            int timeout_ms;
        } domains[2];
        size_t n;
        int64_t now, done;
    } cases[] = {
        /* A later slot of this minute is the next one, unless it is done. */
        {0, {{60, 30000, -MINUTE, 1000}}, 1, 1000, 31000},
        {0, {{60, 30000, 1000, 1000}}, 1, 1000, 31000},
        {0, {{60, 30000, MINUTE, 1000}}, 1, 1000, 91000},
        {0, {{60, 30000, 2 * MINUTE, 1000}}, 1, 1000, 31000}, /* the clock was set back */
        /* Slots that were missed do not count: this tick makes up for them. */
        {0, {{60, 30000, -60 * MINUTE, 1000}}, 1, 1000, 31000},
        /* The longest check of that minute counts, not one of the next minute. */
        {0, {{60, 30000, 0, 1000}, {60, 10000, 0, 50000}}, 2, 0, 60000},
        {0, {{60, 30000, 0, 50000}, {60, 10000, 0, 1000}}, 2, 0, 80000},
        {0, {{60, 10000, 0, 20000}, {60, 30000, 0, 5000}}, 2, 0, 35000},
        {0, {{60, 30000, 0, 1000}, {300, MINUTE, 0, 50000}}, 2, 0, 31000},
        {0, {{60, 30000, 0, 1000}, {300, 4 * MINUTE, 0, 50000}}, 2, 0, 31000},
        /* No page is built before render_interval_seconds have passed. */
        {3600, {{60, 30000, 0, 1000}}, 1, 1000, 3601000},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char ids[2][16];
        struct domain domains[2];
        int64_t due_after[2];
        struct config config = config_of(domains, cases[i].n);

        config.render_interval_seconds = cases[i].render_interval;
        for (size_t d = 0; d < cases[i].n; d++) {
            domains[d] =
                with_phase(cases[i].domains[d].interval, cases[i].domains[d].phase, ids[d]);
            domains[d].timeout_ms = cases[i].domains[d].timeout_ms;
            due_after[d] = nine_thirty + cases[i].domains[d].due_after;
        }
        assert_int_equal(
            scheduler_valid_until(&config, due_after, NULL, nine_thirty + cases[i].now),
            nine_thirty + cases[i].done + 2 * MINUTE);
    }
}

/* The slot is 30 seconds after the minute; the last recheck of a minute begins in it. */
static void a_page_is_valid_until_the_last_recheck(void **state)
{
    enum { MINUTE = 60000 };
    static const struct {
        int timeout_ms, n_rechecks;
        int64_t done;
    } cases[] = {
        {2000, 0, 32000},  {2000, 1, 39000},  {2000, 2, 49000},  {14999, 2, 74998},
        {15000, 2, 75000}, {15001, 2, 75001}, {25000, 1, 85000}, {40000, 2, 100000},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char id[16];
        struct domain domain = with_phase(60, 30000, id);
        struct config config = config_of(&domain, 1);
        int64_t due_after = nine_thirty;

        domain.timeout_ms = cases[i].timeout_ms;
        domain.confirm =
            (struct confirm){.recheck_seconds = {5, 15}, .n_rechecks = (size_t)cases[i].n_rechecks};
        assert_int_equal(scheduler_valid_until(&config, &due_after, NULL, nine_thirty) -
                             nine_thirty,
                         cases[i].done + 2 * MINUTE);
    }
}

static void slots_ahead_of_each_domain_are_forgotten(void **state)
{
    enum { DOMAINS = 3, MINUTE = 60000 };
    struct domain domains[DOMAINS];
    struct config config = config_of(domains, DOMAINS);
    int64_t *due_after = calloc(DOMAINS, sizeof *due_after);

    (void)state;
    assert_non_null(due_after);
    for (int i = 0; i < DOMAINS; i++)
        due_after[i] = nine_thirty + MINUTE + i % 2;
    scheduler_forget_future(&config, due_after, nine_thirty);
    for (int i = 0; i < DOMAINS; i++)
        assert_int_equal(due_after[i], i % 2 ? 0 : nine_thirty + MINUTE);
    free(due_after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_checks_of_a_minute_start_at_their_slots),
        cmocka_unit_test(checks_of_several_domains_are_sorted_by_their_start),
        cmocka_unit_test(the_phase_uses_all_letters_of_the_longest_ids),
        cmocka_unit_test(a_page_is_valid_until_the_next_due_minute_is_checked),
        cmocka_unit_test(a_page_is_valid_until_the_last_recheck),
        cmocka_unit_test(slots_ahead_of_each_domain_are_forgotten),
    };

    return cmocka_run_group_tests_name("scheduler bounds", tests, NULL, NULL);
}
