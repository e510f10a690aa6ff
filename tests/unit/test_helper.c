/* alert/helper: it runs the commands of the configuration with any input, and nothing else; and it
 * ends with the process that started it, whatever ends that. */
#define _GNU_SOURCE
#include "alert/helper.h"

#include "alert/helper_process.h"
#include "base/clock.h"
#include "base/lock.h"
#include "base/sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    WAIT_MS = 20000, /* for what must happen; a slow machine may need long */
    NOBODY = 65534,
};

static char folder[] = "/tmp/uptick-helper-XXXXXX";

/* Of the current test, to be stopped if it fails. */
static struct helper *current;

/* The targets of the tests: a shell, with these scripts. They run in the tests' folder. */
enum {
    CAT,
    BOTH,
    THREE,
    KILLED,
    ENDLESS,
    ENVIRONMENT,
    STATUS,
    DESCRIPTORS,
    HANG,
    ALONE,
    STUBBORN,
    POLITE,
    GATE,
    BACKGROUND,
    DEAF,
    MISSING,
    FOLDER,
    PRINT,
    N_TARGETS
};

#define SHELL(script) ((const char *const[]){"/bin/sh", "-c", (script), NULL})

static const char *const *const argvs[N_TARGETS] = {
    [CAT] = (const char *const[]){"/bin/cat", NULL},
    [BOTH] = SHELL("echo out; echo error >&2; wc -c"),
    [THREE] = SHELL("exit 3"),
    [KILLED] = SHELL("kill -9 $$"),
    [ENDLESS] = SHELL("yes | head -c 3000000; echo end >&2"),
    [ENVIRONMENT] = (const char *const[]){"/usr/bin/env", NULL},
    [STATUS] = SHELL("sed -nE '/^(Sig(Blk|Ign|Cgt)|NoNewPrivs)/p' /proc/self/status; "
                     "cut -d' ' -f7 /proc/self/stat"),
    [DESCRIPTORS] = (const char *const[]){"/bin/ls", "/proc/self/fd", NULL}, /* 3: that folder */
    [ALONE] = SHELL("echo $$ > alone; exec sleep 77706"),
    [HANG] = SHELL("sleep 77701 & echo $$ > hang; sleep 77702"),
    [STUBBORN] = SHELL("trap '' TERM; echo $$ > stubborn; sleep 77703 & wait; sleep 77704"),
    [POLITE] = SHELL("trap 'echo bye > bye; exit' TERM; echo $$ > polite; sleep 77705 & wait"),
    [GATE] = SHELL("read name; echo x > waits-$name; while ! test -e open; do sleep 0.02; done; "
                   "echo $name"),
    [BACKGROUND] = SHELL("setsid sh -c 'while ! test -e go; do sleep 0.02; done; echo x > gone' "
                         "< /dev/null > /dev/null 2>&1 & exit 0"),
    [DEAF] = SHELL("exec < /dev/null; sleep 0.1; echo deaf"),
    [MISSING] = (const char *const[]){"/no/such/program", NULL},
    [FOLDER] = (const char *const[]){"/tmp", NULL},
};

static struct alert_target targets[N_TARGETS];
static const struct config config = {.alerts = targets, .n_alerts = N_TARGETS};

static struct helper *start(void)
{
    struct helper *helper;
    struct error error;

    if (helper_start(&config, &helper, &error))
        fail_msg("%s", error.text);
    assert_non_null(helper);
    current = helper;
    return helper;
}

static void stop(struct helper *helper)
{
    current = NULL;
    helper_stop(helper);
}

static int stop_current(void **state)
{
    (void)state;
    stop(current);
    return 0;
}

static void run(struct helper *helper, size_t target, uint32_t number, const char *input)
{
    struct error error;

    if (helper_run(helper, target, number, input, strlen(input), &error))
        fail_msg("%s", error.text);
}

/* Waits for an answer. Returns 1, or -1: there will be none. */
static int await(struct helper *helper, struct helper_answer *answer)
{
    struct pollfd polled = {.fd = helper_descriptor(helper), .events = POLLIN};
    int64_t until = clock_monotonic() + WAIT_MS;
    struct error error;
    int taken = 0;

    while (taken == 0) {
        assert_true(clock_monotonic() < until);
        poll(&polled, 1, 1000);
        taken = helper_take(helper, answer, &error);
    }
    if (taken < 0)
        assert_string_equal(error.text, "the helper process, which runs commands, has ended");
    return taken;
}

static struct helper_answer answer_of(struct helper *helper, size_t target, const char *input)
{
    struct helper_answer answer;

    run(helper, target, 4711, input);
    assert_int_equal(await(helper, &answer), 1);
    assert_int_equal(answer.request, 4711);
    return answer;
}

static void await_file(const char *name)
{
    int64_t until = clock_monotonic() + WAIT_MS;

    while (access(name, F_OK)) {
        if (clock_monotonic() >= until)
            fail_msg("%s: is not there", name);
        poll(NULL, 0, 5);
    }
}

/* Whether the working directory of a process is the folder of this run. */
static bool is_ours(const char *process)
{
    char path[300], target[sizeof folder + 1] = "";

    snprintf(path, sizeof path, "/proc/%s/cwd", process);
    return readlink(path, target, sizeof target - 1) > 0 && strcmp(target, folder) == 0;
}

/* The number of our processes whose command line has this text; a zombie has none. */
static int count_processes(const char *text)
{
    DIR *listing = opendir("/proc");
    struct dirent *entry;
    int n = 0;

    assert_non_null(listing);
    while ((entry = readdir(listing))) {
        char path[300], line[512] = "";
        FILE *file;
        size_t size;

        snprintf(path, sizeof path, "/proc/%s/cmdline", entry->d_name);
        file = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && is_ours(entry->d_name)
                   ? fopen(path, "r")
                   : NULL;
        if (!file)
            continue;
        size = fread(line, 1, sizeof line - 1, file);
        for (size_t i = 0; i < size; i++)
            line[i] = line[i] ? line[i] : ' ';
        n += strstr(line, text) != NULL;
        fclose(file);
    }
    closedir(listing);
    return n;
}

static void await_no_process(const char *text)
{
    int64_t until = clock_monotonic() + WAIT_MS;

    while (count_processes(text) > 0) {
        if (clock_monotonic() >= until)
            fail_msg("still running: %s", text);
        poll(NULL, 0, 5);
    }
}

/* Children of this process, also zombies. Stores the last one. */
static int count_children(pid_t *child)
{
    FILE *file = fopen("/proc/self/task/self/children", "r");
    char path[64];
    int pid, n = 0;

    if (!file) {
        snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
        file = fopen(path, "r");
    }
    if (!file)
        skip();
    for (; fscanf(file, "%d", &pid) == 1; n++)
        *child = pid;
    fclose(file);
    return n;
}

static int count_descriptors(void)
{
    DIR *listing = opendir("/proc/self/fd");
    int n = 0;

    while (readdir(listing))
        n++;
    closedir(listing);
    return n;
}

/* The tick's end of the socket, which no function shows. */
static int socket_of_helper(void)
{
    for (int fd = 3; fd < 100; fd++) {
        int type = 0;
        socklen_t size = sizeof type;

        if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET)
            return fd;
    }
    fail_msg("no socket");
    return -1;
}

static void without_commands_there_is_no_helper(void **state)
{
    static const struct alert_target printed = {.id = "print", .type = ALERT_PRINT};
    const struct config without = {.alerts = &printed, .n_alerts = 1};
    struct helper *helper = (struct helper *)&without;
    struct error error;
    pid_t child;

    (void)state;
    assert_int_equal(helper_start(&without, &helper, &error), 0);
    assert_null(helper);
    assert_int_equal(count_children(&child), 0);
    stop(helper);
}

static void a_command_gets_its_input_and_its_end_is_answered(void **state)
{
    struct helper *helper = start();
    struct helper_answer answer = answer_of(helper, CAT, "{\"a\": 1}");

    (void)state;
    assert_string_equal(answer.output, "{\"a\": 1}");
    assert_int_equal(answer.status, 0);
    assert_false(answer.is_late);
    answer = answer_of(helper, CAT, "");
    assert_string_equal(answer.output, "");
    answer = answer_of(helper, BOTH, "12345");
    assert_string_equal(answer.output, "out\nerror\n5\n");
    assert_int_equal(answer_of(helper, THREE, "x").status, 3);
    assert_int_equal(answer_of(helper, KILLED, "x").status, 128 + SIGKILL);
    answer = answer_of(helper, DEAF, "nobody reads this");
    assert_string_equal(answer.output, "deaf\n");
    assert_int_equal(answer.status, 0);
    stop(helper);
}

static void a_program_that_cannot_be_started_is_answered_with_the_reason(void **state)
{
    struct helper *helper = start();
    struct helper_answer answer = answer_of(helper, MISSING, "x");

    (void)state;
    assert_int_equal(answer.status, -1);
    assert_string_equal(answer.output, strerror(ENOENT));
    answer = answer_of(helper, FOLDER, "x");
    assert_int_equal(answer.status, -1);
    assert_string_equal(answer.output, strerror(EACCES));
    assert_int_equal(answer_of(helper, CAT, "x").status, 0);
    stop(helper);
}

static void input_of_a_mebibyte_arrives_and_more_is_refused(void **state)
{
    static char input[HELPER_INPUT_MAX + 2];
    struct helper *helper = start();
    struct helper_answer answer;
    struct error error;

    (void)state;
    memset(input, 'x', HELPER_INPUT_MAX + 1);
    assert_int_equal(helper_run(helper, BOTH, 1, input, HELPER_INPUT_MAX + 1, &error), -1);
    assert_string_equal(error.text, "the input of a command is larger than 1 MiB");
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(helper_run(helper, BOTH, i, input, HELPER_INPUT_MAX, &error), 0);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(await(helper, &answer), 1);
        assert_string_equal(answer.output, "out\nerror\n1048576\n");
    }
    stop(helper);
}

static void output_is_cut_and_blocks_no_command(void **state)
{
    struct helper *helper = start();
    struct helper_answer answer = answer_of(helper, ENDLESS, "");

    (void)state;
    assert_int_equal(answer.status, 0);
    assert_int_equal(strlen(answer.output), HELPER_OUTPUT_MAX - 1);
    stop(helper);
}

static void a_command_has_a_small_environment_and_no_descriptor(void **state)
{
    struct sigaction ignored = {.sa_handler = SIG_IGN}, before;
    sigset_t some, none;
    struct helper *helper;
    struct helper_answer answer;
    int open_file = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */
    unsigned long long blocked, ignored_there, caught;
    const unsigned long long c_library = 3ULL << 31; /* its own signals, which it never changes */
    int no_new_privs, terminal;

    (void)state;
    setenv("SECRET", "hunter2", 1);
    setenv("LD_PRELOAD_X", "x", 1);
    setenv("TZ", "Europe/Berlin", 1);
    sigaction(SIGPIPE, &ignored, &before);
    sigemptyset(&some);
    sigaddset(&some, SIGUSR1);
    sigprocmask(SIG_BLOCK, &some, &none);
    helper = start();
    sigprocmask(SIG_SETMASK, &none, NULL);
    sigaction(SIGPIPE, &before, NULL);
    answer = answer_of(helper, ENVIRONMENT, "");
    for (char *line = strtok(answer.output, "\n"); line; line = strtok(NULL, "\n")) {
        static const char allowed[] = " PATH HOME USER LOGNAME LANG LC_ALL TZ ";
        char name[64];

        snprintf(name, sizeof name, " %.*s ", (int)strcspn(line, "="), line);
        if (!strstr(allowed, name))
            fail_msg("%s", line);
    }
    unsetenv("PATH");
    stop(helper);
    helper = start();
    setenv("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", 1);
    answer = answer_of(helper, ENVIRONMENT, "");
    assert_non_null(strstr(answer.output, "PATH=/usr/local/bin:/usr/bin:/bin\n"));
    assert_non_null(strstr(answer.output, "TZ=Europe/Berlin\n"));
    answer = answer_of(helper, STATUS, "");
    if (sscanf(answer.output, "SigBlk: %llx SigIgn: %llx SigCgt: %llx NoNewPrivs: %d %d", &blocked,
               &ignored_there, &caught, &no_new_privs, &terminal) != 5)
        fail_msg("%s", answer.output);
    assert_int_equal(blocked, 0);
    assert_int_equal(ignored_there & ~c_library, 0);
    assert_int_equal(caught, 0);
    assert_int_equal(no_new_privs, 0);
    assert_int_equal(terminal, 0);
    answer = answer_of(helper, DESCRIPTORS, "");
    assert_string_equal(answer.output, "0\n1\n2\n3\n");
    stop(helper);
    close(open_file);
    unsetenv("SECRET");
    unsetenv("LD_PRELOAD_X");
}

static int count_waiting(void)
{
    DIR *listing = opendir(".");
    struct dirent *entry;
    int n = 0;

    while ((entry = readdir(listing)))
        n += strncmp(entry->d_name, "waits-", 6) == 0;
    closedir(listing);
    return n;
}

static void sixteen_commands_run_at_once_and_others_wait(void **state)
{
    enum { RUNS = 40 };
    struct helper *helper = start();
    struct helper_answer answer;
    bool seen[RUNS] = {false};
    int64_t until = clock_monotonic() + WAIT_MS;
    char name[16];

    (void)state;
    for (uint32_t i = 0; i < RUNS; i++) {
        snprintf(name, sizeof name, "%u\n", i);
        run(helper, GATE, i, name);
    }
    while (count_waiting() < HELPER_AT_ONCE && clock_monotonic() < until)
        poll(NULL, 0, 5);
    poll(NULL, 0, 100); /* for those that must not come */
    assert_int_equal(count_waiting(), HELPER_AT_ONCE);
    close(open("open", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    for (int i = 0; i < RUNS; i++) {
        assert_int_equal(await(helper, &answer), 1);
        assert_in_range(answer.request, 0, RUNS - 1);
        assert_false(seen[answer.request]);
        seen[answer.request] = true;
        assert_int_equal(atoi(answer.output), answer.request);
        assert_int_equal(answer.status, 0);
    }
    stop(helper);
}

static void a_late_command_is_killed_with_all_it_started(void **state)
{
    struct helper *helper = start();
    int64_t began = clock_monotonic();
    struct helper_answer answer;

    (void)state;
    run(helper, HANG, 1, "");
    run(helper, CAT, 2, "quick");
    assert_int_equal(await(helper, &answer), 1);
    assert_int_equal(answer.request, 2);
    assert_int_equal(await(helper, &answer), 1);
    assert_int_equal(answer.request, 1);
    assert_true(answer.is_late);
    assert_int_equal(answer.status, 128 + SIGKILL);
    assert_true(clock_monotonic() - began >= HELPER_SECONDS * 1000);
    await_no_process("sleep 77701");
    await_no_process("sleep 77702");
    assert_int_equal(answer_of(helper, CAT, "x").status, 0);
    stop(helper);
}

static void the_end_of_the_helper_ends_its_commands(void **state)
{
    int before = count_descriptors();
    struct helper *helper = start();
    int64_t began;
    pid_t child;

    (void)state;
    run(helper, STUBBORN, 1, "");
    run(helper, POLITE, 2, "");
    await_file("stubborn");
    await_file("polite");
    began = clock_monotonic();
    stop(helper);
    assert_true(clock_monotonic() - began < 2000);
    await_file("bye");
    await_no_process("sleep 7770");
    assert_int_equal(count_children(&child), 0);
    assert_int_equal(count_descriptors(), before);
}

static void what_a_command_leaves_in_the_background_goes_on(void **state)
{
    struct helper *helper = start();

    (void)state;
    assert_int_equal(answer_of(helper, BACKGROUND, "").status, 0);
    stop(helper);
    assert_int_equal(access("gone", F_OK), -1);
    close(open("go", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    await_file("gone");
}

/* Runs a part of a test as the tick: in a process that holds the lock. */
static pid_t fork_tick(void (*part)(struct helper *helper))
{
    pid_t pid = fork();
    struct error error;

    if (pid == 0) {
        bool busy = false;

        if (lock_acquire(".", &busy, &error) < 0)
            _exit(99);
        part(start());
        _exit(0);
    }
    assert_true(pid > 0);
    return pid;
}

static void hang_with_commands(struct helper *helper)
{
    run(helper, STUBBORN, 1, "");
    run(helper, HANG, 2, "");
    for (;;)
        pause();
}

static void a_killed_tick_leaves_neither_helper_nor_commands_nor_lock(void **state)
{
    struct error error;
    int lock;

    (void)state;
    for (int i = 0; i < 5; i++) {
        pid_t pid;
        bool busy = false;

        unlink("stubborn");
        unlink("hang");
        pid = fork_tick(hang_with_commands);
        if (i == 0) {
            await_file("stubborn");
            await_file("hang");
        } else {
            poll(NULL, 0, 7 * i);
        }
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        lock = lock_acquire(".", &busy, &error);
        if (i > 0 && lock < 0 && busy) /* the helper had not closed it yet */
            lock = lock_acquire(".", NULL, &error);
        assert_true(lock >= 0);
        lock_release(lock);
        await_no_process("sleep 7770");
    }
}

static const struct {
    const char *what;
    size_t n;
    uint32_t words[8];
} garbage[] = {
    {"an index out of range", 12, {N_TARGETS, 1, 0}},
    {"a negative index", 12, {UINT32_MAX, 1, 0}},
    {"an index far out of range", 12, {0x80000000U, 1, 0}},
    {"a target without a command", 12, {PRINT, 1, 0}},
    {"too large an input", 12, {CAT, 1, HELPER_INPUT_MAX + 1}},
    {"a negative size", 12, {CAT, 1, UINT32_MAX}},
    {"a part of a header", 11, {CAT, 1, 0}},
    {"one byte", 1, {CAT}},
    {"more than a header", 16, {CAT, 1, 0, 0}},
    {"an empty packet", 0, {0}},
};

static void anything_but_a_request_ends_the_helper(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
        struct helper *helper = start();
        struct helper_answer answer;
        struct error error;
        pid_t child;

        assert_int_equal(send(socket_of_helper(), garbage[i].words, garbage[i].n, 0), garbage[i].n);
        if (await(helper, &answer) != -1)
            fail_msg("%s: an answer", garbage[i].what);
        assert_int_equal(helper_run(helper, CAT, 1, "x", 1, &error), -1);
        stop(helper);
        assert_int_equal(count_children(&child), 0);
    }
}

static void more_input_than_announced_ends_the_helper(void **state)
{
    static char bytes[HELPER_CHUNK + 1];
    static const struct {
        uint32_t announced;
        size_t sent;
    } cases[] = {{5, 6}, {HELPER_CHUNK * 2, HELPER_CHUNK + 1}, {7, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct helper *helper = start();
        const struct helper_request request = {CAT, 1, cases[i].announced};
        struct helper_answer answer;
        int socket = socket_of_helper();

        assert_int_equal(send(socket, &request, sizeof request, 0), sizeof request);
        assert_int_equal(send(socket, bytes, cases[i].sent, 0), cases[i].sent);
        assert_int_equal(await(helper, &answer), -1);
        stop(helper);
    }
}

static void descriptors_that_are_sent_are_dropped(void **state)
{
    struct helper *helper = start();
    struct helper_request request = {DESCRIPTORS, 4711, 0};
    struct iovec part = {&request, sizeof request};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.header = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    struct helper_answer answer;
    int ends[2];

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    memcpy(CMSG_DATA(&control.header), &ends[1], sizeof(int));
    assert_int_equal(sendmsg(socket_of_helper(), &message, 0), sizeof request);
    close(ends[1]);
    assert_int_equal(await(helper, &answer), 1);
    assert_string_equal(answer.output, "0\n1\n2\n3\n");
    assert_int_equal(read(ends[0], &request, 1), 0); /* the end of the pipe: nobody has it */
    close(ends[0]);
    stop(helper);
}

static void answers_that_nobody_takes_stop_only_the_helper(void **state)
{
    enum { RUNS = 600 };
    struct helper *helper = start();
    struct helper_answer answer;

    (void)state;
    for (uint32_t i = 0; i < RUNS; i++)
        run(helper, CAT, i, "x");
    poll(NULL, 0, 300);
    for (uint32_t i = 0; i < RUNS; i++)
        assert_int_equal(await(helper, &answer), 1);
    assert_int_equal(answer_of(helper, CAT, "x").status, 0);
    stop(helper);
}

/* The end comes in time, also in the middle of an input. */
static void a_flood_of_requests_starts_sixteen_commands_at_once(void **state)
{
    const struct helper_request hang = {HANG, 1, 0}, unfinished = {CAT, 2, 100};
    struct helper *helper = start();
    int socket = socket_of_helper();
    int64_t until = clock_monotonic() + WAIT_MS, began;
    pid_t child;

    (void)state;
    assert_int_equal(answer_of(helper, CAT, "x").status, 0);
    assert_int_equal(send(socket, &hang, sizeof hang, MSG_DONTWAIT), sizeof hang);
    while (send(socket, &hang, sizeof hang, MSG_DONTWAIT) > 0)
        continue;
    while (count_processes("sleep 77702") < HELPER_AT_ONCE && clock_monotonic() < until)
        poll(NULL, 0, 5);
    while (send(socket, &hang, sizeof hang, MSG_DONTWAIT) > 0)
        continue;
    poll(NULL, 0, 100); /* for those that must not come */

    /* A shell that starts a sleep is two shells for a moment. */
    for (int i = 0; i < 400 && count_processes("/bin/sh") > HELPER_AT_ONCE; i++)
        poll(NULL, 0, 5);
    assert_in_range(count_processes("/bin/sh"), 1, HELPER_AT_ONCE);
    began = clock_monotonic();
    stop(helper);
    assert_true(clock_monotonic() - began < 2000);
    await_no_process("sleep 7770");

    helper = start();
    assert_int_equal(answer_of(helper, CAT, "x").status, 0);
    assert_int_equal(send(socket_of_helper(), &unfinished, sizeof unfinished, 0),
                     sizeof unfinished);
    assert_int_equal(send(socket_of_helper(), "half", 4, 0), 4);
    stop(helper);
    assert_int_equal(count_children(&child), 0);
}

/* Each limit lets one more call succeed: the file for the input, the pipe. */
static void a_helper_without_descriptors_or_space_answers_it(void **state)
{
    struct helper *helper = start();
    struct helper_answer answer;
    struct rlimit before;
    pid_t child;

    (void)state;
    assert_int_equal(count_children(&child), 1);
    assert_int_equal(answer_of(helper, CAT, "x").status, 0);
    for (rlim_t n = 6; n < 9; n++) {
        if (prlimit(child, RLIMIT_NOFILE, NULL, &before) ||
            prlimit(child, RLIMIT_NOFILE, &(struct rlimit){n, before.rlim_max}, NULL)) {
            stop(helper);
            skip();
        }
        answer = answer_of(helper, CAT, "input that is received nevertheless");
        assert_int_equal(answer.status, -1);
        assert_string_equal(answer.output, strerror(EMFILE));
        prlimit(child, RLIMIT_NOFILE, &before, NULL);
        assert_int_equal(answer_of(helper, CAT, "x").status, 0);
    }
    prlimit(child, RLIMIT_FSIZE, NULL, &before);
    prlimit(child, RLIMIT_FSIZE, &(struct rlimit){3, before.rlim_max}, NULL);
    answer = answer_of(helper, CAT, "input");
    assert_int_equal(answer.status, -1);
    assert_string_equal(answer.output, strerror(EFBIG));
    prlimit(child, RLIMIT_FSIZE, &before, NULL);
    assert_int_equal(answer_of(helper, CAT, "input").status, 0);
    stop(helper);
}

static void a_killed_or_stopped_helper_is_reported(void **state)
{
    struct helper *helper = start();
    struct helper_answer answer;
    int64_t began;
    pid_t child;

    (void)state;
    assert_int_equal(count_children(&child), 1);
    run(helper, ALONE, 1, "");
    await_file("alone");
    kill(child, SIGKILL);
    assert_int_equal(await(helper, &answer), -1);
    stop(helper);
    await_no_process("sleep 77706");
    assert_int_equal(count_children(&child), 0);

    helper = start();
    count_children(&child);
    kill(child, SIGSTOP);
    began = clock_monotonic();
    stop(helper);
    assert_true(clock_monotonic() - began < 2000);
    while (waitpid(child, NULL, 0) > 0)
        continue;

    helper = start();
    count_children(&child);
    kill(child, SIGTERM);
    assert_int_equal(await(helper, &answer), -1);
    stop(helper);
}

/* What code of an attacker in the tick could do to the helper. Each must be refused. */
static int trace(pid_t helper)
{
    return ptrace(PTRACE_ATTACH, helper, NULL, NULL) ? -1 : 0;
}

static int seize(pid_t helper)
{
    return ptrace(PTRACE_SEIZE, helper, NULL, NULL) ? -1 : 0;
}

static char target_of_attack;

static int write_memory(pid_t helper)
{
    struct iovec own = {"x", 1}, other = {&target_of_attack, 1};

    return process_vm_writev(helper, &own, 1, &other, 1, 0) < 0 ? -1 : 0;
}

static int read_memory(pid_t helper)
{
    char byte;
    struct iovec own = {&byte, 1}, other = {&target_of_attack, 1};

    return process_vm_readv(helper, &own, 1, &other, 1, 0) < 0 ? -1 : 0;
}

static int open_of_proc(pid_t helper, const char *name, int flags)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/%s", helper, name);
    return open(path, flags | O_CLOEXEC) < 0 ? -1 : 0;
}

static int open_memory(pid_t helper)
{
    return open_of_proc(helper, "mem", O_RDWR);
}

static int open_descriptor(pid_t helper)
{
    return open_of_proc(helper, "fd/3", O_RDWR);
}

static int take_descriptor(pid_t helper)
{
#if defined(SYS_pidfd_open) && defined(SYS_pidfd_getfd)
    int fd = (int)syscall(SYS_pidfd_open, helper, 0);

    return fd < 0 || syscall(SYS_pidfd_getfd, fd, 3, 0) < 0 ? -1 : 0;
#else
    (void)helper;
    errno = EPERM;
    return -1;
#endif
}

static int stop_process(pid_t helper)
{
    return kill(helper, SIGSTOP);
}

static const struct {
    const char *name;
    int (*try)(pid_t helper);
    int version; /* of Landlock, from which on the kernel refuses it */
} attacks[] = {
    {"trace", trace, 1},
    {"seize", seize, 1},
    {"write_memory", write_memory, 1},
    {"read_memory", read_memory, 1},
    {"open_memory", open_memory, 1},
    {"open_descriptor", open_descriptor, 1},
    {"take_descriptor", take_descriptor, 1},
    {"signal", stop_process, 6},
};

static int landlock(void)
{
#ifdef SYS_landlock_create_ruleset
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);

    return version < 0 ? 0 : (int)version;
#else
    return 0;
#endif
}

/* In a process of its own: starts the helper, enters the sandbox, attacks it, and uses it. Returns
 * the number of the line that failed. */
static int attack(bool as_nobody)
{
    static const char *const folders[] = {"/nowhere"};
    struct helper *helper;
    struct helper_answer answer;
    struct error error;
    char path[64];
    pid_t child = 0;

    if (as_nobody && (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY)))
        return __LINE__;
    helper = start();
    count_children(&child);
    answer = answer_of(helper, CAT, "x"); /* the helper is ready */
    if (sandbox_enter(folders, 1, &error))
        return __LINE__;
    for (size_t i = 0; i < sizeof attacks / sizeof attacks[0]; i++) {
        if (landlock() < attacks[i].version)
            continue;
        errno = 0;
        if (attacks[i].try(child) == 0 || (errno != EPERM && errno != EACCES)) {
            fprintf(stderr, "%s: not refused: %s\n", attacks[i].name, strerror(errno));
            return __LINE__;
        }
    }

    /* The sandbox can start nothing, and the helper can, with all that a setgid program needs. */
    snprintf(path, sizeof path, "/bin/true");
    if (execl(path, path, (char *)NULL) == 0 || errno != EACCES)
        return __LINE__;
    answer = answer_of(helper, STATUS, "");
    if (answer.status != 0 || !strstr(answer.output, "NoNewPrivs:\t0\n"))
        return __LINE__;
    stop(helper);
    return count_children(&child) == 0 ? 0 : __LINE__;
}

static void check_attack(bool as_nobody)
{
    pid_t pid = fork();
    int status;

    assert_true(pid >= 0);
    if (pid == 0)
        _exit(attack(as_nobody) ? 1 : 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void a_sandboxed_tick_can_only_send_requests_to_the_helper(void **state)
{
    (void)state;
    if (!landlock())
        skip();
    check_attack(false);
    if (getuid() == 0)
        check_attack(true);
}

/* The socket is open elsewhere, so only the end of the process is left. */
static void give_the_socket_away(struct helper *helper)
{
    static const char *const folders[] = {"/nowhere"};
    struct error error;

    answer_of(helper, CAT, "x");
    sandbox_enter(folders, 1, &error);
    if (fork() == 0) {
        poll(NULL, 0, 3000);
        _exit(0);
    }
    run(helper, HANG, 1, "");
    for (;;)
        pause();
}

static void the_helper_ends_with_the_tick_even_if_its_socket_is_kept_open(void **state)
{
    pid_t pid;

    (void)state;
    unlink("hang");
    pid = fork_tick(give_the_socket_away);
    await_file("hang");
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    await_no_process("sleep 7770");
}

static int open_folder(void **state)
{
    (void)state;
    for (int i = 0; i < N_TARGETS; i++)
        targets[i] = (struct alert_target){
            .id = "t", .type = argvs[i] ? ALERT_COMMAND : ALERT_PRINT, .command = argvs[i]};
    return !mkdtemp(folder) || chmod(folder, 0777) || chdir(folder) ? -1 : 0;
}

static int remove_folder(void **state)
{
    char command[64];

    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return chdir("/") || system(command) ? -1 : 0;
}

#define TEST(function) cmocka_unit_test_teardown(function, stop_current)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_commands_there_is_no_helper),
        TEST(a_command_gets_its_input_and_its_end_is_answered),
        TEST(a_program_that_cannot_be_started_is_answered_with_the_reason),
        TEST(input_of_a_mebibyte_arrives_and_more_is_refused),
        TEST(output_is_cut_and_blocks_no_command),
        TEST(a_command_has_a_small_environment_and_no_descriptor),
        TEST(sixteen_commands_run_at_once_and_others_wait),
        TEST(the_end_of_the_helper_ends_its_commands),
        TEST(what_a_command_leaves_in_the_background_goes_on),
        TEST(a_killed_tick_leaves_neither_helper_nor_commands_nor_lock),
        TEST(the_helper_ends_with_the_tick_even_if_its_socket_is_kept_open),
        TEST(anything_but_a_request_ends_the_helper),
        TEST(more_input_than_announced_ends_the_helper),
        TEST(descriptors_that_are_sent_are_dropped),
        TEST(answers_that_nobody_takes_stop_only_the_helper),
        TEST(a_flood_of_requests_starts_sixteen_commands_at_once),
        TEST(a_helper_without_descriptors_or_space_answers_it),
        TEST(a_killed_or_stopped_helper_is_reported),
        TEST(a_sandboxed_tick_can_only_send_requests_to_the_helper),
        TEST(a_late_command_is_killed_with_all_it_started),
    };

    return cmocka_run_group_tests_name("helper", tests, open_folder, remove_folder);
}
