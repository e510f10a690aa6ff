/* The index of recent checks. */
#include "storage/recent.h"

#include "base/clock.h"
#include "storage/database.h"

#include <string.h>

/* An hour has so many places. No clock is so far off that its hours were more than that. */
static const int64_t places_an_hour = 1 << 20, furthest_hour = 1LL << 42;

enum { HOURS_PER_DAY = MS_PER_DAY / MS_PER_HOUR };

int64_t recent_place(int64_t hour, int64_t monitor)
{
    if (hour < -furthest_hour)
        hour = -furthest_hour;
    if (hour > furthest_hour)
        hour = furthest_hour;
    return hour * places_an_hour + 1 + monitor / RECENT_MONITORS;
}

int64_t recent_place_hour(int64_t place)
{
    return clock_floor_div(place, places_an_hour);
}

int64_t recent_place_monitor(int64_t place)
{
    return (place - 1 - recent_place_hour(place) * places_an_hour) * RECENT_MONITORS;
}

void recent_begin(struct recent *recent, struct storage *storage)
{
    recent->storage = storage;
    for (int i = 0; i < RECENT_ROWS; i++)
        recent->rows[i].place = 0;
}

/* Rows of a day that was counted already: that day and those after it are to be counted again. */
static int recount(struct storage *storage, int64_t hour, struct error *error)
{
    int64_t day = clock_floor_div(hour, HOURS_PER_DAY), counted;

    if (database_get_note(storage, NOTE_COUNTED_DAY, &counted, error))
        return -1;
    if (counted == 0 || day > counted)
        return 0;
    return database_set_note(storage, NOTE_COUNTED_DAY, day - 1, error) ||
                   database_set_note(storage, NOTE_SUMS_DAY, -1, error)
               ? -1
               : 0;
}

static int save_row(struct storage *storage, struct recent_row *row, struct error *error)
{
    sqlite3_stmt *put = database_statement(storage, SQL_RECENT_PUT);
    int64_t place = row->place;

    if (place == 0)
        return 0;
    row->place = 0;
    sqlite3_bind_int64(put, 1, place);
    sqlite3_bind_blob(put, 2, row->marks, sizeof row->marks, SQLITE_STATIC);
    if (database_run(storage, put, error))
        return -1;
    return recount(storage, recent_place_hour(place), error);
}

/* The marks of a row: none where it is not in the database. */
static int get_marks(struct storage *storage, int64_t place, unsigned char marks[RECENT_BYTES],
                     struct error *error)
{
    sqlite3_stmt *get = database_statement(storage, SQL_RECENT_GET);
    bool found;
    int result = 0;

    sqlite3_bind_int64(get, 1, place);
    if (database_step(storage, get, &found, error))
        return -1;
    if (!found)
        memset(marks, 0, RECENT_BYTES);
    else if (sqlite3_column_bytes(get, 0) == RECENT_BYTES)
        memcpy(marks, sqlite3_column_blob(get, 0), RECENT_BYTES);
    else
        result = database_damaged(storage, error);
    sqlite3_reset(get);
    return result;
}

static int load_row(struct storage *storage, struct recent_row *row, int64_t place,
                    struct error *error)
{
    if (get_marks(storage, place, row->marks, error))
        return -1;
    row->place = place;
    return 0;
}

int recent_add(struct recent *recent, int64_t monitor, const struct mark *mark, struct error *error)
{
    int64_t hour = clock_floor_div(mark->start_ms, MS_PER_HOUR);
    int64_t place = recent_place(hour, monitor);
    struct recent_row *row = &recent->rows[hour & (RECENT_ROWS - 1)];

    if (row->place != place &&
        (save_row(recent->storage, row, error) || load_row(recent->storage, row, place, error)))
        return -1;
    marks_add(row->marks + monitor % RECENT_MONITORS * MARKS_BYTES, mark);
    return 0;
}

int recent_look(struct recent *recent, int64_t monitor, int64_t hour, struct mark marks[MARKS_MAX],
                size_t *n, struct error *error)
{
    const struct recent_row *row = &recent->rows[hour & (RECENT_ROWS - 1)];
    int64_t place = recent_place(hour, monitor);
    const unsigned char *packed = row->marks;
    unsigned char read[RECENT_BYTES];

    if (row->place != place) {
        if (get_marks(recent->storage, place, read, error))
            return -1;
        packed = read;
    }
    if (marks_unpack(packed + monitor % RECENT_MONITORS * MARKS_BYTES, hour, marks, n))
        return database_damaged(recent->storage, error);
    return 0;
}

int recent_save(struct recent *recent, struct error *error)
{
    for (int i = 0; i < RECENT_ROWS; i++) {
        if (save_row(recent->storage, &recent->rows[i], error))
            return -1;
    }
    return 0;
}

/* Gives the marks of one monitor to the caller's function, if it has any. */
static int give_monitor(struct storage *storage, const unsigned char *packed, int64_t hour,
                        size_t domain, storage_each_hour *each, void *context, struct error *error)
{
    struct mark marks[MARKS_MAX];
    size_t n;

    if (marks_unpack(packed, hour, marks, &n))
        return database_damaged(storage, error);
    if (n == 0 || each(context, domain, hour, marks, n) == 0)
        return 0;
    return error_set(error, EXIT_IO, "%s: reading it was stopped", storage->path);
}

/* Gives one row of the list, monitor by monitor. */
static int give_row(struct storage *storage, sqlite3_stmt *list, storage_each_hour *each,
                    void *context, struct error *error)
{
    int64_t place = sqlite3_column_int64(list, 0), first = recent_place_monitor(place);
    const unsigned char *packed = sqlite3_column_blob(list, 1);
    const struct owner *end = storage->monitors + storage->n_monitors;
    const struct owner *owner = database_owner_from(storage->monitors, storage->n_monitors, first);

    if (sqlite3_column_bytes(list, 1) != RECENT_BYTES)
        return database_damaged(storage, error);
    for (; owner < end && owner->id < first + RECENT_MONITORS; owner++) {
        if (give_monitor(storage, packed + (owner->id - first) * MARKS_BYTES,
                         recent_place_hour(place), owner->index, each, context, error))
            return -1;
    }
    return 0;
}

int storage_each_recent(struct storage *storage, int64_t first_hour, int64_t last_hour,
                        storage_each_hour *each, void *context, struct error *error)
{
    sqlite3_stmt *list = database_statement(storage, SQL_RECENT_LIST);
    bool row;
    int result;

    sqlite3_bind_int64(list, 1, recent_place(first_hour, 0));
    sqlite3_bind_int64(list, 2, recent_place(last_hour, 0) + places_an_hour - 2);
    while ((result = database_step(storage, list, &row, error)) == 0 && row) {
        result = give_row(storage, list, each, context, error);
        if (result)
            break;
    }
    sqlite3_reset(list);
    return result;
}

int storage_next_day(struct storage *storage, int64_t from, int64_t *day, struct error *error)
{
    sqlite3_stmt *next = database_statement(storage, SQL_RECENT_NEXT);
    int64_t place;

    sqlite3_bind_int64(next, 1, recent_place(from * HOURS_PER_DAY, 0));
    if (database_number(storage, next, INT64_MAX, &place, error))
        return -1;
    *day =
        place == INT64_MAX ? INT64_MAX : clock_floor_div(recent_place_hour(place), HOURS_PER_DAY);
    return 0;
}
