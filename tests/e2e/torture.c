/* Shared by the tests of faults. */
#define _GNU_SOURCE
#include "torture.h"
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

const char torture_clock[] = "2026-11-23 00:00:00";

/* The tick with the fault, and the next one. */
static const char after[] = "2026-11-23 00:01:00";
static const char *const minutes[] = {"2026-11-23T00:00", "2026-11-23T00:01"};

/* The tick of midnight deletes the archives of the days before this one. */
static const char kept_from[] = "2026-11-21";

static const char *const targets[TORTURE_MONITORS] = {"/ok", "/status/500", "/reset", "/bot/200"};

static char *monitor(struct e2e *world, int i)
{
    return e2e_format(world, "s%d,d%d", i / 2, i);
}

static void configure(struct e2e *world, const char *url)
{
    char *yaml = e2e_format(world, "retention_days: 2\nrender_interval_seconds: 0\n"
                                   "defaults: {interval_seconds: 60, verify_tls: false, "
                                   "bot_protection_string: 'Checking your browser'}\nsites:\n");

    for (int i = 0; i < TORTURE_MONITORS; i++) {
        const char *own = e2e_format(world, "http://@http@%s", targets[i]);

        if (i % 2 == 0)
            yaml = e2e_format(world, "%s  - id: s%d\n    domains:\n", yaml, i / 2);
        yaml = e2e_format(world, "%s      - {id: d%d, url: '%s'%s}\n", yaml, i,
                          i == 0 && url ? url : own,
                          i == 0 && url ? ", verify_tls: true, ca_file: @folder@/ca.pem" : "");
    }
    e2e_config(world, yaml);
}

void torture_live_until_midnight(struct e2e *world, const char *url)
{
    static const char *const before[] = {"2026-11-20 12:00:00", "2026-11-21 12:00:00",
                                         "2026-11-22 22:59:00", "2026-11-22 23:58:00",
                                         "2026-11-22 23:59:00"};

    configure(world, url);
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++)
        e2e_tick(world, before[i]);

    /* A clock that was ahead has left this folder. So the day counts as recorded when it begins,
     * and the tick of midnight prunes. */
    e2e_shell(world, "mkdir data/archive/2026-11-23");
    torture_keep(world);
}

void torture_keep(struct e2e *world)
{
    e2e_shell(world, "rm -rf before && mkdir before && cp -a data public uptick.yaml before");
}

void torture_set(struct e2e *world, const struct scene *scene)
{
    e2e_shell(world,
              "rm -rf start data public && cp -a before start && (cd start && %s) && "
              "cp -a start/data start/public .",
              scene->prepare ? scene->prepare : "true");
}

/* Standard error without the line about checks for which this machine had no memory, if there is
 * one. That line is not an error of the tick. */
static const char *without_not_checked(struct e2e *world)
{
    const char *err = world->last.err, *found = strstr(err, " not checked: ");
    const char *begin = found, *end = found ? strchr(found, '\n') : NULL;

    if (!end)
        return err;
    while (begin > err && begin[-1] != '\n')
        begin--;
    return e2e_format(world, "%.*s%s", (int)(begin - err), err, end + 1);
}

/* One line, with the path of a file and a reason; and perhaps one that says what is lost. */
static void check_reported_once(const char *err)
{
    const char *end = strchr(err, '\n');

    if (end && strstr(end, " of this tick could not be stored and "))
        end = strchr(end + 1, '\n');
    e2e_check(end && !end[1], "not exactly one line: %s", err);
    e2e_check(strstr(err, "data") || strstr(err, "public") || strstr(err, "uptick.yaml") ||
                  strstr(err, ": out of memory") || strstr(err, ": Cannot allocate memory"),
              "no file is named: %s", err);
    e2e_check(strstr(err, ": ") && !strstr(err, "Success"), "no reason is given: %s", err);
}

/* Whether the line about a rebuilt state was printed. */
static bool reported_rebuild(const struct e2e *world, const struct scene *scene)
{
    return scene->must_rebuild && strstr(world->last.err, "; rebuilt from");
}

/* Checks the run with the fault: no crash, no leak, and a report if it must have one. */
static void check_outcome(struct e2e *world, const struct scene *scene, struct report *report)
{
    const struct run *run = &world->last;
    bool unread = run->status == 78 && strstr(run->err, "uptick.yaml: ");
    const char *err;
    bool down = run->status == 1 && strcmp(scene->arguments[0], "check") == 0;

    report->status = run->status;
    snprintf(report->printed, sizeof report->printed, "%s", run->err);
    e2e_check(run->status == 0 || run->status == 74 || unread || down,
              "exit status %d (signal %d): %s", run->status, run->signal, run->err);
    if (reported_rebuild(world, scene))
        return;
    err = without_not_checked(world);
    if (run->status == 74 || *err)
        check_reported_once(err);
    e2e_check(run->status || !*err, "printed an error, but exited with 0: %s", err);
}

static void check_rows(struct e2e *world, const struct account *found, bool was_up)
{
    for (int i = 0; i < TORTURE_MONITORS; i++) {
        for (int j = 0; j < 2; j++) {
            size_t n = account_count(found, monitor(world, i), minutes[j]);

            e2e_check(j == 0 && !was_up ? n <= 1 : n == 1, "%s has %zu rows in %s",
                      monitor(world, i), n, minutes[j]);
        }
    }
}

/* Files that only an interrupted or disturbed tick leaves. Old days keep their event log. */
static void check_nothing_is_left(struct e2e *world, const struct scene *scene)
{
    e2e_shell(world,
              "left=$(find data public -name '*.quarantine' -o -name '*.uptick' -o -name '*.new' "
              "-o -name '*-journal' -o -name '.pruned*' "
              "-o -path 'data/archive/2026-11-20/*' ! -name events.log %s); "
              "echo $left; test -z \"$left\"",
              scene->must_rebuild ? "" : "-o -name '*.corrupt-*'");
}

/* The next, undisturbed tick repairs everything. If checks were not made, it prints the end of that
 * fault. */
static void check_repaired(struct e2e *world, const struct scene *scene)
{
    static const char fault_over[] = "local fault over: ";

    world->clock = after;
    e2e_uptick(world, "tick", NULL);
    if (strncmp(world->last.err, fault_over, strlen(fault_over)) == 0)
        check_reported_once(world->last.err);
    else if (!reported_rebuild(world, scene))
        e2e_silent(world, 0);
    account_check_state(world);
    account_check_pages(world);
    assert_memory_equal(e2e_text(e2e_status(world), "generated_at"), minutes[1], 16);
    check_nothing_is_left(world, scene);
}

struct torture torture_begin(struct e2e *world, const struct scene *scene)
{
    struct torture torture = {.scene = scene, .committed = account_of_committed(world)};

    if (scene->must_rebuild)
        torture.files = account_of_files(world);
    return torture;
}

struct account torture_end(struct e2e *world, const struct torture *torture, struct report *report)
{
    const struct scene *scene = torture->scene;
    struct account committed, found;
    bool was_up;

    check_outcome(world, scene, report);
    was_up = report->status == 0 && !strcmp(scene->arguments[0], "tick") && !*world->last.err;
    account_check_pages(world);
    committed = account_of_committed(world);
    check_repaired(world, scene);
    found = account_of_files(world);
    account_check_holds(&found, &torture->committed, kept_from);
    account_check_holds(&found, &torture->files, kept_from);
    account_check_holds(&found, &committed, kept_from);
    check_rows(world, &found, was_up);
    account_free(&committed);
    return found;
}

long torture_step(long n, long quick, long full)
{
    const char *sweep = getenv("UPTICK_SWEEP");
    long few = sweep ? atol(sweep) : quick;
    long step = n / (few > 0 ? few : full);

    return step > 1 ? step | 1 : 1;
}
