/* Keeps the open conditions, and stages events. */
#include "state/conditions.h"

#include "state/column.h"
#include "state/condition_set.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Columns of list_conditions. */
enum { SCOPE, CHECK, BEGAN_MS, STATE, SINCE_MS, COUNT, LAST_MS, CHANGED_MS, CODE };

static int read_condition(void *context, sqlite3_stmt *row, struct error *error)
{
    struct storage *storage = context;
    struct condition condition;
    char scope[EVENT_SCOPE_MAX];
    int64_t check, state, count;

    if (column_read_text(storage, row, SCOPE, scope, sizeof scope, error) ||
        column_read_text(storage, row, CODE, condition.code, sizeof condition.code, error) ||
        column_read_number(storage, row, CHECK, COLUMN_EVENT_CHECK, &check, error) ||
        column_read_number(storage, row, BEGAN_MS, COLUMN_TIME, &condition.began_ms, error) ||
        column_read_number(storage, row, STATE, COLUMN_EVENT_STATE, &state, error) ||
        column_read_number(storage, row, SINCE_MS, COLUMN_TIME, &condition.since_ms, error) ||
        column_read_number(storage, row, COUNT, COLUMN_LENGTH, &count, error) ||
        column_read_number(storage, row, LAST_MS, COLUMN_TIME, &condition.last_ms, error) ||
        column_read_optional(storage, row, CHANGED_MS, COLUMN_TIME, INT64_MIN,
                             &condition.changed_ms, error))
        return -1;
    if (!event_is_valid(&(struct event){.scope = scope,
                                        .check = (enum event_check)check,
                                        .state = (enum event_state)state,
                                        .code = condition.code,
                                        .detail = ""}))
        return database_damaged(storage, error);
    condition.state = (enum event_state)state;
    condition.count = count < INT32_MAX ? (int)count : INT32_MAX;
    return condition_set_put(storage->conditions, (enum event_check)check, scope, &condition)
               ? database_no_memory(storage, error)
               : 0;
}

int conditions_load(struct storage *storage, struct error *error)
{
    int result;

    if (storage->conditions)
        return 0;
    storage->conditions = condition_set_new();
    if (!storage->conditions)
        return database_no_memory(storage, error);
    result = database_each(storage, database_statement(storage, SQL_LIST_CONDITIONS),
                           read_condition, storage, error);
    if (result) {
        condition_set_free(storage->conditions);
        storage->conditions = NULL;
    }
    return result;
}

const struct condition *conditions_find(const struct storage *storage, enum event_check check,
                                        const char *scope)
{
    const struct open_condition *entry = condition_set_find(storage->conditions, check, scope);

    return entry && entry->condition.state != EVENT_UP ? &entry->condition : NULL;
}

const struct condition *conditions_of(const struct storage *storage, enum event_check check,
                                      size_t domain)
{
    char scope[CONFIG_MONITOR_MAX];

    if (!condition_set_has(storage->conditions, check))
        return NULL;
    return conditions_find(storage, check, config_monitor_name(storage->config, domain, scope));
}

bool conditions_may_have(const struct storage *storage, enum event_check check)
{
    return !storage->conditions || condition_set_has(storage->conditions, check);
}

int conditions_put(struct storage *storage, enum event_check check, const char *scope,
                   const struct condition *condition, struct error *error)
{
    sqlite3_stmt *put;

    assert(storage->depth > 0);
    if (condition->state == EVENT_UP) {
        put = database_bind(storage, SQL_DELETE_CONDITION, check);
        sqlite3_bind_text(put, 2, scope, -1, SQLITE_STATIC);
    } else {
        put = database_bind(storage, SQL_PUT_CONDITION, check, condition->began_ms,
                            condition->state, condition->since_ms, condition->count,
                            condition->last_ms, condition->changed_ms);
        column_bind_time(put, 7, condition->changed_ms, INT64_MIN);
        sqlite3_bind_text(put, 8, scope, -1, SQLITE_STATIC);
        sqlite3_bind_text(put, 9, condition->code, -1, SQLITE_STATIC);
    }
    if (database_run(storage, put, error))
        return -1;
    return condition_set_put(storage->conditions, check, scope, condition)
               ? database_no_memory(storage, error)
               : 0;
}

int conditions_each(const struct storage *storage, conditions_each_one *each, void *context,
                    struct error *error)
{
    int result = 0;

    for (const struct open_condition *entry = condition_set_first(storage->conditions);
         entry && result == 0; entry = entry->next) {
        if (entry->condition.state != EVENT_UP)
            result = each(context, entry->check, entry->scope, &entry->condition, error);
    }
    return result;
}

int conditions_stage_event(struct storage *storage, const struct event *event, struct error *error)
{
    sqlite3_stmt *add = database_bind(storage, SQL_ADD_STAGED_EVENT, event->at_ms, event->check,
                                      event->began_ms, event->change, event->state);

    assert(storage->depth > 0 && event_is_valid(event));
    sqlite3_bind_text(add, 6, event->scope, -1, SQLITE_STATIC);
    sqlite3_bind_text(add, 7, event->code, -1, SQLITE_STATIC);
    sqlite3_bind_text(add, 8, event->detail, -1, SQLITE_STATIC);
    storage->n_staged_events += !event_is_of_message(event->change);
    return database_run(storage, add, error);
}

int64_t conditions_count_staged(const struct storage *storage)
{
    return storage->n_staged_events;
}

int conditions_record(struct storage *storage, const struct event *event, struct error *error)
{
    struct condition condition = {.state = event->state,
                                  .began_ms = event->began_ms,
                                  .last_ms = event->at_ms,
                                  .changed_ms = INT64_MIN};
    int result;

    if (conditions_load(storage, error) || storage_begin(storage, error))
        return -1;
    snprintf(condition.code, sizeof condition.code, "%s", event->code);
    result = conditions_stage_event(storage, event, error);
    if (result == 0)
        result = conditions_put(storage, event->check, event->scope, &condition, error);
    return storage_end(storage, result, error);
}
