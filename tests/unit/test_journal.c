/* storage/ and journal/ together: what is staged reaches the CSV, and the CSV gives the state back.
 */
#include "journal/journal.h"

#include "base/clock.h"
#include "history.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "records.h"

static void export(struct journal *journal)
{
    struct error error;

    assert_done(journal_export(journal, &error), &error);
}

static void rotate(struct journal *journal, int64_t now_ms)
{
    struct error error;

    assert_done(journal_rotate(journal, now_ms, &error), &error);
}

/* What a tick does with its records, but for the checks. */
static void tick(struct world *world, int64_t now_ms, const struct outcome *outcomes, size_t n)
{
    struct journal *journal = open_world(world, now_ms);
    struct storage *storage = journal_storage(journal);
    struct error error;

    export(journal);
    rotate(journal, now_ms);
    assert_done(storage_stage(storage, outcomes, n, &error), &error);
    export(journal);
    assert_done(
        history_count_days(storage, &world->config, clock_floor_div(now_ms, MS_PER_DAY), &error),
        &error);
    assert_done(journal_prune(journal, now_ms, &error), &error);
    journal_close(journal);
}

/* All that a dashboard reads from a state, as bytes. */
struct picture {
    char *text;
    size_t size;
    FILE *file;
};

static int draw_hour(void *context, size_t domain, int64_t hour, const struct mark *marks, size_t n)
{
    struct picture *picture = context;

    for (size_t i = 0; i < n; i++)
        fprintf(picture->file, "mark %zu %lld %lld %d %d\n", domain, (long long)hour,
                (long long)marks[i].start_ms, (int)marks[i].status, marks[i].latency_ms);
    return 0;
}

static void draw_check(struct picture *picture, const char *name, const struct check *check)
{
    fprintf(picture->file, "%s %lld %d %d %d %s\n", name, (long long)check->start_ms,
            (int)check->status, check->http_status, check->latency_ms, check->failure);
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

static char *draw(struct storage *storage, const struct config *config, int64_t now_ms)
{
    struct picture picture = {0};
    struct monitor_state *states;
    struct tally *domains, *sites;
    struct error error;
    int64_t hour = clock_floor_div(now_ms, MS_PER_HOUR);

    picture.file = open_memstream(&picture.text, &picture.size);
    assert_done(storage_load_states(storage, &states, &error), &error);
    for (size_t i = 0; i < config->n_domains; i++) {
        fprintf(picture.file, "domain %zu %lld\n", i, (long long)states[i].first_ms);
        draw_check(&picture, "last", &states[i].last);
        draw_check(&picture, "failed", &states[i].last_failure);
    }
    assert_done(storage_each_recent(storage, hour - 25, hour, draw_hour, &picture, &error), &error);
    assert_done(
        storage_load_sums(storage, clock_floor_div(now_ms, MS_PER_DAY), &domains, &sites, &error),
        &error);
    draw_tallies(&picture, "sum", domains, config->n_domains * DAY_SPANS);
    draw_tallies(&picture, "site", sites, config->n_sites * DAY_SPANS);
    free(states);
    free(domains);
    free(sites);
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
                            struct outcome *outcomes)
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
        outcomes[n++] = (struct outcome){
            i, start_ms,
            check_at(start_ms,
                     statuses[dice_below(&mood, (int64_t)(sizeof statuses / sizeof statuses[0]))])};
        if (i % 5 == 0) {
            /* Two in a minute, and the one that started first ends last. */
            start_ms -= dice_below(seed, 9000);
            outcomes[n++] = (struct outcome){i, start_ms, check_at(start_ms, STATUS_DOWN)};
        }
    }
    return n;
}

/* Ticks from one moment to another, minute by minute, with hours in which the machine was off. */
static void live_through(struct world *world, int64_t from_ms, int64_t to_ms, uint64_t seed)
{
    struct outcome outcomes[2 * MAX_DOMAINS];

    for (int64_t now_ms = from_ms; now_ms < to_ms; now_ms += MS_PER_MINUTE) {
        int64_t at = now_ms + dice_below(&seed, 3000);
        size_t n = make_outcomes(world, at, &seed, outcomes);

        if (dice_below(&seed, 400) == 0)
            now_ms += dice_below(&seed, 3 * MS_PER_HOUR) / MS_PER_MINUTE * MS_PER_MINUTE;
        tick(world, at, outcomes, n);
    }
}

static void a_rebuild_gives_the_state_that_the_ticks_made(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
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

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rebuild_gives_the_state_that_the_ticks_made),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
