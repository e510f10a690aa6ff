/* The turns of all monitors, as a dashboard reads them. */
#include "base/arena.h"
#include "model/outage.h"
#include "state/database.h"

#include <stdlib.h>
#include <string.h>

/* Columns of transition_list. */
enum { MONITOR, START_MS, BEFORE_MS, STATUS, HTTP_STATUS, FAILURE };

/* The monitor whose turns are being read, with room for them. */
struct gathering {
    struct storage *storage;
    struct arena *arena;
    const struct owner *owner; /* NULL: none yet */
    struct transition *transitions;
    size_t n, room;
};

static int out_of_memory(const struct storage *storage, struct error *error)
{
    return error_set(error, EXIT_IO, "%s: out of memory", storage->path);
}

static int make_room(struct gathering *gathering, struct error *error)
{
    size_t larger = gathering->room ? 2 * gathering->room : 64;
    struct transition *grown;

    if (gathering->n < gathering->room)
        return 0;
    grown = realloc(gathering->transitions, larger * sizeof *grown);
    if (!grown)
        return out_of_memory(gathering->storage, error);
    gathering->transitions = grown;
    gathering->room = larger;
    return 0;
}

static int add_turn(struct gathering *gathering, sqlite3_stmt *row, struct error *error)
{
    size_t size = (size_t)sqlite3_column_bytes(row, FAILURE);
    struct transition *transition;

    if (make_room(gathering, error))
        return -1;
    transition = &gathering->transitions[gathering->n++];
    *transition = (struct transition){.start_ms = sqlite3_column_int64(row, START_MS),
                                      .before_ms = INT64_MIN,
                                      .http_status = sqlite3_column_int(row, HTTP_STATUS),
                                      .failure = ""};
    if (sqlite3_column_type(row, BEFORE_MS) != SQLITE_NULL)
        transition->before_ms = sqlite3_column_int64(row, BEFORE_MS);
    if (database_read_status(gathering->storage, row, STATUS, &transition->status, error))
        return -1;
    if (size >= FAILURE_MAX)
        return database_damaged(gathering->storage, error);
    if (size)
        transition->failure = arena_copy(gathering->arena, sqlite3_column_blob(row, FAILURE), size);
    return transition->failure ? 0 : out_of_memory(gathering->storage, error);
}

/* Gives the monitor gathered so far, if there is one. */
static int give(const struct gathering *gathering, transitions_each_monitor *each, void *context,
                struct error *error)
{
    if (!gathering->owner || gathering->n == 0)
        return 0;
    return each(context, gathering->owner->index, gathering->transitions, gathering->n, error);
}

/* Takes a row: the next turn of the monitor at hand, or the first of another. */
static int take_row(struct gathering *gathering, sqlite3_stmt *row, transitions_each_monitor *each,
                    void *context, struct error *error)
{
    const struct storage *storage = gathering->storage;
    int64_t id = sqlite3_column_int64(row, MONITOR);

    if (!gathering->owner || gathering->owner->id != id) {
        if (give(gathering, each, context, error))
            return -1;
        gathering->owner = database_owner(storage->monitors, storage->n_monitors, id);
        gathering->n = 0;
    }
    return gathering->owner ? add_turn(gathering, row, error) : 0;
}

int transitions_each(struct storage *storage, struct arena *arena, transitions_each_monitor *each,
                     void *context, struct error *error)
{
    sqlite3_stmt *list = database_statement(storage, SQL_TURN_LIST);
    struct gathering gathering = {.storage = storage, .arena = arena};
    bool row;
    int result;

    while ((result = database_step(storage, list, &row, error)) == 0 && row) {
        result = take_row(&gathering, list, each, context, error);
        if (result)
            break;
    }
    sqlite3_reset(list);
    if (result == 0)
        result = give(&gathering, each, context, error);
    free(gathering.transitions);
    return result;
}
