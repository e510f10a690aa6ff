/* Keeps the targets, what was reported to them, and the subjects that have to be decided. */
#include "state/alert_table.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/table.h"
#include "state/column.h"
#include "state/event_row.h"

#include <assert.h>
#include <string.h>

/* A moment that is further ahead than this was stored before the clock was set back. */
static const int64_t ahead_max_ms = 25 * (int64_t)MS_PER_HOUR;

int64_t alert_table_hash(const struct config *config)
{
    uint64_t hash = config->n_alerts;

    for (size_t i = 0; i < config->n_alerts; i++) {
        const char *id = config->alerts[i].id;
        uint64_t both[] = {hash, table_hash(id, strlen(id))};

        hash = table_hash(both, sizeof both);
    }
    return (int64_t)(hash | 1);
}

/* Runs a statement with one text. */
static int run_with_text(struct storage *storage, sqlite3_stmt *statement, int at, const char *text,
                         struct error *error)
{
    sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
    return database_run(storage, statement, error);
}

/* Subjects, or targets, that were read. The texts are in an arena. */
struct alert_listed {
    struct alert_listed *next;
    enum event_check check;
    const char *text;
};

struct alert_listing {
    struct storage *storage;
    struct arena *arena;
    struct alert_listed *first, **end;
};

static int begin_listing(struct alert_listing *listing, struct storage *storage,
                         struct error *error)
{
    *listing = (struct alert_listing){.storage = storage, .arena = arena_new()};
    listing->end = &listing->first;
    return listing->arena ? 0 : database_no_memory(storage, error);
}

static int add_listed(struct alert_listing *listing, enum event_check check, const char *text,
                      struct error *error)
{
    struct alert_listed *one = arena_alloc(listing->arena, sizeof *one);

    if (one)
        one->text = arena_copy(listing->arena, text, strlen(text));
    if (!one || !one->text)
        return database_no_memory(listing->storage, error);
    one->check = check;
    *listing->end = one;
    listing->end = &one->next;
    return 0;
}

static int read_target(void *context, sqlite3_stmt *row, struct error *error)
{
    struct alert_listing *listing = context;
    char id[TEXT_ID_MAX + 1];

    if (column_read_text(listing->storage, row, 0, id, sizeof id, error))
        return -1;
    return add_listed(listing, EVENT_ALERT, id, error);
}

static bool is_configured(const struct config *config, const char *id)
{
    size_t i = 0;

    while (i < config->n_alerts && strcmp(config->alerts[i].id, id) != 0)
        i++;
    return i < config->n_alerts;
}

static int delete_target(struct storage *storage, const char *id, struct error *error)
{
    static const enum sql list[] = {SQL_DELETE_PARTS_OF_TARGET, SQL_DELETE_MESSAGES_OF_TARGET,
                                    SQL_DELETE_REPORTED_OF_TARGET, SQL_DELETE_TARGET};

    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        if (run_with_text(storage, database_statement(storage, list[i]), 1, id, error))
            return -1;
    }
    return 0;
}

static int delete_removed(struct storage *storage, struct error *error)
{
    struct alert_listing listing;
    int result = begin_listing(&listing, storage, error);

    if (result == 0)
        result = database_each(storage, database_statement(storage, SQL_LIST_TARGETS), read_target,
                               &listing, error);
    for (const struct alert_listed *one = listing.first; one && result == 0; one = one->next) {
        if (!is_configured(storage->config, one->text))
            result = delete_target(storage, one->text, error);
    }
    arena_free(listing.arena);
    return result;
}

/* A target that was configured before goes on with its numbers. */
static int restore_numbers(struct storage *storage, const char *id, struct error *error)
{
    return run_with_text(
        storage, database_bind(storage, SQL_RESTORE_NUMBERS, EVENT_UP, ALERT_TABLE_NUMBERS_SKIPPED),
        3, id, error);
}

static int add_configured(struct storage *storage, bool *is_new, struct error *error)
{
    int64_t last;

    *is_new = false;
    if (storage_get_setting(storage, SETTING_LAST_EVENT, &last, error))
        return -1;
    for (size_t i = 0; i < storage->config->n_alerts; i++) {
        const char *id = storage->config->alerts[i].id;

        if (run_with_text(storage, database_bind(storage, SQL_ADD_TARGET, last), 2, id, error))
            return -1;
        if (sqlite3_changes(storage->db) == 0)
            continue;
        *is_new = true;
        if (restore_numbers(storage, id, error))
            return -1;
    }
    return 0;
}

int alert_table_mark_current(struct storage *storage, int64_t now_ms, struct error *error)
{
    return database_run(
        storage, database_bind(storage, SQL_MARK_CURRENT_SUBJECTS, now_ms - MS_PER_DAY), error);
}

int alert_table_set_targets(struct storage *storage, int64_t now_ms, struct error *error)
{
    bool is_new;

    assert(storage->depth > 0);
    if (delete_removed(storage, error) || add_configured(storage, &is_new, error) ||
        (is_new && alert_table_mark_current(storage, now_ms, error)))
        return -1;
    return storage_set_setting(storage, SETTING_ALERT_TARGETS, alert_table_hash(storage->config),
                               error);
}

int alert_table_get_first(struct storage *storage, const char *target, int64_t *number,
                          struct error *error)
{
    sqlite3_stmt *get = database_statement(storage, SQL_GET_TARGET);

    sqlite3_bind_text(get, 1, target, -1, SQLITE_STATIC);
    return column_fetch(storage, get, COLUMN_LENGTH, 0, number, error);
}

static int read_subject(void *context, sqlite3_stmt *row, struct error *error)
{
    struct alert_listing *listing = context;
    char scope[EVENT_SCOPE_MAX];
    int64_t check;

    if (column_read_number(listing->storage, row, 0, COLUMN_EVENT_CHECK, &check, error) ||
        column_read_text(listing->storage, row, 1, scope, sizeof scope, error))
        return -1;
    return add_listed(listing, (enum event_check)check, scope, error);
}

int alert_table_each_subject(struct storage *storage, int64_t now_ms, alert_table_each_one *each,
                             void *context, struct error *error)
{
    struct alert_listing listing;
    int result = begin_listing(&listing, storage, error);

    assert(storage->depth > 0);
    if (result == 0)
        result = database_each(
            storage, database_bind(storage, SQL_LIST_SUBJECTS, now_ms, now_ms + ahead_max_ms),
            read_subject, &listing, error);
    if (result == 0)
        result =
            database_run(storage, database_statement(storage, SQL_DELETE_CHANGED_SUBJECTS), error);
    for (const struct alert_listed *one = listing.first; one && result == 0; one = one->next)
        result = each(context, one->check, one->text, error);
    arena_free(listing.arena);
    return result;
}

int alert_table_mark_subject(struct storage *storage, enum event_check check, const char *scope,
                             struct error *error)
{
    return run_with_text(storage, database_bind(storage, SQL_MARK_SUBJECT, check), 2, scope, error);
}

/* A story that is being read. */
struct story_reading {
    struct storage *storage;
    struct alert_story *story;
};

static int read_event(void *context, sqlite3_stmt *row, struct error *error)
{
    const struct story_reading *reading = context;
    struct event_texts texts;
    struct event event;
    int64_t number;

    if (event_row_read(reading->storage, row, &event, &texts, error) ||
        column_read_number(reading->storage, row, EVENT_COLUMN_NUMBER, COLUMN_NUMBER, &number,
                           error))
        return -1;
    alert_story_add(reading->story, &event, number);
    return 0;
}

int alert_table_read_story(struct storage *storage, enum event_check check, const char *scope,
                           int64_t from_ms, struct alert_story *story, struct error *error)
{
    struct story_reading reading = {storage, story};
    sqlite3_stmt *start = database_bind(storage, SQL_GET_STORY_START, check, from_ms,
                                        ALERT_OUTAGES_KEPT),
                 *list;

    alert_story_begin(story, scope, check);
    sqlite3_bind_text(start, 4, scope, -1, SQLITE_STATIC);
    if (database_number(storage, start, from_ms, &from_ms, error))
        return -1;
    list = database_bind(storage, SQL_LIST_STORY_EVENTS, check, from_ms, EVENT_ACKNOWLEDGED);
    sqlite3_bind_text(list, 4, scope, -1, SQLITE_STATIC);
    if (database_each(storage, list, read_event, &reading, error))
        return -1;
    alert_story_end(story);
    return 0;
}

/* Columns of get_reported. */
enum { STATE, N, IS_FLAPPING, GIVEN_UP, SERIES_MS, MOMENTS = 6 };

/* The moments of the columns from SERIES_MS on. */
static void list_moments(struct alert_reported *reported, int64_t *moments[MOMENTS])
{
    moments[0] = &reported->series_ms;
    moments[1] = &reported->outage_ms;
    moments[2] = &reported->down_ms;
    moments[3] = &reported->last_ms;
    moments[4] = &reported->tried_ms;
    moments[5] = &reported->given_up_ms;
}

static int read_reported(struct storage *storage, sqlite3_stmt *row,
                         struct alert_reported *reported, struct error *error)
{
    int64_t state, n, is_flapping, given_up, *moments[MOMENTS];

    if (column_read_number(storage, row, STATE, COLUMN_EVENT_STATE, &state, error) ||
        column_read_number(storage, row, N, COLUMN_COUNT, &n, error) ||
        column_read_number(storage, row, IS_FLAPPING, COLUMN_FLAG, &is_flapping, error) ||
        column_read_number(storage, row, GIVEN_UP, COLUMN_EVENT_STATE, &given_up, error))
        return -1;
    list_moments(reported, moments);
    for (int i = 0; i < MOMENTS; i++) {
        if (column_read_optional(storage, row, SERIES_MS + i, COLUMN_TIME, INT64_MIN, moments[i],
                                 error))
            return -1;
    }
    reported->state = (enum event_state)state;
    reported->n = (int)n;
    reported->is_flapping = is_flapping;
    reported->given_up = (enum event_state)given_up;
    return 0;
}

int alert_table_get_reported(struct storage *storage, const char *target, enum event_check check,
                             const char *scope, struct alert_reported *reported,
                             struct error *error)
{
    sqlite3_stmt *get = database_bind(storage, SQL_GET_REPORTED, check);
    int result;

    sqlite3_bind_text(get, 2, scope, -1, SQLITE_STATIC);
    sqlite3_bind_text(get, 3, target, -1, SQLITE_STATIC);
    result = database_step(storage, get, error);
    *reported = ALERT_NO_REPORTS;
    if (result <= 0)
        return result;
    result = read_reported(storage, get, reported, error);
    sqlite3_reset(get);
    return result;
}

int alert_table_put_reported(struct storage *storage, const char *target, enum event_check check,
                             const char *scope, const struct alert_reported *reported,
                             int64_t look_ms, struct error *error)
{
    enum { FIRST_MOMENT = 6, LOOK_MS = FIRST_MOMENT + MOMENTS, SCOPE, TARGET };
    struct alert_reported copy = *reported;
    int64_t *moments[MOMENTS];
    sqlite3_stmt *put = database_bind(storage, SQL_PUT_REPORTED, check, reported->state,
                                      reported->n, reported->is_flapping, reported->given_up);

    assert(storage->depth > 0);
    list_moments(&copy, moments);
    for (int i = 0; i < MOMENTS; i++)
        column_bind_time(put, FIRST_MOMENT + i, *moments[i], INT64_MIN);
    if (!column_is_in_range(COLUMN_TIME, look_ms))
        look_ms = look_ms < 0 ? 0 : INT64_MAX;
    column_bind_time(put, LOOK_MS, look_ms, INT64_MAX);
    sqlite3_bind_text(put, SCOPE, scope, -1, SQLITE_STATIC);
    return run_with_text(storage, put, TARGET, target, error);
}

int alert_table_set_back(struct storage *storage, int64_t by_ms, struct error *error)
{
    assert(storage->depth > 0);
    if (database_run(storage, database_bind(storage, SQL_SET_BACK_REPORTED, by_ms), error) ||
        database_run(storage, database_bind(storage, SQL_SET_BACK_MESSAGES, by_ms), error))
        return -1;
    return storage_set_setting(storage, SETTING_ALERT_DUE_MS, 0, error);
}

int alert_table_next(struct storage *storage, int64_t *due_ms, struct error *error)
{
    return database_number(storage, database_bind(storage, SQL_GET_NEXT_ALERT, INT64_MAX),
                           INT64_MAX, due_ms, error);
}

int alert_table_delete_unused(struct storage *storage, struct error *error)
{
    return database_run(storage, database_statement(storage, SQL_DELETE_UNUSED_REPORTED), error);
}
