/* The tick can write only below data_dir and public_dir, and cannot start programs. This is tested
 * by code that runs inside it when a server has answered; see tests/sandbox. */
#define _GNU_SOURCE
#include "cmocka_all.h"
#include "e2e.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char config[] = "templates_dir: templates\n"
                             "alerts:\n"
                             "  - {id: print, type: print}\n"
                             "  - {id: run, type: command, command: [@folder@/victims/command]}\n"
                             "sites:\n"
                             "  - id: s\n"
                             "    domains:\n"
                             "      - {id: d, url: 'http://@http@/ok'}\n";

/* What a tick in the sandbox may do; everything else that the intruder tries is refused. */
static const char *const allowed[] = {"read",
                                      "create_in_data",
                                      "create_in_public",
                                      "truncate_in_data",
                                      "data_to_public",
                                      "folder_in_data",
                                      "remove_in_public",
                                      "run_command",
                                      "end"};

/* What kernels refuse only since a later version of Landlock. */
static const struct {
    const char *name;
    int version;
} later[] = {{"truncate", 3}, {"signal", 6}, {"helper_signal", 6}};

/* The Landlock version of this kernel; 0: none. */
static int landlock(void)
{
#ifdef SYS_landlock_create_ruleset
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);

    return version < 0 ? 0 : (int)version;
#else
    return 0;
#endif
}

static void skip_test(struct e2e *world, const char *why)
{
    print_message("%s\n", why);
    world->passed = true; /* so that the folder is removed */
    skip();
}

static void need_landlock(struct e2e *world)
{
    if (!landlock())
        skip_test(world, "this kernel has no Landlock");
}

/* Creates everything that the intruder uses, and a copy of the program that any user can reach. */
static void prepare(struct e2e *world)
{
    e2e_config(world, config);
    e2e_shell(world, "mkdir -p data public victims/folder templates && echo x > data/way-in");
    e2e_shell(world,
              "for f in truncate rename rename-in remove link follow; do echo x > victims/$f; "
              "done; echo x > data/out; echo x > data/move; echo x > data/truncate; "
              "echo x > public/remove; ln -s ../victims/follow data/way-out");
    e2e_shell(world, "printf '#!/bin/sh\\ncat >> ran; echo >> ran\\n' > victims/command; "
                     "chmod +x victims/command");
    e2e_shell(world, "printf '#!/bin/sh\\n' > victims/script; cp victims/script data/script; "
                     "chmod +x victims/script data/script; cp \"$UPTICK\" uptick; "
                     "cp \"$INTRUDER\" intruder.so; cp /bin/true true");
}

/* A tick that contains the intruder, started with these options of launch. */
static void tick_with_intruder(struct e2e *world, const char *options)
{
    e2e_shell(world,
              "\"$LAUNCH\" %s env LD_PRELOAD=\"$PWD/intruder.so\" INTRUDER_FOLDER=\"$PWD\" "
              "INTRUDER_REPORT=9 ./uptick -v tick 9> .report > .out 2> .err; echo $? > .status",
              options);
    world->last = (struct run){.status = atoi(e2e_read(world, ".status")),
                               .out = e2e_read(world, ".out"),
                               .err = e2e_read(world, ".err")};
    assert_int_equal(world->last.status, 0);
    assert_int_equal(e2e_rows(world, "s/d").n, 1);
    assert_true(e2e_exists(world, "public/index.html"));
}

static bool is_allowed(const char *name)
{
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
        if (strcmp(allowed[i], name) == 0)
            return landlock() > 1 || strcmp(name, "data_to_public") != 0;
    }
    for (size_t i = 0; i < sizeof later / sizeof later[0]; i++) {
        if (strcmp(later[i].name, name) == 0)
            return landlock() < later[i].version;
    }
    return false;
}

/* Each attempt ended as expected, and all attempts were made. */
static void check_report(struct e2e *world, bool sandboxed)
{
    char *line = e2e_read(world, ".report"), name[64] = "";
    int error, used, n = 0;

    for (; sscanf(line, "%63s %d\n%n", name, &error, &used) == 2; line += used, n++) {
        if (!sandboxed && strncmp(name, "helper_", 7) == 0)
            continue; /* the helper refuses, or the rights of the user decide */
        if (!sandboxed || is_allowed(name))
            e2e_check(error == 0, "%s: failed: %s", name, strerror(error));
        else
            e2e_check(error == EACCES || error == EXDEV || error == EPERM, "%s: not refused: %s",
                      name, error ? strerror(error) : "it succeeded");
    }
    assert_string_equal(name, "end");
    assert_string_equal(e2e_read(world, "ran"), "chosen\n");
    assert_int_equal(n, 37);
}

static void check_sandboxed(struct e2e *world, const char *options)
{
    prepare(world);
    e2e_shell(world, "test $(id -u) != 0 || test -z '%s' || chown -R 65534:65534 .", options);
    e2e_shell(world, "ls -lR victims templates uptick.yaml | md5sum > .before");
    tick_with_intruder(world, options);
    check_report(world, true);
    e2e_reported(world, 0, "sandboxed: writes only to data_dir and public_dir", NULL);
    assert_null(strstr(world->last.err, "not sandboxed"));
    if (landlock() >= 3)
        e2e_shell(world, "ls -lR victims templates uptick.yaml | md5sum | cmp - .before");
}

static void injected_code_can_write_only_below_the_two_folders(struct e2e *world)
{
    need_landlock(world);
    check_sandboxed(world, "");
}

static void the_sandbox_restricts_an_ordinary_user_too(struct e2e *world)
{
    need_landlock(world);
    if (getuid() != 0)
        skip_test(world, "the tests already run as an ordinary user");
    check_sandboxed(world, "-u");
}

/* The tick works, and what was refused above is refused only by the sandbox. */
static void a_tick_without_landlock_runs_and_reports_it(struct e2e *world)
{
    static const int errors[] = {ENOSYS, EOPNOTSUPP};

    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        e2e_shell(world, "rm -rf data public victims templates created socket ran \"$PWD.beside\"");
        prepare(world);
        tick_with_intruder(world, e2e_format(world, "-e %d", errors[i]));
        check_report(world, false);
        e2e_reported(world, 0, "not sandboxed: this kernel has no Landlock", NULL);
        e2e_config(world, config);
        e2e_shell(world,
                  "rm -rf data \"$PWD.beside\" && said=$(\"$LAUNCH\" -e %d ./uptick tick 2>&1) && "
                  "test -z \"$said\" && test -s data/live/s/d.log",
                  errors[i]);
    }
}

/* A tick at this moment, in the sandbox; it prints only the lines of -v. */
static void tick_sandboxed(struct e2e *world, const char *clock)
{
    world->clock = clock;
    e2e_uptick(world, "-v", "tick", NULL);
    e2e_reported(world, 0, " ms  sandboxed: writes only to data_dir and public_dir", NULL);
}

/* Records, their rotation, a lost state and lost pages, with these two folders. */
static void check_layout(struct e2e *world, const char *data, const char *public)
{
    e2e_config(world, e2e_format(world,
                                 "data_dir: %s\npublic_dir: %s\nsites:\n  - id: s\n    domains:\n"
                                 "      - {id: d, url: 'http://@http@/ok', interval_seconds: 60}\n",
                                 data, public));
    tick_sandboxed(world, "2026-11-23 09:59:00");
    tick_sandboxed(world, "2026-11-23 10:00:00");
    e2e_shell(world, "test $(cat %s/archive/2026-11-23/s/d.log | wc -l) = 1", data);
    e2e_shell(world, "rm %s/state.db && rm %s/index.html", data, public);
    tick_sandboxed(world, "2026-11-23 10:01:00");
    e2e_shell(world, "test $(cat %s/live/s/d.log | wc -l) = 2 && test -s %s/index.html", data,
              public);
    e2e_shell(world, "grep -q '\"generated_at\": *\"2026-11-23T10:01' %s/status.json", public);
}

static void the_sandbox_allows_data_and_public_dir_anywhere(struct e2e *world)
{
    need_landlock(world);
    e2e_shell(world, "mkdir -p else/where && ln -s else/where link && ln -s else pages");
    check_layout(world, "a/b/data", "a/c/d/public");
    check_layout(world, "both/data", "both/public");
    check_layout(world, "link", "pages/public");
    check_layout(world, "./x/../y", "public");
}

static void the_sandbox_allows_folders_on_different_disks(struct e2e *world)
{
    char folder[] = "/dev/shm/uptick-e2e-XXXXXX";
    struct stat here, there;

    need_landlock(world);
    if (!mkdtemp(folder))
        skip_test(world, "this machine has no /dev/shm");
    if (stat(folder, &there) || stat(world->folder, &here) || here.st_dev == there.st_dev) {
        rmdir(folder);
        skip_test(world, "/dev/shm and this folder are on the same disk");
    }
    check_layout(world, folder, "public");
    e2e_shell(world, "rm -rf '%s'/*", folder);
    check_layout(world, "data", folder);
    e2e_shell(world, "rm -rf '%s'", folder);
}

/* With more than a hundred pages, replaced ones move to data_dir, and the next build moves them
 * back. */
static void the_sandbox_lets_pages_move_between_its_folders(struct e2e *world)
{
    char *yaml = e2e_format(world, "sites:\n");

    need_landlock(world);
    if (landlock() < 2)
        skip_test(world, "with Landlock, this kernel cannot move files between folders");
    for (int i = 0; i < 101; i++)
        yaml = e2e_format(world,
                          "%s  - {id: s%d, domains: [{id: d, url: 'http://@http@/ok', "
                          "interval_seconds: 60}]}\n",
                          yaml, i);
    e2e_config(world, yaml);
    tick_sandboxed(world, "2026-11-23 09:30:00");
    tick_sandboxed(world, "2026-11-23 09:31:00");
    e2e_shell(world, "ls -i data/page-pool | awk '{print $1}' | sort > pool");
    tick_sandboxed(world, "2026-11-23 09:32:00");
    e2e_shell(world, "ls -i public/site | awk '{print $1}' | sort | comm -12 - pool > reused && "
                     "test $(wc -l < reused) -ge 90");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(the_sandbox_allows_data_and_public_dir_anywhere),
        E2E_TEST(the_sandbox_allows_folders_on_different_disks),
        E2E_TEST(the_sandbox_lets_pages_move_between_its_folders),
        E2E_TEST(injected_code_can_write_only_below_the_two_folders),
        E2E_TEST(the_sandbox_restricts_an_ordinary_user_too),
        E2E_TEST(a_tick_without_landlock_runs_and_reports_it),
    };

    return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
