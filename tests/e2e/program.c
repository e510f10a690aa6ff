/* Runs the program under test. */
#define _GNU_SOURCE
#include "calls.h"
#include "cmocka_all.h"
#include "e2e.h"
#include "e2e_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 32 };

const char *world_uptick_path(void)
{
    const char *path = getenv("UPTICK");

    return path && path[0] == '/' && access(path, X_OK) == 0 ? path : NULL;
}

/* Milliseconds from now to a moment of the clock, both UTC. */
static long long until(const char *clock)
{
    struct timespec now;
    struct tm tm = {0};

    if (!strptime(clock, "%Y-%m-%d %H:%M:%S", &tm) || clock_gettime(CLOCK_REALTIME, &now))
        fail_msg("invalid time: %s", clock);
    return ((long long)timegm(&tm) - now.tv_sec) * 1000 - now.tv_nsec / 1000000;
}

/* Only the wall clock is moved: durations and file times stay real. */
static void move_clock(struct e2e *world)
{
    const char *library = getenv("MOVED_CLOCK_LIBRARY");

    if (!world->clock && world->ahead_ms == 0)
        return;
    if (!library || access(library, R_OK))
        fail_msg("$MOVED_CLOCK_LIBRARY must be the path of moved_clock.so");
    setenv("LD_PRELOAD",
           world->preload ? e2e_format(world, "%s:%s", world->preload, library) : library, 1);
    setenv("MOVED_CLOCK",
           e2e_format(world, "%lld", world->clock ? until(world->clock) : world->ahead_ms), 1);
}

volatile int64_t *e2e_move_clocks(struct e2e *world)
{
    const size_t size = 2 * sizeof(int64_t);
    char *path = e2e_path(world, "clocks");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    void *clocks = MAP_FAILED;

    if (fd >= 0 && ftruncate(fd, (off_t)size) == 0)
        clocks = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (clocks == MAP_FAILED)
        fail_msg("%s: %s", path, strerror(errno));
    close(fd);
    world->environment = e2e_format(world, "MOVED_CLOCK_FILE=%s", path);
    return clocks;
}

static void open_as(const char *path, int as)
{
    int fd = open(path, as == STDIN_FILENO ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (fd < 0 || dup2(fd, as) < 0) {
        perror(path);
        _exit(126);
    }
    close(fd);
}

static void become_uptick(struct e2e *world, const char *program, char **arguments, int socket)
{
    if (chdir(world->folder))
        _exit(126);
    setenv("TZ", "UTC", 1);
    unsetenv("UPTICK_CONFIG");
    if (world->environment)
        putenv(e2e_format(world, "%s", world->environment));
    open_as("/dev/null", STDIN_FILENO);
    open_as(world->stdio ? world->stdio : e2e_format(world, ".out-%d", (int)getpid()),
            STDOUT_FILENO);
    open_as(e2e_format(world, ".err-%d", (int)getpid()), STDERR_FILENO);
    move_clock(world);
    if (socket >= 0 && calls_hold(socket))
        _exit(126);
    execv(program, arguments);
    perror(program);
    _exit(127);
}

static pid_t start(struct e2e *world, va_list args)
{
    char *arguments[ARGUMENTS_MAX] = {"uptick"};
    const char *program = world_uptick_path();
    int sockets[2] = {-1, -1};
    pid_t pid;

    if (world->calls && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets))
        fail_msg("socketpair: %s", strerror(errno));
    for (int i = 1; i < ARGUMENTS_MAX - 1 && (arguments[i] = va_arg(args, char *)); i++)
        continue;
    fflush(NULL);
    world->last = (struct run){.seconds = (double)e2e_now() / 1000.0};
    pid = fork();
    if (pid < 0)
        fail_msg("fork: %s", strerror(errno));
    if (pid == 0)
        become_uptick(world, program, arguments, sockets[1]);
    if (world->calls)
        close(sockets[1]);
    world->calls_socket = sockets[0];
    return pid;
}

pid_t e2e_start(struct e2e *world, ...)
{
    va_list args;
    pid_t pid;

    va_start(args, world);
    pid = start(world, args);
    va_end(args);
    return pid;
}

void e2e_wait(struct e2e *world, pid_t pid)
{
    struct run *run = &world->last;
    double started = run->seconds;
    int status;

    if (world->calls && calls_judge(world->calls, world->calls_socket))
        fail_msg("the program's calls could not be held");
    if (world->calls)
        close(world->calls_socket);
    if (wait4(pid, &status, 0, &run->usage) != pid)
        fail_msg("wait4: %s", strerror(errno));
    run->seconds = (double)e2e_now() / 1000.0 - started;
    run->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    run->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    run->out = e2e_read_any(world, e2e_format(world, ".out-%d", (int)pid));
    run->err = e2e_read_any(world, e2e_format(world, ".err-%d", (int)pid));
    if (!run->out)
        run->out = e2e_format(world, "%s", "");
    if (!run->err)
        run->err = e2e_format(world, "%s", "");
}

void e2e_await_error(struct e2e *world, pid_t pid, const char *text)
{
    static const struct timespec pause = {.tv_nsec = 20000000};
    const char *name = e2e_format(world, ".err-%d", (int)pid);

    for (int64_t end = e2e_now() + 30000; e2e_now() < end; nanosleep(&pause, NULL)) {
        const char *error = e2e_read_any(world, name);

        if (error && strstr(error, text))
            return;
    }
    fail_msg("the run does not write '%s'", text);
}

bool e2e_has_sanitizer(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    return true;
#else
    return false;
#endif
#else
    return false;
#endif
}

/* The program has promised one second. Here it has more: other tests keep the disk busy, so that one
 * sync may take a second, and sanitizers make all of it slower. What a signal must not wait for
 * takes longer than that in each test. */
void e2e_end(struct e2e *world, pid_t pid, int signal)
{
    int64_t limit_ms = e2e_has_sanitizer() ? 6000 : 2500;
    int64_t sent = e2e_now();

    kill(pid, signal);
    e2e_wait(world, pid);
    e2e_check(e2e_now() - sent < limit_ms, "ended after %ld ms", (long)(e2e_now() - sent));
}

void e2e_uptick(struct e2e *world, ...)
{
    va_list args;
    pid_t pid;

    va_start(args, world);
    pid = start(world, args);
    va_end(args);
    e2e_wait(world, pid);
}

void e2e_silent(struct e2e *world, int status)
{
    const struct run *run = &world->last;

    e2e_check(run->status == status, "exit status %d (signal %d), expected %d", run->status,
              run->signal, status);
    e2e_check(!*run->err, "standard error is not empty: %s", run->err);
}

void e2e_reported(struct e2e *world, int status, ...)
{
    const struct run *run = &world->last;
    const char *text;
    va_list args;

    e2e_check(run->status == status, "exit status %d (signal %d), expected %d", run->status,
              run->signal, status);
    va_start(args, status);
    while ((text = va_arg(args, const char *)))
        e2e_check(strstr(run->err, text) != NULL, "standard error does not contain '%s': %s", text,
                  run->err);
    va_end(args);
}

void e2e_tick(struct e2e *world, const char *clock)
{
    world->clock = clock;
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    e2e_check(!*world->last.out, "a tick printed: %s", world->last.out);
}
