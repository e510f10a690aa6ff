/*
 * Kills at any call: a tick of twenty monitors over the end of an hour and of a day dies before
 * each of its calls that change a file, and in the middle of each write. The next tick then finds
 * each committed result, and the CSV has it exactly once. By default only a part of the calls; all
 * of them, pairs of kills and kills at random moments if $UPTICK_SWEEP is set (`make crash`).
 */
#define _GNU_SOURCE
#include "account.h"
#include "calls.h"
#include "cmocka_all.h"
#include "e2e.h"
#include "midnight.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/*
 * The judge: the program dies before its nth call, or in its nth write when half of it is written.
 */
struct death {
    long at; /* 0: never */
    bool half;
    long seen;
    char name[32]; /* the call in which it died */
};

static struct judgement die_at(void *context, const struct call *call)
{
    struct death *death = context;

    if (death->half && !call->writes)
        return (struct judgement){CALL_LET, 0};
    if (++death->seen != death->at)
        return (struct judgement){CALL_LET, 0};
    snprintf(death->name, sizeof death->name, "%s", call->name);
    return (struct judgement){death->half ? CALL_KILL_HALF : CALL_KILL, 0};
}

/* A tick that may die. Returns whether it did; if not, it must have succeeded. */
static bool tick_until_killed(struct e2e *world, const char *clock, struct death *death)
{
    struct calls calls = {
        .below = world->folder, .judge = die_at, .context = death, .listener = -1};

    death->seen = 0;
    world->clock = clock;
    world->calls = &calls;
    e2e_uptick(world, "tick", NULL);
    world->calls = NULL;
    if (world->last.signal == SIGKILL)
        return true;
    e2e_silent(world, 0);
    return false;
}

/* Checks the files that a killed tick left, as readers see them: complete pages, and committed
 * results, which are returned. */
static struct account check_killed(struct e2e *world)
{
    account_check_pages(world);
    return account_of_committed(world);
}

static void check_recovered(struct e2e *world, int recovered, const struct account *committed,
                            const struct account *more)
{
    struct account found;

    e2e_tick(world, midnight_at[recovered]);
    found = account_of_files(world);
    account_check_holds(&found, committed, midnight_kept_from);
    account_check_holds(&found, more, midnight_kept_from);
    midnight_check_counts(world, MIDNIGHT_MONITORS, &found, recovered);
    account_check_state(world);
    account_check_pages(world);
    e2e_shell(world, "test -z \"$(find data public -name '*.quarantine' -o -name '*.corrupt-*')\"");
    e2e_check(!e2e_exists(world, "data/archive/2026-11-20/s0"), "an old archive was not deleted");
    account_free(&found);
}

static const struct account none;

/* The kills of each call. */
struct tally {
    char name[32];
    long kills;
};

static void count(struct tally *tally, const char *name)
{
    while (*tally->name && strcmp(tally->name, name))
        tally++;
    snprintf(tally->name, sizeof tally->name, "%s", name);
    tally->kills++;
}

static void print_tally(const struct tally *tally, const char *what)
{
    long sum = 0;

    for (const struct tally *t = tally; *t->name; t++) {
        print_message("    %-16s %6ld\n", t->name, t->kills);
        sum += t->kills;
    }
    print_message("%ld %s, none failed\n", sum, what);
}

/* Dies at the nth call, and recovers. Returns whether there was an nth call. */
static bool die_and_recover(struct e2e *world, long n, bool half, struct tally *tally)
{
    struct death death = {.at = n, .half = half};
    struct kept *kept = world->kept;
    struct account committed;

    midnight_go_back(world);
    if (!tick_until_killed(world, midnight_at[0], &death))
        return false;
    committed = check_killed(world);
    check_recovered(world, 1, &committed, &none);
    if (sweep_in_full() && n % 10 == 0)
        midnight_check_rebuilt(world, 1);
    account_free(&committed);
    e2e_release(world, kept);
    count(tally, death.name);
    return true;
}

static void sweep(struct e2e *world, const char *more_config)
{
    struct tally before[64] = {0}, halves[64] = {0};
    long step = sweep_in_full() ? 1 : 150;

    sweep_need_held_calls(world);
    midnight_configure(world, MIDNIGHT_MONITORS, more_config);
    midnight_live_until(world);
    for (long n = 1; die_and_recover(world, n, false, before); n += step)
        continue;
    for (long n = 1; die_and_recover(world, n, true, halves); n += step)
        continue;
    print_tally(before, "kills before a call");
    print_tally(halves, "kills in a call");
}

static void a_tick_killed_at_any_call_loses_and_doubles_nothing(struct e2e *world)
{
    sweep(world, "");
}

static unsigned long count_calls(struct e2e *world, bool half)
{
    struct death never = {.half = half};

    midnight_go_back(world);
    assert_false(tick_until_killed(world, midnight_at[0], &never));
    return (unsigned long)never.seen;
}

/* Two kills, and the tick that recovers from both. Returns whether the second kill happened. */
static bool die_twice(struct e2e *world, long first, long second, bool half, struct tally *tally)
{
    struct death one = {.at = first, .half = half}, two = {.at = second, .half = half};
    struct kept *kept = world->kept;
    struct account committed, more;
    bool twice;

    midnight_go_back(world);
    assert_true(tick_until_killed(world, midnight_at[0], &one));
    committed = check_killed(world);
    twice = tick_until_killed(world, midnight_at[1], &two);
    more = twice ? check_killed(world) : none;
    if (twice) {
        check_recovered(world, 2, &committed, &more);
        count(tally, two.name);
    }
    account_free(&committed);
    account_free(&more);
    e2e_release(world, kept);
    return twice;
}

static void a_tick_killed_while_it_recovers_loses_and_doubles_nothing(struct e2e *world)
{
    int pairs = sweep_in_full() ? 2000 : 3;
    struct tally tally[64] = {0};
    unsigned long seed = 1;
    unsigned long calls[2];

    sweep_need_held_calls(world);
    midnight_configure(world, MIDNIGHT_MONITORS, "");
    midnight_live_until(world);
    calls[false] = count_calls(world, false);
    calls[true] = count_calls(world, true);
    while (pairs > 0) {
        bool half = sweep_number(&seed) % 4 == 0;
        long first = 1 + (long)(sweep_number(&seed) % calls[half]);
        long second = 1 + (long)(sweep_number(&seed) % calls[half]);

        pairs -= die_twice(world, first, second, half, tally);
    }
    print_tally(tally, "second kills");
}

/* No call is held, so that any moment is possible. */
static void a_tick_killed_at_any_moment_loses_and_doubles_nothing(struct e2e *world)
{
    int kills = sweep_in_full() ? 1000 : 3;
    unsigned long seed = 2;
    long life_us;
    int late = 0;

    midnight_configure(world, MIDNIGHT_MONITORS, "");
    midnight_live_until(world);
    midnight_go_back(world);
    e2e_tick(world, midnight_at[0]);
    life_us = (long)(world->last.seconds * 1e6);
    while (kills > 0) {
        long moment_us = (long)(sweep_number(&seed) % (unsigned long)life_us);
        struct timespec moment = {.tv_nsec = moment_us % 1000000 * 1000,
                                  .tv_sec = moment_us / 1000000};
        struct kept *kept = world->kept;
        struct account committed;
        pid_t pid;

        midnight_go_back(world);
        world->clock = midnight_at[0];
        pid = e2e_start(world, "tick", NULL);
        nanosleep(&moment, NULL);
        kill(pid, SIGKILL);
        e2e_wait(world, pid);
        if (world->last.signal == SIGKILL) {
            committed = check_killed(world);
            check_recovered(world, 1, &committed, &none);
            account_free(&committed);
            kills--;
        } else {
            late++;
            assert_true(late < 10000);
        }
        e2e_release(world, kept);
    }
    print_message("%d ticks ended before the kill\n", late);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(a_tick_killed_at_any_call_loses_and_doubles_nothing),
        E2E_TEST(a_tick_killed_while_it_recovers_loses_and_doubles_nothing),
        E2E_TEST(a_tick_killed_at_any_moment_loses_and_doubles_nothing),
    };

    return cmocka_run_group_tests_name("crash sweep", tests, NULL, NULL);
}
