/*
 * Every file call of a tick fails: once, or from then on. The tick does not crash or leak, its exit
 * status and one line report what happened, and the next, undisturbed tick repairs everything. By
 * default only a part of the calls; all of them if $UPTICK_SWEEP is set (`make torture`).
 */
#define _GNU_SOURCE
#include "calls.h"
#include "cases.h"
#include "cmocka_all.h"
#include "midnight.h"
#include "torture.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { ERRORS_MAX = 8, CALLS_MAX = 4096 };

/* In a list of errors: less is done than requested. */
enum { SHORT = -1 };

/* The errors that each call can really have. */
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

/* Of fcntl, only locks count; its other commands cannot fail. Files with the program's output
 * belong to the test. */
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

/* A full disk refuses bytes and new names. */
static bool takes_space(const struct call *call)
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

/* A fault that lasts: from some call on, all these calls fail in this way. */
static const struct lasting_fault {
    const char *name;
    bool (*hits)(const struct call *call);
    int error;
} lasting_faults[] = {
    {"a full disk", takes_space, ENOSPC},       {"a full quota", takes_space, EDQUOT},
    {"a read-only disk", needs_writing, EROFS}, {"a dead disk", is_any, EIO},
    {"a disk that cannot sync", syncs, EIO},    {"no descriptors", opens, EMFILE},
    {"no permission", is_of_path, EACCES},      {"half of each write", writes, SHORT},
    {"half of each read", reads, SHORT},
};
enum { MALADIES = sizeof lasting_faults / sizeof lasting_faults[0] };

/* The task of the judge. */
struct fault {
    long at;                                   /* the call that fails: 1 is the first; 0: none */
    int error;                                 /* the errno */
    const struct lasting_fault *lasting_fault; /* NULL: once */
    long seen;
    bool struck;
    char (*names)[24]; /* the names of all calls; NULL: not needed */
    struct report *report;
};

static struct judgement judge(void *context, const struct call *call)
{
    static const struct judgement let = {CALL_LET, 0};
    struct fault *fault = context;
    const struct lasting_fault *lasting_fault = fault->lasting_fault;
    int error = lasting_fault ? lasting_fault->error : fault->error;

    if (!counts(call))
        return let;
    if (fault->names && fault->seen < CALLS_MAX)
        snprintf(fault->names[fault->seen], sizeof fault->names[0], "%s", call->name);
    fault->seen++;
    if (fault->at == 0 || fault->seen < fault->at || (fault->seen > fault->at && !lasting_fault))
        return let;
    if (lasting_fault ? !lasting_fault->hits(call) : !can_fail_so(call->name, error))
        return let;
    if (!fault->struck)
        snprintf(fault->report->what, sizeof fault->report->what, "%s %s",
                 lasting_fault ? lasting_fault->name : call->name,
                 error == SHORT ? "short" : strerrorname_np(error));
    if (!fault->struck && getenv("UPTICK_SWEEP_KEEP"))
        print_message("%s %s %s %s\n", fault->report->what, call->name, call->path, call->to);
    fault->struck = true;
    return error == SHORT ? (struct judgement){CALL_SHORT, 0}
                          : (struct judgement){CALL_FAIL, error};
}

static void run_judged(struct e2e *world, struct fault *fault, const struct scene *scene)
{
    struct calls calls = {
        .below = world->folder, .all = true, .judge = judge, .context = fault, .listener = -1};
    const char *const *arguments = scene->arguments;

    world->clock = torture_clock;
    world->calls = &calls;
    e2e_uptick(world, arguments[0], arguments[1], arguments[2], NULL);
    world->calls = NULL;
}

struct sweep {
    const struct scene *scene;
    long n;
    struct fault *faults;
};

static void one_fault(struct e2e *world, void *context, long i, struct report *report)
{
    const struct sweep *sweep = context;
    struct fault fault = sweep->faults[i];
    struct torture torture = torture_begin(world, sweep->scene);

    fault.report = report;
    run_judged(world, &fault, sweep->scene);
    torture_end(world, &torture, report);
}

/* The calls of a run without a fault, and their names. */
static long count_calls(struct e2e *world, const struct scene *scene, char names[CALLS_MAX][24])
{
    struct fault none = {.names = names};

    run_judged(world, &none, scene);
    e2e_check(world->last.status <= 1, "%s: %d: %s", scene->name, world->last.status,
              world->last.err);
    assert_in_range(none.seen, 1, CALLS_MAX);
    return none.seen;
}

static struct fault faults[CALLS_MAX * ERRORS_MAX];

/* Each call, in each of its ways. */
static long list_single(char names[CALLS_MAX][24], long calls)
{
    long n = 0;

    for (long i = 0; i < calls; i++) {
        const struct ways *ways = ways_of(names[i]);

        for (int way = 0; way < ERRORS_MAX && ways->errors[way]; way++)
            faults[n++] = (struct fault){.at = i + 1, .error = ways->errors[way]};
    }
    return n;
}

/* Each lasting fault, from each call on. */
static long list_lasting(long calls)
{
    long n = 0;

    for (long i = 0; i < calls; i += 2) {
        for (int lasting_fault = 0; lasting_fault < MALADIES; lasting_fault++)
            faults[n++] =
                (struct fault){.at = i + 1, .lasting_fault = &lasting_faults[lasting_fault]};
    }
    return n;
}

/* The number of cases for a scene in the quick and in the full sweep. */
static void sweep_scene(struct e2e *world, const struct scene *scene, long quick, long full)
{
    static char names[CALLS_MAX][24];
    struct sweep sweep = {.scene = scene, .faults = faults};
    long calls;

    torture_set(world, scene);
    calls = count_calls(world, scene, names);
    sweep.n = list_single(names, calls);
    cases_run(world, e2e_format(world, "%s, calls that fail once", scene->name), one_fault, &sweep,
              sweep.n, torture_step(sweep.n, quick, full));
    sweep.n = list_lasting(calls);
    cases_run(world, e2e_format(world, "%s, calls that fail from one on", scene->name), one_fault,
              &sweep, sweep.n, torture_step(sweep.n, quick, full));
}

static void a_tick_survives_failed_file_calls(struct e2e *world)
{
    static const struct scene midnight = {.name = "a tick at midnight", .arguments = {"tick"}};

    sweep_need_held_calls(world);
    torture_live_until_midnight(world, "https://@http2@/");
    sweep_scene(world, &midnight, 5, LONG_MAX);
}

static void a_rebuild_survives_failed_file_calls(struct e2e *world)
{
    static const struct scene scenes[] = {
        {"a tick without a state", "rm data/state.db", {"tick"}, true},
        {"a tick with a damaged state",
         "head -c 3000 /dev/zero | tr '\\0' x | dd of=data/state.db bs=1 seek=8192 conv=notrunc "
         "2> /dev/null",
         {"tick"},
         true},
        {"a rebuild", NULL, {"rebuild"}, false},
    };

    sweep_need_held_calls(world);
    torture_live_until_midnight(world, NULL);
    for (size_t i = 0; i < sizeof scenes / sizeof scenes[0]; i++)
        sweep_scene(world, &scenes[i], 1, 400);
}

/* Dies just before its second transaction becomes durable: rows are in the files, and a journal is
 * next to the state. */
static struct judgement die_in_export(void *context, const struct call *call)
{
    int *commits = context;

    if (strncmp(call->name, "unlink", 6) == 0 && strstr(call->path, "state.db-journal"))
        ++*commits;
    return (struct judgement){*commits == 2 ? CALL_KILL : CALL_LET, 0};
}

static void recovery_after_a_kill_survives_failed_file_calls(struct e2e *world)
{
    /* If the journal of the killed tick cannot be read once, SQLite takes it for an empty one. The
     * resulting state is rebuilt. */
    static const struct scene scenes[] = {
        {"a tick after a killed one", NULL, {"tick"}, true},
        {"a rebuild after a killed tick", NULL, {"rebuild"}, true},
        {"a status after a killed tick", NULL, {"status"}, true},
        {"a render after a killed tick", NULL, {"render"}, true},
        {"a recorded check after a killed tick", NULL, {"check", "--record"}, true},
    };
    int commits = 0;
    struct calls calls = {
        .below = world->folder, .judge = die_in_export, .context = &commits, .listener = -1};

    sweep_need_held_calls(world);
    torture_live_until_midnight(world, NULL);
    world->clock = "2026-11-22 23:59:59";
    world->calls = &calls;
    e2e_uptick(world, "check", "--record", NULL);
    world->calls = NULL;
    assert_int_equal(world->last.signal, SIGKILL);
    assert_true(e2e_exists(world, "data/state.db-journal"));
    torture_keep(world);
    for (size_t i = 0; i < sizeof scenes / sizeof scenes[0]; i++)
        sweep_scene(world, &scenes[i], 1, 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(a_tick_survives_failed_file_calls),
        E2E_TEST(a_rebuild_survives_failed_file_calls),
        E2E_TEST(recovery_after_a_kill_survives_failed_file_calls),
    };

    return cmocka_run_group_tests_name("torture", tests, NULL, NULL);
}
