/* Runs many cases of one test, each in a process of its own. */
#define _GNU_SOURCE
#include "cases.h"
#include "cmocka_all.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { AT_ONCE = 2, SHOWN = 5, PATIENCE_S = 60 };

struct one {
    struct e2e world;
    run_case *run;
    void *context;
    long i;
    struct report *report;
};

static void run_one(void **state)
{
    struct one *one = *state;

    one->run(&one->world, one->context, one->i, one->report);
}

/* The output of a case is only needed if it failed. */
static void become_case(struct one *one)
{
    const struct CMUnitTest tests[] = {{"case", run_one, NULL, NULL, one}};
    int log = open(e2e_path(&one->world, ".log"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    int failed;

    alarm(PATIENCE_S);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    cmocka_set_test_filter(NULL); /* $ONLY chose the test, not the case */
    failed = cmocka_run_group_tests_name("case", tests, NULL, NULL);
    if (failed && one->world.last.err)
        fprintf(stderr, "%s: status %d, signal %d: %s\n", one->report->what, one->world.last.status,
                one->world.last.signal, one->world.last.err);
    fflush(NULL);
    _exit(failed != 0);
}

static pid_t start(const struct e2e *world, run_case *run, void *context, long i,
                   struct report *report)
{
    struct one one = {.world = *world, .run = run, .context = context, .i = i, .report = report};
    pid_t pid;

    fflush(NULL);
    pid = fork();
    if (pid < 0)
        fail_msg("fork: %s", strerror(errno));
    if (pid > 0)
        return pid;
    snprintf(one.world.folder, sizeof one.world.folder, "%.4000s/case-%ld", world->folder, i);
    if (system(e2e_format(&one.world, "cp -a '%s/start' '%s'", world->folder, one.world.folder)))
        _exit(2);
    become_case(&one);
    return 0;
}

/* The cases that are running. */
struct running {
    pid_t pid[AT_ONCE];
    long i[AT_ONCE];
    long failed;
};

static void end_one(struct e2e *world, struct running *running)
{
    int status;
    pid_t pid = wait(&status);
    int slot = 0;

    while (slot < AT_ONCE && running->pid[slot] != pid)
        slot++;
    if (slot == AT_ONCE)
        return;
    running->pid[slot] = 0;
    if (status == 0) {
        e2e_shell(world, "rm -rf case-%ld", running->i[slot]);
        return;
    }
    if (running->failed++ < SHOWN)
        print_message("--- case %ld:\n%s\n", running->i[slot],
                      e2e_read(world, e2e_format(world, "case-%ld/.log", running->i[slot])));
    else if (!getenv("UPTICK_SWEEP_KEEP"))
        e2e_shell(world, "rm -rf case-%ld", running->i[slot]);
}

static int free_slot(struct e2e *world, struct running *running)
{
    for (;;) {
        for (int slot = 0; slot < AT_ONCE; slot++) {
            if (running->pid[slot] == 0)
                return slot;
        }
        end_one(world, running);
    }
}

static bool any_runs(const struct running *running)
{
    for (int slot = 0; slot < AT_ONCE; slot++) {
        if (running->pid[slot])
            return true;
    }
    return false;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct report *)a)->what, ((const struct report *)b)->what);
}

/* Prints a line for each kind: how many cases, and in how many the program exited with 0. */
static void print_kinds(struct report *report, long n, const char *heading)
{
    long done = 0;

    qsort(report, (size_t)n, sizeof *report, compare);
    print_message("%s:\n", heading);
    for (long i = 0, from = 0, absorbed = 0; i < n; i++) {
        absorbed += report[i].status == 0;
        if (i + 1 < n && compare(&report[i], &report[i + 1]) == 0)
            continue;
        if (*report[i].what) {
            print_message("    %-28s %6ld, %ld of them exited with 0\n", report[i].what,
                          i + 1 - from, absorbed);
            done += i + 1 - from;
        }
        from = i + 1;
        absorbed = 0;
    }
    print_message("%ld in total\n", done);
}

static int compare_printed(const void *a, const void *b)
{
    return strcmp(((const struct report *)a)->printed, ((const struct report *)b)->printed);
}

/* Prints each text of the program once. */
static void print_texts(struct report *report, long n)
{
    qsort(report, (size_t)n, sizeof *report, compare_printed);
    for (long i = 0, from = 0; i < n; i++) {
        if (i + 1 < n && compare_printed(&report[i], &report[i + 1]) == 0)
            continue;
        if (*report[i].printed)
            print_message("    %ld times (%d, %s): %s", i + 1 - from, report[i].status,
                          report[i].what, report[i].printed);
        from = i + 1;
    }
}

void cases_run(struct e2e *world, const char *heading, run_case *run, void *context, long n,
               long step)
{
    size_t size = (size_t)(n ? n : 1) * sizeof(struct report);
    struct report *report =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct running running = {.failed = 0};

    if (report == MAP_FAILED)
        fail_msg("mmap: %s", strerror(errno));
    for (long i = 0; i < n; i += step) {
        int slot = free_slot(world, &running);

        running.i[slot] = i;
        running.pid[slot] = start(world, run, context, i, &report[i]);
    }
    while (any_runs(&running))
        end_one(world, &running);
    print_kinds(report, n, heading);
    if (getenv("UPTICK_SWEEP"))
        print_texts(report, n);
    munmap(report, size);
    e2e_check(running.failed == 0, "%ld cases failed", running.failed);
}
