/* Commands of alerts, run by ticks that are sandboxed, stopped or killed. */
#include "cmocka_all.h"
#include "e2e.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The command keeps its input. It hangs as long as the file "hang" exists. */
static void set_up(struct e2e *world)
{
    e2e_write(world, "command",
              "#!/bin/sh\n"
              "cat > input-$$\n"
              "echo $$ > started\n"
              "test -e hang && sleep 77711\n"
              "mv input-$$ done-$$\n"
              "test -e background && { setsid sh -c 'echo $$ > daemon; while ! test -e go; do "
              "sleep 0.02; done; echo x > gone' < /dev/null > /dev/null 2>&1 & }\n"
              "exit 0\n");
    e2e_shell(world, "chmod +x command");
    e2e_config(world, "alerts: [{id: run, type: command, command: [@folder@/command]}]\n"
                      "sites: [{id: s, domains: [{id: d, url: 'http://@http@/status/503', "
                      "interval_seconds: 60}]}]\n");
}

static void await_file(struct e2e *world, const char *name)
{
    int64_t until = e2e_now() + 20000;

    while (!e2e_exists(world, name)) {
        e2e_check(e2e_now() < until, "%s: is not there", name);
        usleep(5000);
    }
}

/* No process of this folder runs; a zombie has no folder. */
static void await_no_command(struct e2e *world)
{
    int64_t until = e2e_now() + 20000;
    bool runs = true;

    while (runs) {
        e2e_check(e2e_now() < until, "a command still runs");
        e2e_shell(world, "for p in /proc/[0-9]*; do grep -qs 7771[1] $p/cmdline && "
                         "test \"$(readlink $p/cwd)\" = \"$PWD\" && echo $p; done > .runs; true");
        runs = *e2e_read(world, ".runs") != '\0';
    }
}

/* The number of inputs that were read to their end by commands that ended well, and their key. */
static void check_delivered(struct e2e *world, int n)
{
    e2e_shell(world, "test $(ls done-* | wc -l) = %d", n);
    e2e_shell(world,
              "cat done-* input-* 2>/dev/null | grep -o '\"key\": *\"[^\"]*\"' | sort -u > keys; "
              "test $(wc -l < keys) = %d",
              n);
    e2e_shell(world, "test $(grep -c ',sent,' data/live/events.log) = %d", n);
}

static void a_message_is_run_once_from_a_tick(struct e2e *world)
{
    set_up(world);
    e2e_tick(world, "2026-11-23 09:30:00");
    check_delivered(world, 1);
    e2e_tick(world, "2026-11-23 09:31:00");
    check_delivered(world, 1);
}

/* The helper and its commands end too, and the next tick sends the message again. */
static void check_end(struct e2e *world, int signal)
{
    pid_t pid;

    set_up(world);
    e2e_write(world, "hang", "");
    world->clock = "2026-11-23 09:30:00";
    pid = e2e_start(world, "tick", NULL);
    await_file(world, "started");
    e2e_end(world, pid, signal);
    await_no_command(world);
    e2e_shell(world, "! ls done-* 2> /dev/null");
    e2e_shell(world, "rm hang");
    e2e_tick(world, "2026-11-23 09:31:00");
    e2e_tick(world, "2026-11-23 09:40:00");
    check_delivered(world, 1);
}

static void a_signal_ends_a_tick_and_its_commands_in_a_second(struct e2e *world)
{
    check_end(world, SIGTERM);
    assert_int_equal(world->last.status, 0);
}

static void a_killed_tick_leaves_no_command_and_loses_no_message(struct e2e *world)
{
    check_end(world, SIGKILL);
}

/* A mail server may deliver in the background for hours. */
static void a_command_in_the_background_holds_no_lock(struct e2e *world)
{
    set_up(world);
    e2e_write(world, "background", "");
    e2e_tick(world, "2026-11-23 09:30:00");
    await_file(world, "daemon");
    e2e_shell(world, "flock -n data/lock true && flock -n data/live true && "
                     "! ls -l /proc/$(cat daemon)/fd | grep -q \"$PWD\"");
    e2e_tick(world, "2026-11-23 09:31:00");
    assert_int_equal(e2e_rows(world, "s/d").n, 2);
    e2e_write(world, "go", "");
    await_file(world, "gone");
}

static void without_commands_there_is_no_helper(struct e2e *world)
{
    e2e_config(world, "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\n");
    e2e_uptick(world, "-v", "tick", NULL);
    e2e_reported(world, 0, "sandboxed", NULL);
    assert_null(strstr(world->last.err, "helper"));
    set_up(world);
    e2e_uptick(world, "-v", "tick", NULL);
    e2e_reported(world, 0, " ms  helper process for commands started", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(a_message_is_run_once_from_a_tick),
        E2E_TEST(a_signal_ends_a_tick_and_its_commands_in_a_second),
        E2E_TEST(a_killed_tick_leaves_no_command_and_loses_no_message),
        E2E_TEST(a_command_in_the_background_holds_no_lock),
        E2E_TEST(without_commands_there_is_no_helper),
    };

    return cmocka_run_group_tests_name("alert_commands", tests, NULL, NULL);
}
