/* Goal of this test: the latencies of 7 and 30 days are those of the recorded checks: after a life
 * of many days with restarts, gaps and late rows, after a rebuild, and for a moment of the past. */
#include "dashboard/snapshot.h"

#include "base/clock.h"
#include "dashboard/history.h"
#include "records/export.h"
#include "records/journal.h"
#include "records/rotate.h"
#include "state/latency_table.h"
#include "state/staged.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "records.h"

enum { NONE = LATENCY_NONE, DAYS = 34, MINUTES = DAYS * MINUTES_PER_DAY };

/* What was recorded of domain 0, minute by minute from DAY_0 on. */
static struct {
    uint8_t status[MINUTES];
    uint16_t latency[MINUTES];
} recorded;

static void record(struct journal *journal, int minute, enum status status, int latency_ms)
{
    int64_t start_ms = DAY_0 * MS_PER_DAY + (int64_t)minute * MS_PER_MINUTE + 500;
    struct check check = check_at(start_ms, status);

    if (status == STATUS_UP)
        check.latency_ms = latency_ms;
    stage(journal, 0, &check);
    recorded.status[minute] = (uint8_t)status;
    recorded.latency[minute] = status == STATUS_UP ? (uint16_t)latency_ms : NONE;
}

/* Records the checks of about one hour in four of a day until a minute: sometimes one a minute, and
 * sometimes few. */
static void record_day(struct journal *journal, int day, int n_minutes, uint64_t *seed)
{
    for (int hour = 0; hour < 24; hour++) {
        int every = 1 + (int)dice_below(seed, 9);

        if (dice_below(seed, 4))
            continue;
        for (int i = 0; i < 60 && hour * 60 + i < n_minutes; i += every) {
            bool is_down = dice_below(seed, 40) == 0;

            record(journal, day * MINUTES_PER_DAY + hour * 60 + i,
                   is_down ? STATUS_DOWN : STATUS_UP, (int)dice_below(seed, 2000));
        }
    }
}

static int64_t minute_ms(int minute)
{
    return DAY_0 * MS_PER_DAY + (int64_t)minute * MS_PER_MINUTE + 30000;
}

static void count(struct journal *journal, const struct world *world, int day)
{
    struct error error;

    assert_done(export_run(journal, &error), &error);
    assert_done(history_count_days(journal_storage(journal), &world->config, DAY_0 + day, &error),
                &error);
}

static int compare_values(const void *a, const void *b)
{
    return *(const uint16_t *)a - *(const uint16_t *)b;
}

/* A check counts for its minute and the next one, because the interval is a minute. */
static enum status status_in(int minute, int now)
{
    if (minute > now)
        return STATUS_UNKNOWN;
    if (recorded.status[minute])
        return recorded.status[minute];
    return minute > 0 ? recorded.status[minute - 1] : STATUS_UNKNOWN;
}

/* Computes a slot in the plainest way. */
static struct latency_slot expect_slot(int from, int n, int now)
{
    static uint16_t values[LATENCY_MONTH_MINUTES];
    struct latency_slot slot = {NONE, NONE, STATUS_UNKNOWN};
    int n_values = 0;

    for (int i = from < 0 ? 0 : from; i < from + n && i <= now; i++) {
        enum status status = status_in(i, now);

        if (status == STATUS_DOWN || (status == STATUS_UP && slot.status == STATUS_UNKNOWN))
            slot.status = (uint8_t)status;
        if (recorded.latency[i] != NONE)
            values[n_values++] = recorded.latency[i];
    }
    qsort(values, (size_t)n_values, sizeof values[0], compare_values);
    if (n_values) {
        slot.median = values[(n_values * 50 + 99) / 100 - 1];
        slot.p95 = values[(n_values * 95 + 99) / 100 - 1];
    }
    return slot;
}

static void assert_slots(const struct latency_slot *slots, int n, int minutes, int now)
{
    for (int i = 0; i < n; i++) {
        int from = (now / minutes - n + 1 + i) * minutes;
        struct latency_slot expected = expect_slot(from, minutes, now);

        if (slots[i].median != expected.median || slots[i].p95 != expected.p95 ||
            slots[i].status != expected.status)
            fail_msg("now %d: slot %d of %d minutes: %d %d %d instead of %d %d %d", now, i, minutes,
                     slots[i].median, slots[i].p95, slots[i].status, expected.median, expected.p95,
                     expected.status);
    }
}

static void assert_history(const struct world *world, struct storage *storage, int now)
{
    struct error error;
    struct snapshot *snapshot = snapshot_take(storage, &world->config, minute_ms(now), &error);

    assert_non_null(snapshot);
    assert_slots(snapshot->domains[0].week, LATENCY_WEEK_SLOTS, LATENCY_WEEK_MINUTES, now);
    assert_slots(snapshot->domains[0].month, LATENCY_MONTH_SLOTS, LATENCY_MONTH_MINUTES, now);
    for (int i = 0; i < LATENCY_WEEK_SLOTS; i++)
        assert_int_equal(snapshot->domains[1].week[i].median, NONE);
    snapshot_free(snapshot);
}

/* The rows of the table, as texts. The caller frees them with sqlite3_free_table. */
static char **dump(const struct world *world, int *n)
{
    char **rows;
    sqlite3 *db;

    assert_int_equal(sqlite3_open(path_in(world, "state.db"), &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_get_table(db, "SELECT monitor, day, hex(slots) FROM latency", &rows, n, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    return rows;
}

/* Ten days pass without uptick, one day gets a late row after it was counted, and some days are
 * counted together. Each day begins with a new process. */
static void live(struct world *world, int last_minute, uint64_t *seed)
{
    int last_day = last_minute / MINUTES_PER_DAY;

    memset(recorded.status, STATUS_UNKNOWN, sizeof recorded.status);
    memset(recorded.latency, 0xff, sizeof recorded.latency);
    for (int day = 0; day <= last_day; day++) {
        int n_minutes = day == last_day ? last_minute % MINUTES_PER_DAY + 1 : MINUTES_PER_DAY;
        struct journal *journal = open_world(world, minute_ms(day * MINUTES_PER_DAY));
        struct error error;

        if (day % 3)
            count(journal, world, day);
        if (day < 6 || day > 15)
            record_day(journal, day, n_minutes, seed);
        count(journal, world, day);
        if (day == 20) {
            record(journal, 19 * MINUTES_PER_DAY + 5, STATUS_UP, 9999);
            record(journal, 19 * MINUTES_PER_DAY + 700, STATUS_DOWN, 0);
        }
        count(journal, world, day);
        assert_done(rotate_run(journal, minute_ms(day * MINUTES_PER_DAY + n_minutes - 1), &error),
                    &error);
        assert_history(world, journal_storage(journal), day * MINUTES_PER_DAY + n_minutes - 1);
        journal_close(journal);
    }
}

static void a_rebuilt_state_has_the_latencies_of_the_one_that_lived(void **state)
{
    static const int past[] = {3 * MINUTES_PER_DAY + 77, 20 * MINUTES_PER_DAY,
                               31 * MINUTES_PER_DAY + 1439};
    const int now = (DAYS - 1) * MINUTES_PER_DAY + 13 * 60 + 7;
    struct world *world = make_world(2);
    struct journal_counts counts;
    struct journal *journal;
    char **before, **after;
    int n_before, n_after;
    uint64_t seed = 5;
    struct error error;

    (void)state;
    live(world, now, &seed);
    before = dump(world, &n_before);
    assert_int_equal(n_before, 1);
    assert_int_equal(strlen(before[5]), 2 * LATENCY_BYTES);
    for (int round = 0; round < 2; round++) {
        if (round)
            unlink(path_in(world, "state.db"));
        else
            assert_done(
                journal_rebuild(&world->config, &world->log, minute_ms(now), &counts, &error),
                &error);
        journal = open_world(world, minute_ms(now));
        count(journal, world, DAYS - 1);
        assert_history(world, journal_storage(journal), now);
        journal_close(journal);
        after = dump(world, &n_after);
        assert_int_equal(n_after, 1);
        assert_string_equal(after[4], before[4]);
        assert_string_equal(after[5], before[5]);
        sqlite3_free_table(after);
    }
    sqlite3_free_table(before);
    for (size_t i = 0; i < sizeof past / sizeof past[0]; i++) {
        struct storage *storage;

        assert_done(
            journal_load_at(&storage, &world->config, &world->log, minute_ms(past[i]), &error),
            &error);
        assert_history(world, storage, past[i]);
        storage_close(storage);
    }
    free_world(world);
}

/* The state has counted days that are ahead of now. */
static void a_clock_that_was_set_back_keeps_the_latencies_before_it(void **state)
{
    const int now = 4 * MINUTES_PER_DAY + 600;
    struct world *world = make_world(2);
    struct journal *journal;
    uint64_t seed = 7;

    (void)state;
    live(world, now, &seed);
    journal = open_world(world, minute_ms(now + 2 * MINUTES_PER_DAY));
    count(journal, world, 6);
    assert_history(world, journal_storage(journal), now);
    journal_close(journal);
    free_world(world);
}

/* Adds a day with one check in each of these states to a history of the table. */
static void add_day(struct storage *storage, int64_t day, uint16_t value)
{
    static uint16_t values[MINUTES_PER_DAY];
    static uint8_t cells[MINUTES_PER_DAY];
    struct error error;

    memset(values, 0xff, sizeof values);
    memset(cells, STATUS_UNKNOWN, sizeof cells);
    values[0] = value;
    cells[0] = value == NONE ? STATUS_UNKNOWN : STATUS_UP;
    assert_done(storage_begin(storage, &error), &error);
    assert_done(latency_table_add(storage, 0, day, values, cells, &error), &error);
    assert_done(storage_end(storage, 0, &error), &error);
}

/* "DAY: VALUE...": the last day, and the first of the six hours of each day that has a value. */
static int write_days(void *context, size_t domain, int64_t day, struct latency_history *history)
{
    char *text = context;
    int size = sprintf(text, "%d:", (int)(day - DAY_0));

    assert_int_equal(domain, 0);
    for (int i = 0; i < LATENCY_MONTH_SLOTS; i += 4) {
        if (history->month[i].median != NONE)
            size += sprintf(text + size, " %d", history->month[i].median);
    }
    for (int i = 0; i < 7; i++)
        assert_int_equal(history->week[24 * i].median, history->month[4 * (23 + i)].median);
    return 0;
}

static void a_day_that_is_counted_again_replaces_its_slots(void **state)
{
    static const struct {
        int day, value;
        const char *days;
    } steps[] = {
        {0, 10, "0: 10"},         {1, 11, "1: 10 11"},     {1, 12, "1: 10 12"},
        {0, 13, "1: 13 12"},      {4, 14, "4: 13 12 14"},  {2, 15, "4: 13 12 15 14"},
        {2, NONE, "4: 13 12 14"}, {30, NONE, "30: 12 14"}, {1, 16, "30: 16 14"},
        {0, 17, "0: 17"},         {30, 18, "30: 18"},      {3000, 19, "3000: 19"},
        {1, 20, "1: 20"},         {1, NONE, ""},
    };
    struct world *world = make_world(2);
    struct journal *journal = open_world(world, AT_0);
    struct storage *storage = journal_storage(journal);
    struct error error;

    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        const size_t domains[] = {1, 0};
        char text[256] = "";

        add_day(storage, DAY_0 + steps[i].day, (uint16_t)steps[i].value);
        assert_done(latency_table_each_of(storage, domains, 2, write_days, text, &error), &error);
        assert_string_equal(text, steps[i].days);
    }

    /* Monitors that left the configuration have no new days. */
    add_day(storage, DAY_0, 1);
    for (int later = 0; later < 2; later++) {
        char text[256] = "";

        assert_done(latency_table_delete_before(storage, DAY_0 + later, &error), &error);
        assert_done(
            latency_table_each_of(storage, (const size_t[]){0}, 1, write_days, text, &error),
            &error);
        assert_string_equal(text, later ? "" : "0: 1");
    }
    journal_close(journal);
    free_world(world);
}

static void slots_that_uptick_cannot_have_packed_are_refused(void **state)
{
    static const struct {
        uint16_t median, p95;
        uint8_t status;
        int result;
    } cases[] = {
        {NONE, NONE, STATUS_UNKNOWN, 0}, {NONE, NONE, STATUS_TIMEOUT, 0}, {0, 0, STATUS_UP, 0},
        {65534, 65534, STATUS_UP, 0},    {2, 1, STATUS_UP, -1},           {1, NONE, STATUS_UP, -1},
        {NONE, 1, STATUS_UP, -1},        {1, 2, STATUS_COUNT, -1},        {NONE, NONE, 15, -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t slot = 0; slot < LATENCY_SLOTS; slot += LATENCY_SLOTS - 1) {
            size_t first_status = LATENCY_SLOTS * LATENCY_SLOT_BYTES;
            unsigned char bytes[LATENCY_BYTES], empty[LATENCY_BYTES];
            unsigned char *at = bytes + slot * LATENCY_SLOT_BYTES;
            struct latency_history history;

            memset(empty, 0, sizeof empty);
            memset(empty, 0xff, first_status);
            memcpy(bytes, empty, sizeof bytes);
            at[0] = (unsigned char)(cases[i].median & 0xff);
            at[1] = (unsigned char)(cases[i].median >> 8);
            at[2] = (unsigned char)(cases[i].p95 & 0xff);
            at[3] = (unsigned char)(cases[i].p95 >> 8);
            bytes[first_status + slot / 2] = (unsigned char)(cases[i].status << slot % 2 * 4);
            assert_int_equal(latency_table_unpack(bytes, &history), cases[i].result);
            assert_int_equal(latency_table_take(empty, DAY_0, bytes, DAY_0, DAY_0),
                             cases[i].result);
            assert_int_equal(latency_table_take(bytes, DAY_0, empty, DAY_0, DAY_0),
                             cases[i].result);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rebuilt_state_has_the_latencies_of_the_one_that_lived),
        cmocka_unit_test(a_clock_that_was_set_back_keeps_the_latencies_before_it),
        cmocka_unit_test(a_day_that_is_counted_again_replaces_its_slots),
        cmocka_unit_test(slots_that_uptick_cannot_have_packed_are_refused),
    };

    return cmocka_run_group_tests_name("latency_history", tests, NULL, NULL);
}
