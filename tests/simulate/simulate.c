/*
 * usage: simulate [FROM [SEEDS [DAYS]]]    simulates DAYS (30) for each of SEEDS seeds, from FROM
 * on
 *
 * Each seed is a process of its own, and two run at once ($JOBS). If one fails, its story is
 * printed ($STORY: all of it), and its folder stays.
 */
#define _GNU_SOURCE
#include "life.h"
#include "oracle.h"
#include "receipts.h"
#include "service.h"
#include "simulation.h"
#include "story.h"
#include "tick.h"
#include "truth.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static struct simulation *begin(uint64_t number)
{
    struct simulation *simulation = calloc(1, sizeof *simulation);

    assert_non_null(simulation);
    simulation->number = number;
    simulation->seed = number * UINT64_C(0x9e3779b97f4a7c15) + 1;
    simulation->began_ms = simulation->real_ms = AT_0;
    simulation->report = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
    simulation->world = make_world(MONITORS);
    simulation->receipts = receipts_new();
    simulation->truth = truth_new();
    simulation->oracle = oracle_new();
    simulation->services = mmap(NULL, TARGETS * sizeof *simulation->services,
                                PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(simulation->services != MAP_FAILED);
    story_open(simulation);
    service_begin(simulation);
    life_begin(simulation);
    return simulation;
}

static void run_until(struct simulation *simulation, int64_t end_ms)
{
    while (simulation->real_ms < end_ms) {
        simulation->real_ms = life_next(simulation);
        life_step(simulation);
        tick_run(simulation);
        oracle_check(simulation);
    }
}

static void report(const struct simulation *simulation)
{
    const char *verbose = getenv("VERBOSE");

    if (verbose)
        dprintf(simulation->report, "seed %llu: %d ticks, %d messages, %d events\n",
                (unsigned long long)simulation->number, simulation->tick,
                simulation->receipts->deliveries, simulation->truth->n_lines);
}

/* Runs a seed. Returns if it is as it must be. */
static void run_seed(uint64_t number, int64_t days)
{
    struct simulation *simulation = begin(number);

    run_until(simulation, AT_0 + days * MS_PER_DAY);
    life_settle(simulation);
    run_until(simulation, AT_0 + (days + SETTLE_DAYS) * MS_PER_DAY);
    oracle_finish(simulation);
    tick_close(simulation);
    report(simulation);
    close(simulation->story);
    oracle_free(simulation->oracle);
    truth_free(simulation->truth);
    free_world(simulation->world);
    free(simulation);
}

/* 0 if the text is no number. */
static long number_of(const char *text, long otherwise)
{
    return text && *text ? strtol(text, NULL, 10) : otherwise;
}

/* Waits for a seed to end. Returns whether it failed. */
static int wait_for_seed(void)
{
    int status;

    assert_true(wait(&status) > 0);
    if (WIFSIGNALED(status))
        fprintf(stderr, "a seed died of signal %d\n", WTERMSIG(status));
    return status != 0;
}

int main(int argc, char **argv)
{
    long from = number_of(argc > 1 ? argv[1] : NULL, 1);
    long seeds = number_of(argc > 2 ? argv[2] : NULL, 1);
    long days = number_of(argc > 3 ? argv[3] : NULL, 30);
    long jobs = number_of(getenv("JOBS"), 2);
    int failed = 0, running = 0;

    for (long i = 0; i < seeds && !failed; i++) {
        if (running == jobs) {
            failed += wait_for_seed();
            running--;
        }
        running++;
        if (fork() == 0) {
            run_seed((uint64_t)(from + i), days);
            _exit(0);
        }
    }
    for (; running > 0; running--)
        failed += wait_for_seed();
    if (failed == 0)
        printf("[  PASSED  ] %ld seed(s).\n", seeds);
    return failed > 0;
}
