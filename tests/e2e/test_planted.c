/* Files that another user plants in data_dir and public_dir if their modes are too open: symbolic
 * links are not followed and fifos block nothing, even without the sandbox. */
#define _GNU_SOURCE
#include "cmocka_all.h"
#include "e2e.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECONDS_MAX = 20 };

static const char config[] = "render_interval_seconds: 1\n"
                             "sites:\n"
                             "  - id: s\n"
                             "    domains:\n"
                             "      - {id: d, url: 'http://@http@/ok', interval_seconds: 60}\n";

/* Every file that a tick opens for reading or writing, and the folders above them. */
static const char *const files[] = {"data/lock",
                                    "data/ticks",
                                    "data/state.db",
                                    "data/state.db-journal",
                                    "data/state.db-wal",
                                    "data/state.db.stamp",
                                    "data/state.db.new",
                                    "data/state.db.new-journal",
                                    "data/live/s/d.log",
                                    "data/live/s/d.log.quarantine",
                                    "data/archive/2026-11-23/s/d.log",
                                    "public/index.html",
                                    "public/.index.html.uptick",
                                    "public/status.json",
                                    "public/site/s.html",
                                    "public/site/.s.html.uptick"};
static const char *const folders[] = {"data/live",      "data/live/s",
                                      "data/archive",   "data/archive/2026-11-23",
                                      "data/page-pool", "public/site"};

/* Runs ticks an hour later than the records, so that these are rotated too. A planted file may be
 * reported or ignored. */
static void tick_launched(struct e2e *world, const char *what, const char *options)
{
    e2e_shell(world,
              "export LD_PRELOAD=\"$MOVED_CLOCK_LIBRARY\" MOVED_CLOCK=$(( ($(date -u -d "
              "'2026-11-23 10:30:00' +%%s) - $(date +%%s)) * 1000 )); timeout -s KILL %d "
              "\"$LAUNCH\" %s \"$UPTICK\" tick > .out 2> .err; echo $? > .status",
              SECONDS_MAX, options);
    world->last.status = atoi(e2e_read(world, ".status"));
    e2e_check(world->last.status == 0 || world->last.status == 74, "%s: exit status %d: %s", what,
              world->last.status, e2e_read(world, ".err"));
}

/* Restores the records and pages that a tick left an hour ago. */
static void begin(struct e2e *world)
{
    e2e_shell(world, "rm -rf data public && cp -a kept/data kept/public .");
}

static void keep_tick_output(struct e2e *world)
{
    e2e_config(world, config);
    e2e_tick(world, "2026-11-23 09:30:00");
    e2e_shell(world, "mkdir kept && cp -a data public kept");
}

/* In place of everything: links to existing and to missing files. Without Landlock, which would
 * hide what the program itself refuses. */
static void planted_symbolic_links_are_not_followed(struct e2e *world)
{
    const char *options = e2e_format(world, "-e %d", ENOSYS);

    keep_tick_output(world);
    e2e_shell(world, "mkdir -p away/folder && echo precious > away/file && "
                     "cp kept/data/live/s/d.log away/folder/d.log && "
                     "find away -type f -exec md5sum {} + > before && ls -lR away >> before");
    for (size_t f = 0; f < sizeof files / sizeof files[0]; f++) {
        begin(world);
        e2e_shell(world, "mkdir -p $(dirname %s) && ln -sfn \"$PWD/away/file\" %s", files[f],
                  files[f]);
        tick_launched(world, files[f], options);
        begin(world);
        e2e_shell(world, "mkdir -p $(dirname %s) && ln -sfn \"$PWD/away/new\" %s", files[f],
                  files[f]);
        tick_launched(world, files[f], options);
    }
    for (size_t f = 0; f < sizeof folders / sizeof folders[0]; f++) {
        begin(world);
        e2e_shell(world, "mkdir -p %s && rm -r %s && ln -s \"$PWD/away/folder\" %s", folders[f],
                  folders[f], folders[f]);
        tick_launched(world, folders[f], options);
    }
    e2e_shell(world, "find away -type f -exec md5sum {} + > after && ls -lR away >> after && "
                     "diff before after");
}

/* In place of everything: another name of a file elsewhere, which keeps its content. */
static void planted_hard_links_are_not_written(struct e2e *world)
{
    static const char *const contents[] = {"echo precious", "cat kept/data/live/s/d.log",
                                           "cat kept/data/state.db", "cat kept/data/ticks"};
    const char *options = e2e_format(world, "-e %d", ENOSYS);

    keep_tick_output(world);
    for (size_t f = 0; f < sizeof files / sizeof files[0]; f++) {
        for (size_t c = 0; c < sizeof contents / sizeof contents[0]; c++) {
            begin(world);
            e2e_shell(world,
                      "rm -f away && %s > away && md5sum away > before && mkdir -p $(dirname %s) "
                      "&& ln -f away %s",
                      contents[c], files[f], files[f]);
            tick_launched(world, files[f], options);
            tick_launched(world, files[f], options);
            e2e_shell(world, "md5sum -c --quiet before");
        }
    }
}

/* A copy of data_dir made of hard links, as some backups are. */
static void a_backup_of_hard_links_stays_as_it_is(struct e2e *world)
{
    keep_tick_output(world);
    for (int minute = 31; minute < 34; minute++) {
        e2e_shell(world, "cp -al data backup%d && find backup* -type f -exec md5sum {} + > before",
                  minute);
        e2e_tick(world, e2e_format(world, "2026-11-23 09:%d:00", minute));
        e2e_shell(world, "md5sum -c --quiet before");
    }

    /* Also at the end of an hour, and if the copy is put back. */
    e2e_shell(world, "cp -al data backup && find backup* -type f -exec md5sum {} + > before");
    e2e_tick(world, "2026-11-23 10:00:00");
    e2e_shell(world, "md5sum -c --quiet before && rm -r data && mv backup data");
    e2e_tick(world, "2026-11-23 10:01:00");
    assert_int_equal(e2e_rows(world, "s/d").n, 5);

    /* What is only read gets no copy: archives may be large. */
    e2e_shell(world, "cp -al data backup && rm data/state.db.stamp");
    e2e_tick(world, "2026-11-23 10:02:00");
    e2e_shell(world, "test $(stat -c %%h data/archive/2026-11-23/s/d.log) = 2");
    e2e_shell(world, "test -z \"$(find data -name '*.corrupt*' -o -name '*.copy')\"");
}

static void plant_fifo(struct e2e *world, const char *name)
{
    begin(world);
    e2e_shell(world, "mkdir -p $(dirname %s) && rm -f %s && mkfifo %s", name, name, name);
}

/* Runs a command until it ends, with any exit status; if it takes too long, a signal ends it. */
static void run_to_its_end(struct e2e *world, const char *command)
{
    e2e_shell(world, "timeout -s KILL %d \"$UPTICK\" %s > .out 2>&1; test $? -lt 100", SECONDS_MAX,
              command);
}

static void planted_fifos_block_no_tick(struct e2e *world)
{
    keep_tick_output(world);
    for (size_t f = 0; f < sizeof files / sizeof files[0]; f++) {
        plant_fifo(world, files[f]);
        tick_launched(world, files[f], "");
    }
}

/* SQLite opens these by itself, however the state is opened. */
static void a_fifo_next_to_the_state_blocks_no_command(struct e2e *world)
{
    static const char *const journals[] = {"data/state.db-journal", "data/state.db-wal"};

    keep_tick_output(world);
    for (size_t f = 0; f < sizeof journals / sizeof journals[0]; f++) {
        plant_fifo(world, journals[f]);
        tick_launched(world, journals[f], "");
        assert_int_equal(world->last.status, 74);
        e2e_shell(world, "grep -q '%s: not a regular file; remove it' .err", journals[f]);
        run_to_its_end(world, "status");
        run_to_its_end(world, "render --at @$(date +%s) --output past");
        e2e_shell(world, "echo damaged > data/state.db.stamp");
        tick_launched(world, journals[f], "");
    }
}

/* A page is renamed into place, so the file behind the second link keeps its content. */
static void a_page_with_a_second_hard_link_is_replaced(struct e2e *world)
{
    keep_tick_output(world);
    e2e_shell(world, "echo precious > away && ln -f away public/index.html && "
                     "ln -f away public/site/s.html && ln -f away public/.index.html.uptick");
    e2e_tick(world, "2026-11-23 09:31:00");
    e2e_shell(world, "test \"$(cat away)\" = precious && grep -q html public/index.html");
}

static void another_user_can_read_the_pages_but_not_the_records(struct e2e *world)
{
    if (getuid() != 0) {
        print_message("only root can become another user\n");
        world->passed = true; /* so that the folder is removed */
        skip();
    }
    keep_tick_output(world);
    e2e_shell(world, "chmod 755 . && \"$LAUNCH\" -u cat public/index.html > /dev/null");
    e2e_shell(world, "for f in data/live/s/d.log data/state.db data/lock data/ticks; do test -e $f "
                     "|| exit 1; ! \"$LAUNCH\" -u cat $f 2> /dev/null || exit 1; done");
    e2e_shell(world, "! \"$LAUNCH\" -u ls data 2> /dev/null");
    e2e_shell(world, "! \"$LAUNCH\" -u touch public/x 2> /dev/null");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(planted_symbolic_links_are_not_followed),
        E2E_TEST(planted_hard_links_are_not_written),
        E2E_TEST(a_backup_of_hard_links_stays_as_it_is),
        E2E_TEST(planted_fifos_block_no_tick),
        E2E_TEST(a_fifo_next_to_the_state_blocks_no_command),
        E2E_TEST(a_page_with_a_second_hard_link_is_replaced),
        E2E_TEST(another_user_can_read_the_pages_but_not_the_records),
    };

    return cmocka_run_group_tests_name("planted", tests, NULL, NULL);
}
