#include "storage/turns.h"

#include "base/clock.h"
#include "interruption.h"
#include "storage/database.h"

/* How many hours from a late row its neighbours are looked for: what the index may have, which is
 * twice the longest interval and two days. */
enum { FURTHEST_HOURS = 17 * 24 };

/* A turn beside a row that comes late, as far as it matters. */
struct beside {
    bool is; /* there is one */
    int64_t start_ms, before_ms;
    enum status status;
};

void turns_begin(struct turns *turns, struct recent *recent, int64_t monitor, int64_t latest_ms,
                 enum status latest_status)
{
    const struct storage *storage = recent->storage;
    const struct owner *owner = database_owner(storage->monitors, storage->n_monitors, monitor);

    *turns = (struct turns){recent, monitor, INT64_MAX, latest_ms, latest_status};
    if (owner)
        turns->reach_ms =
            2 * (int64_t)storage->config->domains[owner->index].interval_seconds * MS_PER_SECOND;
}

/* Keeps a turn. Of those that are UP the moment is all that matters. */
static int put(const struct turns *turns, const struct check *check, int64_t before_ms,
               struct error *error)
{
    struct storage *storage = turns->recent->storage;
    sqlite3_stmt *put = database_statement(storage, SQL_TURN_PUT);
    bool well = check->status == STATUS_UP;

    sqlite3_bind_int64(put, 1, turns->monitor);
    sqlite3_bind_int64(put, 2, check->start_ms);
    if (before_ms == INT64_MIN)
        sqlite3_bind_null(put, 3);
    else
        sqlite3_bind_int64(put, 3, before_ms);
    sqlite3_bind_int(put, 4, (int)check->status);
    sqlite3_bind_int(put, 5, well ? 0 : check->http_status);
    sqlite3_bind_text(put, 6, well ? "" : check->failure, -1, SQLITE_STATIC);
    return database_run(storage, put, error);
}

/* The latest turn up to this moment, or the first after it. */
static int find(const struct turns *turns, enum sql sql, int64_t at_ms, struct beside *found,
                struct error *error)
{
    struct storage *storage = turns->recent->storage;
    sqlite3_stmt *get = database_statement(storage, sql);
    int result = 0;

    *found = (struct beside){false};
    sqlite3_bind_int64(get, 1, turns->monitor);
    sqlite3_bind_int64(get, 2, at_ms);
    if (database_step(storage, get, &found->is, error))
        return -1;
    if (found->is) {
        found->start_ms = sqlite3_column_int64(get, 0);
        found->before_ms =
            sqlite3_column_type(get, 1) == SQLITE_NULL ? INT64_MIN : sqlite3_column_int64(get, 1);
        result = database_read_status(storage, get, 2, &found->status, error);
    }
    sqlite3_reset(get);
    return result;
}

/* Tells a turn anew, before which this row has come. */
static int renew(const struct turns *turns, const struct beside *turn, const struct check *before,
                 struct error *error)
{
    struct storage *storage = turns->recent->storage;
    bool stays =
        turn_is(turn->status, turn->start_ms, before->status, before->start_ms, turns->reach_ms);
    sqlite3_stmt *change =
        database_statement(storage, stays ? SQL_TURN_BEFORE_PUT : SQL_TURN_DELETE);

    sqlite3_bind_int64(change, 1, turns->monitor);
    sqlite3_bind_int64(change, 2, turn->start_ms);
    if (stays)
        sqlite3_bind_int64(change, 3, before->start_ms);
    return database_run(storage, change, error);
}

/*
 * The check before a row, from the turn on that began its like. Not found where the index does not
 * reach back: it would have a check between the two, or the minute of that turn.
 */
static int look_back(const struct turns *turns, const struct beside *turn, int64_t at_ms,
                     int64_t *before_ms, bool *found, struct error *error)
{
    int64_t first = clock_floor_div(turn->start_ms, MS_PER_HOUR);
    int64_t minute_ms = clock_floor_div(turn->start_ms, MS_PER_MINUTE) * MS_PER_MINUTE;
    int64_t hour = clock_floor_div(at_ms, MS_PER_HOUR);
    struct mark marks[MARKS_MAX];
    size_t n;

    *found = false;
    if (first < hour - FURTHEST_HOURS)
        first = hour - FURTHEST_HOURS;
    for (; hour >= first && !*found; hour--) {
        if (recent_look(turns->recent, turns->monitor, hour, marks, &n, error))
            return -1;
        while (n-- > 0 && !*found) {
            int64_t start_ms = marks[n].start_ms;
            bool between = start_ms > turn->start_ms && start_ms < at_ms;

            if (start_ms == at_ms)
                return 0; /* of two checks that started at once the first to come counts */
            *before_ms = between ? start_ms : turn->start_ms;
            *found = between || (start_ms >= minute_ms && start_ms < minute_ms + MS_PER_MINUTE);
        }
    }
    return 0;
}

/* The check after a row: the first that the index has, up to this one, which is known. */
static int look_on(const struct turns *turns, int64_t at_ms, struct check *after,
                   struct error *error)
{
    int64_t until = clock_floor_div(after->start_ms, MS_PER_HOUR);
    int64_t hour = clock_floor_div(at_ms, MS_PER_HOUR);
    struct mark marks[MARKS_MAX];
    size_t n;

    if (until > hour + FURTHEST_HOURS)
        until = hour + FURTHEST_HOURS;
    for (; hour <= until; hour++) {
        if (recent_look(turns->recent, turns->monitor, hour, marks, &n, error))
            return -1;
        for (size_t i = 0; i < n; i++) {
            if (marks[i].start_ms > at_ms && marks[i].start_ms < after->start_ms) {
                after->start_ms = marks[i].start_ms;
                after->status = marks[i].status;
                return 0;
            }
        }
    }
    return 0;
}

/* A row among checks that began with this turn, and are all otherwise than it. */
static int part(const struct turns *turns, const struct beside *turn, int64_t last_ms,
                const struct check *check, struct error *error)
{
    struct check after = {.start_ms = last_ms, .status = turn->status};
    int64_t before_ms;
    bool found;

    if (look_back(turns, turn, check->start_ms, &before_ms, &found, error))
        return -1;
    if (!found)
        return 0;
    if (look_on(turns, check->start_ms, &after, error) || put(turns, check, before_ms, error))
        return -1;
    return put(turns, &after, check->start_ms, error);
}

/* A row between two turns, behind the last check of those that the first of them began. */
static int add_behind(const struct turns *turns, const struct beside *turn, int64_t last_ms,
                      const struct beside *next, const struct check *check, struct error *error)
{
    enum status before = turn->is ? turn->status : STATUS_UNKNOWN;

    if (turn_is(check->status, check->start_ms, before, last_ms, turns->reach_ms) &&
        put(turns, check, last_ms, error))
        return -1;
    return next->is ? renew(turns, next, check, error) : 0;
}

static int add_late(const struct turns *turns, const struct check *check, struct error *error)
{
    struct beside turn, next;
    int64_t last_ms;

    if (find(turns, SQL_TURN_AT, check->start_ms, &turn, error) ||
        find(turns, SQL_TURN_AFTER, check->start_ms, &next, error))
        return -1;
    last_ms = next.is ? next.before_ms : turns->latest_ms;

    /* What was before the first of the turns that are left is forgotten. */
    if (!turn.is && last_ms != INT64_MIN)
        return 0;
    if (check->start_ms > last_ms)
        return add_behind(turns, &turn, last_ms, &next, check, error);

    if (check->start_ms == turn.start_ms || check->start_ms == last_ms ||
        !turn_is(check->status, last_ms, turn.status, last_ms, turns->reach_ms))
        return 0;
    return part(turns, &turn, last_ms, check, error);
}

int turns_add(struct turns *turns, const struct check *check, struct error *error)
{
    int64_t before_ms = turns->latest_status == STATUS_UNKNOWN ? INT64_MIN : turns->latest_ms;

    if (check->start_ms <= before_ms)
        return add_late(turns, check, error);
    if (turn_is(check->status, check->start_ms, turns->latest_status, before_ms, turns->reach_ms) &&
        put(turns, check, before_ms, error))
        return -1;
    turns->latest_ms = check->start_ms;
    turns->latest_status = check->status;
    return 0;
}
