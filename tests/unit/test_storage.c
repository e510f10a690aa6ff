/* state.db: samples, staged results, day counts, settings and readers. */

#include "base/arena.h"
#include "base/clock.h"
#include "state/column.h"
#include "state/days.h"
#include "state/expiry.h"
#include "state/indexer.h"
#include "state/minute_index.h"
#include "state/monitors.h"
#include "state/staged.h"

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

static void samples_are_read_back_as_they_were_added(void **state)
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
                                    (int)dice_below(&seed, SAMPLE_LATENCY_MAX + 2) - 1};
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

static void a_minute_keeps_the_check_that_started_last(void **state)
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

static void a_latency_in_a_sample_is_capped_at_65534_ms(void **state)
{
    static const struct {
        int given, stored;
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
        assert_int_equal(samples[0].latency_ms, cases[i].stored);
    }
}

static void invalid_bytes_of_samples_are_rejected(void **state)
{
    static const unsigned char cases[][SAMPLE_BYTES] = {
        {0, 1, 0},       /* the start of a check that does not exist */
        {0, 0, 0, 1, 0}, /* a latency without a check */
        {0, 0, 0, 0, 1}, /* a longer latency without a check */
        {6, 0, 0},       /* not a status */
        {1, 0x60, 0xea}, /* 60000 ms into a minute */
    };
    struct sample samples[SAMPLES_MAX];
    size_t n;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned char packed[SAMPLES_BYTES] = {0};

        memcpy(packed + 59 * SAMPLE_BYTES, cases[i], SAMPLE_BYTES);
        assert_int_equal(samples_unpack(packed, 0, samples, &n), -1);
    }
}

static void phases_are_decoded_as_they_were_encoded(void **state)
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
        column_pack_phases(&cases[i], packed);
        assert_int_equal(column_unpack_phases(packed, &back), 0);
        assert_memory_equal(&back, &cases[i], sizeof back);
    }

    /* Times that no check lasts for, and bytes that stand for none. */
    column_pack_phases(&(struct phases){{INT64_MAX, INT64_MIN, -2, 1800000001, 0}}, packed);
    assert_int_equal(column_unpack_phases(packed, &back), 0);
    assert_memory_equal(&back, (&(struct phases){{1800000000, -1, -1, 1800000000, 0}}),
                        sizeof back);
    memcpy(packed + 8, never, sizeof never);
    assert_int_equal(column_unpack_phases(packed, &back), -1);
}

static void an_index_key_gives_its_hour_and_its_monitors(void **state)
{
    static const int64_t hours[] = {-(1LL << 41), -1, 0, 1, 495000, 1LL << 41};
    static const int64_t monitors[] = {1, MINUTE_INDEX_MONITORS - 1, MINUTE_INDEX_MONITORS, 10000,
                                       20000000};

    (void)state;
    for (size_t i = 0; i < sizeof hours / sizeof hours[0]; i++) {
        for (size_t j = 0; j < sizeof monitors / sizeof monitors[0]; j++) {
            int64_t key = minute_index_key(hours[i], monitors[j]);

            assert_int_not_equal(key, 0);
            assert_int_equal(minute_index_key_hour(key), hours[i]);
            assert_int_equal(minute_index_key_monitor(key),
                             monitors[j] / MINUTE_INDEX_MONITORS * MINUTE_INDEX_MONITORS);
            assert_true(key < minute_index_key(hours[i] + 1, 1));
        }
    }

    /* Hours that no clock shows do not overflow. */
    assert_true(minute_index_key(INT64_MIN, 1) < minute_index_key(hours[0], 1));
    assert_true(minute_index_key(INT64_MAX, 1) > minute_index_key(hours[5], 20000000));
}

static void staged_results_set_due_after_and_survive_closing(void **state)
{
    struct world *world = make_world(3);
    struct storage *storage = open_storage(world, STORAGE_READ_WRITE);
    struct staged_result staged_results[] = {outcome_of(0, 100, check_at(AT_0, STATUS_UP)),
                                             outcome_of(2, 300, check_at(AT_0, STATUS_DOWN)),
                                             outcome_of(0, 90, check_at(AT_0, STATUS_UP))};
    struct arena *arena = arena_new();
    struct monitor_state *states;
    struct error error;
    int64_t *due_after_ms, *wait_until_ms;

    (void)state;
    assert_done(staged_add(storage, staged_results, 3, &error), &error);
    assert_done(staged_add(storage, NULL, 0, &error), &error);
    storage_close(storage);
    storage = open_storage(world, STORAGE_READ_WRITE);
    assert_done(monitors_load_due_after(storage, &due_after_ms, &wait_until_ms, &error), &error);

    /* The result staged last counts, so that a clock set back does not stop the checks. */
    assert_int_equal(due_after_ms[0], 90);
    assert_int_equal(due_after_ms[1], 0);
    assert_int_equal(due_after_ms[2], 300);
    free(due_after_ms);
    free(wait_until_ms);

    /* A staged result is not in the state of its monitor yet. */
    assert_done(monitors_load(storage, arena, &states, &error), &error);
    assert_int_equal(states[0].first_ms, INT64_MAX);
    assert_int_equal(states[0].last.status, STATUS_UNKNOWN);
    assert_int_equal(states[2].due_after_ms, 300);
    arena_free(arena);
    storage_close(storage);
    free_world(world);
}

/* A failed check with this status, which asks to wait. */
static struct check waiting_check(int64_t start_ms, int http_status)
{
    struct check check = check_at(start_ms, STATUS_DOWN);

    check.http_status = http_status;
    check.latency_ms = 250;
    snprintf(check.failure, sizeof check.failure,
             "http_status: expected 200, got %d (Retry-After 120 s)", http_status);
    return check;
}

static void a_staged_result_sets_its_wait_and_a_later_one_ends_it(void **state)
{
    struct world *world = make_world(3);
    struct storage *storage = open_storage(world, STORAGE_READ_WRITE);
    struct staged_result staged_results[] = {outcome_of(0, 100, waiting_check(AT_0, 503)),
                                             outcome_of(1, 100, waiting_check(AT_0, 429)),
                                             outcome_of(2, 100, waiting_check(AT_0, 404)),
                                             outcome_of(0, 200, check_at(AT_0 + 9, STATUS_UP))};
    int64_t *due_after_ms, *wait_until_ms;
    struct error error;

    (void)state;
    assert_done(staged_add(storage, staged_results, 4, &error), &error);
    assert_done(monitors_load_due_after(storage, &due_after_ms, &wait_until_ms, &error), &error);
    assert_int_equal(wait_until_ms[0], 0);
    assert_int_equal(wait_until_ms[1], AT_0 + 250 + 120000);
    assert_int_equal(wait_until_ms[2], 0); /* nobody writes such a text */
    free(due_after_ms);
    free(wait_until_ms);
    storage_close(storage);
    free_world(world);
}

static struct tally tally_of(int64_t up, int64_t down)
{
    struct tally tally = {.minutes = {[STATUS_UP] = up, [STATUS_DOWN] = down}};

    return tally;
}

static void day_sums_cover_6_29_89_and_364_days(void **state)
{
    struct world *world = make_world(2);
    struct storage *storage = open_storage(world, STORAGE_READ_WRITE);
    struct storage *reader;
    struct error error;

    (void)state;
    for (int64_t day = DAY_0 - 380; day < DAY_0; day++) {
        struct tally domains[] = {tally_of(1, 0), tally_of(0, 2)}, sites[] = {tally_of(1, 2)};

        assert_done(days_put(storage, day, domains, sites, &error), &error);
    }
    reader = open_storage(world, STORAGE_READ_ONLY);
    for (int round = 0; round < 3; round++) {
        static const int expected[DAY_SPANS] = {6, 29, 89, 364};
        struct counted domains, sites;

        /* Summed by a reader, summed and stored by the writer, and loaded from there. */
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

    /* The sums follow a day that is counted again, and another today. */
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

/* What was put for each day: the domains, then the sites. */
enum { HISTORY = 800, HISTORY_DOMAINS = 5, HISTORY_OWNERS = HISTORY_DOMAINS + 2 };
static struct tally put_days[HISTORY][HISTORY_OWNERS];

/* A day with random minutes; every fourth owner has none. */
static void put_random_day(struct storage *storage, int day, uint64_t *seed)
{
    const struct config *config = storage->config;
    struct tally *tallies = put_days[day];
    struct error error;

    for (size_t i = 0; i < HISTORY_OWNERS; i++) {
        bool is_site = i >= HISTORY_DOMAINS;

        if (is_site ? i - HISTORY_DOMAINS >= config->n_sites : i >= config->n_domains)
            continue;
        tallies[i] = dice_below(seed, 4) ? tally_of(dice_below(seed, 700), dice_below(seed, 700))
                                         : tally_of(0, 0);
    }
    assert_done(days_put(storage, DAY_0 + day, tallies, tallies + HISTORY_DOMAINS, &error), &error);
}

/* Compares what was loaded for an owner with what was put. */
static void assert_sums(const struct counted *counted, size_t at, size_t owner, int today)
{
    static const int spans[DAY_SPANS] = {6, 29, 89, 364};

    for (size_t span = 0; span < DAY_SPANS; span++) {
        int64_t up = 0, down = 0;

        for (int day = today - spans[span] < 0 ? 0 : today - spans[span]; day < today; day++) {
            up += put_days[day][owner].minutes[STATUS_UP];
            down += put_days[day][owner].minutes[STATUS_DOWN];
        }
        assert_int_equal(counted->sums[at * DAY_SPANS + span].minutes[STATUS_UP], up);
        assert_int_equal(counted->sums[at * DAY_SPANS + span].minutes[STATUS_DOWN], down);
    }
    for (int i = 0; i < DAYS_SHOWN - 1; i++) {
        int day = today - (DAYS_SHOWN - 1) + i;
        const struct day_minutes *shown = &counted->days[at * DAYS_SHOWN + (size_t)i];

        assert_int_equal(shown->good, day < 0 ? 0 : put_days[day][owner].minutes[STATUS_UP]);
        assert_int_equal(shown->bad, day < 0 ? 0 : put_days[day][owner].minutes[STATUS_DOWN]);
    }
}

static void load_and_compare(struct storage *storage, int today)
{
    struct counted domains, sites;
    struct error error;

    assert_done(days_load(storage, DAY_0 + today, &domains, &sites, &error), &error);
    for (size_t i = 0; i < storage->config->n_domains; i++)
        assert_sums(&domains, i, i, today);
    for (size_t i = 0; i < storage->config->n_sites; i++)
        assert_sums(&sites, i, HISTORY_DOMAINS + i, today);
    days_free(&domains);
    days_free(&sites);
}

/*
 * Random histories: days that are left out, counted again now or long after, or counted and shown
 * by another configuration. Readers sum up too. The sums are always those of the days.
 */
static void sums_of_each_day_are_those_of_its_days(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct world *world = make_world(HISTORY_DOMAINS);
        struct storage *storage = open_storage(world, STORAGE_READ_WRITE);
        struct storage *reader = open_storage(world, STORAGE_READ_ONLY);
        uint64_t random = seed;

        memset(put_days, 0, sizeof put_days);
        for (int day = 0; day + 1 < HISTORY; day += dice_below(&random, 12) ? 1 : 30) {
            put_random_day(storage, day, &random);
            if (dice_below(&random, 20) == 0) {
                storage_close(reader);
                storage_close(storage);
                make_config(world, dice_below(&random, 2) ? HISTORY_DOMAINS : PER_SITE);
                storage = open_storage(world, STORAGE_READ_WRITE);
                reader = open_storage(world, STORAGE_READ_ONLY);
            }
            if (dice_below(&random, 4) == 0)
                load_and_compare(reader, day + 1);
            if (dice_below(&random, 10))
                load_and_compare(storage, day + 1);
            if (dice_below(&random, 25) == 0) {
                put_random_day(storage, (int)dice_below(&random, day + 1), &random);
                put_random_day(storage, day, &random);
                load_and_compare(storage, day + 1);
            }
        }
        storage_close(reader);
        storage_close(storage);
        free_world(world);
    }
}

static void assert_days(const struct day_minutes *days, int from, int to, struct day_minutes day)
{
    for (int i = from; i < to; i++) {
        if (days[i].good != day.good || days[i].bad != day.bad || days[i].degraded != day.degraded)
            fail_msg("day %d: %d good, %d bad, %d degraded", i, days[i].good, days[i].bad,
                     days[i].degraded);
    }
}

/* Summed by a reader, summed and stored by the writer, and loaded from there. */
static void ninety_days_are_loaded_and_today_is_left_empty(void **state)
{
    static const struct day_minutes none = {0};
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
        assert_days(domains.days, 0, 89, (struct day_minutes){1440, 0, 0});
        assert_days(domains.days, 89, 90, none);
        assert_days(domains.days + DAYS_SHOWN, 0, 1, (struct day_minutes){7, 89, 0});
        assert_days(domains.days + DAYS_SHOWN, 1, 88, none);
        assert_days(domains.days + DAYS_SHOWN, 88, 89, (struct day_minutes){7, 1, 0});
        assert_days(sites.days, 0, 89, (struct day_minutes){21, 54, 20});
        days_free(&domains);
        days_free(&sites);
    }
    storage_close(reader);
    storage_close(storage);
    free_world(world);
}

static void a_setting_is_zero_until_it_is_set(void **state)
{
    struct world *world = make_world(1);
    struct storage *storage = open_storage(world, STORAGE_READ_WRITE);
    struct error error;
    int64_t value;

    (void)state;
    assert_done(days_counted(storage, &value, &error), &error);
    assert_int_equal(value, INT64_MIN);
    assert_done(minute_index_next_day(storage, 0, &value, &error), &error);
    assert_int_equal(value, INT64_MAX);
    for (int setting = 0; setting < SETTINGS; setting++) {
        assert_done(storage_get_setting(storage, (enum storage_setting)setting, &value, &error),
                    &error);
        assert_int_equal(value, 0);
        assert_done(storage_set_setting(storage, (enum storage_setting)setting, 1, &error), &error);
        assert_done(storage_get_setting(storage, (enum storage_setting)setting, &value, &error),
                    &error);
        assert_int_equal(value, 1);
    }
    storage_close(storage);
    free_world(world);
}

static void a_reader_sees_a_missing_state_as_empty_and_creates_none(void **state)
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

static void a_reader_cannot_change_the_state(void **state)
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

static void index_check(struct indexer *indexer, int64_t start_ms, enum status status)
{
    struct check check = check_at(start_ms, status);
    struct error error;

    assert_done(indexer_add(indexer, &check, NULL, &error), &error);
}

static void begin_rows(struct indexer *indexer, struct minute_index *minute_index, int64_t monitor)
{
    struct monitor_summary summary;
    struct error error;

    assert_done(monitors_load_summary(minute_index->storage, monitor, &summary, &error), &error);
    indexer_begin(indexer, minute_index, monitor, &summary, INT64_MAX);
}

static void the_last_check_is_the_latest_unless_the_clock_was_set_back(void **state)
{
    struct world *world = make_world(1);
    struct storage *storage = open_storage(world, STORAGE_READ_WRITE);
    struct minute_index minute_index;
    struct indexer indexer;
    struct error error;

    (void)state;
    minute_index_begin(&minute_index, storage);
    begin_rows(&indexer, &minute_index, 1);
    index_check(&indexer, AT_0 + 10000, STATUS_UP);

    /* A check that started before the other one and ended after it. */
    index_check(&indexer, AT_0, STATUS_TIMEOUT);
    assert_int_equal(indexer.last.start_ms, AT_0 + 10000);
    assert_int_equal(indexer.last_failure.start_ms, AT_0);
    assert_int_equal(indexer.first_ms, AT_0);

    /* The clock was an hour ahead and was set back. */
    index_check(&indexer, AT_0 - MS_PER_HOUR, STATUS_DOWN);
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

static void pruning_keeps_samples_that_a_long_interval_needs(void **state)
{
    enum { N = MINUTE_INDEX_MONITORS, OTHER = N - 1 };
    static const int64_t ids[] = {1, N}; /* in different rows of the table */
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

        begin_rows(&indexer, &minute_index, ids[i]);
        for (int64_t at = AT_0; at < now_ms; at += MS_PER_HOUR)
            index_check(&indexer, at, STATUS_UP);
        assert_done(indexer_end(&indexer, &error), &error);
    }
    assert_done(minute_index_save(&minute_index, &error), &error);

    /* While no day is counted, every sample may be needed. */
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

/* If SQLite has no memory for a page, it reports the page as damaged. */
static void running_out_of_memory_is_not_reported_as_damage(void **state)
{
    struct world *world = make_world(2);
    struct storage *storage;
    struct check check = check_at(AT_0, STATUS_DOWN);
    int failed = 0, result = -1;
    struct error error;

    /* SQLite must count its memory to limit it (storage_open). */
    (void)state;
    assert_int_equal(sqlite3_shutdown(), SQLITE_OK);
    assert_int_equal(sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 1), SQLITE_OK);
    assert_int_equal(sqlite3_initialize(), SQLITE_OK);
    storage = open_storage(world, STORAGE_READ_WRITE);
    memset(check.failure, 'x', sizeof check.failure - 1);
    for (int i = 0; i < 2000; i++) {
        struct staged_result staged = outcome_of((size_t)i % 2, AT_0 + i, check);

        assert_done(staged_add(storage, &staged, 1, &error), &error);
    }
    storage_close(storage);
    storage = open_storage(world, STORAGE_READ_WRITE);
    for (sqlite3_int64 free_bytes = 4096; result; free_bytes += 4096) {
        sqlite3_hard_heap_limit64(sqlite3_memory_used() + free_bytes);
        result = storage_examine(storage, &error);
        sqlite3_hard_heap_limit64(0);
        failed += result != 0;
        assert_false(storage_is_damaged(storage));
    }
    assert_true(failed > 0);
    storage_close(storage);
    free_world(world);
}

static void only_valid_ids_are_accepted(void **state)
{
    static const char *const bad[] = {"", ".", "..", ".a", "-a", "a/b", "a b", "\xc3\xa9", "a\n"};
    char longest[66];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(text_is_id(bad[i], strlen(bad[i])));
    memset(longest, 'a', sizeof longest);
    assert_true(text_is_id(longest, 64));
    assert_false(text_is_id(longest, 65));
    assert_true(text_is_id("Az09._-", 7));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_read_back_as_they_were_added),
        cmocka_unit_test(a_minute_keeps_the_check_that_started_last),
        cmocka_unit_test(a_latency_in_a_sample_is_capped_at_65534_ms),
        cmocka_unit_test(invalid_bytes_of_samples_are_rejected),
        cmocka_unit_test(phases_are_decoded_as_they_were_encoded),
        cmocka_unit_test(an_index_key_gives_its_hour_and_its_monitors),
        cmocka_unit_test(staged_results_set_due_after_and_survive_closing),
        cmocka_unit_test(a_staged_result_sets_its_wait_and_a_later_one_ends_it),
        cmocka_unit_test(day_sums_cover_6_29_89_and_364_days),
        cmocka_unit_test(sums_of_each_day_are_those_of_its_days),
        cmocka_unit_test(ninety_days_are_loaded_and_today_is_left_empty),
        cmocka_unit_test(a_setting_is_zero_until_it_is_set),
        cmocka_unit_test(a_reader_sees_a_missing_state_as_empty_and_creates_none),
        cmocka_unit_test(a_reader_cannot_change_the_state),
        cmocka_unit_test(the_last_check_is_the_latest_unless_the_clock_was_set_back),
        cmocka_unit_test(pruning_keeps_samples_that_a_long_interval_needs),
        cmocka_unit_test(running_out_of_memory_is_not_reported_as_damage),
        cmocka_unit_test(only_valid_ids_are_accepted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
