/* The index of recent checks: a row a monitor and hour. */
#include "base/clock.h"
#include "storage/database.h"
#include "storage/marks.h"

/* Gives one row of the list to the caller's function. */
static int give_row(struct storage *storage, sqlite3_stmt *list, storage_each_hour *each,
                    void *context, struct error *error)
{
    int64_t hour = sqlite3_column_int64(list, 0);
    const struct owner *owner =
        database_owner(storage->monitors, storage->n_monitors, sqlite3_column_int64(list, 1));
    struct marks marks;

    if (!owner)
        return 0;
    if (marks_unpack(&marks, hour, sqlite3_column_blob(list, 2),
                     (size_t)sqlite3_column_bytes(list, 2)))
        return database_damaged(storage, error);
    if (each(context, owner->index, hour, marks.mark, marks.n) == 0)
        return 0;
    return error_set(error, EXIT_IO, "%s: reading it was stopped", storage->path);
}

int storage_each_recent(struct storage *storage, int64_t first_hour, int64_t last_hour,
                        storage_each_hour *each, void *context, struct error *error)
{
    sqlite3_stmt *list = database_statement(storage, SQL_RECENT_LIST);
    bool row;
    int result;

    sqlite3_bind_int64(list, 1, first_hour);
    sqlite3_bind_int64(list, 2, last_hour);
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
    enum { HOURS_PER_DAY = MS_PER_DAY / MS_PER_HOUR };
    sqlite3_stmt *next = database_statement(storage, SQL_RECENT_NEXT);
    int64_t hour;

    sqlite3_bind_int64(next, 1, from * HOURS_PER_DAY);
    if (database_number(storage, next, INT64_MAX, &hour, error))
        return -1;
    *day = hour == INT64_MAX ? INT64_MAX : clock_floor_div(hour, HOURS_PER_DAY);
    return 0;
}
