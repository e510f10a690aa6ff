/* storage/: the state by itself. */
#include "storage/storage.h"

#include "base/arena.h"
#include "base/clock.h"
#include "storage/digest.h"
#include "storage/ledger.h"
#include "storage/marks.h"
#include "storage/phases.h"
#include "storage/recent.h"

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
        unsigned char packed[MARKS_BYTES] = {0};
        struct mark expected[MARKS_MAX] = {{0}}, back[MARKS_MAX];
        int64_t hour = 495000 - round * 500;
        size_t n, n_expected = 0;

        for (int i = 0; i < 100; i++) {
            struct mark mark = {hour * MS_PER_HOUR + dice_below(&seed, MS_PER_HOUR),
                                (enum status)(1 + dice_below(&seed, STATUS_COUNT - 1)),
                                (int)dice_below(&seed, MARK_LATENCY_MAX + 2) - 1};
            struct mark *at = &expected[(mark.start_ms - hour * MS_PER_HOUR) / MS_PER_MINUTE];

            marks_add(packed, &mark);
            if (at->status == STATUS_UNKNOWN || at->start_ms <= mark.start_ms)
                *at = mark;
        }
        assert_int_equal(marks_unpack(packed, hour, back, &n), 0);
        for (size_t minute = 0; minute < MARKS_MAX; minute++) {
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
    unsigned char packed[MARKS_BYTES] = {0};
    struct mark marks[MARKS_MAX];
    int64_t hour = clock_floor_div(AT_0, MS_PER_HOUR);
    size_t n;

    (void)state;
    marks_add(packed, &(struct mark){AT_0 + 30000, STATUS_UP, 5});
    marks_add(packed, &(struct mark){AT_0 + 20000, STATUS_DOWN, -1});
    assert_int_equal(marks_unpack(packed, hour, marks, &n), 0);
    assert_int_equal(n, 1);
    assert_int_equal(marks[0].status, STATUS_UP);
    marks_add(packed, &(struct mark){AT_0 + 30000, STATUS_TIMEOUT, -1});
    assert_int_equal(marks_unpack(packed, hour, marks, &n), 0);
    assert_int_equal(marks[0].status, STATUS_TIMEOUT);
    marks_add(packed, &(struct mark){AT_0 + 60000, STATUS_UP, 5});
    marks_add(packed, &(struct mark){AT_0 + 59999, STATUS_DOWN, -1});
    assert_int_equal(marks_unpack(packed, hour, marks, &n), 0);
    assert_int_equal(n, 2);
    assert_int_equal(marks[0].status, STATUS_DOWN);
    assert_int_equal(marks[0].start_ms, AT_0 + 59999);
    assert_int_equal(marks[1].start_ms, AT_0 + 60000);
}

static void a_latency_is_kept_as_far_as_it_fits(void **state)
{
    static const struct {
        int given, kept;
    } cases[] = {{-1, -1},   {-9, -1},       {0, 0},         {1, 1},         {255, 255},
                 {256, 256}, {65534, 65534}, {65535, 65534}, {65536, 65534}, {INT_MAX, 65534}};
    struct mark marks[MARKS_MAX];
    size_t n;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned char packed[MARKS_BYTES] = {0};

        marks_add(packed, &(struct mark){59999, STATUS_UP, cases[i].given});
        assert_int_equal(marks_unpack(packed, 0, marks, &n), 0);
        assert_int_equal(n, 1);
        assert_int_equal(marks[0].latency_ms, cases[i].kept);
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
    struct mark marks[MARKS_MAX];
    size_t n;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned char packed[MARKS_BYTES] = {0};

        memcpy(packed + 59 * MARK_BYTES, cases[i], MARK_BYTES);
        assert_int_equal(marks_unpack(packed, 0, marks, &n), -1);
    }
}

static void phases_unpack_as_they_were_packed(void **state)
{
    static const struct phases cases[] = {
        {-1, -1, -1, -1, -1},
        {0, 1, 255, 256, 65536},
        {1000, 2000, -1, 80000, 87000},
        {16777216, 50000000, 1799999999, 1800000000, -1},
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
    phases_pack(&(struct phases){INT64_MAX, INT64_MIN, -2, 1800000001, 0}, packed);
    assert_int_equal(phases_unpack(packed, &back), 0);
    assert_memory_equal(&back, (&(struct phases){1800000000, -1, -1, 1800000000, 0}), sizeof back);
    memcpy(packed + 8, never, sizeof never);
    assert_int_equal(phases_unpack(packed, &back), -1);
}

static void a_place_tells_its_hour_and_its_monitors(void **state)
{
    static const int64_t hours[] = {-(1LL << 41), -1, 0, 1, 495000, 1LL << 41};
    static const int64_t monitors[] = {1, RECENT_MONITORS - 1, RECENT_MONITORS, 10000, 20000000};

    (void)state;
    for (size_t i = 0; i < sizeof hours / sizeof hours[0]; i++) {
        for (size_t j = 0; j < sizeof monitors / sizeof monitors[0]; j++) {
            int64_t place = recent_place(hours[i], monitors[j]);

            assert_int_not_equal(place, 0);
            assert_int_equal(recent_place_hour(place), hours[i]);
            assert_int_equal(recent_place_monitor(place),
                             monitors[j] / RECENT_MONITORS * RECENT_MONITORS);
            assert_true(place < recent_place(hours[i] + 1, 1));
        }
    }

    /* What no clock says is no overflow. */
    assert_true(recent_place(INT64_MIN, 1) < recent_place(hours[0], 1));
    assert_true(recent_place(INT64_MAX, 1) > recent_place(hours[5], 20000000));
}

static void what_is_staged_moves_served_on_and_survives_a_closing(void **state)
{
    struct world *world = make_world(3);
    struct storage *storage = open_storage(world, STORAGE_READ_WRITE);
    struct outcome outcomes[] = {outcome_of(0, 100, check_at(AT_0, STATUS_UP)),
                                 outcome_of(2, 300, check_at(AT_0, STATUS_DOWN)),
                                 outcome_of(0, 90, check_at(AT_0, STATUS_UP))};
    struct arena *arena = arena_new();
    struct monitor_state *states;
    struct error error;
    int64_t *served;

    (void)state;
    assert_done(storage_stage(storage, outcomes, 3, &error), &error);
    assert_done(storage_stage(storage, NULL, 0, &error), &error);
    storage_close(storage);
    storage = open_storage(world, STORAGE_READ_WRITE);
    assert_done(storage_load_served(storage, &served, &error), &error);

    /* The last that came counts, so that a clock set back does not stop the checks. */
    assert_int_equal(served[0], 90);
    assert_int_equal(served[1], 0);
    assert_int_equal(served[2], 300);
    free(served);

    /* It is not recorded yet. */
    assert_done(storage_load_states(storage, arena, &states, &error), &error);
    assert_int_equal(states[0].first_ms, INT64_MAX);
    assert_int_equal(states[0].last.status, STATUS_UNKNOWN);
    assert_int_equal(states[2].served_ms, 300);
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

        assert_done(storage_put_day(storage, day, domains, sites, &error), &error);
    }
    reader = open_storage(world, STORAGE_READ_ONLY);
    for (int round = 0; round < 3; round++) {
        static const int expected[DAY_SPANS] = {6, 29, 89};
        struct counted domains, sites;

        /* Computed by a reader, computed and kept by the writer, and read again. */
        assert_done(storage_load_counted(round ? storage : reader, DAY_0, &domains, &sites, &error),
                    &error);
        for (int span = 0; span < DAY_SPANS; span++) {
            assert_int_equal(domains.sums[span].minutes[STATUS_UP], expected[span]);
            assert_int_equal(domains.sums[DAY_SPANS + span].minutes[STATUS_DOWN],
                             2 * expected[span]);
            assert_int_equal(sites.sums[span].minutes[STATUS_UP], expected[span]);
            assert_int_equal(sites.sums[span].minutes[STATUS_DOWN], 2 * expected[span]);
        }
        storage_free_counted(&domains);
        storage_free_counted(&sites);
    }

    /* A day counted again, and another today, show. */
    {
        struct tally none[] = {tally_of(0, 0), tally_of(0, 0)};
        struct counted domains, sites;

        assert_done(storage_put_day(storage, DAY_0 - 1, none, none, &error), &error);
        assert_done(storage_load_counted(storage, DAY_0, &domains, &sites, &error), &error);
        assert_int_equal(domains.sums[DAYS_7].minutes[STATUS_UP], 5);
        storage_free_counted(&domains);
        storage_free_counted(&sites);
        assert_done(storage_load_counted(storage, DAY_0 + 2, &domains, &sites, &error), &error);
        assert_int_equal(domains.sums[DAYS_7].minutes[STATUS_UP], 3);
        storage_free_counted(&domains);
        storage_free_counted(&sites);
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
        assert_done(storage_put_day(storage, day, domains, sites, &error), &error);
    }
    reader = open_storage(world, STORAGE_READ_ONLY);
    for (int round = 0; round < 3; round++) {
        struct counted domains, sites;

        assert_done(storage_load_counted(round ? storage : reader, DAY_0, &domains, &sites, &error),
                    &error);
        assert_days(domains.days, 0, 89, (struct day_minutes){1440, 0});
        assert_days(domains.days, 89, 90, none);
        assert_days(domains.days + DAYS_SHOWN, 0, 1, (struct day_minutes){7, 89});
        assert_days(domains.days + DAYS_SHOWN, 1, 88, none);
        assert_days(domains.days + DAYS_SHOWN, 88, 89, (struct day_minutes){7, 1});
        assert_days(sites.days, 0, 89, (struct day_minutes){21, 54});
        storage_free_counted(&domains);
        storage_free_counted(&sites);
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
    for (int note = 0; note < NOTES; note++) {
        assert_done(storage_get_note(storage, (enum storage_note)note, &value, &error), &error);
        assert_int_equal(value, 0);
        assert_done(storage_set_note(storage, (enum storage_note)note, INT64_MIN + note, &error),
                    &error);
        assert_done(storage_get_note(storage, (enum storage_note)note, &value, &error), &error);
        assert_int_equal(value, INT64_MIN + note);
    }
    assert_done(storage_counted_day(storage, &value, &error), &error);
    assert_int_equal(value, INT64_MIN);
    assert_done(storage_next_day(storage, 0, &value, &error), &error);
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
    assert_done(storage_load_states(storage, arena, &states, &error), &error);
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
    assert_int_equal(storage_set_note(storage, NOTE_PENDING, 1, &error), -1);
    assert_int_equal(error.code, EXIT_IO);
    storage_close(storage);
    storage_close(NULL);
    free_world(world);
}

static void index_row(struct digest *digest, int64_t start_ms, enum status status)
{
    struct check check = check_at(start_ms, status);
    struct error error;

    assert_done(digest_add(digest, &check, NULL, &error), &error);
}

static void begin(struct digest *digest, struct recent *recent, int64_t monitor)
{
    struct known known;
    struct error error;

    assert_done(digest_load(&known, recent->storage, monitor, &error), &error);
    digest_begin(digest, recent, monitor, &known, INT64_MAX);
}

static void the_last_check_is_the_latest_but_for_a_clock_set_back(void **state)
{
    struct world *world = make_world(1);
    struct storage *storage = open_storage(world, STORAGE_READ_WRITE);
    struct recent recent;
    struct digest digest;
    struct error error;

    (void)state;
    recent_begin(&recent, storage);
    begin(&digest, &recent, 1);
    index_row(&digest, AT_0 + 10000, STATUS_UP);

    /* It started before the other, and ended after it. */
    index_row(&digest, AT_0, STATUS_TIMEOUT);
    assert_int_equal(digest.last.start_ms, AT_0 + 10000);
    assert_int_equal(digest.last_failure.start_ms, AT_0);
    assert_int_equal(digest.first_ms, AT_0);

    /* The clock was an hour ahead. */
    index_row(&digest, AT_0 - MS_PER_HOUR, STATUS_DOWN);
    assert_int_equal(digest.last.start_ms, AT_0 - MS_PER_HOUR);
    assert_int_equal(digest.last_failure.start_ms, AT_0 - MS_PER_HOUR);
    assert_done(digest_end(&digest, &error), &error);
    storage_close(storage);
    free_world(world);
}

static int count_hour(void *context, size_t domain, int64_t hour, const struct mark *marks,
                      size_t n)
{
    int *counts = context;

    (void)hour;
    (void)marks;
    counts[domain] += (int)n;
    return 0;
}

static void pruning_keeps_what_an_interval_still_reaches(void **state)
{
    enum { N = RECENT_MONITORS, OTHER = N - 1 };
    static const int64_t ids[] = {1, N}; /* of different rows */
    struct world *world = make_world(N);
    struct storage *storage;
    struct recent recent;
    struct error error;
    int64_t now_ms = AT_0 + 10 * MS_PER_DAY;
    int counts[N] = {0};

    (void)state;
    world->domains[OTHER].interval_seconds = 86400;
    storage = open_storage(world, STORAGE_READ_WRITE);
    recent_begin(&recent, storage);
    for (size_t i = 0; i < 2; i++) {
        struct digest digest;

        begin(&digest, &recent, ids[i]);
        for (int64_t at = AT_0; at < now_ms; at += MS_PER_HOUR)
            index_row(&digest, at, STATUS_UP);
        assert_done(digest_end(&digest, &error), &error);
    }
    assert_done(recent_save(&recent, &error), &error);

    /* As long as no day is counted, each may be. */
    assert_done(ledger_prune(storage, now_ms - 49 * MS_PER_HOUR, 0, 0, 0, &error), &error);
    assert_done(storage_each_recent(storage, 0, INT64_MAX, count_hour, counts, &error), &error);
    assert_int_equal(counts[0], 240);
    for (int64_t day = DAY_0; day < DAY_0 + 10; day++) {
        struct tally none[N] = {{{0}}};

        assert_done(storage_put_day(storage, day, none, none, &error), &error);
    }
    counts[0] = counts[OTHER] = 0;
    assert_done(ledger_prune(storage, now_ms - 49 * MS_PER_HOUR, 0, 0, 0, &error), &error);
    assert_done(storage_each_recent(storage, 0, INT64_MAX, count_hour, counts, &error), &error);
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
        struct outcome outcome = outcome_of((size_t)i % 2, AT_0 + i, check);

        assert_done(storage_stage(storage, &outcome, 1, &error), &error);
    }
    storage_close(storage);
    storage = open_storage(world, STORAGE_READ_WRITE);
    for (sqlite3_int64 room = 4096; result; room += 4096) {
        sqlite3_hard_heap_limit64(sqlite3_memory_used() + room);
        result = ledger_examine(storage, &error);
        sqlite3_hard_heap_limit64(0);
        failed += result != 0;
        assert_false(ledger_is_damaged(storage));
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
