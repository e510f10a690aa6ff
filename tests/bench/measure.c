/*
 * measure RUNS PREPARE -- COMMAND...: runs COMMAND so many times, the shell line PREPARE before
 * each, and prints the medians of its wall time, CPU time (user, system) and peak memory with their
 * spread, as the kernel accounts for the whole process.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RUNS_MAX = 99 };

enum figure { WALL, USER, SYSTEM, PEAK, FIGURES };

static const struct {
    const char *name, *unit;
} figures[FIGURES] = {{"wall", "ms"}, {"user", "ms"}, {"system", "ms"}, {"peak", "MiB"}};

static double ms_of(struct timeval t)
{
    return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

static int run(char **command, double value[FIGURES])
{
    struct timespec begin, end;
    struct rusage usage;
    int status;
    pid_t child;

    clock_gettime(CLOCK_MONOTONIC, &begin);
    child = fork();
    if (child == 0) {
        execvp(command[0], command);
        perror(command[0]);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child) {
        perror("measure");
        return -1;
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "measure: %s ended with status %d\n", command[0], status);
        return -1;
    }
    value[WALL] =
        (double)(end.tv_sec - begin.tv_sec) * 1e3 + (double)(end.tv_nsec - begin.tv_nsec) / 1e6;
    value[USER] = ms_of(usage.ru_utime);
    value[SYSTEM] = ms_of(usage.ru_stime);
    value[PEAK] = (double)usage.ru_maxrss / 1024;
    return 0;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    static double values[FIGURES][RUNS_MAX];
    int runs = argc > 4 ? atoi(argv[1]) : 0;

    if (runs < 1 || runs > RUNS_MAX || strcmp(argv[3], "--") != 0) {
        fputs("usage: measure RUNS PREPARE -- COMMAND...\n", stderr);
        return 64;
    }
    for (int i = 0; i < runs; i++) {
        double value[FIGURES];

        if (system(argv[2]) != 0 || run(argv + 4, value))
            return 1;
        for (int f = 0; f < FIGURES; f++)
            values[f][i] = value[f];
    }
    for (int f = 0; f < FIGURES; f++) {
        qsort(values[f], (size_t)runs, sizeof values[f][0], ascending);
        printf("%s%s %.1f %s (%.1f-%.1f)", f ? ", " : "", figures[f].name, values[f][runs / 2],
               figures[f].unit, values[f][0], values[f][runs - 1]);
    }
    putchar('\n');
    return 0;
}
