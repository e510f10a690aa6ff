/* storage/ and journal/ together: what is staged reaches the CSV, and the CSV gives the state back.
 */
#define _GNU_SOURCE
#include "records/journal.h"

#include "base/arena.h"
#include "base/clock.h"
#include "dashboard/history.h"
#include "state/days.h"
#include "state/minute_index.h"
#include "state/monitors.h"
#include "state/staged.h"
#include "state/transitions.h"

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

/* What a tick does with its records, but for the checks. */
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

/* All that a dashboard reads from a state, as bytes. */
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
        fprintf(picture->file, "mark %zu %lld %lld %d %d\n", domain, (long long)hour,
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
        fprintf(picture->file, "day %zu %d %d\n", i, days[i].good, days[i].bad);
}

/* Those that stay where the next tick prunes. */
static int draw_turns(void *context, size_t domain, const struct transition *transitions, size_t n,
                      struct error *error)
{
    struct picture *picture = context;

    (void)error;
    for (size_t i = n > TRANSITIONS_MAX ? n - TRANSITIONS_MAX : 0; i < n; i++)
        fprintf(picture->file, "turn %zu %lld after %lld %d %d %s\n", domain,
                (long long)transitions[i].start_ms, (long long)transitions[i].before_ms,
                (int)transitions[i].status, transitions[i].http_status, transitions[i].failure);
    return 0;
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
    assert_done(transitions_each(storage, arena, draw_turns, &picture, &error), &error);
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

/* Compares and frees. */
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

/* A tick's checks: due ones, but for gaps; statuses that stay a while; some rows out of order. */
static size_t make_outcomes(const struct world *world, int64_t now_ms, uint64_t *seed,
                            struct staged_result *staged_results)
{
    static const enum status statuses[] = {STATUS_UP,   STATUS_UP,      STATUS_UP,
                                           STATUS_DOWN, STATUS_TIMEOUT, STATUS_BOT_DETECTED};
    int64_t minute = clock_floor_div(now_ms, MS_PER_MINUTE);
    size_t n = 0;

    for (size_t i = 0; i < world->config.n_domains; i++) {
        uint64_t mood = (uint64_t)(minute / 37) * 31 + i + 1;
        int64_t start_ms = now_ms + dice_below(seed, 50000);

        if (minute % (world->domains[i].interval_seconds / 60) || dice_below(seed, 20) == 0)
            continue;
        dice(&mood);
        staged_results[n++] = outcome_of(
            i, start_ms,
            check_at(start_ms,
                     statuses[dice_below(&mood, (int64_t)(sizeof statuses / sizeof statuses[0]))]));
        if (i % 5 == 0) {
            /* Two in a minute, and the one that started first ends last. */
            start_ms -= dice_below(seed, 9000);
            staged_results[n++] = outcome_of(i, start_ms, check_at(start_ms, STATUS_DOWN));
        }
    }
    return n;
}

/* Ticks from one moment to another, minute by minute, with hours in which the machine was off. */
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

static void a_rebuild_gives_the_state_that_the_ticks_made(void **state)
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

        /* The same from the CSV alone. */
        before = draw_world(world, now_ms);
        unlink(path_in(world, "state.db"));
        after = draw_world(world, now_ms);
        assert_same_picture(before, after);
        assert_non_null(strstr(world->log_text, "state.db: was missing; made anew from "));
        free_world(world);
    }
}

/* One result of a domain, staged and exported. */
static void record_one(struct journal *journal, size_t domain, int64_t start_ms, enum status status)
{
    struct check check = check_at(start_ms, status);

    stage(journal, domain, &check);
    export(journal);
}

static void results_go_to_the_live_file_and_hourly_to_the_archive_of_their_day(void **state)
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
    assert_file(world, "live/s0/d0.log", NULL);
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

static void what_a_killed_tick_left_is_written_over(void **state)
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

        /* All lengths of the row, and then all lengths of zeros in its place. */
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

static void bytes_that_no_one_can_account_for_are_moved_away_and_said_once(void **state)
{
    struct world *world = make_world(3);
    struct journal *journal = open_world(world, AT_0);

    (void)state;
    for (size_t i = 0; i < 3; i++)
        record_one(journal, i, AT_0, STATUS_UP);
    append_text(world, "live/s0/d0.log", "what is this?");
    append_text(world, "live/s0/d1.log", "2026-11-23T00:00:30.000Z,s0,d1,UP,200,87,\n");
    for (size_t i = 0; i < 3; i++) {
        struct check check = check_at(AT_0 + MS_PER_MINUTE, STATUS_UP);

        stage(journal, i, &check);
    }
    export(journal);
    assert_file(world, "live/s0/d0.log",
                "2026-11-23T00:00:00.000Z,s0,d0,UP,200,87,\n"
                "2026-11-23T00:01:00.000Z,s0,d0,UP,200,87,\n");
    assert_file(world, "live/s0/d0.log.quarantine", "what is this?");
    assert_file(world, "live/s0/d1.log.quarantine", "2026-11-23T00:00:30.000Z,s0,d1,UP,200,87,\n");
    assert_non_null(strstr(world->log_text, "live/s0/d0.log: held bytes"));
    assert_non_null(strstr(world->log_text, "1 more file like it\n"));
    assert_ptr_equal(strchr(world->log_text, '\n') + 1, world->log_text + strlen(world->log_text));

    /* Killed after the copy and before the cut: the copy is not made twice. */
    append_text(world, "live/s0/d0.log", "what is this?");
    record_one(journal, 0, AT_0 + 2 * MS_PER_MINUTE, STATUS_UP);
    assert_file(world, "live/s0/d0.log.quarantine", "what is this?");
    journal_close(journal);
    free_world(world);
}

static void rows_taken_away_by_someone_are_said_and_the_rest_goes_on(void **state)
{
    struct world *world = make_world(2);
    struct journal *journal = open_world(world, AT_0);

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        record_one(journal, i, AT_0, STATUS_UP);
        record_one(journal, i, AT_0 + MS_PER_MINUTE, STATUS_UP);
    }
    assert_int_equal(truncate(path_in(world, "live/s0/d0.log"), 60), 0);
    assert_int_equal(unlink(path_in(world, "live/s0/d1.log")), 0);
    record_one(journal, 0, AT_0 + 2 * MS_PER_MINUTE, STATUS_UP);
    record_one(journal, 1, AT_0 + 2 * MS_PER_MINUTE, STATUS_UP);
    assert_file(world, "live/s0/d0.log",
                "2026-11-23T00:00:00.000Z,s0,d0,UP,200,87,\n"
                "2026-11-23T00:02:00.000Z,s0,d0,UP,200,87,\n");
    assert_file(world, "live/s0/d1.log", "2026-11-23T00:02:00.000Z,s0,d1,UP,200,87,\n");
    assert_non_null(strstr(world->log_text, "live/s0/d0.log: recorded rows were taken out"));
    assert_non_null(strstr(world->log_text, "live/s0/d1.log: recorded rows were taken out"));

    /* The same found by the rotation. */
    rotate(journal, AT_0);
    record_one(journal, 0, AT_0 + 3 * MS_PER_MINUTE, STATUS_UP);
    assert_int_equal(unlink(path_in(world, "live/s0/d0.log")), 0);
    rotate(journal, AT_0 + MS_PER_HOUR);
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

static void one_file_that_cannot_be_written_holds_up_no_other(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        struct world *world = make_world(3);
        struct journal *journal = open_world(world, AT_0);
        int64_t *served;
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

        /* It is known that it was checked, and once the way is free it is in the CSV. */
        assert_done(monitors_load_due_after(journal_storage(journal), &served, &error), &error);
        assert_int_equal(served[1], AT_0 + 1);
        free(served);
        assert_int_equal(remove(path_in(world, "live/s0/d1.log")), 0);
        export(journal);
        assert_file(world, "live/s0/d1.log", "2026-11-23T00:00:00.000Z,s0,d1,UP,200,87,\n");
        assert_string_equal(world->log_text, "");
        journal_close(journal);
        free_world(world);
    }
}

static void a_folder_that_is_a_link_is_not_followed(void **state)
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

static void a_monitor_that_left_the_configuration_keeps_its_history(void **state)
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

    /* Its files are rotated all the same, with staged results too, and a rebuild knows it. */
    journal = open_world(world, AT_0);
    stage(journal, 3, &(struct check){.start_ms = AT_0 - 1, .status = STATUS_UP, .latency_ms = 1});
    journal_close(journal);
    world->config.n_domains = 1;
    world->config.n_sites = 1;
    world->sites[0].n_domains = 1;
    tick(world, AT_0 + MS_PER_HOUR, NULL, 0);
    assert_file(world, "live/s0/d2.log", NULL);
    assert_file(world, "live/s1/d3.log", NULL);
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

/* A state worth breaking: two days and a bit of seven monitors. */
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

/* The next tick heals it, says so once, keeps the broken one, and shows what it showed. */
static void assert_healed(struct world *world, int64_t now_ms, const char *picture,
                          const char *what)
{
    char *after;

    reset_log(world);
    tick(world, now_ms, NULL, 0);
    after = draw_world(world, now_ms);
    if (strcmp(picture, after) != 0 || strchr(world->log_text, '\n') == NULL ||
        strchr(world->log_text, '\n')[1] || count_corrupt(world) != 1)
        fail_msg("%s: not healed as it should: %s", what, world->log_text);
    assert_non_null(strstr(world->log_text, "state.db: was "));
    free(after);
}

static void a_state_damaged_anywhere_is_healed_by_the_next_tick(void **state)
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
            char *broken, what[64], aside[PATH_MAX];
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
            assert_healed(world, now_ms, picture, what);
            free(broken);
            listing = opendir(world->dir);
            while ((entry = readdir(listing)) != NULL) {
                snprintf(aside, sizeof aside, "%s/%s", world->dir, entry->d_name);
                if (strstr(aside, ".corrupt-"))
                    unlink(aside);
            }
            closedir(listing);
        }
    }
    free(whole);
    free(picture);
    free_world(world);
}

static void damage_that_a_tick_meets_is_healed_by_the_one_after(void **state)
{
    int64_t now_ms;
    struct world *world = make_history(&now_ms);
    char *picture = draw_world(world, now_ms);

    (void)state;
    write_whole(world, "state.db.seal", "wb", "damaged\n", 8);
    assert_healed(world, now_ms, picture, "a state known to be damaged");
    free(picture);
    free_world(world);
}

static void states_of_other_programs_and_versions_are_made_anew(void **state)
{
    /* Where a database's header has the version and the application's id (SQLite, file format). */
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
        assert_healed(world, now_ms, picture, "another version");
        free(picture);
        free_world(world);
    }
}

static void what_an_older_version_staged_is_written(void **state)
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

static void what_someone_else_put_in_the_place_of_the_state_stays(void **state)
{
    struct world *world = make_world(1);
    struct journal *journal;
    struct error error;

    (void)state;
    assert_int_equal(symlink("elsewhere", path_in(world, "state.db")), 0);
    assert_int_equal(journal_open(&journal, &world->config, &world->log, AT_0, &error), -1);
    assert_non_null(strstr(error.text, "state.db: is no regular file"));
    assert_file(world, "elsewhere", NULL);
    free_world(world);
}

static void a_fresh_start_says_nothing(void **state)
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

/* One good row of a minute. */
static const char *row_of(int minute)
{
    static char row[64];

    snprintf(row, sizeof row, "2026-11-23T00:%02d:00.000Z,s0,d0,UP,200,87,\n", minute);
    return row;
}

static void what_people_did_to_the_records_is_skipped_with_file_and_line(void **state)
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
    assert_non_null(strstr(
        world->log_text, "archive/2026-11-22/s0/d0.log:1: skipped, since it is of another day\n"));
    assert_non_null(strstr(world->log_text, "live/s0/d0.log:2: skipped, since "));
    assert_non_null(
        strstr(world->log_text, "live/s0/d0.log:4: skipped, since it is of another monitor\n"));
    assert_non_null(strstr(world->log_text, "live/s0/d0.log:5: skipped, since "));
    assert_non_null(
        strstr(world->log_text, "live/s0/d0.log:6: skipped, since a row is not as long"));
    assert_non_null(strstr(world->log_text, ": 2 more lines skipped\n"));
    assert_non_null(strstr(world->log_text, "live/s0/d1.log"));
    assert_file(world, "live/s0/d0.log.quarantine", "2026-11-23T00:06:00.0");
    assert_file(world, "live/README", "mine\n");

    /* At the rotation the rows go to their archive, and the rest is kept aside. */
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

static void rows_both_archived_and_live_count_once_however_far_the_rotation_came(void **state)
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
        assert_file(world, "live/s0/d0.log", NULL);
        assert_file(world, "archive/2026-11-23/s0/d0.log.quarantine", NULL);
        free_world(world);
    }
}

static bool is_there(const struct world *world, const char *name)
{
    struct stat status;

    return lstat(path_in(world, name), &status) == 0;
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

static void retention_of_zero_keeps_all(void **state)
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

static void a_rebuild_keeps_the_counts_of_days_that_the_archives_lost(void **state)
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
    assert_false(is_there(world, "archive/2026-11-26"));
    assert_true(is_there(world, "archive/2026-11-27"));
    before = draw_world(world, now_ms);
    assert_done(journal_rebuild(&world->config, &world->log, now_ms, &counts, &error), &error);
    after = draw_world(world, now_ms);
    assert_same_picture(before, after);
    assert_string_equal(world->log_text, "");
    free_world(world);
}

static void a_rebuild_keeps_what_could_not_be_written_yet(void **state)
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

static void results_staged_in_a_broken_state_are_written_once(void **state)
{
    struct world *world = make_world(2);
    struct journal *journal = open_world(world, AT_0);
    struct check check = check_at(AT_0, STATUS_UP);

    (void)state;
    for (size_t i = 0; i < 2; i++)
        stage(journal, i, &check);
    journal_close(journal);

    /* Of one of them a killed tick has written the row already. */
    append_text(world, "live/s0/d0.log", "2026-11-23T00:00:00.000Z,s0,d0,UP,200,87,\n");
    write_whole(world, "state.db.seal", "wb", "damaged\n", 8);
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

    assert_done(storage_get_setting(journal_storage(journal), SETTING_PRUNED_HOUR, &hour, &error), &error);
    return hour;
}

static void no_file_is_moved_from_under_a_reader(void **state)
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
    assert_file(world, "live/s0/d0.log", NULL);
    assert_file(world, "archive/2026-11-23/s0/d0.log", row);
    journal_close(journal);
    free_world(world);
}

static void a_past_moment_is_recalled_without_a_trace(void **state)
{
    struct world *world = make_world(7);
    struct staged_result staged_results[2 * MAX_DOMAINS];
    struct storage *storage;
    struct error error;
    uint64_t seed = 9;
    char *then = NULL, *recalled;
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
    recalled = draw(storage, &world->config, moment + 14 * MS_PER_MINUTE);
    storage_close(storage);
    assert_same_picture(then, recalled);
    assert_string_equal(world->log_text, "");

    /* Beside a folder that has no state, none is made. */
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

        /* From the second day on, something stands in the way of one monitor's archive. */
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

static void a_late_result_makes_its_day_be_counted_again(void **state)
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

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rebuild_gives_the_state_that_the_ticks_made),
        cmocka_unit_test(results_go_to_the_live_file_and_hourly_to_the_archive_of_their_day),
        cmocka_unit_test(what_a_killed_tick_left_is_written_over),
        cmocka_unit_test(bytes_that_no_one_can_account_for_are_moved_away_and_said_once),
        cmocka_unit_test(rows_taken_away_by_someone_are_said_and_the_rest_goes_on),
        cmocka_unit_test(one_file_that_cannot_be_written_holds_up_no_other),
        cmocka_unit_test(a_folder_that_is_a_link_is_not_followed),
        cmocka_unit_test(a_monitor_that_left_the_configuration_keeps_its_history),
        cmocka_unit_test(a_state_damaged_anywhere_is_healed_by_the_next_tick),
        cmocka_unit_test(damage_that_a_tick_meets_is_healed_by_the_one_after),
        cmocka_unit_test(states_of_other_programs_and_versions_are_made_anew),
        cmocka_unit_test(what_an_older_version_staged_is_written),
        cmocka_unit_test(what_someone_else_put_in_the_place_of_the_state_stays),
        cmocka_unit_test(a_fresh_start_says_nothing),
        cmocka_unit_test(what_people_did_to_the_records_is_skipped_with_file_and_line),
        cmocka_unit_test(rows_both_archived_and_live_count_once_however_far_the_rotation_came),
        cmocka_unit_test(old_archives_are_deleted_and_nothing_else),
        cmocka_unit_test(retention_of_zero_keeps_all),
        cmocka_unit_test(a_rebuild_keeps_the_counts_of_days_that_the_archives_lost),
        cmocka_unit_test(a_rebuild_keeps_what_could_not_be_written_yet),
        cmocka_unit_test(results_staged_in_a_broken_state_are_written_once),
        cmocka_unit_test(no_file_is_moved_from_under_a_reader),
        cmocka_unit_test(a_past_moment_is_recalled_without_a_trace),
        cmocka_unit_test(a_rebuild_counts_days_whose_rows_are_still_live),
        cmocka_unit_test(a_late_result_makes_its_day_be_counted_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
