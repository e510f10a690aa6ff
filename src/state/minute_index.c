/* The index of recent checks. */
#include "state/minute_index.h"

#include "base/clock.h"
#include "state/database.h"

#include <string.h>

/* An hour has so many places. No clock is so far off that its hours were more than that. */
static const int64_t places_an_hour = 1 << 20, furthest_hour = 1LL << 42;

enum { HOURS_PER_DAY = MS_PER_DAY / MS_PER_HOUR };

int64_t minute_index_key(int64_t hour, int64_t monitor)
{
    if (hour < -furthest_hour)
        hour = -furthest_hour;
    if (hour > furthest_hour)
        hour = furthest_hour;
    return hour * places_an_hour + 1 + monitor / MINUTE_INDEX_MONITORS;
}

int64_t minute_index_key_hour(int64_t place)
{
    return clock_floor_div(place, places_an_hour);
}

int64_t minute_index_key_monitor(int64_t place)
{
    return (place - 1 - minute_index_key_hour(place) * places_an_hour) * MINUTE_INDEX_MONITORS;
}

void minute_index_begin(struct minute_index *minute_index, struct storage *storage)
{
    minute_index->storage = storage;
    for (int i = 0; i < MINUTE_INDEX_ROWS; i++)
        minute_index->rows[i].place = 0;
}

/* Rows of a day that was counted already: that day and those after it are to be counted again. */
static int recount(struct storage *storage, int64_t hour, struct error *error)
{
    int64_t day = clock_floor_div(hour, HOURS_PER_DAY), counted;

    if (database_get_note(storage, SETTING_COUNTED_DAY, &counted, error))
        return -1;
    if (counted == 0 || day > counted)
        return 0;
    return database_set_note(storage, SETTING_COUNTED_DAY, day - 1, error) ||
                   database_set_note(storage, SETTING_SUMS_DAY, -1, error)
               ? -1
               : 0;
}

static int save_row(struct storage *storage, struct minute_index_row *row, struct error *error)
{
    sqlite3_stmt *put = database_statement(storage, SQL_RECENT_PUT);
    int64_t place = row->place;

    if (place == 0)
        return 0;
    row->place = 0;
    sqlite3_bind_int64(put, 1, place);
    sqlite3_bind_blob(put, 2, row->samples, sizeof row->samples, SQLITE_STATIC);
    if (database_run(storage, put, error))
        return -1;
    return recount(storage, minute_index_key_hour(place), error);
}

/* The marks of a row: none where it is not in the database. */
static int get_marks(struct storage *storage, int64_t place,
                     unsigned char samples[MINUTE_INDEX_BYTES], struct error *error)
{
    sqlite3_stmt *get = database_statement(storage, SQL_RECENT_GET);
    bool found;
    int result = 0;

    sqlite3_bind_int64(get, 1, place);
    if (database_step(storage, get, &found, error))
        return -1;
    if (!found)
        memset(samples, 0, MINUTE_INDEX_BYTES);
    else if (sqlite3_column_bytes(get, 0) == MINUTE_INDEX_BYTES)
        memcpy(samples, sqlite3_column_blob(get, 0), MINUTE_INDEX_BYTES);
    else
        result = database_damaged(storage, error);
    sqlite3_reset(get);
    return result;
}

static int load_row(struct storage *storage, struct minute_index_row *row, int64_t place,
                    struct error *error)
{
    if (get_marks(storage, place, row->samples, error))
        return -1;
    row->place = place;
    return 0;
}

int minute_index_add(struct minute_index *minute_index, int64_t monitor,
                     const struct sample *sample, struct error *error)
{
    int64_t hour = clock_floor_div(sample->start_ms, MS_PER_HOUR);
    int64_t place = minute_index_key(hour, monitor);
    struct minute_index_row *row = &minute_index->rows[hour & (MINUTE_INDEX_ROWS - 1)];

    if (row->place != place && (save_row(minute_index->storage, row, error) ||
                                load_row(minute_index->storage, row, place, error)))
        return -1;
    samples_add(row->samples + monitor % MINUTE_INDEX_MONITORS * SAMPLES_BYTES, sample);
    return 0;
}

int minute_index_look(struct minute_index *minute_index, int64_t monitor, int64_t hour,
                      struct sample samples[SAMPLES_MAX], size_t *n, struct error *error)
{
    const struct minute_index_row *row = &minute_index->rows[hour & (MINUTE_INDEX_ROWS - 1)];
    int64_t place = minute_index_key(hour, monitor);
    const unsigned char *packed = row->samples;
    unsigned char read[MINUTE_INDEX_BYTES];

    if (row->place != place) {
        if (get_marks(minute_index->storage, place, read, error))
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

/* Gives the marks of one monitor to the caller's function, if it has any. */
static int give_monitor(struct storage *storage, const unsigned char *packed, int64_t hour,
                        size_t domain, minute_index_each_hour *each, void *context,
                        struct error *error)
{
    struct sample samples[SAMPLES_MAX];
    size_t n;

    if (samples_unpack(packed, hour, samples, &n))
        return database_damaged(storage, error);
    if (n == 0 || each(context, domain, hour, samples, n) == 0)
        return 0;
    return error_set(error, EXIT_IO, "%s: reading it was stopped", storage->path);
}

/* Gives one row of the list, monitor by monitor. */
static int give_row(struct storage *storage, sqlite3_stmt *list, minute_index_each_hour *each,
                    void *context, struct error *error)
{
    int64_t place = sqlite3_column_int64(list, 0), first = minute_index_key_monitor(place);
    const unsigned char *packed = sqlite3_column_blob(list, 1);
    const struct owner *end = storage->monitors + storage->n_monitors;
    const struct owner *owner = database_owner_from(storage->monitors, storage->n_monitors, first);

    if (sqlite3_column_bytes(list, 1) != MINUTE_INDEX_BYTES)
        return database_damaged(storage, error);
    for (; owner < end && owner->id < first + MINUTE_INDEX_MONITORS; owner++) {
        if (give_monitor(storage, packed + (owner->id - first) * SAMPLES_BYTES,
                         minute_index_key_hour(place), owner->index, each, context, error))
            return -1;
    }
    return 0;
}

int minute_index_each(struct storage *storage, int64_t first_hour, int64_t last_hour,
                      minute_index_each_hour *each, void *context, struct error *error)
{
    sqlite3_stmt *list = database_statement(storage, SQL_RECENT_LIST);
    bool row;
    int result;

    sqlite3_bind_int64(list, 1, minute_index_key(first_hour, 0));
    sqlite3_bind_int64(list, 2, minute_index_key(last_hour, 0) + places_an_hour - 2);
    while ((result = database_step(storage, list, &row, error)) == 0 && row) {
        result = give_row(storage, list, each, context, error);
        if (result)
            break;
    }
    sqlite3_reset(list);
    return result;
}

int minute_index_next_day(struct storage *storage, int64_t from, int64_t *day, struct error *error)
{
    sqlite3_stmt *next = database_statement(storage, SQL_RECENT_NEXT);
    int64_t place;

    sqlite3_bind_int64(next, 1, minute_index_key(from * HOURS_PER_DAY, 0));
    if (database_number(storage, next, INT64_MAX, &place, error))
        return -1;
    *day = place == INT64_MAX ? INT64_MAX
                              : clock_floor_div(minute_index_key_hour(place), HOURS_PER_DAY);
    return 0;
}
