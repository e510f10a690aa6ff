/* Records damaged by a person, a disk or another program: invalid rows are reported and skipped,
 * and all other rows count. */
#include "cmocka_all.h"
#include "e2e.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char config[] = "retention_days: 0\n"
                             "defaults: {interval_seconds: 60}\n"
                             "sites:\n"
                             "  - id: s\n"
                             "    domains:\n"
                             "      - {id: a, url: 'http://@refused@/a'}\n"
                             "      - {id: b, url: 'http://@refused@/b', role: supplementary}\n"
                             "  - id: t\n"
                             "    domains:\n"
                             "      - {id: a, url: 'http://@refused@/t'}\n";

/* n minutes of a monitor from nine o'clock; in some it is down. */
static void write_rows(struct e2e *world, const char *folder, const char *day, const char *site,
                       const char *domain, int n)
{
    char text[8192];
    size_t used = 0;

    for (int m = 0; m < n; m++) {
        const char *rest = m % 9 == 4   ? "DOWN,503,7,\"http_status: expected 200, got 503\""
                           : m % 9 == 7 ? "BOT_DETECTED,403,9,bot: Checking"
                                        : "UP,200,12,";

        used += (size_t)snprintf(text + used, sizeof text - used, "%sT09:%02d:00.00%dZ,%s,%s,%s\n",
                                 day, m, m % 10, site, domain, rest);
    }
    e2e_write(world, e2e_format(world, "data/%s/%s/%s.log", folder, site, domain), text);
}

/* The records of four days. The last day is in live, and ends at this minute. */
static void write_records(struct e2e *world)
{
    static const char *const days[] = {"2026-11-20", "2026-11-21", "2026-11-22"};
    static const char *const monitors[][2] = {{"s", "a"}, {"s", "b"}, {"t", "a"}};

    e2e_config(world, config);
    for (int i = 0; i < 3; i++) {
        for (int d = 0; d < 3; d++)
            write_rows(world, e2e_format(world, "archive/%s", days[d]), days[d], monitors[i][0],
                       monitors[i][1], 60);
        write_rows(world, "live", "2026-11-23", monitors[i][0], monitors[i][1], 6);
    }
}

static void render(struct e2e *world, const char *folder)
{
    world->clock = "2026-11-23 09:05:40";
    e2e_uptick(world, "render", "--output", folder, NULL);
    e2e_silent(world, 0);
    e2e_shell(world, "find '%s' -type f -exec sed -i -e 's/09:05:4[0-9]/09:05:4x/g' {} +", folder);
}

static void recall(struct e2e *world, const char *folder)
{
    world->clock = "2026-11-23 09:05:40";
    e2e_uptick(world, "render", "--at", "2026-11-23T09:05:30Z", "--output", folder, NULL);
    assert_int_equal(world->last.status, 0);
    e2e_shell(world, "find '%s' -type f -exec sed -i -e 's/09:05:4[0-9]/09:05:4x/g' {} +", folder);
}

/* A tick in a minute without due checks: only the rebuild changes anything. */
static void rebuild_by_tick(struct e2e *world)
{
    world->clock = "2026-11-23 09:05:20";
    e2e_uptick(world, "tick", NULL);
    e2e_shell(world, "rm -f data/ticks");
}

/*
 * Damage to the records, by a command in data/. $f is the file, $n the number of its lines (60 in
 * archives, 6 in live). All valid rows stay. The rebuilding tick prints `says` (NULL: nothing),
 * with $f in front if it begins with a colon.
 */
struct damage {
    const char *name, *command, *expected;
};

static const struct damage in_files[] = {
    {"a line that is not a row", "sed -i '3i not,a,row' $f", ":3: skipped:"},
    {"a row with one field too many", "sed -i '3i 2026-11-23T09:00:00.000Z,s,a,UP,1,1,,' $f",
     ":3: skipped:"},
    {"empty lines", "sed -i '3i \\\\n' $f", ":3: skipped:"},
    {"an incomplete line in the middle", "sed -i '3i 2026-11-2' $f", ":3: skipped:"},
    {"an incomplete line at the end", "printf '2026-11-2' >> $f", ".quarantine"},
    {"line ends of Windows", "sed -i 's/$/\\r/' $f", NULL},
    {"a line of NUL bytes",
     "(head -n 2 $f; head -c 100 /dev/zero; echo; tail -n +3 $f) > x; mv x $f", ":3: skipped:"},
    {"NUL bytes at the end", "head -c 5000 /dev/zero >> $f", ".quarantine"},
    {"a NUL byte in a row",
     "(head -n 2 $f; head -n 1 $f | sed s/200/2000/ | tr U '\\000'; tail -n +3 $f) > x; mv x $f",
     ":3: skipped:"},
    {"a byte order mark", "(printf '\\357\\273\\277'; cat $f) > x; mv x $f", NULL},
    {"a byte order mark within",
     "(head -n 1 $f; printf '\\357\\273\\277'; tail -n +2 $f) > x; mv x $f", NULL},
    {"a byte order mark, a header and line ends of Windows",
     "(printf '\\357\\273\\277timestamp,site_id,domain_id\\n'; cat $f) | sed 's/$/\\r/' > x; mv x "
     "$f",
     ":1: skipped:"},
    {"no line end at the end", "truncate -s -1 $f", NULL},
    {"NUL bytes before a row", "(head -n 2 $f; head -c 100 /dev/zero; tail -n +3 $f) > x; mv x $f",
     ":3: skipped: NUL bytes"},
    {"many NUL bytes before a row",
     "(head -n 2 $f; head -c 600000 /dev/zero; tail -n +3 $f) > x; mv x $f",
     ":3: skipped: NUL bytes"},
    {"an unclosed quote", "sed -i '3i \"2026' $f", ":3: skipped:"},
    {"a quote within a field", "sed -i '3i 2026-11-23T09:00:00.000Z,s\",a,UP,200,1000,' $f",
     ":3: skipped:"},
    {"bytes that are not UTF-8", "printf '\\377\\376\\n' | sed -i '2r /dev/stdin' $f",
     ":3: skipped:"},
    {"a thirteenth month", "sed -i '3i 2026-13-01T00:00:00.000Z,s,a,UP,200,1,' $f", ":3: skipped:"},
    {"a row of another monitor", "sed -i '3i 2026-11-23T09:00:30.000Z,s,b,DOWN,200,1,' $f",
     ":3: skipped: row of another monitor"},
    {"a long line", "(head -n 2 $f; head -c $long /dev/zero; echo; tail -n +3 $f) > x; mv x $f",
     ":3: skipped:"},
    {"a long line without an end", "head -c $long /dev/zero | tr '\\000' x >> $f", ".quarantine"},
    {"many bad lines", "seq 10000 >> $f", "more bad lines skipped"},
    {"rows out of order", "sed -i '2{h;d};3{G}' $f", NULL},
};

static const struct damage in_archives[] = {
    {"a row of another day", "sed -i '3i 2026-11-25T09:00:00.000Z,s,a,DOWN,200,1,' $f",
     ":3: skipped: row of another day"},
    {"a row of the year 9999", "sed -i '3i 9999-12-31T23:59:59.999Z,s,a,DOWN,200,1,' $f",
     ":3: skipped: row of another day"},
};

/* These do not touch $f. */
static const struct damage in_folders[] = {
    {"a file without a row", ": > live/s/new.log; : > archive/2026-11-22/s/new.log", NULL},
    {"foreign files",
     "for d in . live live/s archive archive/2026-11-22 archive/2026-11-22/s; do "
     "touch $d/README $d/x.csv $d/.hidden $d/a.log~ $d/'a b.log' $d/-x.log; done",
     NULL},
    {"thousands of foreign files",
     "for d in . live live/s archive archive/2026-11-22 archive/2026-11-22/s; do "
     "(cd $d && seq -f 'foreign %.0f' 2000 | xargs -d '\\n' touch); done",
     NULL},
    {"foreign folders",
     "mkdir -p lost+found live/lost+found live/s/x archive/2026-11-22/q/r/s "
     "archive/2026-13-01/s archive/2026-11-2/s archive/x archive/2026-11-22.bak",
     NULL},
    {"very deep folders", "mkdir -p archive/2026-11-22/s/$(printf 'd/%.0s' $(seq 500))", NULL},
    {"very long names", "n=$(printf 'd%.0s' $(seq 250)); touch live/s/$n.log; mkdir live/$n", NULL},
    {"a link in place of a file", "ln -s ../../../uptick.yaml live/s/new.log",
     "live/s/new.log: is a symbolic link"},
    {"a link to nothing", "ln -s nothing archive/2026-11-22/s/new.log",
     "new.log: is a symbolic link"},
    {"a link to itself", "ln -s loop.log archive/2026-11-22/s/loop.log",
     "loop.log: is a symbolic link"},
    {"a link in place of a site", "mkdir else; cp -r live/s else/n; ln -s ../else/n live/n", NULL},
    {"a link in place of a day", "cp -r archive/2026-11-22 else; ln -s ../else archive/2026-11-19",
     NULL},
    {"a fifo in place of a file", "mkfifo live/s/new.log archive/2026-11-22/s/new.log",
     "new.log: not a regular file"},
    {"a folder in place of a file", "mkdir live/s/new.log archive/2026-11-22/s/new.log",
     "new.log: not a regular file"},
    {"a file in place of a site", "echo x > live/x; echo x > archive/2026-11-22/x", NULL},
    {"a file in place of a day", "echo x > archive/2026-11-19", NULL},
    {"the first and the last possible day",
     "mkdir -p archive/0001-01-01/s archive/9999-12-31/s; "
     "echo 0001-01-01T00:00:00.000Z,s,x,UP,,, > archive/0001-01-01/s/x.log; "
     "echo 9999-12-31T23:59:59.999Z,s,x,UP,,, > archive/9999-12-31/s/x.log",
     NULL},
};

/* Files in data/ that cannot be read, and how they are reported. */
static const struct damage unreadable[] = {
    {"an unreadable file", "chmod 0 live/s/a.log", "data/live/s/a.log: "},
    {"an unreadable archive", "chmod 0 archive/2026-11-22/s/a.log",
     "data/archive/2026-11-22/s/a.log: "},
    {"an unreadable site", "chmod 0 live/s", "data/live/s: "},
    {"an unreadable site of a day", "chmod 0 archive/2026-11-21/t", "data/archive/2026-11-21/t: "},
    {"an unreadable day", "chmod 0 archive/2026-11-21", "data/archive/2026-11-21/events.log: "},
    {"unreadable archives", "chmod 0 archive", "data/archive: "},
    {"an unreadable compressed archive",
     "gzip archive/2026-11-22/s/a.log; chmod 0 archive/2026-11-22/s/a.log.gz",
     "data/archive/2026-11-22/s/a.log.gz: "},
    {"an unreadable plain archive with a compressed one",
     "gzip -k archive/2026-11-22/s/a.log; chmod 0 archive/2026-11-22/s/a.log",
     "data/archive/2026-11-22/s/a.log: "},
};

struct part {
    const struct damage *damages;
    size_t n;
    const char *file;
};

#define PART(damages, file)                                                                        \
    {                                                                                              \
        damages, sizeof damages / sizeof *(damages), file                                          \
    }

static const struct part parts[] = {
    PART(in_files, "archive/2026-11-22/s/a.log"),
    PART(in_files, "live/s/a.log"),
    PART(in_archives, "archive/2026-11-22/s/a.log"),
    PART(in_folders, ""),
};

/* $UPTICK_SWEEP selects all cases; the default part takes seconds. */
static bool is_sweep(void)
{
    return getenv("UPTICK_SWEEP") != NULL;
}

/* Creates the records again and damages them. */
static void damage(struct e2e *world, const struct part *part, const struct damage *damage)
{
    e2e_shell(world,
              "(chmod -Rf u+rwX data; rm -rf data after) && cp -a whole data && cd data && f=%s "
              "long=%s; %s",
              part->file, is_sweep() ? "1000000000" : "1000000", damage->command);
}

/* The run printed what it should, and nothing else. */
static void check_printed(struct e2e *world, const struct part *part, const struct damage *damage)
{
    const struct run *run = &world->last;
    const char *expected = damage->expected;

    e2e_check(run->status == 0, "%s (%s): status %d: %s", damage->name, part->file, run->status,
              run->err);
    e2e_check(run->usage.ru_maxrss < 64 << 10, "%s (%s): took %ld KiB of memory", damage->name,
              part->file, run->usage.ru_maxrss);
    e2e_check(run->seconds < 60, "%s (%s): took %.1f s", damage->name, part->file, run->seconds);
    if (expected && expected[0] == ':')
        expected = e2e_format(world, "data/%s%s", part->file, expected);
    if (expected)
        e2e_check(strstr(run->err, expected) != NULL, "%s (%s): printed '%s', expected '%s'",
                  damage->name, part->file, run->err, expected);
}

/* From now on the program cannot read what its mode forbids, even if it is run by root. */
static void drop_privileges(struct e2e *world)
{
    const char *uptick = getenv("UPTICK");

    if (getuid() != 0)
        return;
    if (system("setpriv --bounding-set -dac_override,-dac_read_search true 2> /dev/null")) {
        world->passed = true;
        print_message("setpriv cannot drop privileges on this machine\n");
        skip();
    }
    e2e_write(world, "unprivileged",
              e2e_format(world,
                         "#!/bin/sh\n"
                         "exec setpriv --bounding-set -dac_override,-dac_read_search %s \"$@\"\n",
                         uptick));
    e2e_shell(world, "chmod 755 unprivileged");
    setenv("UPTICK", e2e_path(world, "unprivileged"), 1);
}

typedef void run_on_damaged(struct e2e *world, const struct part *part,
                            const struct damage *damage);

/* Runs one in `in` of the cases; all of them in a sweep. */
static void with_each(struct e2e *world, const struct part *part, run_on_damaged *run, size_t in)
{
    for (size_t i = 0; i < part->n; i += is_sweep() ? 1 : in) {
        damage(world, part, &part->damages[i]);
        run(world, part, &part->damages[i]);
    }
}

static void with_all(struct e2e *world, run_on_damaged *run, size_t in)
{
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        with_each(world, &parts[i], run, in);
}

static void begin(struct e2e *world)
{
    write_records(world);
    e2e_shell(world, "cp -a data whole");
    rebuild_by_tick(world);
    e2e_reported(world, 0, "was missing", NULL);
    render(world, "before");
    recall(world, "before.at");
}

static void compare(struct e2e *world, const struct part *part, const struct damage *damage,
                    const char *before)
{
    if (system(e2e_format(world, "cd '%s' && diff -r %s after > diff.txt", world->folder, before)))
        fail_msg("%s (%s): %s", damage->name, part->file, e2e_read(world, "diff.txt"));
}

static void tick_on_damaged(struct e2e *world, const struct part *part, const struct damage *damage)
{
    rebuild_by_tick(world);
    check_printed(world, part, damage);
    /* The records have no event log, so its events are derived too. */
    if (!damage->expected)
        e2e_check(strstr(strchr(world->last.err, '\n'), "derived again from the rows\n") ==
                      strrchr(world->last.err, '\n') - strlen("derived again from the rows"),
                  "%s: %s", damage->name, world->last.err);
    render(world, "after");
    compare(world, part, damage, "before");
    rebuild_by_tick(world);
    e2e_check(!*world->last.err, "%s (%s): printed again: %s", damage->name, part->file,
              world->last.err);
}

static void a_tick_recovers_every_intact_row(struct e2e *world)
{
    begin(world);
    with_all(world, tick_on_damaged, 6);
}

static void rebuild_damaged(struct e2e *world, const struct part *part, const struct damage *damage)
{
    world->clock = "2026-11-23 09:05:20";
    e2e_uptick(world, "rebuild", NULL);
    check_printed(world, part, damage);
    render(world, "after");
    compare(world, part, damage, "before");
}

static void a_rebuild_uses_every_intact_row(struct e2e *world)
{
    begin(world);
    with_all(world, rebuild_damaged, 20);
}

static void render_damaged(struct e2e *world, const struct part *part, const struct damage *damage)
{
    recall(world, "after");
    if (!damage->expected || !strstr(damage->expected, "quarantine"))
        check_printed(world, part, damage);
    compare(world, part, damage, "before.at");
}

static void a_past_moment_shows_every_intact_row(struct e2e *world)
{
    begin(world);
    with_all(world, render_damaged, 20);
}

/* The state is intact, and the ticks of the next hour rotate the damaged file. Then a rebuild from
 * the CSV must give the same. */
static void edit_damaged(struct e2e *world, const struct part *part, const struct damage *damage)
{
    struct csv csv;

    e2e_shell(world, "rm -rf data && cp -a healed data && cd data && f=%s long=1000000; %s",
              part->file, damage->command);
    world->clock = "2026-11-23 09:06:00";
    e2e_uptick(world, "tick", NULL);
    e2e_check(world->last.status == 0, "%s: status %d: %s", damage->name, world->last.status,
              world->last.err);
    world->clock = "2026-11-23 10:00:00";
    e2e_uptick(world, "tick", NULL);
    e2e_check(world->last.status == 0, "%s: status %d: %s", damage->name, world->last.status,
              world->last.err);
    e2e_shell(world, "sed -i 's/\\r$//' data/archive/2026-11-23/s/a.log");
    csv = e2e_csv(world, "data/archive/2026-11-23/s/a.log");
    e2e_check(csv.n == 7, "%s: %zu rows of 7", damage->name, csv.n);
}

static void editing_a_live_file_loses_no_row(struct e2e *world)
{
    static const struct part live = PART(in_files, "live/s/a.log");

    begin(world);
    e2e_shell(world, "rm -rf healed; cp -a data healed");
    for (size_t i = 0; i < live.n; i += is_sweep() ? 1 : 5)
        edit_damaged(world, &live, &live.damages[i]);
}

static void check_refused(struct e2e *world, const struct damage *damage)
{
    const struct run *run = &world->last;

    e2e_check(run->status == 74 && strchr(run->err, '\n') == strrchr(run->err, '\n') &&
                  strstr(run->err, damage->expected) && strstr(run->err, ": Permission denied; "),
              "%s: status %d: %s", damage->name, run->status, run->err);
}

/* No state is rebuilt from only a part of the records. When all can be read, it is. */
static void refuse_damaged(struct e2e *world, const struct part *part, const struct damage *damage)
{
    rebuild_by_tick(world);
    check_refused(world, damage);
    assert_false(e2e_exists(world, "data/state.db"));
    world->clock = "2026-11-23 09:05:40";
    e2e_uptick(world, "render", "--at", "2026-11-23T09:05:30Z", "--output", "x", NULL);
    check_refused(world, damage);
    e2e_shell(world, "chmod -R u+rwX data; rm -rf x");
    rebuild_by_tick(world);
    e2e_reported(world, 0, "was missing", NULL);
    render(world, "after");
    compare(world, part, damage, "before");
}

static void no_state_is_rebuilt_from_only_part_of_the_records(struct e2e *world)
{
    static const struct part part = PART(unreadable, "");
    char *uptick = e2e_format(world, "%s", getenv("UPTICK"));

    begin(world);
    drop_privileges(world);
    with_each(world, &part, refuse_damaged, 1);
    setenv("UPTICK", uptick, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(a_tick_recovers_every_intact_row),
        E2E_TEST(a_rebuild_uses_every_intact_row),
        E2E_TEST(a_past_moment_shows_every_intact_row),
        E2E_TEST(no_state_is_rebuilt_from_only_part_of_the_records),
        E2E_TEST(editing_a_live_file_loses_no_row),
    };

    return cmocka_run_group_tests_name("spoiled", tests, NULL, NULL);
}
