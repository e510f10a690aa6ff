/* storage/: the state by itself. */
#include "state/storage.h"

#include "base/arena.h"
#include "base/clock.h"
#include "state/indexer.h"
#include "state/ledger.h"
#include "state/minute_index.h"
#include "state/phases.h"
#include "state/samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "records.h"

static struct storage *open_storage(struct world *world, enum storage_mode mode)
{
    enum storage_health health;
    struct storage *storage;
    struct error error;

    assert_done(
        storage_open(&storage, path_in(world, "state.db"), mode, &world->config, &health, &error),
        &error);
    return storage;
}

static void marks_unpack_as_they_were_added(void **state)
{
    uint64_t seed = 1;

    (void)state;
    for (int round = 0; round < 2000; round++) {
        unsigned char packed[SAMPLES_BYTES] = {0};
        struct sample expected[SAMPLES_MAX] = {{0}}, back[SAMPLES_MAX];
        int64_t hour = 495000 - round * 500;
        size_t n, n_expected = 0;

        for (int i = 0; i < 100; i++) {
            struct sample sample = {hour * MS_PER_HOUR + dice_below(&seed, MS_PER_HOUR),
                                    (enum status)(1 + dice_below(&seed, STATUS_COUNT - 1)),
                                    (int)dice_below(&seed, MARK_LATENCY_MAX + 2) - 1};
            struct sample *at = &expected[(sample.start_ms - hour * MS_PER_HOUR) / MS_PER_MINUTE];

            samples_add(packed, &sample);
            if (at->status == STATUS_UNKNOWN || at->start_ms <= sample.start_ms)
                *at = sample;
        }
        assert_int_equal(samples_unpack(packed, hour, back, &n), 0);
        for (size_t minute = 0; minute < SAMPLES_MAX; minute++) {
            if (expected[minute].status == STATUS_UNKNOWN)
                continue;
            assert_int_equal(back[n_expected].start_ms, expected[minute].start_ms);
            assert_int_equal(back[n_expected].latency_ms, expected[minute].latency_ms);
            assert_int_equal(back[n_expected++].status, expected[minute].status);
        }
        assert_int_equal(n, n_expected);
    }
}

static void of_two_checks_in_a_minute_the_one_that_started_later_stays(void **state)
{
    unsigned char packed[SAMPLES_BYTES] = {0};
    struct sample samples[SAMPLES_MAX];
    int64_t hour = clock_floor_div(AT_0, MS_PER_HOUR);
    size_t n;

    (void)state;
    samples_add(packed, &(struct sample){AT_0 + 30000, STATUS_UP, 5});
    samples_add(packed, &(struct sample){AT_0 + 20000, STATUS_DOWN, -1});
    assert_int_equal(samples_unpack(packed, hour, samples, &n), 0);
    assert_int_equal(n, 1);
    assert_int_equal(samples[0].status, STATUS_UP);
    samples_add(packed, &(struct sample){AT_0 + 30000, STATUS_TIMEOUT, -1});
    assert_int_equal(samples_unpack(packed, hour, samples, &n), 0);
    assert_int_equal(samples[0].status, STATUS_TIMEOUT);
    samples_add(packed, &(struct sample){AT_0 + 60000, STATUS_UP, 5});
    samples_add(packed, &(struct sample){AT_0 + 59999, STATUS_DOWN, -1});
    assert_int_equal(samples_unpack(packed, hour, samples, &n), 0);
    assert_int_equal(n, 2);
    assert_int_equal(samples[0].status, STATUS_DOWN);
    assert_int_equal(samples[0].start_ms, AT_0 + 59999);
    assert_int_equal(samples[1].start_ms, AT_0 + 60000);
}

static void a_latency_is_kept_as_far_as_it_fits(void **state)
{
    static const struct {
        int given, kept;
    } cases[] = {{-1, -1},   {-9, -1},       {0, 0},         {1, 1},         {255, 255},
                 {256, 256}, {65534, 65534}, {65535, 65534}, {65536, 65534}, {INT_MAX, 65534}};
    struct sample samples[SAMPLES_MAX];
    size_t n;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned char packed[SAMPLES_BYTES] = {0};

        samples_add(packed, &(struct sample){59999, STATUS_UP, cases[i].given});
        assert_int_equal(samples_unpack(packed, 0, samples, &n), 0);
        assert_int_equal(n, 1);
        assert_int_equal(samples[0].latency_ms, cases[i].kept);
    }
}

static void bytes_that_marks_never_make_are_refused(void **state)
{
    static const unsigned char cases[][MARK_BYTES] = {
        {0, 1, 0},       /* a moment of no check */
        {0, 0, 0, 1, 0}, /* the latency of none */
        {0, 0, 0, 0, 1}, /* a longer one */
        {6, 0, 0},       /* no status */
        {1, 0x60, 0xea}, /* 60000 ms into a minute */
    };
    struct sample samples[SAMPLES_MAX];
    size_t n;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned char packed[SAMPLES_BYTES] = {0};

        memcpy(packed + 59 * MARK_BYTES, cases[i], MARK_BYTES);
        assert_int_equal(samples_unpack(packed, 0, samples, &n), -1);
    }
}

static void phases_unpack_as_they_were_packed(void **state)
{
    static const struct phases cases[] = {
        {{-1, -1, -1, -1, -1}},
        {{0, 1, 255, 256, 65536}},
        {{1000, 2000, -1, 80000, 87000}},
        {{16777216, 50000000, 1799999999, 1800000000, -1}},
    };
    static const unsigned char never[] = {0x01, 0xd2, 0x49, 0x6b}; /* 1800000001 */
    unsigned char packed[PHASES_BYTES];
    struct phases back;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        phases_pack(&cases[i], packed);
        assert_int_equal(phases_unpack(packed, &back), 0);
        assert_memory_equal(&back, &cases[i], sizeof back);
    }

    /* What no check lasts for, and what is none. */
    phases_pack(&(struct phases){{INT64_MAX, INT64_MIN, -2, 1800000001, 0}}, packed);
    assert_int_equal(phases_unpack(packed, &back), 0);
    assert_memory_equal(&back, (&(struct phases){{1800000000, -1, -1, 1800000000, 0}}),
                        sizeof back);
    memcpy(packed + 8, never, sizeof never);
    assert_int_equal(phases_unpack(packed, &back), -1);
}

static void a_place_tells_its_hour_and_its_monitors(void **state)
{
    static const int64_t hours[] = {-(1LL << 41), -1, 0, 1, 495000, 1LL << 41};
    static const int64_t monitors[] = {1, MINUTE_INDEX_MONITORS - 1, MINUTE_INDEX_MONITORS, 10000,
                                       20000000};

    (void)state;
    for (size_t i = 0; i < sizeof hours / sizeof hours[0]; i++) {
        for (size_t j = 0; j < sizeof monitors / sizeof monitors[0]; j++) {
            int64_t place = minute_index_key(hours[i], monitors[j]);

            assert_int_not_equal(place, 0);
            assert_int_equal(minute_index_key_hour(place), hours[i]);
            assert_int_equal(minute_index_key_monitor(place),
                             monitors[j] / MINUTE_INDEX_MONITORS * MINUTE_INDEX_MONITORS);
            assert_true(place < minute_index_key(hours[i] + 1, 1));
        }
    }

    /* What no clock says is no overflow. */
    assert_true(minute_index_key(INT64_MIN, 1) < minute_index_key(hours[0], 1));
    assert_true(minute_index_key(INT64_MAX, 1) > minute_index_key(hours[5], 20000000));
}

static void what_is_staged_moves_served_on_and_survives_a_closing(void **state)
{
    struct world *world = make_world(3);
    struct storage *storage = open_storage(world, STORAGE_READ_WRITE);
    struct staged_result staged_results[] = {outcome_of(0, 100, check_at(AT_0, STATUS_UP)),
                                             outcome_of(2, 300, check_at(AT_0, STATUS_DOWN)),
                                             outcome_of(0, 90, check_at(AT_0, STATUS_UP))};
    struct arena *arena = arena_new();
    struct monitor_state *states;
    struct error error;
    int64_t *served;

    (void)state;
    assert_done(staged_add(storage, staged_results, 3, &error), &error);
    assert_done(staged_add(storage, NULL, 0, &error), &error);
    storage_close(storage);
    storage = open_storage(world, STORAGE_READ_WRITE);
    assert_done(monitors_load_due_after(storage, &served, &error), &error);

    /* The last that came counts, so that a clock set back does not stop the checks. */
    assert_int_equal(served[0], 90);
    assert_int_equal(served[1], 0);
    assert_int_equal(served[2], 300);
    free(served);

    /* It is not recorded yet. */
    assert_done(monitors_load(storage, arena, &states, &error), &error);
    assert_int_equal(states[0].first_ms, INT64_MAX);
    assert_int_equal(states[0].last.status, STATUS_UNKNOWN);
    assert_int_equal(states[2].due_after_ms, 300);
    arena_free(arena);
    storage_close(storage);
    free_world(world);
}

static struct tally tally_of(int64_t up, int64_t down)
{
    struct tally tally = {.minutes = {[STATUS_UP] = up, [STATUS_DOWN] = down}};

    return tally;
}

static void sums_reach_back_six_twenty_nine_and_eighty_nine_days(void **state)
{
    struct world *world = make_world(2);
    struct storage *storage = open_storage(world, STORAGE_READ_WRITE);
    struct storage *reader;
    struct error error;

    (void)state;
    for (int64_t day = DAY_0 - 100; day < DAY_0; day++) {
        struct tally domains[] = {tally_of(1, 0), tally_of(0, 2)}, sites[] = {tally_of(1, 2)};

        assert_done(days_put(storage, day, domains, sites, &error), &error);
    }
    reader = open_storage(world, STORAGE_READ_ONLY);
    for (int round = 0; round < 3; round++) {
        static const int expected[DAY_SPANS] = {6, 29, 89};
        struct counted domains, sites;

        /* Computed by a reader, computed and kept by the writer, and read again. */
        assert_done(days_load(round ? storage : reader, DAY_0, &domains, &sites, &error), &error);
        for (int span = 0; span < DAY_SPANS; span++) {
            assert_int_equal(domains.sums[span].minutes[STATUS_UP], expected[span]);
            assert_int_equal(domains.sums[DAY_SPANS + span].minutes[STATUS_DOWN],
                             2 * expected[span]);
            assert_int_equal(sites.sums[span].minutes[STATUS_UP], expected[span]);
            assert_int_equal(sites.sums[span].minutes[STATUS_DOWN], 2 * expected[span]);
        }
        days_free(&domains);
        days_free(&sites);
    }

    /* A day counted again, and another today, show. */
    {
        struct tally none[] = {tally_of(0, 0), tally_of(0, 0)};
        struct counted domains, sites;

        assert_done(days_put(storage, DAY_0 - 1, none, none, &error), &error);
        assert_done(days_load(storage, DAY_0, &domains, &sites, &error), &error);
        assert_int_equal(domains.sums[DAYS_7].minutes[STATUS_UP], 5);
        days_free(&domains);
        days_free(&sites);
        assert_done(days_load(storage, DAY_0 + 2, &domains, &sites, &error), &error);
        assert_int_equal(domains.sums[DAYS_7].minutes[STATUS_UP], 3);
        days_free(&domains);
        days_free(&sites);
    }
    storage_close(reader);
    storage_close(storage);
    free_world(world);
}

static void assert_days(const struct day_minutes *days, int from, int to, struct day_minutes day)
{
    for (int i = from; i < to; i++) {
        if (days[i].good != day.good || days[i].bad != day.bad)
            fail_msg("day %d: %d good, %d bad", i, days[i].good, days[i].bad);
    }
}

/* Computed by a reader, computed and kept by the writer, and read again. */
static void ninety_days_are_told_one_by_one_with_today_left_open(void **state)
{
    static const struct day_minutes none = {0, 0};
    struct world *world = make_world(2);
    struct storage *storage = open_storage(world, STORAGE_READ_WRITE);
    struct storage *reader;
    struct error error;

    (void)state;
    for (int64_t day = DAY_0 - 100; day < DAY_0; day++) {
        struct tally domains[] = {tally_of(1440, 0), tally_of(0, 0)};
        struct tally sites[] = {{.minutes = {[STATUS_UP] = 1,
                                             [STATUS_DEGRADED] = 20,
                                             [STATUS_BOT_DETECTED] = 300,
                                             [STATUS_DOWN] = 4,
                                             [STATUS_TIMEOUT] = 50}}};

        if (day == DAY_0 - 89 || day == DAY_0 - 1)
            domains[1] = tally_of(7, (int)(DAY_0 - day));
        assert_done(days_put(storage, day, domains, sites, &error), &error);
    }
    reader = open_storage(world, STORAGE_READ_ONLY);
    for (int round = 0; round < 3; round++) {
        struct counted domains, sites;

        assert_done(days_load(round ? storage : reader, DAY_0, &domains, &sites, &error), &error);
        assert_days(domains.days, 0, 89, (struct day_minutes){1440, 0});
        assert_days(domains.days, 89, 90, none);
        assert_days(domains.days + DAYS_SHOWN, 0, 1, (struct day_minutes){7, 89});
        assert_days(domains.days + DAYS_SHOWN, 1, 88, none);
        assert_days(domains.days + DAYS_SHOWN, 88, 89, (struct day_minutes){7, 1});
        assert_days(sites.days, 0, 89, (struct day_minutes){21, 54});
        days_free(&domains);
        days_free(&sites);
    }
    storage_close(reader);
    storage_close(storage);
    free_world(world);
}

static void notes_are_zero_until_set(void **state)
{
    struct world *world = make_world(1);
    struct storage *storage = open_storage(world, STORAGE_READ_WRITE);
    struct error error;
    int64_t value;

    (void)state;
    for (int note = 0; note < SETTINGS; note++) {
        assert_done(storage_get_setting(storage, (enum storage_setting)note, &value, &error),
                    &error);
        assert_int_equal(value, 0);
        assert_done(
            storage_set_setting(storage, (enum storage_setting)note, INT64_MIN + note, &error),
            &error);
        assert_done(storage_get_setting(storage, (enum storage_setting)note, &value, &error),
                    &error);
        assert_int_equal(value, INT64_MIN + note);
    }
    assert_done(days_counted(storage, &value, &error), &error);
    assert_int_equal(value, INT64_MIN);
    assert_done(minute_index_next_day(storage, 0, &value, &error), &error);
    assert_int_equal(value, INT64_MAX);
    storage_close(storage);
    free_world(world);
}

static void a_reader_of_a_missing_state_sees_an_empty_one_and_makes_none(void **state)
{
    struct world *world = make_world(2);
    struct storage *storage = open_storage(world, STORAGE_READ_ONLY);
    struct arena *arena = arena_new();
    struct monitor_state *states;
    struct error error;
    struct stat status;

    (void)state;
    assert_done(monitors_load(storage, arena, &states, &error), &error);
    assert_int_equal(states[1].first_ms, INT64_MAX);
    arena_free(arena);
    storage_close(storage);
    assert_int_equal(stat(path_in(world, "state.db"), &status), -1);
    free_world(world);
}

static void a_reader_changes_nothing(void **state)
{
    struct world *world = make_world(2);
    struct storage *storage;
    struct error error;

    (void)state;
    storage_close(open_storage(world, STORAGE_READ_WRITE));
    storage = open_storage(world, STORAGE_READ_ONLY);
    assert_int_equal(storage_set_setting(storage, SETTING_PENDING, 1, &error), -1);
    assert_int_equal(error.code, EXIT_IO);
    storage_close(storage);
    storage_close(NULL);
    free_world(world);
}

static void index_row(struct indexer *indexer, int64_t start_ms, enum status status)
{
    struct check check = check_at(start_ms, status);
    struct error error;

    assert_done(indexer_add(indexer, &check, NULL, &error), &error);
}

static void begin(struct indexer *indexer, struct minute_index *minute_index, int64_t monitor)
{
    struct monitor_summary known;
    struct error error;

    assert_done(indexer_load(&known, minute_index->storage, monitor, &error), &error);
    indexer_begin(indexer, minute_index, monitor, &known, INT64_MAX);
}

static void the_last_check_is_the_latest_but_for_a_clock_set_back(void **state)
{
    struct world *world = make_world(1);
    struct storage *storage = open_storage(world, STORAGE_READ_WRITE);
    struct minute_index minute_index;
    struct indexer indexer;
    struct error error;

    (void)state;
    minute_index_begin(&minute_index, storage);
    begin(&indexer, &minute_index, 1);
    index_row(&indexer, AT_0 + 10000, STATUS_UP);

    /* It started before the other, and ended after it. */
    index_row(&indexer, AT_0, STATUS_TIMEOUT);
    assert_int_equal(indexer.last.start_ms, AT_0 + 10000);
    assert_int_equal(indexer.last_failure.start_ms, AT_0);
    assert_int_equal(indexer.first_ms, AT_0);

    /* The clock was an hour ahead. */
    index_row(&indexer, AT_0 - MS_PER_HOUR, STATUS_DOWN);
    assert_int_equal(indexer.last.start_ms, AT_0 - MS_PER_HOUR);
    assert_int_equal(indexer.last_failure.start_ms, AT_0 - MS_PER_HOUR);
    assert_done(indexer_end(&indexer, &error), &error);
    storage_close(storage);
    free_world(world);
}

static int count_hour(void *context, size_t domain, int64_t hour, const struct sample *samples,
                      size_t n)
{
    int *counts = context;

    (void)hour;
    (void)samples;
    counts[domain] += (int)n;
    return 0;
}

static void pruning_keeps_what_an_interval_still_reaches(void **state)
{
    enum { N = MINUTE_INDEX_MONITORS, OTHER = N - 1 };
    static const int64_t ids[] = {1, N}; /* of different rows */
    struct world *world = make_world(N);
    struct storage *storage;
    struct minute_index minute_index;
    struct error error;
    int64_t now_ms = AT_0 + 10 * MS_PER_DAY;
    int counts[N] = {0};

    (void)state;
    world->domains[OTHER].interval_seconds = 86400;
    storage = open_storage(world, STORAGE_READ_WRITE);
    minute_index_begin(&minute_index, storage);
    for (size_t i = 0; i < 2; i++) {
        struct indexer indexer;

        begin(&indexer, &minute_index, ids[i]);
        for (int64_t at = AT_0; at < now_ms; at += MS_PER_HOUR)
            index_row(&indexer, at, STATUS_UP);
        assert_done(indexer_end(&indexer, &error), &error);
    }
    assert_done(minute_index_save(&minute_index, &error), &error);

    /* As long as no day is counted, each may be. */
    assert_done(expiry_delete(storage, now_ms - 49 * MS_PER_HOUR, 0, 0, 0, &error), &error);
    assert_done(minute_index_each(storage, 0, INT64_MAX, count_hour, counts, &error), &error);
    assert_int_equal(counts[0], 240);
    for (int64_t day = DAY_0; day < DAY_0 + 10; day++) {
        struct tally none[N] = {{{0}}};

        assert_done(days_put(storage, day, none, none, &error), &error);
    }
    counts[0] = counts[OTHER] = 0;
    assert_done(expiry_delete(storage, now_ms - 49 * MS_PER_HOUR, 0, 0, 0, &error), &error);
    assert_done(minute_index_each(storage, 0, INT64_MAX, count_hour, counts, &error), &error);
    assert_in_range(counts[0], 49, 51);
    assert_in_range(counts[OTHER], 97, 99);
    storage_close(storage);
    free_world(world);
}

/* SQLite tells of a page that it had no memory for as of one that is damaged. */
static void a_look_over_without_memory_finds_no_damage(void **state)
{
    struct world *world = make_world(2);
    struct storage *storage = open_storage(world, STORAGE_READ_WRITE);
    struct check check = check_at(AT_0, STATUS_DOWN);
    int failed = 0, result = -1;
    struct error error;

    (void)state;
    memset(check.failure, 'x', sizeof check.failure - 1);
    for (int i = 0; i < 2000; i++) {
        struct staged_result outcome = outcome_of((size_t)i % 2, AT_0 + i, check);

        assert_done(staged_add(storage, &outcome, 1, &error), &error);
    }
    storage_close(storage);
    storage = open_storage(world, STORAGE_READ_WRITE);
    for (sqlite3_int64 room = 4096; result; room += 4096) {
        sqlite3_hard_heap_limit64(sqlite3_memory_used() + room);
        result = storage_examine(storage, &error);
        sqlite3_hard_heap_limit64(0);
        failed += result != 0;
        assert_false(storage_is_damaged(storage));
    }
    assert_true(failed > 0);
    storage_close(storage);
    free_world(world);
}

static void names_that_are_no_ids_are_told(void **state)
{
    static const char *const bad[] = {"", ".", "..", ".a", "-a", "a/b", "a b", "\xc3\xa9", "a\n"};
    char longest[66];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(ledger_is_id(bad[i], strlen(bad[i])));
    memset(longest, 'a', sizeof longest);
    assert_true(ledger_is_id(longest, 64));
    assert_false(ledger_is_id(longest, 65));
    assert_true(ledger_is_id("Az09._-", 7));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_unpack_as_they_were_added),
        cmocka_unit_test(of_two_checks_in_a_minute_the_one_that_started_later_stays),
        cmocka_unit_test(a_latency_is_kept_as_far_as_it_fits),
        cmocka_unit_test(bytes_that_marks_never_make_are_refused),
        cmocka_unit_test(phases_unpack_as_they_were_packed),
        cmocka_unit_test(a_place_tells_its_hour_and_its_monitors),
        cmocka_unit_test(what_is_staged_moves_served_on_and_survives_a_closing),
        cmocka_unit_test(sums_reach_back_six_twenty_nine_and_eighty_nine_days),
        cmocka_unit_test(ninety_days_are_told_one_by_one_with_today_left_open),
        cmocka_unit_test(notes_are_zero_until_set),
        cmocka_unit_test(a_reader_of_a_missing_state_sees_an_empty_one_and_makes_none),
        cmocka_unit_test(a_reader_changes_nothing),
        cmocka_unit_test(the_last_check_is_the_latest_but_for_a_clock_set_back),
        cmocka_unit_test(pruning_keeps_what_an_interval_still_reaches),
        cmocka_unit_test(a_look_over_without_memory_finds_no_damage),
        cmocka_unit_test(names_that_are_no_ids_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
