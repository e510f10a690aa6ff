/* Which slots fall due: those that lie right at a bound, and those of several domains. */
#include "base/clock.h"
#include "base/hash.h"
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

/* 2026-11-23T09:30:00Z: a multiple of ten minutes, so that a phase is where a slot lies in it. */
static const int64_t nine_thirty = 1795426200000;

static struct site site = {.id = "s", .name = "s"};

static struct config config_of(struct domain *domains, size_t n)
{
    return (struct config){.sites = &site, .n_sites = 1, .domains = domains, .n_domains = n};
}

/* A domain of this interval whose slots lie so far behind the multiples of the interval. */
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

static void the_checks_of_a_minute_begin_at_their_slots_and_serve_them(void **state)
{
    enum { T = 20000 }; /* where the tick begins, in its minute */
    static const struct {
        int interval;
        int64_t phase, served, now; /* the last two from 9:30 on */
        size_t n;
        int64_t first, last, last_served;
    } cases[] = {
        /* A slot at the tick's very begin is made now; those of the minute to come follow. */
        {10, 5000, T - 4999, T + 5000, 4, T + 5000, T + 35000, T + 35001},
        /* One a millisecond later is no reason to check now. */
        {10, 5000, T - 4999, T + 4999, 4, T + 5000, T + 35000, T + 35001},
        /* One that lies before the tick, and is not served, is made now, once. */
        {10, 5000, T - 14999, T + 4999, 5, T + 4999, T + 35000, T + 35001},
        /* One that was served a millisecond ago is not made again. */
        {10, 5000, T + 5001, T + 5001, 3, T + 15000, T + 35000, T + 35001},
        /* A slot at the minute's end is the next minute's. */
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
        int64_t served = nine_thirty + cases[i].served;
        struct job *jobs;
        size_t n;

        assert_int_equal(scheduler_due(&config, &served, nine_thirty + cases[i].now, &jobs, &n), 0);
        assert_int_equal(n, cases[i].n);
        if (n) {
            assert_int_equal(jobs[0].start_ms, nine_thirty + cases[i].first);
            assert_int_equal(jobs[n - 1].start_ms, nine_thirty + cases[i].last);
            assert_int_equal(jobs[n - 1].due_after_ms, nine_thirty + cases[i].last_served);
        }
        free(jobs);
    }
}

static void the_checks_of_several_domains_are_in_the_order_of_their_starts(void **state)
{
    char ids[3][16];
    struct domain domains[] = {with_phase(10, 7000, ids[0]), with_phase(10, 3000, ids[1]),
                               with_phase(60, 0, ids[2])};
    struct config config = config_of(domains, 3);
    int64_t served[] = {nine_thirty, nine_thirty, nine_thirty - 60000};
    static const size_t order[] = {2, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0};
    struct job *jobs;
    size_t n;

    (void)state;
    assert_int_equal(scheduler_due(&config, served, nine_thirty, &jobs, &n), 0);
    assert_int_equal(n, LENGTH(order));
    for (size_t i = 0; i < n; i++)
        assert_int_equal(jobs[i].domain, order[i]);
    free(jobs);
}

static void the_longest_ids_have_a_phase_of_all_their_letters(void **state)
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
    assert_int_equal(scheduler_phase(&config, 0), hash_bytes(name, strlen(name)) % 604800 * 1000);
}

static void a_page_holds_until_the_last_check_of_the_next_slots_minute(void **state)
{
    enum { MINUTE = 60000 };
    /* Times from 9:30 on; the tick runs at its begin. */
    static const struct {
        int render_interval;
        struct {
            int interval;
            int64_t phase, served;
            int timeout_ms;
        } domains[2];
        size_t n;
        int64_t now, done;
    } cases[] = {
        /* A slot of this minute that is not over is the next one, unless it is served. */
        {0, {{60, 30000, -MINUTE, 1000}}, 1, 1000, 31000},
        {0, {{60, 30000, 1000, 1000}}, 1, 1000, 31000},
        {0, {{60, 30000, MINUTE, 1000}}, 1, 1000, 91000},
        {0, {{60, 30000, 2 * MINUTE, 1000}}, 1, 1000, 31000}, /* the clock was set back */
        /* What was to be done and was not does not count: the tick at hand does it. */
        {0, {{60, 30000, -60 * MINUTE, 1000}}, 1, 1000, 31000},
        /* The longest check of the minute, and not of the one after it. */
        {0, {{60, 30000, 0, 1000}, {60, 10000, 0, 50000}}, 2, 0, 60000},
        {0, {{60, 30000, 0, 50000}, {60, 10000, 0, 1000}}, 2, 0, 80000},
        {0, {{60, 10000, 0, 20000}, {60, 30000, 0, 5000}}, 2, 0, 35000},
        {0, {{60, 30000, 0, 1000}, {300, MINUTE, 0, 50000}}, 2, 0, 31000},
        {0, {{60, 30000, 0, 1000}, {300, 4 * MINUTE, 0, 50000}}, 2, 0, 31000},
        /* No page is built before its interval is over. */
        {3600, {{60, 30000, 0, 1000}}, 1, 1000, 3601000},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char ids[2][16];
        struct domain domains[2];
        int64_t served[2];
        struct config config = config_of(domains, cases[i].n);

        config.render_interval_seconds = cases[i].render_interval;
        for (size_t d = 0; d < cases[i].n; d++) {
            domains[d] =
                with_phase(cases[i].domains[d].interval, cases[i].domains[d].phase, ids[d]);
            domains[d].timeout_ms = cases[i].domains[d].timeout_ms;
            served[d] = nine_thirty + cases[i].domains[d].served;
        }
        assert_int_equal(scheduler_valid_until(&config, served, nine_thirty + cases[i].now),
                         nine_thirty + cases[i].done + 2 * MINUTE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_checks_of_a_minute_begin_at_their_slots_and_serve_them),
        cmocka_unit_test(the_checks_of_several_domains_are_in_the_order_of_their_starts),
        cmocka_unit_test(the_longest_ids_have_a_phase_of_all_their_letters),
        cmocka_unit_test(a_page_holds_until_the_last_check_of_the_next_slots_minute),
    };

    return cmocka_run_group_tests_name("scheduler bounds", tests, NULL, NULL);
}
