/* A fault of this machine never counts against an endpoint: no row is DOWN, and one line reports
 * the fault. */
#define _GNU_SOURCE
#include "cmocka_all.h"
#include "e2e.h"
#include "space.h"

#include <stdlib.h>
#include <string.h>

/* n monitors of one server, all at once. */
static void config_of(struct e2e *world, int n, const char *path)
{
    char *yaml = e2e_format(world, "max_per_host: 1000\nsites:\n  - id: s\n    domains:\n");

    for (int i = 0; i < n; i++)
        yaml =
            e2e_format(world, "%s      - {id: d%d, interval_seconds: 60, url: 'http://@http@%s'}\n",
                       yaml, i, path);
    e2e_config(world, yaml);
}

/* Every row of these n monitors is UP. Returns how many rows there are. */
static size_t check_all_up(struct e2e *world, int n)
{
    size_t rows = 0;

    for (int i = 0; i < n; i++) {
        struct csv csv = e2e_rows(world, e2e_format(world, "s/d%d", i));

        for (size_t row = 0; row < csv.n; row++)
            e2e_check(!strcmp(csv.rows[row].field[STATUS], "UP"), "d%d is %s: %s", i,
                      csv.rows[row].field[STATUS], csv.rows[row].field[FAILURE]);
        rows += csv.n;
    }
    return rows;
}

/* A tick with this limit (-n 128), as set by ulimit, this many minutes from now. */
static void tick_later(struct e2e *world, const char *limit, int minutes)
{
    e2e_shell(world,
              "(ulimit %s && if test %d != 0; then export LD_PRELOAD=\"$MOVED_CLOCK_LIBRARY\" "
              "MOVED_CLOCK=%d; fi; exec \"$UPTICK\" tick) > .out 2> .err; echo $? > .status",
              limit, minutes, minutes * 60000);
    world->last = (struct run){.status = atoi(e2e_read(world, ".status")),
                               .out = e2e_read(world, ".out"),
                               .err = e2e_read(world, ".err")};
}

static void tick_below(struct e2e *world, const char *limit)
{
    tick_later(world, limit, 0);
}

static void tick_at(struct e2e *world, const char *clock)
{
    world->clock = clock;
    e2e_uptick(world, "tick", NULL);
}

/* One line, which begins with a monitor and contains these words. */
static void check_reported_once(struct e2e *world, const char *text)
{
    const char *newline;

    e2e_reported(world, 0, text, "; nothing recorded, the next tick tries again", NULL);
    assert_memory_equal(world->last.err, "s/d", 3);
    newline = strchr(world->last.err, '\n');
    e2e_check(newline && !newline[1], "more than one line: %s", world->last.err);
}

/* One line, which reports the end of this fault. */
static void check_over(struct e2e *world, const char *name)
{
    assert_int_equal(world->last.status, 0);
    assert_string_equal(
        world->last.err,
        e2e_format(world, "local fault over: %s; checks are made again\n", name));
}

/* The next tick reports what is over, and the one after it nothing. */
static void end_all_faults(struct e2e *world)
{
    tick_at(world, "2030-11-23 09:30:00");
    assert_int_equal(world->last.status, 0);
    assert_null(strstr(world->last.err, "not checked"));
    e2e_tick(world, "2030-11-23 09:31:00");
}

static void a_low_descriptor_limit_reduces_the_checks_at_once(struct e2e *world)
{
    const char *newline;

    config_of(world, 300, "/slow/50");
    tick_below(world, "-n 128");
    e2e_reported(world, 0, " checks run at once because of the limit of open files; ", "ulimit -n",
                 NULL);
    newline = strchr(world->last.err, '\n');
    assert_true(newline && !newline[1]);
    assert_int_equal(check_all_up(world, 300), 300);

    /* It is printed once, and once more when the limit has been raised. */
    tick_later(world, "-n 128", 1);
    e2e_silent(world, 0);
    tick_later(world, "-n 2048", 2);
    e2e_reported(world, 0, "the limit of open files is high enough again", NULL);
    tick_later(world, "-n 2048", 3);
    e2e_silent(world, 0);
}

/* Whatever fails first: the state, the threads or the checks. */
static void running_out_of_descriptors_is_not_an_outage(struct e2e *world)
{
    static const char *const limits[] = {"-n 4",  "-n 6",  "-n 8",  "-n 10", "-n 12", "-n 14",
                                         "-n 16", "-n 18", "-n 20", "-n 24", "-n 28", "-n 40"};

    config_of(world, 40, "/ok");
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        tick_below(world, limits[i]);
        e2e_check(world->last.status == 0 || world->last.status == 74 || world->last.status == 78,
                  "ulimit %s: exit status %d: %s", limits[i], world->last.status, world->last.err);
        e2e_check(world->last.status == 0 || *world->last.err, "ulimit %s: silent failure",
                  limits[i]);
        check_all_up(world, 40);
    }
    end_all_faults(world);
    assert_true(check_all_up(world, 40) >= 40);
}

/* The limits range from too little to start the program to enough for everything. */
static void running_out_of_memory_is_not_an_outage(struct e2e *world)
{
    if (e2e_has_sanitizer()) {
        print_message("a sanitizer needs more memory than the limits allow\n");
        world->passed = true;
        skip();
    }
    config_of(world, 100, "/ok");
    for (int mib = 20; mib <= 200; mib += mib < 60 ? 2 : 20) {
        tick_below(world, e2e_format(world, "-v %d", mib * 1024));
        e2e_check(world->last.status < 128 || strstr(world->last.err, "shared"),
                  "%d MiB: exit status %d: %s", mib, world->last.status, world->last.err);
        check_all_up(world, 100);
    }
    end_all_faults(world);
    assert_true(check_all_up(world, 100) >= 100);
}

static void running_out_of_ports_is_not_an_outage(struct e2e *world)
{
    space_need(world);
    config_of(world, 60, "/slow/4000");
    space_set(world, "ipv4/ip_local_port_range", "40000 40007");
    tick_at(world, "2026-11-23 09:30:00");
    space_set(world, "ipv4/ip_local_port_range", "32768 60999");
    check_reported_once(world, "local fault: no free port or address");
    assert_in_range(check_all_up(world, 60), 1, 59);
    tick_at(world, "2026-11-23 09:31:00");
    check_over(world, "no free port or address");
    assert_true(check_all_up(world, 60) >= 60);
}

/* 192.0.2.0/24 belongs to nobody, and no packet leaves this network. */
static void a_missing_route_is_not_an_outage(struct e2e *world)
{
    space_need(world);
    e2e_config(world, "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - {id: d0, url: 'http://192.0.2.1/', retries: 1}\n"
                      "      - {id: e, url: 'http://@http@/ok'}\n");
    tick_at(world, "2026-11-23 09:30:00");
    check_reported_once(world, "s/d0 not checked: local fault: no route to the network");
    assert_int_equal(e2e_rows(world, "s/d0").n, 0);
    assert_int_equal(e2e_rows(world, "s/e").n, 1);
    assert_string_equal(e2e_text(e2e_entry(e2e_status(world), "s/d0"), "status"), "UNKNOWN");
}

/* s/d0 has no route or answers, and n monitors of one server take four seconds. */
static void config_of_route(struct e2e *world, bool has_route, int n)
{
    char *yaml = e2e_format(world,
                            "max_per_host: 1000\ndefaults: {interval_seconds: 60}\n"
                            "sites:\n  - id: s\n    domains:\n"
                            "      - {id: d0, url: 'http://%s/'}\n",
                            has_route ? "@http@/ok" : "192.0.2.1");

    for (int i = 1; i <= n; i++)
        yaml = e2e_format(world, "%s      - {id: d%d, url: 'http://@http@/slow/4000'}\n", yaml, i);
    e2e_config(world, yaml);
}

static const char no_route[] = "no route to the network", no_port[] = "no free port or address";

/* Cron mails each line, so a fault that lasts for hours must not be a line a minute. */
static void a_fault_is_reported_when_it_begins_and_when_it_ends(struct e2e *world)
{
    space_need(world);
    config_of_route(world, false, 0);
    tick_at(world, "2026-11-23 09:31:00");
    check_reported_once(world, no_route);
    e2e_tick(world, "2026-11-23 09:32:00");
    e2e_tick(world, "2026-11-23 09:32:30");
    e2e_tick(world, "2026-11-23 09:33:00");
    config_of_route(world, true, 0);
    tick_at(world, "2026-11-23 09:34:00");
    check_over(world, no_route);
    e2e_tick(world, "2026-11-23 09:35:00");

    /* The next one is another fault. */
    config_of_route(world, false, 0);
    tick_at(world, "2026-11-23 09:36:00");
    check_reported_once(world, no_route);

    /* A state that was made again does not know it: one more line, and then silence. */
    e2e_shell(world, "rm data/state.db");
    tick_at(world, "2026-11-23 09:37:00");
    e2e_reported(world, 0, "rebuilt", no_route, NULL);
    e2e_tick(world, "2026-11-23 09:38:00");
    config_of_route(world, true, 0);
    tick_at(world, "2026-11-23 09:39:00");
    check_over(world, no_route);
}

/* While one fault lasts, another one begins and ends. */
static void each_kind_of_fault_is_reported_for_itself(struct e2e *world)
{
    space_need(world);
    config_of_route(world, false, 60);
    tick_at(world, "2026-11-23 09:30:00");
    check_reported_once(world, no_route);
    space_set(world, "ipv4/ip_local_port_range", "40000 40007");
    tick_at(world, "2026-11-23 09:31:00");
    check_reported_once(world, no_port);
    e2e_tick(world, "2026-11-23 09:32:00");
    space_set(world, "ipv4/ip_local_port_range", "32768 60999");
    tick_at(world, "2026-11-23 09:33:00");
    check_over(world, no_port);
    e2e_tick(world, "2026-11-23 09:34:00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(a_low_descriptor_limit_reduces_the_checks_at_once),
        E2E_TEST(running_out_of_descriptors_is_not_an_outage),
        E2E_TEST(running_out_of_memory_is_not_an_outage),
        E2E_TEST(running_out_of_ports_is_not_an_outage),
        E2E_TEST(a_missing_route_is_not_an_outage),
        E2E_TEST(a_fault_is_reported_when_it_begins_and_when_it_ends),
        E2E_TEST(each_kind_of_fault_is_reported_for_itself),
    };

    space_enter();
    return cmocka_run_group_tests_name("own faults", tests, NULL, NULL);
}
