/* Stores the latencies of the days that are counted, and reads them. */
#include "state/latency_table.h"

#include "base/clock.h"
#include "model/status.h"
#include "state/column.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Monitors whose ids are less apart are read together: their rows are on neighbouring pages. */
enum { NEIGHBOURS = 32 };

static uint16_t get_number(const unsigned char *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static void put_number(unsigned char *at, uint16_t number)
{
    at[0] = (unsigned char)(number & 0xff);
    at[1] = (unsigned char)(number >> 8);
}

/* The slots in the bytes of a history. The week comes first. */
static_assert(LATENCY_WEEK_SLOTS % 2 == 0 && LATENCY_MONTH_SLOTS % 2 == 0 && STATUS_COUNT <= 16,
              "a byte has two statuses of the same span");
enum { FIRST_STATUS = LATENCY_SLOTS * LATENCY_SLOT_BYTES };

/* Packs n slots. The first one has this number in the history. */
static void pack_slots(unsigned char bytes[LATENCY_BYTES], size_t number,
                       const struct latency_slot *slots, size_t n)
{
    unsigned char *at = bytes + number * LATENCY_SLOT_BYTES;
    unsigned char *statuses = bytes + FIRST_STATUS + number / 2;

    for (size_t i = 0; i < n; i++, at += LATENCY_SLOT_BYTES) {
        put_number(at, slots[i].median);
        put_number(at + 2, slots[i].p95);
    }
    for (size_t i = 0; i < n; i += 2)
        *statuses++ = (unsigned char)(slots[i].status | slots[i + 1].status << 4);
}

static void pack(unsigned char bytes[LATENCY_BYTES], const struct latency_history *history)
{
    pack_slots(bytes, 0, history->week, LATENCY_WEEK_SLOTS);
    pack_slots(bytes, LATENCY_WEEK_SLOTS, history->month, LATENCY_MONTH_SLOTS);
}

static bool is_possible(const struct latency_slot *slot)
{
    return slot->median <= slot->p95 &&
           (slot->p95 != LATENCY_NONE || slot->median == LATENCY_NONE) &&
           slot->status < STATUS_COUNT;
}

/* Returns 0, or -1 for impossible slots. */
static int unpack_slots(const unsigned char bytes[LATENCY_BYTES], size_t number,
                        struct latency_slot *slots, size_t n)
{
    const unsigned char *at = bytes + number * LATENCY_SLOT_BYTES;
    const unsigned char *statuses = bytes + FIRST_STATUS + number / 2;

    for (size_t i = 0; i < n; i++, at += LATENCY_SLOT_BYTES) {
        slots[i].median = get_number(at);
        slots[i].p95 = get_number(at + 2);
        slots[i].status = (uint8_t)(statuses[i / 2] >> i % 2 * 4 & 0xf);
        if (!is_possible(&slots[i]))
            return -1;
    }
    return 0;
}

int latency_table_unpack(const unsigned char bytes[LATENCY_BYTES], struct latency_history *history)
{
    return unpack_slots(bytes, 0, history->week, LATENCY_WEEK_SLOTS) ||
                   unpack_slots(bytes, LATENCY_WEEK_SLOTS, history->month, LATENCY_MONTH_SLOTS)
               ? -1
               : 0;
}

static int64_t last_minute_of(int64_t day)
{
    return (day + 1) * MINUTES_PER_DAY - 1;
}

int latency_table_take(unsigned char bytes[LATENCY_BYTES], int64_t day,
                       const unsigned char other[LATENCY_BYTES], int64_t other_day,
                       int64_t until_day)
{
    struct latency_history history, others;

    if (latency_table_unpack(bytes, &history) || latency_table_unpack(other, &others))
        return -1;
    latency_move(&others, last_minute_of(other_day), last_minute_of(day));
    latency_take(&history, &others, last_minute_of(day), last_minute_of(until_day) + 1);
    pack(bytes, &history);
    return 0;
}

static bool are_empty(const struct latency_slot *slots, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (slots[i].status != STATUS_UNKNOWN || slots[i].median != LATENCY_NONE)
            return false;
    }
    return true;
}

/* A read under way. */
struct latency_reading {
    struct storage *storage;
    latency_table_each_one *each;
    void *context;
    struct latency_history history;
};

static int read_row(void *context, sqlite3_stmt *row, struct error *error)
{
    struct latency_reading *reading = context;
    struct storage *storage = reading->storage;
    const struct owner *owner;
    int64_t monitor, day;

    if (column_read_number(storage, row, 0, COLUMN_MONITOR, &monitor, error) ||
        column_read_number(storage, row, 1, COLUMN_DAY, &day, error))
        return -1;
    owner = owners_find(&storage->monitors, monitor);
    if (!owner)
        return 0;
    if (sqlite3_column_type(row, 2) != SQLITE_BLOB ||
        sqlite3_column_bytes(row, 2) != LATENCY_BYTES ||
        latency_table_unpack(sqlite3_column_blob(row, 2), &reading->history))
        return database_damaged(storage, error);
    return reading->each(reading->context, owner->index, day, &reading->history);
}

/* The history to which a day is added, and its last day. */
struct latency_addition {
    struct latency_history history;
    int64_t last_day;
};

static int copy_history(void *context, size_t domain, int64_t day, struct latency_history *history)
{
    struct latency_addition *addition = context;

    (void)domain;
    addition->history = *history;
    addition->last_day = day;
    return 0;
}

/* Stores the history of a monitor, or nothing if it has no slot. */
static int put_history(struct storage *storage, int64_t monitor,
                       const struct latency_addition *addition, struct error *error)
{
    const struct latency_history *history = &addition->history;
    unsigned char bytes[LATENCY_BYTES];
    sqlite3_stmt *put;

    if (are_empty(history->week, LATENCY_WEEK_SLOTS) &&
        are_empty(history->month, LATENCY_MONTH_SLOTS))
        return database_run(storage, database_bind(storage, SQL_DELETE_LATENCIES, monitor), error);
    pack(bytes, history);
    put = database_bind(storage, SQL_PUT_LATENCIES, monitor, addition->last_day);
    sqlite3_bind_blob(put, 3, bytes, sizeof bytes, SQLITE_STATIC);
    return database_run(storage, put, error);
}

int latency_table_add(struct storage *storage, size_t domain, int64_t day, const uint16_t *values,
                      const uint8_t *cells, struct error *error)
{
    const struct latency_minutes minutes = {day * MINUTES_PER_DAY, MINUTES_PER_DAY, values, cells};
    int64_t monitor = storage->monitors.ids[domain];
    struct latency_addition addition = {.last_day = day};
    struct latency_reading reading = {storage, copy_history, &addition, {.week = {{0}}}};

    latency_clear(&addition.history);
    if (database_each(storage, database_bind(storage, SQL_GET_LATENCIES, monitor), read_row,
                      &reading, error))
        return -1;
    if (day > addition.last_day || day <= addition.last_day - LATENCY_DAYS) {
        latency_move(&addition.history, last_minute_of(addition.last_day), last_minute_of(day));
        addition.last_day = day;
    }
    latency_add(&addition.history, last_minute_of(addition.last_day), &minutes);
    return put_history(storage, monitor, &addition, error);
}

int latency_table_delete_before(struct storage *storage, int64_t day, struct error *error)
{
    return database_run(storage, database_bind(storage, SQL_DELETE_LATENCIES_BEFORE, day), error);
}

static int compare_ids(const void *a, const void *b)
{
    int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;

    return (one > other) - (one < other);
}

/* Reads the rows of these monitors, which ascend: neighbouring ones at once. */
static int read_rows(struct latency_reading *reading, const int64_t *ids, size_t n,
                     struct error *error)
{
    int result = 0;

    for (size_t i = 0, next; i < n && result == 0; i = next) {
        for (next = i + 1; next < n && ids[next] <= ids[next - 1] + NEIGHBOURS;)
            next++;
        result = database_each(
            reading->storage,
            database_bind(reading->storage, SQL_LIST_LATENCIES, ids[i], ids[next - 1]), read_row,
            reading, error);
    }
    return result;
}

int latency_table_each_of(struct storage *storage, const size_t *domains, size_t n_domains,
                          latency_table_each_one *each, void *context, struct error *error)
{
    struct latency_reading reading = {storage, each, context, {.week = {{0}}}};
    int64_t *ids = malloc((n_domains + 1) * sizeof *ids);
    int result;

    if (!ids)
        return database_no_memory(storage, error);
    for (size_t i = 0; i < n_domains; i++)
        ids[i] = storage->monitors.ids[domains[i]];
    qsort(ids, n_domains, sizeof *ids, compare_ids);
    result = read_rows(&reading, ids, n_domains, error);
    free(ids);
    return result;
}
