/*
 * measure SAMPLES NAME COMMAND...: runs COMMAND, and appends the kernel's figures of the whole
 * process to the file SAMPLES: lines of NAME, figure and value, separated by tabs. The figures are
 * wall and cpu (ms), peak (MiB of memory), and written (MiB passed to write calls; only if the
 * kernel counts them). The exit status is that of the command.
 */
#include <signal.h>
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

/* Appends the bytes that an ended child wrote. The kernel forgets them when the child is reaped. */
static void report_written(FILE *samples, const char *name, pid_t child)
{
    unsigned long long bytes;
    char path[64], line[128];
    FILE *io;

    snprintf(path, sizeof path, "/proc/%d/io", (int)child);
    io = fopen(path, "r");
    while (io && fgets(line, sizeof line, io)) {
        if (sscanf(line, "wchar: %llu", &bytes) == 1)
            fprintf(samples, "%s\twritten\t%.3f\n", name, (double)bytes / (1 << 20));
    }
    if (io)
        fclose(io);
}

/* Starts the command and waits until it has ended; it is not reaped. Returns its id, or -1. */
static pid_t run(char **command, double *wall_ms)
{
    struct timespec begin, end;
    siginfo_t ended;
    pid_t child;

    clock_gettime(CLOCK_MONOTONIC, &begin);
    child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        execvp(command[0], command);
        perror(command[0]);
        _exit(127);
    }
    if (child < 0 || waitid(P_PID, (id_t)child, &ended, WEXITED | WNOWAIT))
        return -1;
    clock_gettime(CLOCK_MONOTONIC, &end);
    *wall_ms = ms_between(&begin, &end);
    return child;
}

int main(int argc, char **argv)
{
    struct rusage usage;
    double wall_ms;
    FILE *samples;
    int status;
    pid_t child;

    if (argc < 4) {
        fputs("usage: measure SAMPLES NAME COMMAND...\n", stderr);
        return 64;
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    samples = fopen(argv[1], "ae");
    if (!samples) {
        perror(argv[1]);
        return 74;
    }
    child = run(argv + 3, &wall_ms);
    if (child > 0)
        report_written(samples, argv[2], child);
    if (child < 0 || wait4(child, &status, 0, &usage) != child) {
        perror("measure");
        return 126;
    }
    fprintf(samples, "%s\twall\t%.3f\n", argv[2], wall_ms);
    fprintf(samples, "%s\tcpu\t%.3f\n", argv[2], ms_of(usage.ru_utime) + ms_of(usage.ru_stime));
    fprintf(samples, "%s\tpeak\t%.3f\n", argv[2], (double)usage.ru_maxrss / 1024);
    fclose(samples);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
