/* Adds samples to the minute index, and reads them. */
#include "state/minute_index.h"

#include "base/clock.h"
#include "state/column.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Each hour has this many keys. Hours of a clock that is further off share those of the furthest.
 */
static const int64_t keys_per_hour = 1 << 20, furthest_hour = 1LL << 42;

int64_t minute_index_key(int64_t hour, int64_t monitor)
{
    assert(monitor >= 0 && monitor <= MINUTE_INDEX_MONITOR_MAX);
    if (hour < -furthest_hour)
        hour = -furthest_hour;
    if (hour > furthest_hour)
        hour = furthest_hour;
    return hour * keys_per_hour + 1 + monitor / MINUTE_INDEX_MONITORS;
}

int64_t minute_index_key_hour(int64_t key)
{
    return clock_floor_div(key, keys_per_hour);
}

int64_t minute_index_key_monitor(int64_t key)
{
    return (key - 1 - minute_index_key_hour(key) * keys_per_hour) * MINUTE_INDEX_MONITORS;
}

void minute_index_begin(struct minute_index *minute_index, struct storage *storage)
{
    minute_index->storage = storage;
    for (int i = 0; i < MINUTE_INDEX_ROWS; i++)
        minute_index->rows[i].key = 0;
}

/* If the hour is in a day that was counted, that day and those after it must be counted again. */
static int reset_counted_day(struct storage *storage, int64_t hour, struct error *error)
{
    int64_t day = clock_floor_div(hour, HOURS_PER_DAY), counted;

    if (storage_get_setting(storage, SETTING_COUNTED_DAY, &counted, error))
        return -1;
    if (counted == 0 || day > counted)
        return 0;
    if (storage_set_setting(storage, SETTING_COUNTED_DAY, day - 1, error))
        return -1;
    return storage_set_setting(storage, SETTING_SUMS_DAY, -1, error);
}

static int save_row(struct storage *storage, struct minute_index_row *row, struct error *error)
{
    int64_t key = row->key;
    sqlite3_stmt *put;

    if (key == 0)
        return 0;
    row->key = 0;
    put = database_bind(storage, SQL_PUT_SAMPLES, key);
    sqlite3_bind_blob(put, 2, row->samples, sizeof row->samples, SQLITE_STATIC);
    if (database_run(storage, put, error))
        return -1;
    return reset_counted_day(storage, minute_index_key_hour(key), error);
}

/* Whether this column has the size of packed samples. */
static bool is_packed(sqlite3_stmt *row, int column)
{
    return sqlite3_column_type(row, column) == SQLITE_BLOB &&
           sqlite3_column_bytes(row, column) == MINUTE_INDEX_BYTES;
}

/* Reads the samples of a row. A row that is not in the database has none. */
static int read_samples(struct storage *storage, int64_t key,
                        unsigned char samples[MINUTE_INDEX_BYTES], struct error *error)
{
    sqlite3_stmt *get = database_bind(storage, SQL_GET_SAMPLES, key);
    int result = database_step(storage, get, error);

    if (result == 0)
        memset(samples, 0, MINUTE_INDEX_BYTES);
    if (result <= 0)
        return result;
    if (!is_packed(get, 0))
        result = database_damaged(storage, error);
    else
        memcpy(samples, sqlite3_column_blob(get, 0), MINUTE_INDEX_BYTES);
    sqlite3_reset(get);
    return result < 0 ? -1 : 0;
}

static struct minute_index_row *row_of(struct minute_index *minute_index, int64_t hour)
{
    return &minute_index->rows[hour & (MINUTE_INDEX_ROWS - 1)];
}

int minute_index_add(struct minute_index *minute_index, int64_t monitor,
                     const struct sample *sample, struct error *error)
{
    int64_t hour = clock_floor_div(sample->start_ms, MS_PER_HOUR);
    int64_t key = minute_index_key(hour, monitor);
    struct minute_index_row *row = row_of(minute_index, hour);

    if (row->key != key) {
        if (save_row(minute_index->storage, row, error) ||
            read_samples(minute_index->storage, key, row->samples, error))
            return -1;
        row->key = key;
    }
    samples_add(row->samples + monitor % MINUTE_INDEX_MONITORS * SAMPLES_BYTES, sample);
    return 0;
}

int minute_index_get(struct minute_index *minute_index, int64_t monitor, int64_t hour,
                     struct sample samples[SAMPLES_MAX], size_t *n, struct error *error)
{
    const struct minute_index_row *row = row_of(minute_index, hour);
    int64_t key = minute_index_key(hour, monitor);
    const unsigned char *packed = row->samples;
    unsigned char read[MINUTE_INDEX_BYTES];

    if (row->key != key) {
        if (read_samples(minute_index->storage, key, read, error))
            return -1;
        packed = read;
    }
    if (samples_unpack(packed + monitor % MINUTE_INDEX_MONITORS * SAMPLES_BYTES, hour, samples, n))
        return database_damaged(minute_index->storage, error);
    return 0;
}

int minute_index_save(struct minute_index *minute_index, struct error *error)
{
    for (int i = 0; i < MINUTE_INDEX_ROWS; i++) {
        if (save_row(minute_index->storage, &minute_index->rows[i], error))
            return -1;
    }
    return 0;
}

/* A reading of the index, for the caller of minute_index_each. */
struct index_reading {
    struct storage *storage;
    minute_index_each_hour *each;
    void *context;
    int64_t first_key; /* of the next row: keys ascend */
};

/* Calls each with the samples of one monitor, if it has any in this hour. */
static int read_monitor(const struct index_reading *reading, const unsigned char *packed,
                        int64_t hour, size_t domain, struct error *error)
{
    struct sample samples[SAMPLES_MAX];
    size_t n;

    if (samples_unpack(packed, hour, samples, &n))
        return database_damaged(reading->storage, error);
    if (n == 0 || reading->each(reading->context, domain, hour, samples, n) == 0)
        return 0;
    return error_set(error, EXIT_IO, "%s: reading was stopped by its caller",
                     reading->storage->path);
}

/* Reads a row of the table, monitor by monitor. */
static int read_row(void *context, sqlite3_stmt *row, struct error *error)
{
    struct index_reading *reading = context;
    const struct owners *owners = &reading->storage->monitors;
    const unsigned char *packed = sqlite3_column_blob(row, 1);
    const struct owner *owner;
    int64_t key, first;

    if (column_read_number(reading->storage, row, 0, COLUMN_KEY, &key, error))
        return -1;
    if (key < reading->first_key || !is_packed(row, 1))
        return database_damaged(reading->storage, error);
    reading->first_key = key + 1;
    first = minute_index_key_monitor(key);
    owner = owners_from(owners, first);
    for (; owner < owners->by_id + owners->n && owner->id < first + MINUTE_INDEX_MONITORS;
         owner++) {
        if (read_monitor(reading, packed + (owner->id - first) * SAMPLES_BYTES,
                         minute_index_key_hour(key), owner->index, error))
            return -1;
    }
    return 0;
}

int minute_index_each(struct storage *storage, int64_t first_hour, int64_t last_hour,
                      minute_index_each_hour *each, void *context, struct error *error)
{
    struct index_reading reading = {storage, each, context, minute_index_key(first_hour, 0)};
    sqlite3_stmt *list = database_bind(storage, SQL_LIST_SAMPLES, reading.first_key,
                                       minute_index_key(last_hour, 0) + keys_per_hour - 2);

    return database_each(storage, list, read_row, &reading, error);
}

int64_t minute_index_row_of(const struct storage *storage, size_t domain)
{
    int64_t id = storage->monitors.ids[domain];

    return id ? 1 + id / MINUTE_INDEX_MONITORS : 0;
}

static int compare_rows(const void *a, const void *b)
{
    int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;

    return (one > other) - (one < other);
}

/* Reads the rows from one to another in an hour. */
static int read_rows(struct index_reading *reading, int64_t hour, int64_t first, int64_t last,
                     struct error *error)
{
    int64_t last_key = minute_index_key(hour, (last - 1) * MINUTE_INDEX_MONITORS);
    sqlite3_stmt *list;

    reading->first_key = minute_index_key(hour, (first - 1) * MINUTE_INDEX_MONITORS);
    list = database_bind(reading->storage, SQL_LIST_SAMPLES, reading->first_key, last_key);
    return database_each(reading->storage, list, read_row, reading, error);
}

/* Reads these rows, which ascend, in an hour: neighbouring ones at once. */
static int read_hour(struct index_reading *reading, int64_t hour, const int64_t *rows,
                     size_t n_rows, struct error *error)
{
    for (size_t i = 0, next; i < n_rows; i = next) {
        for (next = i + 1; next < n_rows && rows[next] <= rows[next - 1] + 1;)
            next++;
        if (rows[next - 1] > 0 &&
            read_rows(reading, hour, rows[i] > 0 ? rows[i] : 1, rows[next - 1], error))
            return -1;
    }
    return 0;
}

int minute_index_each_of(struct storage *storage, const size_t *domains, size_t n_domains,
                         int64_t first_hour, int64_t last_hour, minute_index_each_hour *each,
                         void *context, struct error *error)
{
    struct index_reading reading = {storage, each, context, 0};
    int64_t *rows = malloc((n_domains + 1) * sizeof *rows);
    int result = 0;

    if (!rows)
        return error_set(error, EXIT_IO, "%s: out of memory", storage->path);
    for (size_t i = 0; i < n_domains; i++)
        rows[i] = minute_index_row_of(storage, domains[i]);
    qsort(rows, n_domains, sizeof *rows, compare_rows);
    for (int64_t hour = first_hour; hour <= last_hour && result == 0; hour++)
        result = read_hour(&reading, hour, rows, n_domains, error);
    free(rows);
    return result;
}

int minute_index_next_day(struct storage *storage, int64_t from, int64_t *day, struct error *error)
{
    sqlite3_stmt *first =
        database_bind(storage, SQL_FIRST_KEY, minute_index_key(from * HOURS_PER_DAY, 0));
    int64_t key;

    if (column_fetch(storage, first, COLUMN_KEY, INT64_MAX, &key, error))
        return -1;
    *day =
        key == INT64_MAX ? INT64_MAX : clock_floor_div(minute_index_key_hour(key), HOURS_PER_DAY);
    return 0;
}
