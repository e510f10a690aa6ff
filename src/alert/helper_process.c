/* The helper process: receives requests, runs commands, and ends with the tick. */
#define _GNU_SOURCE /* memfd_create, pipe2, dup3, syscall, POLLRDHUP */
#include "alert/helper_process.h"

#include "alert/helper.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    SOCKET = STDERR_FILENO + 1, /* its number in the helper */
    GRACE_MS = 200,             /* from SIGTERM to SIGKILL when the helper ends */
    REAP_MS = 100,              /* for the end of killed commands */
    SIGNAL_STATUS = 128,        /* as shells do */
    NOT_STARTED = 127,
    OUTPUTS = 3, /* polled before the outputs of commands: socket, parent, signals */
};

enum run_stage {
    RUN_FREE,
    RUN_RECEIVING, /* its input comes; only one at a time */
    RUN_STARTED,
    RUN_OVER /* its answer has to be sent */
};

/* A command from its request to its answer. */
struct command_run {
    enum run_stage stage;
    uint32_t target, missing; /* missing: bytes of the input that are still to come */
    int input, output;        /* a file in memory; a pipe; -1: none */
    int failed;               /* why it cannot be started, an errno; 0: none */
    pid_t process;
    int64_t ends_ms; /* on the monotonic clock */
    size_t output_size;
    struct helper_answer answer;
};

struct helper_process {
    const struct config *config;
    const char *const *environment; /* of commands */
    int parent;       /* readable when the tick has ended; -1: this kernel cannot show that */
    int signals;      /* readable when a child has ended, or when the helper has to end */
    int *exec_errors; /* one for each run, shared with its process until that is a program */
    bool is_over;
    struct command_run runs[HELPER_AT_ONCE];
};

static void close_descriptor(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void end_run(struct command_run *run, int status)
{
    close_descriptor(&run->input);
    close_descriptor(&run->output);
    run->answer.status = status;
    run->stage = RUN_OVER;
    run->process = 0;
}

/* The run of a command that could not be started. The reason is its output. */
static void fail_run(struct command_run *run, int os)
{
    strncpy(run->answer.output, strerror(os), sizeof run->answer.output - 1);
    end_run(run, -1);
}

/* Reads output once. What does not fit is dropped, so that the command need not wait. Returns
 * whether there may be more. */
static bool read_output(struct command_run *run)
{
    char bytes[4096];
    size_t space = sizeof run->answer.output - 1 - run->output_size;
    ssize_t n = run->output < 0 ? 0 : read(run->output, bytes, sizeof bytes);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return errno == EINTR;
    if (n <= 0) {
        close_descriptor(&run->output);
        return false;
    }
    space = (size_t)n < space ? (size_t)n : space;
    memcpy(run->answer.output + run->output_size, bytes, space);
    run->output_size += space;
    return true;
}

/* In the new process: becomes the program, or stores why it cannot. */
static _Noreturn void become_command(const struct helper_process *helper, size_t n, int output,
                                     pid_t parent)
{
    const struct command_run *run = &helper->runs[n];
    const char *const *command = helper->config->alerts[run->target].command;
    sigset_t none;

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(NOT_STARTED);

    /* The tick ignores SIGPIPE, and cron may have ignored others. */
    for (int number = 1; number <= SIGRTMAX; number++)
        signal(number, SIG_DFL);
    sigemptyset(&none);
    if (dup2(run->input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
        dup2(output, STDERR_FILENO) >= 0 && sigprocmask(SIG_SETMASK, &none, NULL) == 0)
        execve(command[0], (char *const *)command, (char *const *)helper->environment);
    helper->exec_errors[n] = errno;
    _exit(NOT_STARTED);
}

/* The input is there. */
static void start_run(struct helper_process *helper, size_t n)
{
    struct command_run *run = &helper->runs[n];
    pid_t helper_id = getpid();
    int ends[2];

    if (run->failed) {
        fail_run(run, run->failed);
        return;
    }
    if (lseek(run->input, 0, SEEK_SET) || pipe2(ends, O_CLOEXEC)) {
        fail_run(run, errno);
        return;
    }
    helper->exec_errors[n] = 0;
    run->output = ends[0];
    run->process = fcntl(run->output, F_SETFL, O_NONBLOCK) ? -1 : fork();
    if (run->process == 0)
        become_command(helper, n, ends[1], helper_id);
    if (run->process < 0) {
        fail_run(run, errno);
        close(ends[1]);
        return;
    }
    close(ends[1]);

    /* Both processes do this, because either may be the first to need it. */
    setpgid(run->process, run->process);
    close_descriptor(&run->input);
    run->ends_ms = clock_monotonic() + (int64_t)HELPER_SECONDS * MS_PER_SECOND;
    run->stage = RUN_STARTED;
}

static struct command_run *find_run(struct helper_process *helper, enum run_stage stage)
{
    for (size_t i = 0; i < HELPER_AT_ONCE; i++) {
        if (helper->runs[i].stage == stage)
            return &helper->runs[i];
    }
    return NULL;
}

static void begin_run(struct helper_process *helper, struct command_run *run,
                      const struct helper_request *request)
{
    *run = (struct command_run){.stage = RUN_RECEIVING,
                                .target = request->target,
                                .missing = request->size,
                                .output = -1,
                                .answer = {.request = request->request}};
    run->input = memfd_create("input", MFD_CLOEXEC);
    run->failed = run->input < 0 ? errno : 0;
    if (run->missing == 0)
        start_run(helper, (size_t)(run - helper->runs));
}

static void add_input(struct helper_process *helper, struct command_run *run, const char *bytes,
                      size_t size)
{
    run->missing -= (uint32_t)size;
    while (size > 0 && !run->failed) {
        ssize_t n = write(run->input, bytes, size);

        if (n < 0 && errno != EINTR)
            run->failed = errno;
        bytes += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    if (run->missing == 0)
        start_run(helper, (size_t)(run - helper->runs));
}

/* Whether a packet is a request that can be answered. */
static bool is_request(const struct config *config, const void *packet, size_t size,
                       struct helper_request *request)
{
    if (size != sizeof *request)
        return false;
    memcpy(request, packet, size);
    return request->target < config->n_alerts && config->alerts[request->target].command &&
           request->size <= HELPER_INPUT_MAX;
}

/* Receives one packet, if a run can take it. */
static void receive_packet(struct helper_process *helper)
{
    struct command_run *run = find_run(helper, RUN_RECEIVING);
    struct command_run *next = find_run(helper, RUN_FREE);
    char packet[HELPER_CHUNK];
    struct helper_request request;
    ssize_t n;

    if (!run && !next)
        return;

    /* MSG_TRUNC: n is the size of the packet, even if that is more than fits. */
    n = recv(SOCKET, packet, sizeof packet, MSG_DONTWAIT | MSG_TRUNC);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (run && n > 0 && n <= HELPER_CHUNK && (size_t)n <= run->missing)
        add_input(helper, run, packet, (size_t)n);
    else if (!run && n > 0 && is_request(helper->config, packet, (size_t)n, &request))
        begin_run(helper, next, &request);
    else
        helper->is_over = true;
}

/* A process has ended. A command that left other processes in the background, as mail servers do,
 * has done its work. */
static void take_end(struct helper_process *helper, pid_t process, int status)
{
    for (size_t i = 0; i < HELPER_AT_ONCE; i++) {
        struct command_run *run = &helper->runs[i];

        if (run->stage != RUN_STARTED || run->process != process)
            continue;
        while (run->output_size < sizeof run->answer.output - 1 && read_output(run))
            continue;
        if (helper->exec_errors[i])
            fail_run(run, helper->exec_errors[i]);
        else
            end_run(run,
                    WIFEXITED(status) ? WEXITSTATUS(status) : SIGNAL_STATUS + WTERMSIG(status));
    }
}

static void read_signals(struct helper_process *helper)
{
    struct signalfd_siginfo signal;
    pid_t process;
    int status;

    while (read(helper->signals, &signal, sizeof signal) == (ssize_t)sizeof signal)
        helper->is_over |= signal.ssi_signo != SIGCHLD;
    while ((process = waitpid(-1, &status, WNOHANG)) > 0)
        take_end(helper, process, status);
}

static void signal_group(const struct command_run *run, int number)
{
    if (kill(-run->process, number))
        kill(run->process, number);
}

/* Kills the commands whose time is over. Their answers do not wait for their ends, which a program
 * with the rights of another user may refuse. */
static void end_late_runs(struct helper_process *helper)
{
    int64_t now_ms = clock_monotonic();

    for (size_t i = 0; i < HELPER_AT_ONCE; i++) {
        struct command_run *run = &helper->runs[i];

        if (run->stage != RUN_STARTED || now_ms < run->ends_ms)
            continue;
        signal_group(run, SIGKILL);
        run->answer.is_late = true;
        end_run(run, SIGNAL_STATUS + SIGKILL);
    }
}

/* Sends what fits into the socket. */
static void send_answers(struct helper_process *helper)
{
    struct command_run *run;

    while ((run = find_run(helper, RUN_OVER))) {
        if (send(SOCKET, &run->answer, sizeof run->answer, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
            helper->is_over |= errno != EAGAIN && errno != EINTR;
            return;
        }
        run->stage = RUN_FREE;
    }
}

static int milliseconds_left(const struct helper_process *helper)
{
    int64_t now_ms = clock_monotonic(), left = INT64_MAX;

    for (size_t i = 0; i < HELPER_AT_ONCE; i++) {
        const struct command_run *run = &helper->runs[i];
        int64_t until = run->ends_ms > now_ms ? run->ends_ms - now_ms : 0;

        if (run->stage == RUN_STARTED && until < left)
            left = until;
    }
    return left == INT64_MAX ? -1 : (int)left;
}

/* Fills in what to wait for, and returns its number. Unused places would count against the limit of
 * descriptors. */
static nfds_t list_descriptors(const struct helper_process *helper,
                               struct pollfd polled[OUTPUTS + HELPER_AT_ONCE])
{
    nfds_t n = OUTPUTS;

    polled[0] = (struct pollfd){.fd = SOCKET, .events = POLLRDHUP};
    polled[1] = (struct pollfd){.fd = helper->parent, .events = POLLIN};
    polled[2] = (struct pollfd){.fd = helper->signals, .events = POLLIN};
    for (size_t i = 0; i < HELPER_AT_ONCE; i++) {
        const struct command_run *run = &helper->runs[i];

        if (run->stage == RUN_FREE || run->stage == RUN_RECEIVING)
            polled[0].events |= POLLIN;
        if (run->stage == RUN_OVER)
            polled[0].events |= POLLOUT;
        if (run->stage == RUN_STARTED && run->output >= 0)
            polled[n++] = (struct pollfd){.fd = run->output, .events = POLLIN};
    }
    return n;
}

/* Waits for something to do, and does it. The end of the tick is not only that of the socket: code
 * of an attacker can give the tick's end of it to another process. */
static void make_step(struct helper_process *helper)
{
    struct pollfd polled[OUTPUTS + HELPER_AT_ONCE];
    nfds_t n = list_descriptors(helper, polled);

    if (poll(polled, n, milliseconds_left(helper)) < 0) {
        helper->is_over = errno != EINTR;
        return;
    }
    for (size_t i = 0; i < HELPER_AT_ONCE; i++) {
        if (helper->runs[i].stage == RUN_STARTED)
            read_output(&helper->runs[i]);
    }
    if (polled[2].revents)
        read_signals(helper);
    end_late_runs(helper);
    if (polled[0].revents & (POLLRDHUP | POLLHUP | POLLERR) || polled[1].revents)
        helper->is_over = true;
    else if (polled[0].revents & POLLIN)
        receive_packet(helper);
    send_answers(helper);
}

/* Waits until all commands have ended, or for this long. They stay zombies, so that no other group
 * gets their numbers. */
static void await_ends(struct helper_process *helper, int64_t ms)
{
    int64_t until_ms = clock_monotonic() + ms, left;
    struct pollfd ended = {.fd = helper->signals, .events = POLLIN};
    struct signalfd_siginfo signal;
    bool runs = true;

    while (runs && (left = until_ms - clock_monotonic()) > 0) {
        runs = false;
        for (size_t i = 0; i < HELPER_AT_ONCE; i++) {
            siginfo_t info = {.si_pid = 0};

            runs |= helper->runs[i].stage == RUN_STARTED &&
                    waitid(P_PID, (id_t)helper->runs[i].process, &info,
                           WEXITED | WNOWAIT | WNOHANG) == 0 &&
                    info.si_pid == 0;
        }
        if (runs && poll(&ended, 1, (int)left) > 0 &&
            read(helper->signals, &signal, sizeof signal) < 0)
            return;
    }
}

static void end_runs(struct helper_process *helper)
{
    static const struct {
        int signal, wait_ms;
    } steps[] = {{SIGTERM, GRACE_MS}, {SIGKILL, REAP_MS}};

    for (size_t step = 0; step < sizeof steps / sizeof steps[0]; step++) {
        for (size_t i = 0; i < HELPER_AT_ONCE; i++) {
            if (helper->runs[i].stage == RUN_STARTED)
                signal_group(&helper->runs[i], steps[step].signal);
        }
        await_ends(helper, steps[step].wait_ms);
    }
    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue;
}

/* Closes all descriptors that the tick had open, also its lock. */
static int leave_descriptors(int socket)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    bool closed = false;

    if (null < 0)
        return -1;
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (dup2(null, fd) < 0)
            return -1;
    }
    if (socket != SOCKET && dup3(socket, SOCKET, O_CLOEXEC) < 0)
        return -1;
#ifdef SYS_close_range
    closed = syscall(SYS_close_range, SOCKET + 1U, ~0U, 0) == 0;
#endif
    for (long fd = closed ? 0 : sysconf(_SC_OPEN_MAX); fd > SOCKET; fd--)
        close((int)fd);
    return 0;
}

/* From now on, only the parent, the socket and the user can end this process. */
static int prepare(struct helper_process *helper, int socket, pid_t parent)
{
    sigset_t waited;

    /* No other process of the same user may trace it or read its memory. */
    if (prctl(PR_SET_DUMPABLE, 0) || leave_descriptors(socket))
        return -1;

        /* Not PR_SET_PDEATHSIG: the sandbox of the tick would stop that signal. */
#ifdef SYS_pidfd_open
    helper->parent = (int)syscall(SYS_pidfd_open, parent, 0);
#endif
    if (getppid() != parent)
        return -1;
    setsid();
    signal(SIGCHLD, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&waited);
    sigaddset(&waited, SIGCHLD);
    sigaddset(&waited, SIGTERM);
    helper->signals = signalfd(-1, &waited, SFD_CLOEXEC | SFD_NONBLOCK);
    helper->exec_errors = mmap(NULL, HELPER_AT_ONCE * sizeof *helper->exec_errors,
                               PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return helper->signals < 0 || helper->exec_errors == MAP_FAILED ? -1 : 0;
}

_Noreturn void helper_process_run(int socket, pid_t parent, const struct config *config,
                                  const char *const *environment)
{
    struct helper_process helper = {.config = config, .environment = environment, .parent = -1};

    if (prepare(&helper, socket, parent))
        _exit(EXIT_IO);
    while (!helper.is_over)
        make_step(&helper);
    end_runs(&helper);
    _exit(EXIT_DONE);
}
