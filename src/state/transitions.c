#include "state/transitions.h"

#include "base/clock.h"
#include "model/outage.h"
#include "state/database.h"

/* How many hours from a late row its neighbours are looked for: what the index may have, which is
 * twice the longest interval and two days. */
enum { FURTHEST_HOURS = 17 * 24 };

/* A turn beside a row that comes late, as far as it matters. */
struct beside {
    bool is; /* there is one */
    int64_t start_ms, before_ms;
    enum status status;
};

void transitions_begin(struct transitions *transitions, struct minute_index *minute_index,
                       int64_t monitor, int64_t latest_ms, enum status latest_status)
{
    const struct storage *storage = minute_index->storage;
    const struct owner *owner = database_owner(storage->monitors, storage->n_monitors, monitor);

    *transitions = (struct transitions){minute_index, monitor, INT64_MAX, latest_ms, latest_status};
    if (owner)
        transitions->reach_ms =
            2 * (int64_t)storage->config->domains[owner->index].interval_seconds * MS_PER_SECOND;
}

/* Keeps a turn. Of those that are UP the moment is all that matters. */
static int put(const struct transitions *transitions, const struct check *check, int64_t before_ms,
               struct error *error)
{
    struct storage *storage = transitions->minute_index->storage;
    sqlite3_stmt *put = database_statement(storage, SQL_TURN_PUT);
    bool well = check->status == STATUS_UP;

    sqlite3_bind_int64(put, 1, transitions->monitor);
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
static int find(const struct transitions *transitions, enum sql sql, int64_t at_ms,
                struct beside *found, struct error *error)
{
    struct storage *storage = transitions->minute_index->storage;
    sqlite3_stmt *get = database_statement(storage, sql);
    int result = 0;

    *found = (struct beside){false};
    sqlite3_bind_int64(get, 1, transitions->monitor);
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
static int renew(const struct transitions *transitions, const struct beside *transition,
                 const struct check *before, struct error *error)
{
    struct storage *storage = transitions->minute_index->storage;
    bool stays = outage_is_transition(transition->status, transition->start_ms, before->status,
                                      before->start_ms, transitions->reach_ms);
    sqlite3_stmt *change =
        database_statement(storage, stays ? SQL_TURN_BEFORE_PUT : SQL_TURN_DELETE);

    sqlite3_bind_int64(change, 1, transitions->monitor);
    sqlite3_bind_int64(change, 2, transition->start_ms);
    if (stays)
        sqlite3_bind_int64(change, 3, before->start_ms);
    return database_run(storage, change, error);
}

/*
 * The check before a row, from the turn on that began its like. Not found where the index does not
 * reach back: it would have a check between the two, or the minute of that turn.
 */
static int look_back(const struct transitions *transitions, const struct beside *transition,
                     int64_t at_ms, int64_t *before_ms, bool *found, struct error *error)
{
    int64_t first = clock_floor_div(transition->start_ms, MS_PER_HOUR);
    int64_t minute_ms = clock_floor_div(transition->start_ms, MS_PER_MINUTE) * MS_PER_MINUTE;
    int64_t hour = clock_floor_div(at_ms, MS_PER_HOUR);
    struct sample samples[SAMPLES_MAX];
    size_t n;

    *found = false;
    if (first < hour - FURTHEST_HOURS)
        first = hour - FURTHEST_HOURS;
    for (; hour >= first && !*found; hour--) {
        if (minute_index_look(transitions->minute_index, transitions->monitor, hour, samples, &n,
                              error))
            return -1;
        while (n-- > 0 && !*found) {
            int64_t start_ms = samples[n].start_ms;
            bool between = start_ms > transition->start_ms && start_ms < at_ms;

            if (start_ms == at_ms)
                return 0; /* of two checks that started at once the first to come counts */
            *before_ms = between ? start_ms : transition->start_ms;
            *found = between || (start_ms >= minute_ms && start_ms < minute_ms + MS_PER_MINUTE);
        }
    }
    return 0;
}

/* The check after a row: the first that the index has, up to this one, which is known. */
static int look_on(const struct transitions *transitions, int64_t at_ms, struct check *after,
                   struct error *error)
{
    int64_t until = clock_floor_div(after->start_ms, MS_PER_HOUR);
    int64_t hour = clock_floor_div(at_ms, MS_PER_HOUR);
    struct sample samples[SAMPLES_MAX];
    size_t n;

    if (until > hour + FURTHEST_HOURS)
        until = hour + FURTHEST_HOURS;
    for (; hour <= until; hour++) {
        if (minute_index_look(transitions->minute_index, transitions->monitor, hour, samples, &n,
                              error))
            return -1;
        for (size_t i = 0; i < n; i++) {
            if (samples[i].start_ms > at_ms && samples[i].start_ms < after->start_ms) {
                after->start_ms = samples[i].start_ms;
                after->status = samples[i].status;
                return 0;
            }
        }
    }
    return 0;
}

/* A row among checks that began with this turn, and are all otherwise than it. */
static int part(const struct transitions *transitions, const struct beside *transition,
                int64_t last_ms, const struct check *check, struct error *error)
{
    struct check after = {.start_ms = last_ms, .status = transition->status};
    int64_t before_ms;
    bool found;

    if (look_back(transitions, transition, check->start_ms, &before_ms, &found, error))
        return -1;
    if (!found)
        return 0;
    if (look_on(transitions, check->start_ms, &after, error) ||
        put(transitions, check, before_ms, error))
        return -1;
    return put(transitions, &after, check->start_ms, error);
}

/* A row between two turns, behind the last check of those that the first of them began. */
static int add_behind(const struct transitions *transitions, const struct beside *transition,
                      int64_t last_ms, const struct beside *next, const struct check *check,
                      struct error *error)
{
    enum status before = transition->is ? transition->status : STATUS_UNKNOWN;

    if (outage_is_transition(check->status, check->start_ms, before, last_ms,
                             transitions->reach_ms) &&
        put(transitions, check, last_ms, error))
        return -1;
    return next->is ? renew(transitions, next, check, error) : 0;
}

static int add_late(const struct transitions *transitions, const struct check *check,
                    struct error *error)
{
    struct beside transition, next;
    int64_t last_ms;

    if (find(transitions, SQL_TURN_AT, check->start_ms, &transition, error) ||
        find(transitions, SQL_TURN_AFTER, check->start_ms, &next, error))
        return -1;
    last_ms = next.is ? next.before_ms : transitions->latest_ms;

    /* What was before the first of the turns that are left is forgotten. */
    if (!transition.is && last_ms != INT64_MIN)
        return 0;
    if (check->start_ms > last_ms)
        return add_behind(transitions, &transition, last_ms, &next, check, error);

    if (check->start_ms == transition.start_ms || check->start_ms == last_ms ||
        !outage_is_transition(check->status, last_ms, transition.status, last_ms,
                              transitions->reach_ms))
        return 0;
    return part(transitions, &transition, last_ms, check, error);
}

int transitions_add(struct transitions *transitions, const struct check *check, struct error *error)
{
    int64_t before_ms =
        transitions->latest_status == STATUS_UNKNOWN ? INT64_MIN : transitions->latest_ms;

    if (check->start_ms <= before_ms)
        return add_late(transitions, check, error);
    if (outage_is_transition(check->status, check->start_ms, transitions->latest_status, before_ms,
                             transitions->reach_ms) &&
        put(transitions, check, before_ms, error))
        return -1;
    transitions->latest_ms = check->start_ms;
    transitions->latest_status = check->status;
    return 0;
}
