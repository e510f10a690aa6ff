/*
 * Goal of these tests: data/days has the counts of days whose archives are deleted, so nothing but
 * old outages is lost with state.db; and a clock that was wrong spoils no figure.
 */
#include "cmocka_all.h"
#include "e2e.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { DAYS = 105, ADDED = 40 };

static const char old_monitors[] = "retention_days: 20\n"
                                   "render_interval_seconds: 0\n"
                                   "defaults: {interval_seconds: 43200}\n"
                                   "sites:\n"
                                   "  - id: s\n"
                                   "    domains:\n"
                                   "      - {id: a, url: 'http://@http@/ok'}\n"
                                   "      - {id: b, url: 'http://@http@/flap/5'}\n";
static const char new_monitors[] = "      - {id: c, url: 'http://@http@/flap/3', "
                                   "role: supplementary}\n"
                                   "  - id: t\n"
                                   "    domains:\n"
                                   "      - {id: d, url: 'http://@http@/ok?d'}\n";

/* A tick on this day of a life that begins on 2026-07-01. */
static void tick_on(struct e2e *world, int day, const char *hour)
{
    time_t start = 1782864000 + day * (time_t)86400;
    char date[16];

    strftime(date, sizeof date, "%Y-%m-%d", gmtime(&start));
    e2e_tick(world, e2e_format(world, "%s %s", date, hour));
}

/* Two ticks a day. On the fortieth day, monitors are added. */
static void live(struct e2e *world)
{
    e2e_config(world, old_monitors);
    for (int day = 0; day < DAYS; day++) {
        if (day == ADDED)
            e2e_config(world, e2e_format(world, "%s%s", old_monitors, new_monitors));
        tick_on(world, day, "00:10:00");
        tick_on(world, day, "12:10:00");
    }
}

static void render(struct e2e *world, const char *at, const char *folder)
{
    world->clock = "2026-10-13 12:11:00";
    if (at)
        e2e_uptick(world, "render", "--at", at, "--output", folder, NULL);
    else
        e2e_uptick(world, "render", "--output", folder, NULL);
    assert_int_equal(world->last.status, 0);
}

static void rebuild(struct e2e *world)
{
    e2e_shell(world, "rm data/state.db");
    e2e_uptick(world, "rebuild", NULL);
    assert_int_equal(world->last.status, 0);
}

static void nothing_on_the_pages_is_lost_with_state_db(struct e2e *world)
{
    live(world);
    assert_false(e2e_exists(world, "data/archive/2026-09-15/s"));
    e2e_shell(world, "test \"$(ls data/days | tr '\\n' ' ')\" = "
                     "'2026-07.csv 2026-08.csv 2026-09.csv 2026-10.csv '");
    e2e_shell(world, "grep -qx '2026-07-01,s,a,1430,0,0,0,0,2026-07-01T00:10:0.\\.[0-9]*Z' "
                     "data/days/2026-07.csv");
    e2e_shell(world, "grep -q '^2026-08-31,t,,1440,0,0,0,0,$' data/days/2026-08.csv");
    e2e_shell(world, "test -z \"$(cut -d, -f1-3 data/days/*.csv | sort | uniq -d)\"");
    e2e_shell(world, "cp -r data kept");
    render(world, NULL, "before");
    render(world, "2026-10-01T12:00", "past-before");

    rebuild(world);
    render(world, NULL, "after");
    render(world, "2026-10-01T12:00", "past-after");
    e2e_shell(world, E2E_DIFF " past-before past-after");

    /* Only latencies of days without archives are lost: this chart is of more than 20 days. */
    e2e_shell(world, "! diff -r before after >difference && grep -q 'span-30d' difference");
    e2e_shell(world,
              "sed -i '/^<figure class=\"chart span-30d\">/,/<.figure>/d' before/site/*.html "
              "after/site/*.html");
    e2e_shell(world, E2E_DIFF " before after");

    /* The next tick writes the same files again. */
    tick_on(world, DAYS - 1, "23:50:00");
    e2e_shell(world, "diff -r kept/days data/days");
}

/* The days that a site was measured with other domains and roles keep the counts of those days. */
static void a_rebuild_keeps_the_days_of_changed_sites(struct e2e *world)
{
    static const char before[] = "render_interval_seconds: 0\n"
                                 "defaults: {interval_seconds: 3600}\n"
                                 "sites:\n"
                                 "  - id: s\n"
                                 "    domains:\n"
                                 "      - {id: a, url: 'http://@http@/ok'}\n"
                                 "      - {id: b, url: 'http://@http@/flap/2'}\n"
                                 "  - id: t\n"
                                 "    domains:\n"
                                 "      - {id: c, url: 'http://@http@/ok?c'}\n"
                                 "      - {id: d, url: 'http://@http@/flap/3'}\n";
    static const char after[] = "render_interval_seconds: 0\n"
                                "defaults: {interval_seconds: 3600}\n"
                                "sites:\n"
                                "  - id: s\n"
                                "    domains:\n"
                                "      - {id: a, url: 'http://@http@/ok'}\n"
                                "      - {id: b, url: 'http://@http@/flap/2', role: "
                                "supplementary}\n"
                                "  - id: t\n"
                                "    domains:\n"
                                "      - {id: c, url: 'http://@http@/ok?c'}\n"
                                "      - {id: e, url: 'http://@http@/flap/3'}\n";

    e2e_config(world, before);
    for (int day = 95; day < DAYS; day++) {
        if (day == DAYS - 4)
            e2e_config(world, after);
        tick_on(world, day, "00:10:00");
        tick_on(world, day, "12:10:00");
    }
    e2e_shell(world, "cp -r data kept");
    render(world, NULL, "before");
    rebuild(world);
    render(world, NULL, "after");
    e2e_shell(world, E2E_DIFF " before after");

    /* A row that came back counts for its site too. */
    e2e_shell(world,
              "sed -i '/^2026-10-06,/d; s/^2026-10-07,s,b,[0-9,]*/2026-10-07,s,b,0,0,0,1,0,/' "
              "data/days/2026-10.csv");
    rebuild(world);
    tick_on(world, DAYS - 1, "23:50:00");
    e2e_shell(world,
              "grep '^2026-10-0[67],s' data/days/2026-10.csv > rows && "
              "grep '^2026-10-0[67],s' kept/days/2026-10.csv > old; "
              "test $(wc -l < rows) = 6 && test \"$(grep s,a, rows)\" = \"$(grep s,a, old)\" "
              "&& ! diff rows old");
}

/* A state of the version before data/days: it has counts, and has written none. */
static void an_older_state_writes_its_counts_once(struct e2e *world)
{
    e2e_config(world, old_monitors);
    for (int day = 0; day < 40; day++)
        tick_on(world, day, "08:10:00");
    e2e_shell(world, "mv data/days days");
    e2e_shell(world, "sqlite3 data/state.db 'DELETE FROM setting WHERE key = 10' && "
                     "rm data/state.db.stamp");
    tick_on(world, 39, "16:10:00");
    e2e_shell(world, "diff -r days data/days");
}

static void removed_files_are_written_again(struct e2e *world)
{
    e2e_config(world, old_monitors);
    tick_on(world, 0, "08:10:00");
    tick_on(world, 1, "08:10:00");
    e2e_shell(world, "mkdir before && mv data/days/* before && rmdir data/days");
    tick_on(world, 2, "08:10:00");
    e2e_silent(world, 0);
    e2e_shell(world,
              "test -s before/2026-07.csv && while read -r line; do "
              "grep -qxF -e \"$line\" data/days/2026-07.csv || exit 1; done < before/2026-07.csv");
}

static void lines_that_are_no_counts_are_reported_and_kept(struct e2e *world)
{
    static const char bad[] = "2026-07-02,s,a,1441,0,0,0,0,\n"
                              "2026-07-02,s,a,1440,1,0,0,0,\n"
                              "2026-07-02,s,a,-1,0,0,0,0,\n"
                              "2026-07-02,s/..,a,1,0,0,0,0,\n"
                              "2026-08-02,s,a,1,0,0,0,0,\n"
                              "2026-07-02,s,a,1,0,0,0,0,2026-07-03T00:00:00.000Z\n"
                              "2026-07-32,s,a,1,0,0,0,0,\n"
                              "\n\n,,,,,,,,\n"
                              "2026-07-02,s,a,1";

    e2e_config(world, old_monitors);
    tick_on(world, 0, "08:10:00");
    tick_on(world, 1, "08:10:00");
    e2e_shell(world, "cp data/days/2026-07.csv good && rm data/state.db");
    e2e_write(world, "bad", bad);
    e2e_shell(world, "head -c 200000 /dev/urandom | tr -d '\\n' > noise");
    e2e_shell(world, "{ cat good bad; echo; cat noise; } > data/days/2026-07.csv");
    e2e_uptick(world, "rebuild", NULL);
    assert_int_equal(world->last.status, 0);
    assert_non_null(
        strstr(world->last.err, "days/2026-07.csv:5: skipped: more minutes than a day"));
    assert_non_null(strstr(world->last.err, "more bad lines skipped"));

    /* Rows are replaced, all other lines stay. */
    tick_on(world, 2, "08:10:00");
    e2e_silent(world, 0);
    e2e_shell(world, "grep -ac '^2026-07-01,s,a,' data/days/2026-07.csv | grep -qx 1");
    e2e_shell(world,
              "tail -c 200000 noise > end; grep -av '^2026-07-..,[a-z]*,[a-z]*,[0-9]*,0,0,0,0,"
              "' data/days/2026-07.csv | wc -c > n; test $(cat n) -ge 190000");
    e2e_shell(world, "while read -r line; do test -z \"$line\" || grep -aqxF -e \"$line\" "
                     "data/days/2026-07.csv || exit 1; done < bad");
}

/* An editor may put a byte order mark before the first row and end lines with CR LF. */
static void an_edited_file_of_counts_counts_whole(struct e2e *world)
{
    e2e_config(world, old_monitors);
    tick_on(world, 0, "08:10:00");
    tick_on(world, 1, "08:10:00");
    e2e_shell(world, "rm -r data/archive/2026-07-01");
    rebuild(world);
    e2e_shell(world, "sqlite3 data/state.db 'SELECT * FROM day' > before && test -s before");
    e2e_shell(world, "sed -i '1s/^/\\xef\\xbb\\xbf/; s/$/\\r/' data/days/2026-07.csv");
    rebuild(world);
    assert_null(strstr(world->last.err, "skipped"));
    e2e_shell(world, "sqlite3 data/state.db 'SELECT * FROM day' | diff before -");
}

static double percent(const json_t *status, const char *span)
{
    const json_t *uptime = json_object_get(e2e_entry(status, "s/a"), "uptime");

    return json_number_value(json_object_get(json_object_get(uptime, span), "measured_percent"));
}

/* Hours with a clock that is years ahead, and with one that begins in 1970. */
/* A fifo or a folder that has the name of a month is reported plainly, and the counts are written
 * as soon as it is removed. */
static void something_else_in_the_place_of_a_file_is_reported(struct e2e *world)
{
    static const char *const planted[] = {"mkfifo", "mkdir"};

    e2e_config(world, old_monitors);
    for (int day = 0; day < 2; day++) {
        tick_on(world, day, "00:10:00");
        e2e_shell(world,
                  "mkdir -p data/days && rm -f data/days/2026-07.csv && "
                  "%s data/days/2026-07.csv",
                  planted[day]);
        world->clock = e2e_format(world, "2026-07-%02d 00:10:00", day + 2);
        e2e_uptick(world, "tick", NULL);
        e2e_reported(world, 74, "data/days/2026-07.csv: not a regular file", NULL);
        e2e_shell(world, "rm -r data/days/2026-07.csv");
        world->clock = e2e_format(world, "2026-07-%02d 12:10:00", day + 2);
        e2e_uptick(world, "tick", NULL);
        e2e_silent(world, 0);
        e2e_shell(world, "grep -q '^2026-07-0%d,' data/days/2026-07.csv", day + 1);
    }
}

static void a_wrong_clock_spoils_no_figure(struct e2e *world)
{
    double before;

    e2e_config(world, old_monitors);
    for (int day = 0; day < 30; day++)
        tick_on(world, day, "08:10:00");
    before = percent(e2e_status(world), "30d");
    e2e_tick(world, "2036-03-01 10:00:00");
    e2e_tick(world, "2036-03-01 11:00:00");
    e2e_tick(world, "1970-01-01 00:00:30");
    e2e_tick(world, "1970-01-01 01:00:30");
    e2e_shell(world, "ls -d data/archive/*/s | wc -l | grep -qx 22");
    tick_on(world, 29, "08:11:00");
    assert_true(percent(e2e_status(world), "30d") >= before);
    tick_on(world, 29, "16:10:00");
    assert_true(percent(e2e_status(world), "30d") >= before);
    rebuild(world);
    render(world, NULL, "after");
}

static void a_page_of_a_clock_that_was_ahead_is_replaced(struct e2e *world)
{
    e2e_config(world, "render_interval_seconds: 0\n"
                      "sites: [{id: s, domains: [{id: a, url: 'http://@http@/ok', "
                      "interval_seconds: 604800}]}]\n");
    tick_on(world, 0, "08:10:00");
    e2e_tick(world, "2036-03-01 10:00:00");
    for (int minute = 11; minute < 14; minute++) {
        tick_on(world, 0, e2e_format(world, "08:%d:00", minute));
        assert_memory_equal(e2e_text(e2e_status(world), "generated_at"), "2026-07-01", 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(nothing_on_the_pages_is_lost_with_state_db),
        E2E_TEST(a_rebuild_keeps_the_days_of_changed_sites),
        E2E_TEST(an_older_state_writes_its_counts_once),
        E2E_TEST(removed_files_are_written_again),
        E2E_TEST(lines_that_are_no_counts_are_reported_and_kept),
        E2E_TEST(an_edited_file_of_counts_counts_whole),
        E2E_TEST(something_else_in_the_place_of_a_file_is_reported),
        E2E_TEST(a_wrong_clock_spoils_no_figure),
        E2E_TEST(a_page_of_a_clock_that_was_ahead_is_replaced),
    };

    return cmocka_run_group_tests_name("day_counts", tests, NULL, NULL);
}
