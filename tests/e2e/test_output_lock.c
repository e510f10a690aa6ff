#define _GNU_SOURCE
/* Two runs never build in one folder at once, and what waits for another run prints that. */
#include "cmocka_all.h"
#include "e2e.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

static const char monitors[] = "render_interval_seconds: 0\n"
                               "sites:\n"
                               "  - id: s\n"
                               "    domains:\n"
                               "      - {id: d, url: 'http://@http@/ok', interval_seconds: 60}\n";

/* Another program that holds the lock of this file or folder until its standard input ends. */
struct holder {
    pid_t pid;
    int end;
};

static struct holder hold(struct e2e *world, const char *name)
{
    struct holder holder;
    int ready[2], end[2];
    char byte;

    assert_int_equal(pipe2(ready, O_CLOEXEC) || pipe2(end, O_CLOEXEC), 0);
    holder.pid = fork();
    if (holder.pid == 0) {
        int fd = open(e2e_path(world, name), O_RDONLY | O_CLOEXEC);

        close(end[1]);
        if (fd < 0 || flock(fd, LOCK_EX) || write(ready[1], "", 1) != 1)
            _exit(1);
        _exit(read(end[0], &byte, 1) != 0);
    }
    close(ready[1]);
    close(end[0]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    holder.end = end[1];
    return holder;
}

static void let_go(struct holder *holder)
{
    int status;

    close(holder->end);
    assert_int_equal(waitpid(holder->pid, &status, 0), holder->pid);
    assert_int_equal(status, 0);
}

/* Runs a command that has to wait until it has printed that. */
static void wait_with(struct e2e *world, const char *lock, const char *command, const char *option,
                      const char *value)
{
    static const char text[] = "another uptick is working here; waiting until it has finished\n";
    struct holder holder = hold(world, lock);
    pid_t pid = e2e_start(world, command, option, value, NULL);

    e2e_await_error(world, pid, text);
    assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
    let_go(&holder);
    e2e_wait(world, pid);
    e2e_reported(world, 0, text, NULL);
}

static void a_command_that_waits_prints_that(struct e2e *world)
{
    e2e_config(world, monitors);
    e2e_tick(world, "2026-11-23 09:30:00");
    e2e_uptick(world, "render", "--output", "out", NULL);
    e2e_silent(world, 0);
    wait_with(world, "out", "render", "--output", "out");
    wait_with(world, "public", "render", "--output", "public");
    wait_with(world, "data/lock", "render", NULL, NULL);
    wait_with(world, "public", "render", NULL, NULL);
    wait_with(world, "data/lock", "check", "--record", NULL);
    e2e_write(world, "data/state.db", "");
    wait_with(world, "data/lock", "rebuild", NULL, NULL);
}

static void a_command_that_waits_for_moved_records_prints_that(struct e2e *world)
{
    static const char text[] = "data: a tick is moving records; waiting until it has finished\n";
    struct holder holder;
    pid_t pid;

    e2e_config(world, monitors);
    e2e_tick(world, "2026-11-23 09:30:00");
    world->clock = "2026-11-23 09:31:00";
    holder = hold(world, "data");
    pid = e2e_start(world, "render", "--output", "out", "--at", "2026-11-23T09:30:30", NULL);
    e2e_await_error(world, pid, text);
    let_go(&holder);
    e2e_wait(world, pid);
    e2e_reported(world, 0, text, NULL);
}

static void a_tick_leaves_a_folder_that_another_run_builds_in(struct e2e *world)
{
    struct holder holder;
    char *before;

    e2e_config(world, monitors);
    e2e_tick(world, "2026-11-23 09:30:00");
    before = e2e_read(world, "public/status.json");
    holder = hold(world, "public");
    e2e_tick(world, "2026-11-23 09:31:00");
    assert_string_equal(e2e_read(world, "public/status.json"), before);
    assert_int_equal(e2e_rows(world, "s/d").n, 2);
    let_go(&holder);
    e2e_tick(world, "2026-11-23 09:31:30"); /* nothing is due, but a build is pending */
    assert_non_null(strstr(e2e_read(world, "public/status.json"), "2026-11-23T09:31:"));
}

static void runs_that_build_in_one_folder_at_once_all_succeed(struct e2e *world)
{
    e2e_config(world, monitors);
    e2e_tick(world, "2026-11-23 09:30:00");
    e2e_shell(world, "for i in 1 2 3 4 5 6; do\n"
                     "    { \"$UPTICK\" render --output out || touch failed; } & done; wait\n"
                     "for i in 1 2 3; do\n"
                     "    { \"$UPTICK\" render --output public || touch failed; } &\n"
                     "    { \"$UPTICK\" tick || touch failed; } & done; wait\n"
                     "[ ! -e failed ] && [ -z \"$(find out public -name '.*.uptick')\" ]");
    assert_non_null(strstr(e2e_read(world, "out/index.html"), "</html>"));
    assert_non_null(strstr(e2e_read(world, "public/index.html"), "</html>"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(a_command_that_waits_prints_that),
        E2E_TEST(a_command_that_waits_for_moved_records_prints_that),
        E2E_TEST(a_tick_leaves_a_folder_that_another_run_builds_in),
        E2E_TEST(runs_that_build_in_one_folder_at_once_all_succeed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
