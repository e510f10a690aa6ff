/* archive_compress: archives of finished days are compressed, and read as before. */
#include "cmocka_all.h"
#include "e2e.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A row for each format: its name, the ending of its files, and the command that prints them. */
static const struct format {
    const char *name, *ending, *cat;
} gzip = {"gzip", ".gz", "zcat"}, zstd = {"zstd", ".zst", "zstd -dcq"};

static void configure(struct e2e *world, const char *compress)
{
    e2e_config(world,
               e2e_format(world,
                          "archive_compress: %s\n"
                          "retention_days: 5\n"
                          "sites:\n"
                          "  - id: s\n"
                          "    domains:\n"
                          "      - {id: a, url: 'http://@http@/ok', interval_seconds: 60}\n"
                          "      - {id: b, url: 'http://@http@/flap/2', interval_seconds: 60}\n"
                          "  - id: t\n"
                          "    domains:\n"
                          "      - {id: c, url: 'http://@refused@/', interval_seconds: 60}\n",
                          compress));
}

/* The last minutes of a day and the first tick of the next. These archives are plain. */
static void live_over_midnight(struct e2e *world)
{
    configure(world, "none");
    e2e_tick(world, "2026-11-22 23:57:00");
    e2e_tick(world, "2026-11-22 23:58:00");
    e2e_tick(world, "2026-11-22 23:59:00");
    e2e_tick(world, "2026-11-23 00:00:00");
    e2e_shell(world, "cp -r data/archive plain");
}

static void render_at(struct e2e *world, const char *moment, const char *folder)
{
    world->clock = "2026-11-25 12:00:00";
    e2e_uptick(world, "render", "--at", moment, "--output", folder, NULL);
    e2e_silent(world, 0);
}

/* Each compressed file holds what the plain one held, and the plain one is gone. */
static void check_compressed(struct e2e *world, const struct format *format)
{
    e2e_shell(
        world,
        "cd data/archive/2026-11-22 && test $(find . -type f ! -name events.log | wc -l) = 3 && "
        "for f in s/a s/b t/c; do %s $f.log%s | cmp - ../../../plain/2026-11-22/$f.log || "
        "exit 1; done",
        format->cat, format->ending);
}

static void compress_and_compare(struct e2e *world, const struct format *format)
{
    live_over_midnight(world);
    render_at(world, "2026-11-22T23:58:30Z", "before");
    configure(world, format->name);
    e2e_tick(world, "2026-11-23 00:01:00");
    check_compressed(world, format);

    /* A past moment looks as before. */
    render_at(world, "2026-11-22T23:58:30Z", "after");
    e2e_shell(world, E2E_DIFF " before after");

    /* Compressed files stay compressed, are read whatever the key is now, and are deleted with
     * their day. */
    configure(world, "none");
    e2e_tick(world, "2026-11-23 00:02:00");
    check_compressed(world, format);
    render_at(world, "2026-11-22T23:58:30Z", "later");
    e2e_shell(world, "diff -r before later");
    for (int day = 24; day < 29; day++)
        e2e_tick(world, e2e_format(world, "2026-11-%d 09:00:00", day));
    assert_true(e2e_exists(world, "data/archive/2026-11-22/t"));
    e2e_tick(world, "2026-11-28 10:00:00");
    assert_false(e2e_exists(world, "data/archive/2026-11-22/s"));
    assert_true(e2e_exists(world, "data/archive/2026-11-23"));
}

static void gzip_archives_give_the_same_csv_and_the_same_past(struct e2e *world)
{
    compress_and_compare(world, &gzip);
}

static void zstd_archives_give_the_same_csv_and_the_same_past(struct e2e *world)
{
    compress_and_compare(world, &zstd);
}

static void render_now(struct e2e *world, const char *folder)
{
    world->clock = "2026-11-25 00:00:40";
    e2e_uptick(world, "render", "--output", folder, NULL);
    e2e_silent(world, 0);
    e2e_shell(world, "find '%s' -type f -exec sed -i -e 's/00:00:4[0-9]/00:00:4x/g' {} +", folder);
}

/* One day of each kind. A rebuild from them gives the same dashboard. */
static void plain_gzip_and_zstd_days_are_read_together(struct e2e *world)
{
    live_over_midnight(world);
    configure(world, "gzip");
    e2e_tick(world, "2026-11-23 00:01:00");
    configure(world, "zstd");
    e2e_tick(world, "2026-11-24 00:00:00");
    configure(world, "none");
    e2e_tick(world, "2026-11-25 00:00:00");
    e2e_shell(world, "test -e data/archive/2026-11-22/s/a.log.gz && "
                     "test -e data/archive/2026-11-23/s/a.log.zst && "
                     "test -e data/archive/2026-11-24/s/a.log");
    render_now(world, "before");
    e2e_uptick(world, "rebuild", NULL);
    e2e_silent(world, 0);
    assert_non_null(strstr(world->last.out, "21 rows"));
    render_now(world, "after");
    e2e_shell(world, E2E_DIFF " before after && rm -r after data/state.db*");
    world->clock = "2026-11-25 00:00:50";
    e2e_uptick(world, "tick", NULL);
    e2e_reported(world, 0, "state.db", "21 rows", NULL);
    render_now(world, "after");

    /* Only the tick itself differs: it found nothing due. */
    e2e_shell(world, E2E_DIFF " before after > difference || "
                              "! grep '^[<>]' difference | grep -v -e tick -e Last -e started");
}

/* The clock was set back over midnight. */
static void late_rows_are_added_to_a_compressed_day(struct e2e *world)
{
    live_over_midnight(world);
    configure(world, "gzip");
    e2e_tick(world, "2026-11-23 00:01:00");
    check_compressed(world, &gzip);
    configure(world, "zstd");
    e2e_tick(world, "2026-11-22 23:59:40");
    e2e_tick(world, "2026-11-23 01:00:00");
    e2e_shell(
        world,
        "cd data/archive/2026-11-22 && test $(find . -type f ! -name events.log | wc -l) = 3 && "
        "test $(zcat s/a.log.gz | wc -l) = 4 && "
        "zcat s/a.log.gz | head -n 3 | cmp - ../../../plain/2026-11-22/s/a.log && "
        "zcat s/a.log.gz | tail -n 1 | grep -q '^2026-11-22T23:59:4.*,s,a,UP,'");
    world->clock = "2026-11-23 01:00:30";
    e2e_uptick(world, "rebuild", NULL);
    e2e_silent(world, 0);
}

static void a_damaged_archive_is_reported_and_the_rebuild_goes_on(struct e2e *world)
{
    live_over_midnight(world);
    configure(world, "gzip");
    e2e_tick(world, "2026-11-23 00:01:00");
    e2e_shell(world, "cd data/archive/2026-11-22 && truncate -s -6 s/a.log.gz && "
                     "head -c 5000 /dev/urandom > s/b.log.gz");
    world->clock = "2026-11-23 00:01:30";
    e2e_uptick(world, "rebuild", NULL);
    e2e_reported(world, 0,
                 "archive/2026-11-22/s/a.log.gz:4: ", "archive/2026-11-22/s/b.log.gz:1: ", NULL);
    assert_non_null(strstr(world->last.out, "12 rows"));
    e2e_tick(world, "2026-11-23 00:02:00");
}

/* The number of monitors; a sweep has so many that compressing them takes a while. */
static int many(void)
{
    return getenv("UPTICK_SWEEP") ? 100 : 8;
}

/* Archives of two days that take a while to compress. */
static void write_archives(struct e2e *world)
{
    e2e_shell(world,
              "awk 'BEGIN { for (i = 0; i < 1440; i++) printf "
              "\"2026-11-DAYT%%02d:%%02d:00.%%03dZ,many,dN,UP,200,%%d,\\n\", i / 60, i %% 60, "
              "i * 37 %% 1000, i * 7919 %% 900 }' > day && "
              "for day in 21 22; do mkdir -p data/archive/2026-11-$day/many; "
              "for n in $(seq %d); do sed \"s/DAY/$day/; s/dN/d$n/\" day > "
              "data/archive/2026-11-$day/many/d$n.log; done; done && cp -r data/archive plain",
              many());
}

/*
 * All archives are compressed, no other files are left, and the rows are those of the plain files.
 */
static void check_many(struct e2e *world)
{
    e2e_shell(world,
              "cd data/archive && test -z \"$(find . -type f ! -name '*.zst')\" && "
              "for f in */many/*.zst; do zstd -dcq $f | cmp - ../../plain/${f%%.zst} || "
              "exit 1; done && test $(ls */many | grep -c zst) = %d",
              2 * many());
}

/* Starts a tick, and returns this long after it has made its checks. Compression comes after the
 * checks. */
static pid_t start_compressing(struct e2e *world, const char *clock, int ms)
{
    struct timespec life = {.tv_nsec = ms * 1000000L};
    long asked = e2e_count(world, "/ok");
    pid_t pid;

    world->clock = clock;
    pid = e2e_start(world, "tick", NULL);
    e2e_await(world, "/ok", asked + 1);
    nanosleep(&life, NULL);
    return pid;
}

static void compression_killed_at_any_moment_loses_and_doubles_nothing(struct e2e *world)
{
    write_archives(world);
    configure(world, "none");
    world->clock = "2026-11-23 00:00:00";
    e2e_uptick(world, "tick", NULL);
    configure(world, "zstd");
    for (int i = 0; i < 12; i++) {
        pid_t pid =
            start_compressing(world, e2e_format(world, "2026-11-23 00:%02d:00", i + 1), i * 11);

        kill(pid, SIGKILL);
        e2e_wait(world, pid);
    }
    for (int m = 20; m < 30; m++)
        e2e_tick(world, e2e_format(world, "2026-11-23 00:%02d:00", m));
    check_many(world);
}

static void sigterm_ends_compression_at_once(struct e2e *world)
{
    pid_t pid;

    write_archives(world);
    configure(world, "none");
    world->clock = "2026-11-23 00:00:00";
    e2e_uptick(world, "tick", NULL);
    configure(world, "zstd");
    pid = start_compressing(world, "2026-11-23 00:01:00", 50);
    e2e_end(world, pid, SIGTERM);
    e2e_silent(world, 0);
    for (int m = 2; m < 12; m++)
        e2e_tick(world, e2e_format(world, "2026-11-23 00:%02d:00", m));
    check_many(world);
}

/* A tick in the last second of a minute. Returns false if the machine is so busy that the tick
 * starts later. */
static bool tick_late(struct e2e *world, int hour)
{
    const char *moment = e2e_format(world, "2026-11-23 %02d:01:59", hour);
    struct csv csv;

    e2e_shell(world, "rm -rf data && mkdir data && cp -r plain data/archive");
    configure(world, "none");
    world->clock = e2e_format(world, "2026-11-23 %02d:00:00", hour);
    e2e_uptick(world, "tick", NULL);
    configure(world, "zstd");
    e2e_tick(world, moment);
    csv = e2e_csv(world, "data/live/s/a.log");
    return strncmp(csv.rows[csv.n - 1].field[TIMESTAMP] + 11, moment + 11, 5) == 0;
}

/* A tick has one minute. The next ones compress what it had no time for. */
static void compression_ends_within_the_minute(struct e2e *world)
{
    int hour = 1;

    write_archives(world);
    while (hour < 9 && !tick_late(world, hour))
        hour++;
    if (hour < 9)
        e2e_shell(world, "test $(ls data/archive/*/many/*.zst 2> /dev/null | wc -l) -le 1");
    for (int m = 2; m < 12; m++)
        e2e_tick(world, e2e_format(world, "2026-11-23 %02d:%02d:00", hour, m));
    check_many(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(gzip_archives_give_the_same_csv_and_the_same_past),
        E2E_TEST(zstd_archives_give_the_same_csv_and_the_same_past),
        E2E_TEST(plain_gzip_and_zstd_days_are_read_together),
        E2E_TEST(late_rows_are_added_to_a_compressed_day),
        E2E_TEST(a_damaged_archive_is_reported_and_the_rebuild_goes_on),
        E2E_TEST(compression_killed_at_any_moment_loses_and_doubles_nothing),
        E2E_TEST(sigterm_ends_compression_at_once),
        E2E_TEST(compression_ends_within_the_minute),
    };

    return cmocka_run_group_tests_name("archives", tests, NULL, NULL);
}
