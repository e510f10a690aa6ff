/*
 * Every file call of a tick fails: once, and from then on. No crash, no leak, an exit status and a
 * line that say what happened, and the next tick, which nothing disturbs, makes all good. A part of
 * them by default; all of them where $UPTICK_SWEEP is set (`make torture`).
 */
#define _GNU_SOURCE
#include "account.h"
#include "calls.h"
#include "cases.h"
#include "cmocka_all.h"
#include "e2e.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { MONITORS = 4, ERRORS_MAX = 8, CALLS_MAX = 4096 };

/* The tick that meets faults, and the one after it. */
static const char *const at[] = {"2026-11-23 00:00:00", "2026-11-23 00:01:00"};
static const char *const minutes[] = {"2026-11-23T00:00", "2026-11-23T00:01"};

/* Of archives, the tick of midnight deletes those of the day before this one. */
static const char kept_from[] = "2026-11-21";

static const char *const targets[] = {"/ok", "/status/500", "/reset", "/bot"};

/* Stands in a list of errors for less done than was asked for. */
enum { SHORT = -1 };

/* What each call can really fail with. */
static const struct ways {
    const char *call;
    int errors[ERRORS_MAX];
} all_ways[] = {
    {"openat", {EIO, EMFILE, EACCES, EINTR, ENOMEM, ENOSPC, EROFS}},
    {"open", {EIO, EMFILE, EACCES, EINTR, ENOMEM, ENOSPC, EROFS}},
    {"write", {ENOSPC, EIO, EINTR, EDQUOT, SHORT}},
    {"pwrite64", {ENOSPC, EIO, EINTR, EDQUOT, SHORT}},
    {"ftruncate", {EIO, EINTR, EROFS}},
    {"fallocate", {ENOSPC, EIO, EINTR}},
    {"fsync", {EIO, ENOSPC, EINTR}},
    {"fdatasync", {EIO, ENOSPC, EINTR}},
    {"syncfs", {EIO, ENOSPC, EINTR}},
    {"renameat2", {EIO, ENOSPC, EACCES, EROFS}},
    {"renameat", {EIO, ENOSPC, EACCES, EROFS}},
    {"rename", {EIO, ENOSPC, EACCES, EROFS}},
    {"unlinkat", {EIO, EACCES, EROFS}},
    {"unlink", {EIO, EACCES, EROFS}},
    {"rmdir", {EIO, EACCES, EROFS}},
    {"mkdirat", {EIO, ENOSPC, EACCES, EROFS}},
    {"mkdir", {EIO, ENOSPC, EACCES, EROFS}},
    {"read", {EIO, EINTR, SHORT}},
    {"pread64", {EIO, EINTR, SHORT}},
    {"getdents64", {EIO}},
    {"flock", {EINTR, ENOLCK}},
    {"fcntl", {EINTR, ENOLCK, EIO}},
    {"close", {EIO, EINTR, ENOSPC}},
    {"stat", {EIO, EACCES, ENOMEM}},
    {"lstat", {EIO, EACCES, ENOMEM}},
    {"newfstatat", {EIO, EACCES, ENOMEM}},
    {"statx", {EIO, EACCES, ENOMEM}},
    {"fstat", {EIO}},
    {"access", {EIO, EACCES}},
    {"faccessat", {EIO, EACCES}},
    {"faccessat2", {EIO, EACCES}},
};

static const struct ways *ways_of(const char *call)
{
    for (size_t i = 0; i < sizeof all_ways / sizeof all_ways[0]; i++) {
        if (!strcmp(all_ways[i].call, call))
            return &all_ways[i];
    }
    return NULL;
}

static bool can_fail_so(const char *call, int error)
{
    const struct ways *ways = ways_of(call);

    for (int i = 0; ways && i < ERRORS_MAX && ways->errors[i]; i++) {
        if (ways->errors[i] == error)
            return true;
    }
    return false;
}

/* Of fcntl, the locks may fail; the rest asks for nothing that could. What the program prints goes
 * to files of the test's. */
static bool counts(const struct call *call)
{
    return ways_of(call->name) && !strstr(call->path, "/.err-") && !strstr(call->path, "/.out-") &&
           (strcmp(call->name, "fcntl") != 0 ||
            (call->args[1] != F_GETFD && call->args[1] != F_SETFD && call->args[1] != F_GETFL &&
             call->args[1] != F_SETFL));
}

static bool opens(const struct call *call)
{
    return call->number == SYS_openat || !strcmp(call->name, "open");
}

static bool opens_to_write(const struct call *call)
{
    uint64_t flags = call->args[call->number == SYS_openat ? 2 : 1];

    return opens(call) && (flags & (O_ACCMODE | O_CREAT | O_TRUNC)) != O_RDONLY;
}

/* What a full disk refuses: bytes, and names that are new. */
static bool takes_room(const struct call *call)
{
    struct stat status;

    if (opens(call))
        return call->changes && lstat(call->path, &status) != 0;
    return call->writes || !strncmp(call->name, "mkdir", 5) || !strcmp(call->name, "fallocate");
}

static bool needs_writing(const struct call *call)
{
    return opens(call) ? opens_to_write(call) : call->changes && !strstr(call->name, "sync");
}

static bool is_any(const struct call *call)
{
    return strcmp(call->name, "close") != 0 && strcmp(call->name, "fcntl") != 0;
}

static bool is_of_path(const struct call *call)
{
    return call->fd < 0;
}

static bool writes(const struct call *call)
{
    return call->writes;
}

static bool reads(const struct call *call)
{
    return call->reads;
}

static bool syncs(const struct call *call)
{
    return strstr(call->name, "sync") != NULL;
}

/* What a fault that stays does: from some call on, all of these fail so. */
static const struct malady {
    const char *name;
    bool (*strikes)(const struct call *call);
    int error;
} maladies[] = {
    {"a full disk", takes_room, ENOSPC},          {"a full quota", takes_room, EDQUOT},
    {"a read-only disk", needs_writing, EROFS},   {"a dead disk", is_any, EIO},
    {"a disk that takes nothing in", syncs, EIO}, {"no descriptors", opens, EMFILE},
    {"no permission", is_of_path, EACCES},        {"half a write at a time", writes, SHORT},
    {"half a read at a time", reads, SHORT},
};
enum { MALADIES = sizeof maladies / sizeof maladies[0] };

/* The judge's task. */
struct fault {
    long at;                     /* the call that fails: 1 is the first; 0: none */
    int error;                   /* how */
    const struct malady *malady; /* NULL: once */
    long seen;
    bool struck;
    char (*names)[24]; /* of all calls, where they are asked for */
    struct told *told;
};

static struct judgement judge(void *context, const struct call *call)
{
    static const struct judgement let = {CALL_LET, 0};
    struct fault *fault = context;
    const struct malady *malady = fault->malady;
    int error = malady ? malady->error : fault->error;

    if (!counts(call))
        return let;
    if (fault->names && fault->seen < CALLS_MAX)
        snprintf(fault->names[fault->seen], sizeof fault->names[0], "%s", call->name);
    fault->seen++;
    if (fault->at == 0 || fault->seen < fault->at || (fault->seen > fault->at && !malady))
        return let;
    if (malady ? !malady->strikes(call) : !can_fail_so(call->name, error))
        return let;
    if (!fault->struck)
        snprintf(fault->told->what, sizeof fault->told->what, "%s %s",
                 malady ? malady->name : call->name,
                 error == SHORT ? "short" : strerrorname_np(error));
    if (!fault->struck && getenv("UPTICK_SWEEP_KEEP"))
        print_message("%s %s %s %s\n", fault->told->what, call->name, call->path, call->to);
    fault->struck = true;
    return error == SHORT ? (struct judgement){CALL_SHORT, 0}
                          : (struct judgement){CALL_FAIL, error};
}

static char *monitor(struct e2e *world, int i)
{
    return e2e_format(world, "s%d,d%d", i / 2, i);
}

static void configure(struct e2e *world)
{
    char *yaml = e2e_format(world, "retention_days: 2\nrender_interval_seconds: 0\n"
                                   "defaults: {interval_seconds: 60, bot_protection_string: "
                                   "'Checking your browser'}\nsites:\n");

    for (int i = 0; i < MONITORS; i++) {
        if (i % 2 == 0)
            yaml = e2e_format(world, "%s  - id: s%d\n    domains:\n", yaml, i / 2);
        yaml =
            e2e_format(world, "%s      - {id: d%d, url: 'http://@http@%s'}\n", yaml, i, targets[i]);
    }
    e2e_config(world, yaml);
}

/* What the tick of midnight finds: a live file to rotate, an archive to prune, a day to count. */
static void live_until_midnight(struct e2e *world)
{
    static const char *const before[] = {"2026-11-20 12:00:00", "2026-11-21 12:00:00",
                                         "2026-11-22 22:59:00", "2026-11-22 23:58:00",
                                         "2026-11-22 23:59:00"};

    configure(world);
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++)
        e2e_tick(world, before[i]);
    e2e_shell(world, "mkdir start && cp -a data public uptick.yaml start");
}

static void run_held(struct e2e *world, struct fault *fault, const char *clock)
{
    struct calls calls = {
        .below = world->folder, .all = true, .judge = judge, .context = fault, .listener = -1};

    world->clock = clock;
    world->calls = &calls;
    e2e_uptick(world, "tick", NULL);
    world->calls = NULL;
}

/* One line, that begins with a path or names one. */
static void check_said_once(struct e2e *world)
{
    const char *err = world->last.err, *newline = strchr(err, '\n');

    e2e_check(newline && !newline[1], "not one line: %s", err);
    e2e_check(strstr(err, "data") || strstr(err, "public") || strstr(err, "uptick.yaml"),
              "no file is named: %s", err);
    e2e_check(strstr(err, ": ") && !strstr(err, "Success"), "no reason is given: %s", err);
}

/* The tick that met the fault: no crash, no leak, and it says what happened where it must. */
static void check_outcome(struct e2e *world, struct told *told)
{
    const struct run *run = &world->last;
    bool unread = run->status == 78 && strstr(run->err, "uptick.yaml: ");

    told->status = run->status;
    snprintf(told->said, sizeof told->said, "%s", run->err);
    e2e_check(run->status == 0 || run->status == 74 || unread, "exit status %d (signal %d): %s",
              run->status, run->signal, run->err);
    if (run->status || *run->err)
        check_said_once(world);
    e2e_check(run->status || !*run->err, "said, and ended with 0: %s", run->err);
}

static void check_rows(struct e2e *world, const struct account *found, bool was_well)
{
    for (int i = 0; i < MONITORS; i++) {
        for (int j = 0; j < 2; j++) {
            size_t n = account_count(found, monitor(world, i), minutes[j]);

            e2e_check(j == 0 && !was_well ? n <= 1 : n == 1, "%s has %zu rows in %s",
                      monitor(world, i), n, minutes[j]);
        }
    }
}

/* The next tick, which nothing disturbs, makes all good. */
static void check_made_good(struct e2e *world, const struct account *committed, bool was_well)
{
    struct account found;

    e2e_tick(world, at[1]);
    found = account_of_files(world);
    account_check_holds(&found, committed, kept_from);
    check_rows(world, &found, was_well);
    account_check_state(world);
    account_check_pages(world);
    assert_memory_equal(e2e_text(e2e_status(world), "generated_at"), minutes[1], 16);
    e2e_shell(world,
              "left=$(find data public -name '*.quarantine' -o -name '*.corrupt-*' -o -name "
              "'*.uptick' -o -name '*.new' -o -name '*-journal' -o -name '.pruned*' -o -path "
              "'data/archive/2026-11-20*'); echo $left; test -z \"$left\"");
    account_free(&found);
}

struct sweep {
    long n;
    char (*names)[24];
    struct fault *faults;
};

static void one_fault(struct e2e *world, void *context, long i, struct told *told)
{
    struct fault fault = ((struct sweep *)context)->faults[i];
    struct account before, committed;

    fault.told = told;
    before = account_of_committed(world);
    run_held(world, &fault, at[0]);
    check_outcome(world, told);
    account_check_pages(world);
    committed = account_of_committed(world);
    account_check_holds(&committed, &before, kept_from);
    check_made_good(world, &committed, told->status == 0);
}

static bool in_full(void)
{
    return getenv("UPTICK_SWEEP") != NULL;
}

/* A prime, so that a part of the cases is of all kinds. */
static long step_of(long n)
{
    const char *step = getenv("UPTICK_STEP");

    return step ? atol(step) : in_full() ? 1 : n / 20 + 1;
}

static void need_held_calls(struct e2e *world)
{
    if (calls_work())
        return;
    print_message("this machine holds no calls\n");
    world->passed = true;
    skip();
}

/* The calls of a tick that nothing disturbs, by their names. */
static long count_calls(struct e2e *world, char names[CALLS_MAX][24])
{
    struct fault none = {.names = names};

    run_held(world, &none, at[0]);
    e2e_silent(world, 0);
    e2e_shell(world, "rm -rf data public && cp -a start/data start/public .");
    assert_in_range(none.seen, 1, CALLS_MAX);
    return none.seen;
}

static void each_file_call_fails_once(struct e2e *world)
{
    static char names[CALLS_MAX][24];
    static struct fault faults[CALLS_MAX * ERRORS_MAX];
    struct sweep sweep = {.faults = faults};
    long calls;

    need_held_calls(world);
    live_until_midnight(world);
    calls = count_calls(world, names);
    for (long n = 1; n <= calls; n++) {
        const struct ways *ways = ways_of(names[n - 1]);

        for (int i = 0; i < ERRORS_MAX && ways->errors[i]; i++)
            faults[sweep.n++] = (struct fault){.at = n, .error = ways->errors[i]};
    }
    cases_run(world, "a call that fails once", one_fault, &sweep, sweep.n, step_of(sweep.n));
}

static void file_calls_fail_from_one_on(struct e2e *world)
{
    static char names[CALLS_MAX][24];
    static struct fault faults[CALLS_MAX * MALADIES];
    struct sweep sweep = {.faults = faults};
    long calls;

    need_held_calls(world);
    live_until_midnight(world);
    calls = count_calls(world, names);
    for (long n = 1; n <= calls; n += 3) {
        for (int i = 0; i < MALADIES; i++)
            faults[sweep.n++] = (struct fault){.at = n, .malady = &maladies[i]};
    }
    cases_run(world, "calls that fail from one on", one_fault, &sweep, sweep.n, step_of(sweep.n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(each_file_call_fails_once),
        E2E_TEST(file_calls_fail_from_one_on),
    };

    return cmocka_run_group_tests_name("torture", tests, NULL, NULL);
}
