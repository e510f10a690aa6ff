/*
 * measure SAMPLES NAME COMMAND...: runs COMMAND, and appends the kernel's figures of the whole
 * process to the file SAMPLES: lines of NAME, figure and value, separated by tabs. Its exit status
 * is that of the command.
 */
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double ms_of(struct timeval t)
{
    return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

static double ms_between(const struct timespec *begin, const struct timespec *end)
{
    return (double)(end->tv_sec - begin->tv_sec) * 1e3 +
           (double)(end->tv_nsec - begin->tv_nsec) / 1e6;
}

static int run(char **command, double *wall_ms, struct rusage *usage)
{
    struct timespec begin, end;
    int status;
    pid_t child;

    clock_gettime(CLOCK_MONOTONIC, &begin);
    child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        execvp(command[0], command);
        perror(command[0]);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, usage) != child) {
        perror("measure");
        return 126;
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    *wall_ms = ms_between(&begin, &end);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
    struct rusage usage;
    double wall_ms = 0;
    FILE *samples;
    int status;

    if (argc < 4) {
        fputs("usage: measure SAMPLES NAME COMMAND...\n", stderr);
        return 64;
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    memset(&usage, 0, sizeof usage);
    status = run(argv + 3, &wall_ms, &usage);
    samples = fopen(argv[1], "a");
    if (!samples) {
        perror(argv[1]);
        return 74;
    }
    fprintf(samples, "%s\twall\t%.3f\n", argv[2], wall_ms);
    fprintf(samples, "%s\tcpu\t%.3f\n", argv[2], ms_of(usage.ru_utime) + ms_of(usage.ru_stime));
    fprintf(samples, "%s\tpeak\t%.3f\n", argv[2], (double)usage.ru_maxrss / 1024);
    fclose(samples);
    return status;
}
