/* state/ and records/ together: staged results reach the CSV, and the CSV gives the same state. */
#define _GNU_SOURCE
#include "records/call.h"
#include "records/export.h"
#include "records/journal.h"
#include "records/new_files.h"
#include "records/prune.h"
#include "records/rotate.h"

#include "base/arena.h"
#include "base/clock.h"
#include "dashboard/history.h"
#include "state/conditions.h"
#include "state/days.h"
#include "state/event_table.h"
#include "state/ledger.h"
#include "state/minute_index.h"
#include "state/monitors.h"
#include "state/staged.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "records.h"

static void export(struct journal *journal)
{
    struct error error;

    assert_done(export_run(journal, &error), &error);
}

static void rotate(struct journal *journal, int64_t now_ms)
{
    struct error error;

    assert_done(rotate_run(journal, now_ms, &error), &error);
}

/* A tick without its checks: they are given. */
static void tick(struct world *world, int64_t now_ms, const struct staged_result *staged_results,
                 size_t n)
{
    struct journal *journal = open_world(world, now_ms);
    struct storage *storage = journal_storage(journal);
    struct error error;

    export(journal);
    rotate(journal, now_ms);
    assert_done(staged_add(storage, staged_results, n, &error), &error);
    export(journal);
    assert_done(
        history_count_days(storage, &world->config, clock_floor_div(now_ms, MS_PER_DAY), &error),
        &error);
    assert_done(prune_run(journal, now_ms, &error), &error);
    journal_close(journal);
}

/* Everything that a dashboard reads from a state, as text. */
struct picture {
    char *text;
    size_t size;
    FILE *file;
};

static int draw_hour(void *context, size_t domain, int64_t hour, const struct sample *samples,
                     size_t n)
{
    struct picture *picture = context;

    for (size_t i = 0; i < n; i++)
        fprintf(picture->file, "sample %zu %lld %lld %d %d\n", domain, (long long)hour,
                (long long)samples[i].start_ms, (int)samples[i].status, samples[i].latency_ms);
    return 0;
}

static void draw_check(struct picture *picture, const char *name, const struct recorded *check)
{
    fprintf(picture->file, "%s %lld %d %d %d %s\n", name, (long long)check->start_ms,
            (int)check->status, check->http_status, check->latency_ms,
            check->failure ? check->failure : "");
}

static void draw_tallies(struct picture *picture, const char *name, const struct tally *tallies,
                         size_t n)
{
    for (size_t i = 0; i < n; i++) {
        fprintf(picture->file, "%s %zu", name, i);
        for (int s = 0; s < STATUS_COUNT; s++)
            fprintf(picture->file, " %lld", (long long)tallies[i].minutes[s]);
        fputc('\n', picture->file);
    }
}

static void draw_days(struct picture *picture, const struct day_minutes *days, size_t n)
{
    for (size_t i = 0; i < n; i++)
        fprintf(picture->file, "day %zu %d %d %d\n", i, days[i].good, days[i].bad,
                days[i].degraded);
}

static int draw_event(void *context, const struct event *event, struct error *error)
{
    struct picture *picture = context;

    (void)error;
    fprintf(picture->file, "event %s %d %lld at %lld %d %d %s %s\n", event->scope,
            (int)event->check, (long long)event->began_ms, (long long)event->at_ms,
            (int)event->change, (int)event->state, event->code, event->detail);
    return 0;
}

static void draw_conditions(struct picture *picture, struct storage *storage, size_t domain)
{
    for (int check = 0; check < CONFIRM_CHECKS; check++) {
        const struct condition *condition = conditions_of(storage, (enum event_check)check, domain);

        if (condition)
            fprintf(picture->file, "condition %zu %d %d %lld %d\n", domain, check,
                    (int)condition->state, (long long)condition->began_ms, condition->count);
    }
}

static char *draw(struct storage *storage, const struct config *config, int64_t now_ms)
{
    struct picture picture = {0};
    struct arena *arena = arena_new();
    struct monitor_state *states;
    struct counted domains, sites;
    struct error error;
    int64_t hour = clock_floor_div(now_ms, MS_PER_HOUR);

    picture.file = open_memstream(&picture.text, &picture.size);
    assert_done(monitors_load(storage, arena, &states, &error), &error);
    for (size_t i = 0; i < config->n_domains; i++) {
        fprintf(picture.file, "domain %zu %lld\n", i, (long long)states[i].first_ms);
        draw_check(&picture, "last", &states[i].last);
        draw_check(&picture, "failed", &states[i].last_failure);
    }
    assert_done(minute_index_each(storage, hour - 25, hour, draw_hour, &picture, &error), &error);
    assert_done(days_load(storage, clock_floor_div(now_ms, MS_PER_DAY), &domains, &sites, &error),
                &error);
    draw_tallies(&picture, "sum", domains.sums, config->n_domains * DAY_SPANS);
    draw_tallies(&picture, "site", sites.sums, config->n_sites * DAY_SPANS);
    assert_done(event_table_each_since(storage, INT64_MIN, draw_event, &picture, &error), &error);
    assert_done(conditions_load(storage, &error), &error);
    for (size_t i = 0; i < config->n_domains; i++)
        draw_conditions(&picture, storage, i);
    draw_days(&picture, domains.days, config->n_domains * DAYS_SHOWN);
    draw_days(&picture, sites.days, config->n_sites * DAYS_SHOWN);
    arena_free(arena);
    days_free(&domains);
    days_free(&sites);
    fclose(picture.file);
    return picture.text;
}

static char *draw_world(struct world *world, int64_t now_ms)
{
    struct journal *journal = open_world(world, now_ms);
    struct error error;
    char *text;

    assert_done(history_count_days(journal_storage(journal), &world->config,
                                   clock_floor_div(now_ms, MS_PER_DAY), &error),
                &error);
    text = draw(journal_storage(journal), &world->config, now_ms);
    journal_close(journal);
    return text;
}

/* Frees both. */
static void assert_same_picture(char *a, char *b)
{
    if (strcmp(a, b) != 0) {
        size_t at = 0;

        while (a[at] == b[at])
            at++;
        while (at > 0 && a[at - 1] != '\n')
            at--;
        fail_msg("pictures differ:\n%.80s\n%.80s", a + at, b + at);
    }
    free(a);
    free(b);
}

/*
 * The checks of a tick: those that are due, with gaps; statuses that last; some rows out of order.
 */
static size_t make_outcomes(const struct world *world, int64_t now_ms, uint64_t *seed,
                            struct staged_result *staged_results)
{
    static const enum status statuses[] = {STATUS_UP,          STATUS_UP,   STATUS_UP,
                                           STATUS_DEGRADED,    STATUS_DOWN, STATUS_TIMEOUT,
                                           STATUS_BOT_DETECTED};
    int64_t minute = clock_floor_div(now_ms, MS_PER_MINUTE);
    size_t n = 0;

    for (size_t i = 0; i < world->config.n_domains; i++) {
        uint64_t mood = (uint64_t)(minute / 37) * 31 + i + 1;
        int64_t start_ms = now_ms + dice_below(seed, 50000);
        enum status state;

        if (minute % (world->domains[i].interval_seconds / 60) || dice_below(seed, 20) == 0)
            continue;
        dice(&mood);
        state = statuses[dice_below(&mood, (int64_t)(sizeof statuses / sizeof statuses[0]))];
        staged_results[n++] = outcome_of(
            i, start_ms, state == STATUS_DEGRADED ? slow_at(start_ms) : check_at(start_ms, state));
        if (i % 5 == 0) {
            /* Two checks in a minute: the one that started first is recorded last. */
            start_ms -= dice_below(seed, 9000);
            staged_results[n++] = outcome_of(i, start_ms, check_at(start_ms, STATUS_DOWN));
        }
    }
    return n;
}

/* A tick each minute from one moment to another, with hours in which the machine is off. */
static void live_through(struct world *world, int64_t from_ms, int64_t to_ms, uint64_t seed)
{
    struct staged_result staged_results[2 * MAX_DOMAINS];

    for (int64_t now_ms = from_ms; now_ms < to_ms; now_ms += MS_PER_MINUTE) {
        int64_t at = now_ms + dice_below(&seed, 3000);
        size_t n = make_outcomes(world, at, &seed, staged_results);

        if (dice_below(&seed, 400) == 0)
            now_ms += dice_below(&seed, 3 * MS_PER_HOUR) / MS_PER_MINUTE * MS_PER_MINUTE;
        tick(world, at, staged_results, n);
    }
}

static void a_rebuild_creates_the_same_state_as_the_ticks(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 2; seed++) {
        struct world *world = make_world(7);
        int64_t now_ms = AT_0 + 26 * MS_PER_HOUR + 17 * MS_PER_MINUTE;
        struct journal_counts counts;
        struct error error;
        char *before, *after;

        live_through(world, AT_0 - 5 * MS_PER_HOUR, now_ms, seed);
        assert_string_equal(world->log_text, "");
        before = draw_world(world, now_ms);
        assert_done(journal_rebuild(&world->config, &world->log, now_ms, &counts, &error), &error);
        assert_true(counts.rows > 5000);
        after = draw_world(world, now_ms);
        assert_same_picture(before, after);
        assert_string_equal(world->log_text, "");

        /* The same from the CSV only. */
        before = draw_world(world, now_ms);
        unlink(path_in(world, "state.db"));
        after = draw_world(world, now_ms);
        assert_same_picture(before, after);
        assert_non_null(strstr(world->log_text, "state.db: was missing; rebuilt from "));
        free_world(world);
    }
}

/* Stages and exports one result. */
static void record_one(struct journal *journal, size_t domain, int64_t start_ms, enum status status)
{
    struct check check = check_at(start_ms, status);

    stage(journal, domain, &check);
    export(journal);
}

static void rows_move_hourly_to_the_archive_of_their_day(void **state)
{
    struct world *world = make_world(1);
    int64_t midnight = AT_0 + MS_PER_DAY;
    struct journal *journal = open_world(world, midnight - 2000);

    (void)state;
    rotate(journal, midnight - 2000);
    record_one(journal, 0, midnight - 1000, STATUS_UP);
    record_one(journal, 0, midnight + 1000, STATUS_UP);
    record_one(journal, 0, midnight - 500, STATUS_UP);
    assert_file(world, "live/s0/d0.log",
                "2026-11-23T23:59:59.000Z,s0,d0,UP,200,87,\n"
                "2026-11-24T00:00:01.000Z,s0,d0,UP,200,87,\n"
                "2026-11-23T23:59:59.500Z,s0,d0,UP,200,87,\n");
    rotate(journal, midnight - 1);
    assert_file(world, "archive/2026-11-23/s0/d0.log", NULL);
    rotate(journal, midnight);
    assert_file(world, "live/s0/d0.log", "");
    assert_file(world, "archive/2026-11-23/s0/d0.log",
                "2026-11-23T23:59:59.000Z,s0,d0,UP,200,87,\n"
                "2026-11-23T23:59:59.500Z,s0,d0,UP,200,87,\n");
    assert_file(world, "archive/2026-11-24/s0/d0.log",
                "2026-11-24T00:00:01.000Z,s0,d0,UP,200,87,\n");
    record_one(journal, 0, midnight + 2000, STATUS_UP);
    rotate(journal, midnight + MS_PER_HOUR);
    assert_file(world, "archive/2026-11-24/s0/d0.log",
                "2026-11-24T00:00:01.000Z,s0,d0,UP,200,87,\n"
                "2026-11-24T00:00:02.000Z,s0,d0,UP,200,87,\n");
    journal_close(journal);
    assert_string_equal(world->log_text, "");
    free_world(world);
}

static void rows_of_a_killed_tick_are_overwritten(void **state)
{
    static const char row[] = "2026-11-23T00:01:00.000Z,s0,d0,UP,200,87,\n";
    static const char zeros[sizeof row] = "";
    char expected[2 * sizeof row];

    (void)state;
    snprintf(expected, sizeof expected, "2026-11-23T00:00:00.000Z,s0,d0,UP,200,87,\n%s", row);
    for (size_t size = 0; size < 2 * sizeof row - 1; size++) {
        struct world *world = make_world(1);
        struct journal *journal = open_world(world, AT_0);
        struct check check = check_at(AT_0 + MS_PER_MINUTE, STATUS_UP);
        bool zeroed = size >= sizeof row;

        /* Each length of the row, then each length of zeros in its place. */
        record_one(journal, 0, AT_0, STATUS_UP);
        stage(journal, 0, &check);
        write_whole(world, "live/s0/d0.log", "ab", zeroed ? zeros : row,
                    zeroed ? size - sizeof row + 1 : size);
        export(journal);
        journal_close(journal);
        assert_file(world, "live/s0/d0.log", expected);
        assert_file(world, "live/s0/d0.log.quarantine", NULL);
        assert_string_equal(world->log_text, "");
        free_world(world);
    }
}

static void unknown_bytes_are_quarantined_and_reported_once(void **state)
{
    struct world *world = make_world(3);
    struct journal *journal = open_world(world, AT_0);

    (void)state;
    for (size_t i = 0; i < 3; i++)
        record_one(journal, i, AT_0, STATUS_UP);
    append_text(world, "live/s0/d0.log", "unknown bytes");
    append_text(world, "live/s0/d1.log", "2026-11-23T00:00:30.000Z,s0,d2,UP,200,87,\n");
    for (size_t i = 0; i < 3; i++) {
        struct check check = check_at(AT_0 + MS_PER_MINUTE, STATUS_UP);

        stage(journal, i, &check);
    }
    export(journal);
    assert_file(world, "live/s0/d0.log",
                "2026-11-23T00:00:00.000Z,s0,d0,UP,200,87,\n"
                "2026-11-23T00:01:00.000Z,s0,d0,UP,200,87,\n");
    assert_file(world, "live/s0/d0.log.quarantine", "unknown bytes");
    assert_file(world, "live/s0/d1.log.quarantine", "2026-11-23T00:00:30.000Z,s0,d2,UP,200,87,\n");
    assert_non_null(
        strstr(world->log_text, "live/s0/d0.log: contained bytes that are not results; moved to "));
    assert_non_null(strstr(world->log_text, ".quarantine (1 more file as well)\n"));
    assert_ptr_equal(strchr(world->log_text, '\n') + 1, world->log_text + strlen(world->log_text));

    /* A tick killed between copying and truncating: the bytes are not copied twice. */
    append_text(world, "live/s0/d0.log", "unknown bytes");
    record_one(journal, 0, AT_0 + 2 * MS_PER_MINUTE, STATUS_UP);
    assert_file(world, "live/s0/d0.log.quarantine", "unknown bytes");
    journal_close(journal);
    free_world(world);
}

/* The state is rebuilt from the rows that are there, whoever removed or added some. */
static void the_state_follows_rows_that_were_removed_or_added(void **state)
{
    static const char added[] = "2026-11-23T00:01:30.000Z,s0,d2,UP,200,87,\n";
    struct world *world = make_world(3);
    struct journal *journal = open_world(world, AT_0);

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        record_one(journal, i, AT_0, STATUS_UP);
        record_one(journal, i, AT_0 + MS_PER_MINUTE, STATUS_UP);
    }
    assert_int_equal(truncate(path_in(world, "live/s0/d0.log"), 60), 0);
    assert_int_equal(unlink(path_in(world, "live/s0/d1.log")), 0);
    append_text(world, "live/s0/d2.log", added);
    for (size_t i = 0; i < 3; i++)
        record_one(journal, i, AT_0 + 2 * MS_PER_MINUTE, STATUS_UP);
    assert_file(world, "live/s0/d0.log",
                "2026-11-23T00:00:00.000Z,s0,d0,UP,200,87,\n"
                "2026-11-23T00:02:00.000Z,s0,d0,UP,200,87,\n");
    assert_file(world, "live/s0/d0.log.quarantine", "2026-11-23T00:01:0");
    assert_file(world, "live/s0/d1.log", "2026-11-23T00:02:00.000Z,s0,d1,UP,200,87,\n");
    assert_file(world, "live/s0/d2.log",
                "2026-11-23T00:00:00.000Z,s0,d2,UP,200,87,\n"
                "2026-11-23T00:01:00.000Z,s0,d2,UP,200,87,\n"
                "2026-11-23T00:01:30.000Z,s0,d2,UP,200,87,\n"
                "2026-11-23T00:02:00.000Z,s0,d2,UP,200,87,\n");
    assert_file(world, "live/s0/d2.log.quarantine", NULL);
    assert_non_null(strstr(world->log_text, "state.db: was of another moment than the records; "));

    /* The rotation finds the same. */
    reset_log(world);
    rotate(journal, AT_0);
    record_one(journal, 0, AT_0 + 3 * MS_PER_MINUTE, STATUS_UP);
    assert_int_equal(unlink(path_in(world, "live/s0/d0.log")), 0);
    rotate(journal, AT_0 + MS_PER_HOUR);
    assert_non_null(strstr(world->log_text, "state.db: was of another moment than the records; "));
    assert_file(world, "archive/2026-11-23/s0/d0.log", NULL);
    assert_file(world, "archive/2026-11-23/s0/d1.log",
                "2026-11-23T00:02:00.000Z,s0,d1,UP,200,87,\n");
    journal_close(journal);
    free_world(world);
}

static void make_obstacle(const struct world *world, int kind)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/live/s0/d1.log", world->dir);
    mkdir(path_in(world, "live"), 0750);
    mkdir(path_in(world, "live/s0"), 0750);
    switch (kind) {
    case 0:
        assert_int_equal(mkdir(path, 0750), 0);
        break;
    case 1:
        write_whole(world, "elsewhere", "wb", "mine\n", 5);
        assert_int_equal(symlink("../../elsewhere", path), 0);
        break;
    case 2:
        assert_int_equal(mkfifo(path, 0640), 0);
        break;
    default:
        assert_int_equal(symlink("/dev/full", path), 0);
    }
}

static void a_file_that_cannot_be_written_delays_no_other_file(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        struct world *world = make_world(3);
        struct journal *journal = open_world(world, AT_0);
        int64_t *due_after_ms, *wait_until_ms;
        struct error error;

        make_obstacle(world, kind);
        for (size_t i = 0; i < 3; i++) {
            struct check check = check_at(AT_0, STATUS_UP);

            stage(journal, i, &check);
        }
        assert_int_equal(export_run(journal, &error), -1);
        assert_int_equal(error.code, EXIT_IO);
        assert_non_null(strstr(error.text, "live/s0/d1.log: "));
        assert_file(world, "live/s0/d0.log", "2026-11-23T00:00:00.000Z,s0,d0,UP,200,87,\n");
        assert_file(world, "live/s0/d2.log", "2026-11-23T00:00:00.000Z,s0,d2,UP,200,87,\n");
        if (kind == 1)
            assert_file(world, "elsewhere", "mine\n");

        /* The check counts as done, and is in the CSV when the obstacle is gone. */
        assert_done(monitors_load_due_after(journal_storage(journal), &due_after_ms, &wait_until_ms,
                                            &error),
                    &error);
        assert_int_equal(due_after_ms[1], AT_0 + 1);
        free(due_after_ms);
        free(wait_until_ms);
        assert_int_equal(remove(path_in(world, "live/s0/d1.log")), 0);
        export(journal);
        assert_file(world, "live/s0/d1.log", "2026-11-23T00:00:00.000Z,s0,d1,UP,200,87,\n");
        assert_string_equal(world->log_text, "");
        journal_close(journal);
        free_world(world);
    }
}

/* Stages a result of each monitor for each of these minutes. */
static void stage_minutes(struct journal *journal, size_t n_monitors, int64_t first, int64_t last)
{
    static struct staged_result results[MAX_DOMAINS * 60];
    struct error error;
    size_t n = 0;

    for (int64_t minute = first; minute <= last; minute++) {
        for (size_t i = 0; i < n_monitors; i++) {
            int64_t start_ms = AT_0 + minute * MS_PER_MINUTE;

            results[n++] = outcome_of(i, start_ms + 1, check_at(start_ms, STATUS_UP));
        }
    }
    assert_done(staged_add(journal_storage(journal), results, n, &error), &error);
}

/* Compares the live file of a monitor with a row for each minute up to this one. */
static void assert_minutes(const struct world *world, size_t monitor, int64_t last)
{
    char name[64], expected[60 * 64];
    size_t size = 0;

    snprintf(name, sizeof name, "live/s%zu/d%zu.log", monitor / PER_SITE, monitor);
    for (int64_t minute = 0; minute <= last; minute++)
        size += (size_t)snprintf(expected + size, sizeof expected - size,
                                 "2026-11-23T00:%02d:00.000Z,s%zu,d%zu,UP,200,87,\n", (int)minute,
                                 monitor / PER_SITE, monitor);
    assert_file(world, name, expected);
}

/* Enough for several threads, and for an export in several parts. */
static void many_results_are_exported_once_whatever_their_files_are_like(void **state)
{
    enum { N = MAX_DOMAINS, LAST = 50 };
    struct world *world = make_world(N);
    struct journal *journal = open_world(world, AT_0);
    struct error error;

    (void)state;
    stage_minutes(journal, N, 0, 0);
    export(journal);
    append_text(world, "live/s0/d1.log", "2026-11-23T00:01:00.000Z,s0,d1,U");
    append_text(world, "live/s1/d3.log", "unknown bytes\n");
    write_whole(world, "live/s2/d6.log", "r+b", "2026-11-23T00:00:00.000Z,s2,d6,UP,200,87,", 41);
    assert_int_equal(truncate(path_in(world, "live/s2/d6.log"), 41), 0);
    assert_int_equal(link(path_in(world, "live/s3/d9.log"), path_in(world, "other")), 0);
    stage_minutes(journal, N, 1, LAST);
    export(journal);
    for (size_t i = 0; i < N; i++)
        assert_minutes(world, i, LAST);
    assert_file(world, "live/s1/d3.log.quarantine", "unknown bytes\n");
    assert_file(world, "other", "2026-11-23T00:00:00.000Z,s3,d9,UP,200,87,\n");

    /* What is in the way of one monitor delays no other. */
    assert_int_equal(
        rename(path_in(world, "live/s20/d60.log"), path_in(world, "live/s20/kept.log")), 0);
    assert_int_equal(mkdir(path_in(world, "live/s20/d60.log"), 0750), 0);
    stage_minutes(journal, N, LAST + 1, LAST + 1);
    assert_int_equal(export_run(journal, &error), -1);
    assert_non_null(strstr(error.text, "live/s20/d60.log: "));
    assert_int_equal(rmdir(path_in(world, "live/s20/d60.log")), 0);
    assert_int_equal(
        rename(path_in(world, "live/s20/kept.log"), path_in(world, "live/s20/d60.log")), 0);
    assert_minutes(world, 60, LAST);
    export(journal);
    for (size_t i = 0; i < N; i++)
        assert_minutes(world, i, LAST + 1);
    journal_close(journal);
    free_world(world);
}

static void a_link_in_place_of_a_folder_is_not_followed(void **state)
{
    struct world *world = make_world(1);
    struct journal *journal = open_world(world, AT_0);
    struct check check = check_at(AT_0, STATUS_UP);
    struct error error;

    (void)state;
    mkdir(path_in(world, "other"), 0750);
    mkdir(path_in(world, "live"), 0750);
    assert_int_equal(symlink("../other", path_in(world, "live/s0")), 0);
    stage(journal, 0, &check);
    assert_int_equal(export_run(journal, &error), -1);
    assert_file(world, "other/d0.log", NULL);
    journal_close(journal);
    free_world(world);
}

/* The number of live files with rows. */
static size_t count_live(const struct world *world, size_t n_domains)
{
    size_t n = 0;

    for (size_t i = 0; i < n_domains; i++) {
        char name[64];
        struct stat status;

        snprintf(name, sizeof name, "live/s%zu/d%zu.log", i / PER_SITE, i);
        n += stat(path_in(world, name), &status) == 0 && status.st_size > 0;
    }
    return n;
}

/* Records a row of each domain. The tick of the next hour has time for this many files only. */
static void rotate_some(const struct world *world, struct journal *journal, size_t n_domains,
                        size_t n_files)
{
    rotate(journal, AT_0);
    for (size_t i = 0; i < n_domains; i++)
        record_one(journal, i, AT_0, STATUS_UP);
    journal->rotates_min = n_files;
    journal->rotates_for_ms = -1;
    rotate(journal, AT_0 + MS_PER_HOUR);
    assert_int_equal(count_live(world, n_domains), n_domains - n_files);
}

/* Each call is that of a tick. New rows in files that were passed wait for the next hour. */
static void a_long_rotation_goes_on_in_the_next_ticks(void **state)
{
    enum { DOMAINS = 5 };
    struct world *world = make_world(DOMAINS);
    struct journal *journal = open_world(world, AT_0);
    int64_t hour = AT_0 + MS_PER_HOUR;
    struct error error;

    (void)state;
    rotate_some(world, journal, DOMAINS, 2);
    record_one(journal, 0, hour, STATUS_UP);

    /* One that fails does not stop the others, and is tried again at once. */
    assert_int_equal(rename(path_in(world, "live/s0/d2.log"), path_in(world, "kept")), 0);
    mkdir(path_in(world, "live/s0/d2.log"), 0750);
    assert_int_equal(rotate_run(journal, hour + MS_PER_MINUTE, &error), -1);
    assert_int_equal(count_live(world, DOMAINS), 1 + 1 + 1); /* d0, the folder, d4 */
    rmdir(path_in(world, "live/s0/d2.log"));
    assert_int_equal(rename(path_in(world, "kept"), path_in(world, "live/s0/d2.log")), 0);
    journal_close(journal);
    journal = open_world(world, hour + 2 * MS_PER_MINUTE);
    for (int minute = 2; minute < 4; minute++)
        rotate(journal, hour + minute * MS_PER_MINUTE);
    assert_int_equal(count_live(world, DOMAINS), 0);
    record_one(journal, 1, hour + 5 * MS_PER_MINUTE, STATUS_UP);
    rotate(journal, hour + 6 * MS_PER_MINUTE);
    assert_int_equal(count_live(world, DOMAINS), 1);
    assert_file(world, "archive/2026-11-23/s0/d2.log",
                "2026-11-23T00:00:00.000Z,s0,d2,UP,200,87,\n");
    assert_file(world, "archive/2026-11-23/s0/d0.log",
                "2026-11-23T00:00:00.000Z,s0,d0,UP,200,87,\n"
                "2026-11-23T01:00:00.000Z,s0,d0,UP,200,87,\n");
    assert_string_equal(world->log_text, "");
    journal_close(journal);
    free_world(world);
}

/* The ledger and a live file as a rotation leaves them if it is killed before its second pass. */
static void leave_archived(const struct world *world, struct journal *journal, size_t domain)
{
    const struct domain *of = &world->config.domains[domain];
    const char *site = world->config.sites[of->site].id;
    char name[64], row[128];
    struct ledger_live live;
    struct error error;
    int64_t monitor;

    snprintf(name, sizeof name, "live/%s/%s.log", site, of->id);
    live.length = live.archived =
        snprintf(row, sizeof row, "2026-11-23T00:00:00.000Z,%s,%s,UP,200,87,\n", site, of->id);
    append_text(world, name, row);
    assert_done(monitors_find(journal_storage(journal), site, of->id, &monitor, &error), &error);
    assert_done(ledger_set_live(journal_storage(journal), monitor, &live, &error), &error);
}

/* The next tick may be slower, and then it archives fewer files. */
static void all_that_a_killed_rotation_has_archived_leaves_live_in_the_next_tick(void **state)
{
    enum { DOMAINS = 5, ARCHIVED = 3 };
    struct world *world = make_world(DOMAINS);
    struct journal *journal = open_world(world, AT_0);
    int64_t hour = AT_0 + MS_PER_HOUR;
    struct error error;

    (void)state;
    rotate_some(world, journal, DOMAINS, ARCHIVED);
    for (size_t i = 0; i < ARCHIVED; i++)
        leave_archived(world, journal, i);
    record_one(journal, 1, hour, STATUS_UP);
    assert_done(storage_set_setting(journal_storage(journal), SETTING_ROTATED_TO, 0, &error),
                &error);

    journal->rotates_min = 1;
    rotate(journal, hour + MS_PER_MINUTE);
    assert_int_equal(count_live(world, DOMAINS), DOMAINS - ARCHIVED - 1);
    rotate(journal, hour + 2 * MS_PER_MINUTE);
    assert_int_equal(count_live(world, DOMAINS), 0);
    assert_file(world, "archive/2026-11-23/s0/d1.log",
                "2026-11-23T00:00:00.000Z,s0,d1,UP,200,87,\n"
                "2026-11-23T01:00:00.000Z,s0,d1,UP,200,87,\n");
    assert_string_equal(world->log_text, "");
    journal_close(journal);
    free_world(world);
}

/* A backup may be made of hard links. */
static void a_rotation_empties_no_other_name_of_a_live_file(void **state)
{
    static const char row[] = "2026-11-23T00:00:00.000Z,s0,d0,UP,200,87,\n";
    struct world *world = make_world(1);
    struct journal *journal = open_world(world, AT_0);
    char backup[PATH_MAX];

    (void)state;
    rotate(journal, AT_0);
    record_one(journal, 0, AT_0, STATUS_UP);
    snprintf(backup, sizeof backup, "%s", path_in(world, "backup"));
    assert_int_equal(link(path_in(world, "live/s0/d0.log"), backup), 0);
    rotate(journal, AT_0 + MS_PER_HOUR);
    assert_file(world, "live/s0/d0.log", "");
    assert_file(world, "archive/2026-11-23/s0/d0.log", row);
    assert_file(world, "backup", row);

    /* An empty file may be removed, or have a link too. */
    assert_int_equal(unlink(path_in(world, "live/s0/d0.log")), 0);
    record_one(journal, 0, AT_0 + MS_PER_HOUR, STATUS_UP);
    rotate(journal, AT_0 + 2 * MS_PER_HOUR);
    unlink(backup);
    assert_int_equal(link(path_in(world, "live/s0/d0.log"), backup), 0);
    record_one(journal, 0, AT_0 + 2 * MS_PER_HOUR, STATUS_UP);
    assert_file(world, "backup", "");
    assert_file(world, "live/s0/d0.log", "2026-11-23T02:00:00.000Z,s0,d0,UP,200,87,\n");
    assert_string_equal(world->log_text, "");
    journal_close(journal);
    free_world(world);
}

/* A rebuild of a copy made of hard links only reads the archives, unless a row lacks its line end.
 */
static void a_rebuild_keeps_the_links_of_archives(void **state)
{
    struct world *world = make_world(1);
    struct journal *journal = open_world(world, AT_0);
    char backup[PATH_MAX];
    struct stat status;

    (void)state;
    rotate(journal, AT_0);
    record_one(journal, 0, AT_0, STATUS_UP);
    rotate(journal, AT_0 + MS_PER_HOUR);
    journal_close(journal);
    snprintf(backup, sizeof backup, "%s", path_in(world, "backup"));
    assert_int_equal(link(path_in(world, "archive/2026-11-23/s0/d0.log"), backup), 0);
    unlink(path_in(world, "state.db"));
    journal_close(open_world(world, AT_0 + MS_PER_HOUR));
    assert_int_equal(stat(backup, &status), 0);
    assert_int_equal(status.st_nlink, 2);

    assert_int_equal(truncate(backup, status.st_size - 1), 0);
    unlink(path_in(world, "state.db"));
    journal_close(open_world(world, AT_0 + MS_PER_HOUR));
    assert_file(world, "archive/2026-11-23/s0/d0.log",
                "2026-11-23T00:00:00.000Z,s0,d0,UP,200,87,\n");
    assert_file(world, "backup", "2026-11-23T00:00:00.000Z,s0,d0,UP,200,87,");
    free_world(world);
}

static void a_removed_monitor_keeps_its_history(void **state)
{
    struct world *world = make_world(4);
    struct journal *journal = open_world(world, AT_0);
    char *before, *after;

    (void)state;
    rotate(journal, AT_0);
    for (size_t i = 0; i < 4; i++)
        record_one(journal, i, AT_0, STATUS_DOWN);
    journal_close(journal);
    before = draw_world(world, AT_0);

    /* Its files are still rotated, also with staged results, and a rebuild reads them. */
    journal = open_world(world, AT_0);
    stage(journal, 3, &(struct check){.start_ms = AT_0 - 1, .status = STATUS_UP, .latency_ms = 1});
    journal_close(journal);
    world->config.n_domains = 1;
    world->config.n_sites = 1;
    world->sites[0].n_domains = 1;
    tick(world, AT_0 + MS_PER_HOUR, NULL, 0);
    assert_file(world, "live/s0/d2.log", "");
    assert_file(world, "live/s1/d3.log", "");
    unlink(path_in(world, "state.db"));
    journal_close(open_world(world, AT_0 + MS_PER_HOUR));
    world->config.n_domains = 4;
    world->config.n_sites = 2;
    world->sites[0].n_domains = 3;
    after = draw_world(world, AT_0);
    assert_non_null(strstr(after, "domain 3 1795391999999"));
    free(before);
    free(after);
    free_world(world);
}

/* A state to damage: a little over two days of seven monitors. */
static struct world *make_history(int64_t *now_ms)
{
    struct world *world = make_world(7);
    struct staged_result staged_results[2 * MAX_DOMAINS];
    uint64_t seed = 5;

    for (*now_ms = AT_0; *now_ms < AT_0 + 50 * MS_PER_HOUR; *now_ms += 15 * MS_PER_MINUTE)
        tick(world, *now_ms, staged_results, make_outcomes(world, *now_ms, &seed, staged_results));
    return world;
}

static int count_corrupt(const struct world *world)
{
    DIR *listing = opendir(world->dir);
    struct dirent *entry;
    int n = 0;

    while ((entry = readdir(listing)) != NULL)
        n += strncmp(entry->d_name, "state.db.corrupt-", 17) == 0;
    closedir(listing);
    return n;
}

/* The next tick rebuilds the state, reports that once, keeps the old file and shows the same. */
static void assert_rebuilt(struct world *world, int64_t now_ms, const char *picture,
                           const char *what)
{
    char *after;

    reset_log(world);
    tick(world, now_ms, NULL, 0);
    after = draw_world(world, now_ms);
    if (strcmp(picture, after) != 0 || strchr(world->log_text, '\n') == NULL ||
        strchr(world->log_text, '\n')[1] || count_corrupt(world) != 1)
        fail_msg("%s: not rebuilt as it should be: %s", what, world->log_text);
    assert_non_null(strstr(world->log_text, "state.db: was "));
    free(after);
}

static void the_next_tick_rebuilds_a_state_damaged_anywhere(void **state)
{
    enum { PAGE = 8192 }; /* as in sql/open.sql */
    int64_t now_ms;
    struct world *world = make_history(&now_ms);
    size_t size = 0;
    char *whole = read_whole(world, "state.db", &size), *picture = draw_world(world, now_ms);
    uint64_t seed = 3;

    (void)state;
    for (size_t at = 0; at < size; at += PAGE) {
        for (int noise = 0; noise < 2; noise++) {
            char *broken, what[64], path[PATH_MAX];
            DIR *listing;
            struct dirent *entry;

            if (at == 0 && !noise)
                continue;
            broken = malloc(size);
            memcpy(broken, whole, size);
            for (size_t i = 0; noise && i < PAGE; i++)
                broken[at + i] = (char)dice(&seed);
            write_whole(world, "state.db", "wb", broken,
                        noise ? size : at + (at / PAGE % 2 || at + PAGE == size ? 777 : 0));
            snprintf(what, sizeof what, "%s page %zu", noise ? "noise over" : "cut at", at / PAGE);
            assert_rebuilt(world, now_ms, picture, what);
            free(broken);
            listing = opendir(world->dir);
            while ((entry = readdir(listing)) != NULL) {
                snprintf(path, sizeof path, "%s/%s", world->dir, entry->d_name);
                if (strstr(path, ".corrupt-"))
                    unlink(path);
            }
            closedir(listing);
        }
    }
    free(whole);
    free(picture);
    free_world(world);
}

static void damage_found_by_a_tick_is_repaired_by_the_next(void **state)
{
    int64_t now_ms;
    struct world *world = make_history(&now_ms);
    char *picture = draw_world(world, now_ms);

    (void)state;
    write_whole(world, "state.db.stamp", "wb", "damaged\n", 8);
    assert_rebuilt(world, now_ms, picture, "a state known to be damaged");
    free(picture);
    free_world(world);
}

/* Older versions of uptick called it state.db.seal. */
static void the_stamp_of_an_older_version_is_ignored(void **state)
{
    struct world *world = make_world(1);

    (void)state;
    journal_close(open_world(world, AT_0));
    unlink(path_in(world, "state.db.stamp"));
    write_whole(world, "state.db.seal", "wb", "damaged\n", 8);
    journal_close(open_world(world, AT_0));
    assert_string_equal(world->log_text, "");
    assert_file(world, "state.db.seal", "damaged\n");
    assert_true(access(path_in(world, "state.db.stamp"), F_OK) == 0);
    free_world(world);
}

/*
 * A tick that is killed before it writes the first page leaves a journal, and a state like its
 * stamp. Rolling back then changes the state, which is not the work of another program, also if the
 * tick that rolls back is killed too.
 */
static void a_matching_stamp_next_to_a_rollback_journal_is_removed(void **state)
{
    struct world *world = make_world(1);
    struct journal *journal;

    (void)state;
    journal_close(open_world(world, AT_0));
    write_whole(world, "state.db-journal", "wb", "x", 1);
    journal = open_world(world, AT_0);
    assert_true(access(path_in(world, "state.db.stamp"), F_OK) != 0);
    journal_close(journal);
    assert_true(access(path_in(world, "state.db.stamp"), F_OK) == 0);
    assert_string_equal(world->log_text, "");
    free_world(world);
}

static void foreign_and_other_version_states_are_rebuilt(void **state)
{
    /*
     * The offsets of the version and of the application's id in the header of an SQLite database.
     */
    static const struct {
        long at;
        const char *bytes;
    } cases[] = {{60, "\0\0\0\0"}, {60, "\0\0\0\x63"}, {68, "abcd"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t now_ms;
        struct world *world = make_history(&now_ms);
        char *picture = draw_world(world, now_ms);
        FILE *file = fopen(path_in(world, "state.db"), "r+b");

        fseek(file, cases[i].at, SEEK_SET);
        fwrite(cases[i].bytes, 1, 4, file);
        fclose(file);
        assert_rebuilt(world, now_ms, picture, "another version");
        free(picture);
        free_world(world);
    }
}

static void results_staged_by_an_older_version_are_exported(void **state)
{
    struct world *world = make_world(1);
    struct journal *journal = open_world(world, AT_0);
    struct check check = check_at(AT_0, STATUS_UP);
    FILE *file;

    (void)state;
    stage(journal, 0, &check);
    journal_close(journal);
    file = fopen(path_in(world, "state.db"), "r+b");
    fseek(file, 60, SEEK_SET);
    fwrite("\0\0\0\1", 1, 4, file);
    fclose(file);
    journal = open_world(world, AT_0);
    export(journal);
    journal_close(journal);
    assert_file(world, "live/s0/d0.log", "2026-11-23T00:00:00.000Z,s0,d0,UP,200,87,\n");
    free_world(world);
}

static void a_link_in_place_of_the_state_stays(void **state)
{
    struct world *world = make_world(1);
    struct journal *journal;
    struct error error;

    (void)state;
    assert_int_equal(symlink("elsewhere", path_in(world, "state.db")), 0);
    assert_int_equal(journal_open(&journal, &world->config, &world->log, AT_0, &error), -1);
    assert_non_null(strstr(error.text, "state.db: not a regular file; remove it"));
    assert_file(world, "elsewhere", NULL);
    free_world(world);
}

static void a_first_start_prints_nothing(void **state)
{
    struct world *world = make_world(1);

    (void)state;
    journal_close(open_world(world, AT_0));
    unlink(path_in(world, "state.db"));
    write_whole(world, "state.db", "wb", "", 0);
    journal_close(open_world(world, AT_0));
    assert_string_equal(world->log_text, "");
    free_world(world);
}

/* A correct row of this minute. */
static const char *row_of(int minute)
{
    static char row[64];

    snprintf(row, sizeof row, "2026-11-23T00:%02d:00.000Z,s0,d0,UP,200,87,\n", minute);
    return row;
}

static void edited_lines_are_skipped_and_named_with_file_and_line(void **state)
{
    struct world *world = make_world(2);
    struct journal_counts counts;
    struct error error;
    char *giant = malloc(1 << 20), *text;
    size_t size = 0;

    (void)state;
    memset(giant, 'x', 1 << 20);
    append_text(world, "live/s0/d0.log", row_of(0));
    append_text(world, "live/s0/d0.log", "not a row\n");
    append_text(world, "live/s0/d0.log", "2026-11-23T00:01:00.000Z,s0,d0,UP,200,87,\r\n");
    append_text(world, "live/s0/d0.log", "2026-11-23T00:01:30.000Z,s0,d1,UP,200,87,\n");
    write_whole(world, "live/s0/d0.log", "ab", "\0\0\0\n", 4);
    write_whole(world, "live/s0/d0.log", "ab", giant, 1 << 20);
    append_text(world, "live/s0/d0.log", "\n");
    append_text(world, "live/s0/d0.log", "2026-11-23T00:02:00.000Z,s0,d0,DOWN,,,\"stray\n");
    append_text(world, "live/s0/d0.log", row_of(3));
    append_text(world, "live/s0/d0.log", "2026-11-23T00:04:00.000Z,s0,d0,DOWN,,,\"two\nlines\"\n");
    append_text(world, "live/s0/d0.log", "bad again\n");
    append_text(world, "live/s0/d0.log", row_of(5));
    append_text(world, "live/s0/d0.log", "2026-11-23T00:06:00.0");
    append_text(world, "archive/2026-11-22/s0/d0.log", row_of(0));
    append_text(world, "live/README", "mine\n");
    append_text(world, "live/s0/notes.txt", "mine\n");
    append_text(world, "live/.hidden/d0.log", "mine\n");
    append_text(world, "archive/2026-11-31/s0/d0.log", "mine\n");
    mkdir(path_in(world, "live/s0/d1.log"), 0750);
    assert_int_equal(symlink("../live", path_in(world, "archive/2026-11-21")), 0);
    assert_done(journal_rebuild(&world->config, &world->log, AT_0 + MS_PER_HOUR, &counts, &error),
                &error);
    assert_int_equal(counts.rows, 5);
    assert_non_null(
        strstr(world->log_text, "archive/2026-11-22/s0/d0.log:1: skipped: row of another day\n"));
    assert_non_null(strstr(world->log_text, "live/s0/d0.log:2: skipped: "));
    assert_non_null(strstr(world->log_text, "live/s0/d0.log:4: skipped: row of another monitor\n"));
    assert_non_null(strstr(world->log_text, "live/s0/d0.log:5: skipped: "));
    assert_non_null(strstr(world->log_text, "live/s0/d0.log:6: skipped: row too long"));
    assert_non_null(strstr(world->log_text, ": 2 more bad lines skipped\n"));
    assert_non_null(strstr(world->log_text, "live/s0/d1.log"));
    assert_file(world, "live/s0/d0.log.quarantine", "2026-11-23T00:06:00.0");
    assert_file(world, "live/README", "mine\n");

    /* The rotation moves the rows to their archive and quarantines the other lines. */
    reset_log(world);
    rmdir(path_in(world, "live/s0/d1.log"));
    tick(world, AT_0 + MS_PER_HOUR, NULL, 0);
    text = read_whole(world, "archive/2026-11-23/s0/d0.log", NULL);
    assert_non_null(text);
    assert_null(strstr(text, "not a row"));
    assert_non_null(strstr(text, "\"two\nlines\"\n"));
    assert_non_null(strstr(text, row_of(5)));
    free(text);
    text = read_whole(world, "live/s0/d0.log.quarantine", &size);
    assert_non_null(memmem(text, size, "not a row\n", 10));
    assert_non_null(memmem(text, size, ",\"stray\n", 8));
    free(text);
    free(giant);
    free_world(world);
}

static void rows_archived_and_live_count_once_wherever_a_rotation_ended(void **state)
{
    char all[512] = "", earlier[64];
    size_t size;

    (void)state;
    snprintf(earlier, sizeof earlier, "%s", row_of(1));
    for (int i = 10; i < 14; i++)
        strcat(all, row_of(i));
    size = strlen(all);
    for (size_t cut = 0; cut <= size; cut++) {
        struct world *world = make_world(1);
        struct journal_counts counts;
        struct error error;
        char expected[600];

        append_text(world, "archive/2026-11-23/s0/d0.log", earlier);
        write_whole(world, "archive/2026-11-23/s0/d0.log", "ab", all, cut);
        append_text(world, "live/s0/d0.log", all);
        assert_done(
            journal_rebuild(&world->config, &world->log, AT_0 + MS_PER_HOUR, &counts, &error),
            &error);
        assert_int_equal(counts.rows, 5);
        tick(world, AT_0 + MS_PER_HOUR, NULL, 0);
        snprintf(expected, sizeof expected, "%s%s", earlier, all);
        assert_file(world, "archive/2026-11-23/s0/d0.log", expected);
        assert_file(world, "live/s0/d0.log", "");
        assert_file(world, "archive/2026-11-23/s0/d0.log.quarantine", NULL);
        free_world(world);
    }
}

static bool is_there(const struct world *world, const char *name)
{
    struct stat status;

    return lstat(path_in(world, name), &status) == 0;
}

/* Makes folders as if a tick had run on each of these days. */
static void record_days(struct world *world, int64_t first_day, int64_t last_day)
{
    for (int64_t day = first_day; day <= last_day; day++) {
        char date[CLOCK_TEXT_MAX], name[64];

        clock_write_day(day, date);
        snprintf(name, sizeof name, "archive/%s/s0/note", date);
        append_text(world, name, "");
    }
}

static void old_archives_are_deleted_and_nothing_else(void **state)
{
    struct world *world = make_world(1);
    static const char *const kept[] = {
        "archive/2026-10-24/s0/d0.log", /* thirty days old */
        "archive/2026-1-01/s0/d0.log",
        "archive/2025-02-30/mine",
        "archive/2026-01-01.old/mine",
        "archive/notes",
        "outside/precious",
    };

    (void)state;
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        append_text(world, kept[i], "mine\n");
    record_days(world, DAY_0 - 30, DAY_0);
    append_text(world, "archive/2026-10-23/s0/d0.log", "old\n");
    append_text(world, "archive/2026-10-23/s0/d0.log.quarantine", "old\n");
    append_text(world, "archive/.pruned-2026-10-22/s0/d0.log", "half deleted\n");
    assert_int_equal(symlink("../../../outside", path_in(world, "archive/2026-10-23/s0/link")), 0);
    assert_int_equal(symlink("../outside", path_in(world, "archive/2026-01-02")), 0);
    tick(world, AT_0, NULL, 0);
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        assert_file(world, kept[i], "mine\n");
    assert_true(is_there(world, "archive/2026-01-02"));
    assert_false(is_there(world, "archive/2026-10-23"));
    assert_false(is_there(world, "archive/.pruned-2026-10-22"));
    assert_false(is_there(world, "archive/.pruned-2026-10-23"));
    free_world(world);
}

static void a_retention_of_zero_keeps_all_archives(void **state)
{
    struct world *world = make_world(1);

    (void)state;
    world->config.retention_days = 0;
    append_text(world, "archive/1999-01-01/s0/d0.log",
                "1999-01-01T00:00:00.000Z,s0,d0,UP,200,87,\n");
    journal_close(open_world(world, AT_0));
    reset_log(world);
    tick(world, AT_0, NULL, 0);
    assert_true(is_there(world, "archive/1999-01-01/s0/d0.log"));
    free_world(world);
}

static void a_rebuild_keeps_the_counts_of_days_without_an_archive(void **state)
{
    struct world *world = make_world(7);
    struct staged_result staged_results[2 * MAX_DOMAINS];
    struct journal_counts counts;
    struct error error;
    uint64_t seed = 9;
    char *before, *after;
    int64_t now_ms;

    (void)state;
    world->config.retention_days = 2;
    for (now_ms = AT_0; now_ms < AT_0 + 6 * MS_PER_DAY + 5 * MS_PER_HOUR;
         now_ms += 15 * MS_PER_MINUTE)
        tick(world, now_ms, staged_results, make_outcomes(world, now_ms, &seed, staged_results));
    assert_false(is_there(world, "archive/2026-11-26/s0"));
    assert_true(is_there(world, "archive/2026-11-27/s0"));
    before = draw_world(world, now_ms);
    assert_done(journal_rebuild(&world->config, &world->log, now_ms, &counts, &error), &error);
    after = draw_world(world, now_ms);
    assert_same_picture(before, after);
    assert_string_equal(world->log_text, "");
    free_world(world);
}

static void a_rebuild_keeps_results_that_could_not_be_exported(void **state)
{
    struct world *world = make_world(2);
    struct journal *journal = open_world(world, AT_0);
    struct check check = check_at(AT_0, STATUS_UP);
    struct journal_counts counts;
    struct error error;

    (void)state;
    record_one(journal, 0, AT_0, STATUS_UP);
    make_obstacle(world, 0);
    stage(journal, 1, &check);
    assert_int_equal(export_run(journal, &error), -1);
    journal_close(journal);
    assert_done(journal_rebuild(&world->config, &world->log, AT_0, &counts, &error), &error);
    rmdir(path_in(world, "live/s0/d1.log"));
    journal = open_world(world, AT_0);
    export(journal);
    assert_file(world, "live/s0/d1.log", "2026-11-23T00:00:00.000Z,s0,d1,UP,200,87,\n");
    assert_file(world, "live/s0/d0.log", "2026-11-23T00:00:00.000Z,s0,d0,UP,200,87,\n");
    journal_close(journal);
    free_world(world);
}

static void results_staged_in_a_damaged_state_are_exported_once(void **state)
{
    struct world *world = make_world(2);
    struct journal *journal = open_world(world, AT_0);
    struct check check = check_at(AT_0, STATUS_UP);

    (void)state;
    for (size_t i = 0; i < 2; i++)
        stage(journal, i, &check);
    journal_close(journal);

    /* A killed tick has already written one of the rows. */
    append_text(world, "live/s0/d0.log", "2026-11-23T00:00:00.000Z,s0,d0,UP,200,87,\n");
    write_whole(world, "state.db.stamp", "wb", "damaged\n", 8);
    journal = open_world(world, AT_0);
    export(journal);
    journal_close(journal);
    assert_file(world, "live/s0/d0.log", "2026-11-23T00:00:00.000Z,s0,d0,UP,200,87,\n");
    assert_file(world, "live/s0/d1.log", "2026-11-23T00:00:00.000Z,s0,d1,UP,200,87,\n");
    free_world(world);
}

static int64_t pruned_hour(struct journal *journal)
{
    struct error error;
    int64_t hour;

    assert_done(storage_get_setting(journal_storage(journal), SETTING_PRUNED_HOUR, &hour, &error),
                &error);
    return hour;
}

static void no_file_is_moved_while_it_is_being_read(void **state)
{
    static const char row[] = "2026-11-23T00:00:01.000Z,s0,d0,UP,200,87,\n";
    struct world *world = make_world(1);
    struct journal *journal = open_world(world, AT_0);
    int reader = open(world->dir, O_RDONLY | O_DIRECTORY);
    struct error error;

    (void)state;
    rotate(journal, AT_0);
    record_one(journal, 0, AT_0 + 1000, STATUS_UP);
    assert_int_equal(flock(reader, LOCK_SH), 0);
    rotate(journal, AT_0 + MS_PER_HOUR);
    assert_done(prune_run(journal, AT_0 + MS_PER_HOUR, &error), &error);
    assert_int_equal(pruned_hour(journal), 0);
    assert_file(world, "live/s0/d0.log", row);
    close(reader);
    rotate(journal, AT_0 + MS_PER_HOUR + MS_PER_MINUTE);
    assert_file(world, "live/s0/d0.log", "");
    assert_file(world, "archive/2026-11-23/s0/d0.log", row);
    journal_close(journal);
    free_world(world);
}

static void loading_a_past_moment_changes_no_file(void **state)
{
    struct world *world = make_world(7);
    struct staged_result staged_results[2 * MAX_DOMAINS];
    struct storage *storage;
    struct error error;
    uint64_t seed = 9;
    char *then = NULL, *loaded;
    int64_t now_ms, moment = AT_0 + 31 * MS_PER_HOUR;

    (void)state;
    for (now_ms = AT_0; now_ms < AT_0 + 60 * MS_PER_HOUR; now_ms += 15 * MS_PER_MINUTE) {
        size_t n = make_outcomes(world, now_ms, &seed, staged_results);

        tick(world, now_ms, staged_results, n);
        if (now_ms + 14 * MS_PER_MINUTE == moment + 14 * MS_PER_MINUTE)
            then = draw_world(world, moment + 14 * MS_PER_MINUTE);
    }
    assert_done(
        journal_load_at(&storage, &world->config, &world->log, moment + 14 * MS_PER_MINUTE, &error),
        &error);
    loaded = draw(storage, &world->config, moment + 14 * MS_PER_MINUTE);
    storage_close(storage);
    assert_same_picture(then, loaded);
    assert_string_equal(world->log_text, "");

    /* No state is created if there was none. */
    unlink(path_in(world, "state.db"));
    assert_done(journal_load_at(&storage, &world->config, &world->log, moment, &error), &error);
    storage_close(storage);
    assert_false(is_there(world, "state.db"));
    free_world(world);
}

static void a_rebuild_counts_days_whose_rows_are_still_live(void **state)
{
    struct world *world = make_world(4);
    struct staged_result staged_results[2 * MAX_DOMAINS];
    uint64_t seed = 4;
    char *before, *after;
    int64_t now_ms;

    (void)state;
    for (now_ms = AT_0; now_ms < AT_0 + 100 * MS_PER_HOUR; now_ms += 15 * MS_PER_MINUTE) {
        struct journal *journal = open_world(world, now_ms);
        size_t n = make_outcomes(world, now_ms, &seed, staged_results);
        struct error error;

        /* From the second day on, a folder has the name of one monitor's archive. */
        if (now_ms == AT_0 + MS_PER_DAY)
            for (int day = 24; day < 28; day++) {
                char name[64];

                snprintf(name, sizeof name, "archive/2026-11-%d/s0/d1.log/x", day);
                append_text(world, name, "in the way");
            }
        rotate_run(journal, now_ms, &error);
        assert_done(staged_add(journal_storage(journal), staged_results, n, &error), &error);
        export(journal);
        assert_done(history_count_days(journal_storage(journal), &world->config,
                                       clock_floor_div(now_ms, MS_PER_DAY), &error),
                    &error);
        assert_done(prune_run(journal, now_ms, &error), &error);
        journal_close(journal);
    }
    before = draw_world(world, now_ms);
    unlink(path_in(world, "state.db"));
    after = draw_world(world, now_ms);
    assert_same_picture(before, after);
    free_world(world);
}

static void a_late_result_reopens_its_day(void **state)
{
    struct world *world = make_world(1);
    struct staged_result first = outcome_of(0, AT_0 + 1, check_at(AT_0, STATUS_UP));
    struct journal *journal;
    struct error error;
    int64_t day;

    (void)state;
    tick(world, AT_0, &first, 1);
    tick(world, AT_0 + MS_PER_DAY, NULL, 0);
    journal = open_world(world, AT_0 + MS_PER_DAY);
    assert_done(days_counted(journal_storage(journal), &day, &error), &error);
    assert_int_equal(day, DAY_0);
    record_one(journal, 0, AT_0 + 60000, STATUS_DOWN);
    assert_done(days_counted(journal_storage(journal), &day, &error), &error);
    assert_int_equal(day, DAY_0 - 1);
    journal_close(journal);
    free_world(world);
}

/* A world with this many domains, each in the folder of one of three sites. */
enum { MANY = 900, MANY_A_SITE = MANY / 3 };

static struct world *make_many(struct domain domains[MANY], char ids[MANY][8])
{
    struct world *world = make_world(3 * PER_SITE);

    for (size_t i = 0; i < MANY; i++) {
        domains[i] = world->domains[0];
        snprintf(ids[i], sizeof ids[i], "d%zu", i);
        domains[i].id = domains[i].name = ids[i];
        domains[i].site = i / MANY_A_SITE;
    }
    for (size_t i = 0; i < 3; i++) {
        world->sites[i].first_domain = i * MANY_A_SITE;
        world->sites[i].n_domains = MANY_A_SITE;
    }
    world->config.domains = domains;
    world->config.n_domains = MANY;
    return world;
}

static void live_files_of_many_new_monitors_are_created_before_their_results_come(void **state)
{
    static struct domain domains[MANY];
    static char ids[MANY][8];
    static int64_t due_after_ms[MANY];
    struct world *world = make_many(domains, ids);
    struct journal *journal = open_world(world, AT_0);
    struct check check = check_at(AT_0, STATUS_UP);
    size_t from;

    (void)state;
    for (size_t i = 0; i < MANY; i++)
        due_after_ms[i] = i > 200;

    /* Too few are new. */
    assert_int_equal(new_files_create(journal, due_after_ms, 0), MANY);
    assert_file(world, "live/s0/d1.log", NULL);

    /* All but one are new, and a call creates 512 files. */
    memset(due_after_ms, 0, sizeof due_after_ms);
    due_after_ms[7] = AT_0;
    from = new_files_create(journal, due_after_ms, 0);
    assert_int_equal(from, 513);
    assert_file(world, "live/s0/d6.log", "");
    assert_file(world, "live/s0/d7.log", NULL);
    assert_file(world, "live/s1/d512.log", "");
    assert_file(world, "live/s1/d513.log", NULL);

    /* A file in place of a folder is the export's to report. */
    append_text(world, "live/s2", "");
    assert_int_equal(new_files_create(journal, due_after_ms, from), MANY);
    assert_file(world, "live/s1/d513.log", "");
    assert_int_equal(new_files_create(journal, due_after_ms, MANY), MANY);

    /* What has rows is not touched, and the files get theirs. */
    for (size_t i = 0; i < MANY_A_SITE; i++)
        stage(journal, i, &check);
    export(journal);
    assert_int_equal(new_files_create(journal, due_after_ms, 0), 513);
    assert_file(world, "live/s0/d8.log", "2026-11-23T00:00:00.000Z,s0,d8,UP,200,87,\n");
    journal_close(journal);
    assert_string_equal(world->log_text, "");
    free_world(world);
}

static void without_the_folder_of_live_files_none_is_created(void **state)
{
    static struct domain domains[MANY];
    static char ids[MANY][8];
    static const int64_t due_after_ms[MANY];
    struct world *world = make_many(domains, ids);
    struct journal *journal = open_world(world, AT_0);

    (void)state;
    rmdir(path_in(world, "live"));
    append_text(world, "live", "");
    assert_int_equal(new_files_create(journal, due_after_ms, 0), MANY);
    journal_close(journal);
    free_world(world);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rebuild_creates_the_same_state_as_the_ticks),
        cmocka_unit_test(rows_move_hourly_to_the_archive_of_their_day),
        cmocka_unit_test(rows_of_a_killed_tick_are_overwritten),
        cmocka_unit_test(unknown_bytes_are_quarantined_and_reported_once),
        cmocka_unit_test(the_state_follows_rows_that_were_removed_or_added),
        cmocka_unit_test(a_file_that_cannot_be_written_delays_no_other_file),
        cmocka_unit_test(many_results_are_exported_once_whatever_their_files_are_like),
        cmocka_unit_test(a_link_in_place_of_a_folder_is_not_followed),
        cmocka_unit_test(a_long_rotation_goes_on_in_the_next_ticks),
        cmocka_unit_test(all_that_a_killed_rotation_has_archived_leaves_live_in_the_next_tick),
        cmocka_unit_test(a_rotation_empties_no_other_name_of_a_live_file),
        cmocka_unit_test(a_rebuild_keeps_the_links_of_archives),
        cmocka_unit_test(a_removed_monitor_keeps_its_history),
        cmocka_unit_test(the_next_tick_rebuilds_a_state_damaged_anywhere),
        cmocka_unit_test(damage_found_by_a_tick_is_repaired_by_the_next),
        cmocka_unit_test(the_stamp_of_an_older_version_is_ignored),
        cmocka_unit_test(a_matching_stamp_next_to_a_rollback_journal_is_removed),
        cmocka_unit_test(foreign_and_other_version_states_are_rebuilt),
        cmocka_unit_test(results_staged_by_an_older_version_are_exported),
        cmocka_unit_test(a_link_in_place_of_the_state_stays),
        cmocka_unit_test(a_first_start_prints_nothing),
        cmocka_unit_test(edited_lines_are_skipped_and_named_with_file_and_line),
        cmocka_unit_test(rows_archived_and_live_count_once_wherever_a_rotation_ended),
        cmocka_unit_test(old_archives_are_deleted_and_nothing_else),
        cmocka_unit_test(a_retention_of_zero_keeps_all_archives),
        cmocka_unit_test(a_rebuild_keeps_the_counts_of_days_without_an_archive),
        cmocka_unit_test(a_rebuild_keeps_results_that_could_not_be_exported),
        cmocka_unit_test(results_staged_in_a_damaged_state_are_exported_once),
        cmocka_unit_test(no_file_is_moved_while_it_is_being_read),
        cmocka_unit_test(loading_a_past_moment_changes_no_file),
        cmocka_unit_test(a_rebuild_counts_days_whose_rows_are_still_live),
        cmocka_unit_test(a_late_result_reopens_its_day),
        cmocka_unit_test(live_files_of_many_new_monitors_are_created_before_their_results_come),
        cmocka_unit_test(without_the_folder_of_live_files_none_is_created),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
