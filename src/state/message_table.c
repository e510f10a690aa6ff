/* Keeps the messages that wait to be delivered, and what each one is about. */
#include "state/message_table.h"

#include "base/clock.h"
#include "base/text.h"
#include "state/column.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The next attempt of a message is never later than this. */
static const int64_t ahead_max_ms = 25 * (int64_t)MS_PER_HOUR;

/* Adds a part; position counts from 0. */
static int add_part(struct storage *storage, int64_t message, int64_t position, const char *scope,
                    const struct alert_part *part, struct error *error)
{
    sqlite3_stmt *add = database_bind(storage, SQL_ADD_MESSAGE_PART, message, position, part->check,
                                      part->change, part->state, part->series_ms, part->n,
                                      part->outage.began_ms, part->is_flapping);

    assert(part->change != ALERT_NONE);
    sqlite3_bind_text(add, 10, scope, -1, SQLITE_STATIC);
    return database_run(storage, add, error);
}

int message_table_add(struct storage *storage, const struct alert_message *message,
                      const char *const *scopes, const struct alert_part *parts, size_t n,
                      int64_t *number, struct error *error)
{
    char answer[MESSAGE_ANSWER_MAX];
    sqlite3_stmt *add;

    assert(storage->depth > 0 && n > 0);
    if (strlen(message->content) >= MESSAGE_CONTENT_MAX)
        return error_set(error, EXIT_IO, "%s: a message about %zu subjects is too long",
                         storage->path, n);
    text_one_line(answer, sizeof answer, message->answer, strlen(message->answer));
    add = database_bind(storage, SQL_ADD_MESSAGE, message->created_ms, message->next_ms,
                        message->attempts);
    sqlite3_bind_text(add, 4, message->target, -1, SQLITE_STATIC);
    sqlite3_bind_text(add, 5, answer, -1, SQLITE_STATIC);
    sqlite3_bind_text(add, 6, message->content, -1, SQLITE_STATIC);
    if (database_run(storage, add, error))
        return -1;
    *number = sqlite3_last_insert_rowid(storage->db);
    for (size_t i = 0; i < n; i++) {
        if (add_part(storage, *number, (int64_t)i, scopes[i], &parts[i], error))
            return -1;
    }
    return 0;
}

int message_table_update(struct storage *storage, const struct alert_message *message,
                         struct error *error)
{
    char answer[MESSAGE_ANSWER_MAX];
    sqlite3_stmt *update = database_bind(storage, SQL_UPDATE_MESSAGE, message->number,
                                         message->next_ms, message->attempts);

    assert(storage->depth > 0);
    text_one_line(answer, sizeof answer, message->answer, strlen(message->answer));
    sqlite3_bind_text(update, 4, answer, -1, SQLITE_STATIC);
    return database_run(storage, update, error);
}

int message_table_delete(struct storage *storage, int64_t number, struct error *error)
{
    assert(storage->depth > 0);
    return database_run(storage, database_bind(storage, SQL_DELETE_MESSAGE_PARTS, number), error) ||
                   database_run(storage, database_bind(storage, SQL_DELETE_MESSAGE, number), error)
               ? -1
               : 0;
}

int message_table_find(struct storage *storage, const char *target, enum event_check check,
                       const char *scope, int64_t *number, struct error *error)
{
    sqlite3_stmt *find = database_bind(storage, SQL_FIND_MESSAGE, check);

    sqlite3_bind_text(find, 2, scope, -1, SQLITE_STATIC);
    sqlite3_bind_text(find, 3, target, -1, SQLITE_STATIC);
    return column_fetch(storage, find, COLUMN_NUMBER, 0, number, error);
}

int message_table_get_age(struct storage *storage, int64_t number, int64_t *created_ms,
                          int *attempts, struct error *error)
{
    sqlite3_stmt *get = database_bind(storage, SQL_GET_MESSAGE_AGE, number);
    int found = database_step(storage, get, error);
    int64_t count = 0;

    *created_ms = 0;
    if (found > 0 && (column_read_number(storage, get, 0, COLUMN_TIME, created_ms, error) ||
                      column_read_number(storage, get, 1, COLUMN_COUNT, &count, error)))
        found = -1;
    *attempts = (int)count;
    sqlite3_reset(get);
    return found < 0 ? -1 : 0;
}

int message_table_get_failed(struct storage *storage, const char *target, int *attempts,
                             char answer[MESSAGE_ANSWER_MAX], struct error *error)
{
    sqlite3_stmt *get = database_statement(storage, SQL_GET_FAILED_MESSAGE);
    int64_t count = 0;
    int found;

    sqlite3_bind_text(get, 1, target, -1, SQLITE_STATIC);
    found = database_step(storage, get, error);
    *answer = '\0';
    if (found > 0 && (column_read_number(storage, get, 0, COLUMN_COUNT, &count, error) ||
                      column_read_text(storage, get, 1, answer, MESSAGE_ANSWER_MAX, error)))
        found = -1;
    *attempts = (int)count;
    sqlite3_reset(get);
    return found < 0 ? -1 : 0;
}

/* Columns of next_message. */
enum { NUMBER, CREATED_MS, NEXT_MS, ATTEMPTS, TARGET, ANSWER, CONTENT };

/* A message with its texts. */
struct message_copy {
    struct alert_message message;
    char target[TEXT_ID_MAX + 1], answer[MESSAGE_ANSWER_MAX];
    char *content; /* NULL: none was read yet */
};

static int read_message(struct storage *storage, sqlite3_stmt *row, struct message_copy *copy,
                        struct error *error)
{
    struct alert_message *message = &copy->message;
    size_t size = (size_t)sqlite3_column_bytes(row, CONTENT) + 1;
    char *content = realloc(copy->content, size);
    int64_t attempts;

    if (!content)
        return database_no_memory(storage, error);
    copy->content = content;
    if (column_read_number(storage, row, NUMBER, COLUMN_NUMBER, &message->number, error) ||
        column_read_number(storage, row, CREATED_MS, COLUMN_TIME, &message->created_ms, error) ||
        column_read_number(storage, row, NEXT_MS, COLUMN_TIME, &message->next_ms, error) ||
        column_read_number(storage, row, ATTEMPTS, COLUMN_COUNT, &attempts, error) ||
        column_read_text(storage, row, TARGET, copy->target, sizeof copy->target, error) ||
        column_read_text(storage, row, ANSWER, copy->answer, sizeof copy->answer, error) ||
        column_read_text(storage, row, CONTENT, content, size, error))
        return -1;
    message->attempts = (int)attempts;
    message->target = copy->target;
    message->answer = copy->answer;
    message->content = content;
    return 0;
}

/* Reads the next message after *number, and resets the statement, so that others may write. Returns
 * 1; 0: there is none; or -1. */
static int find_next(struct storage *storage, int64_t number, int64_t until_ms,
                     struct message_copy *copy, struct error *error)
{
    int64_t ahead_ms = until_ms > INT64_MAX - ahead_max_ms ? INT64_MAX : until_ms + ahead_max_ms;
    sqlite3_stmt *next = database_bind(storage, SQL_NEXT_MESSAGE, number, until_ms, ahead_ms);
    int result = database_step(storage, next, error);

    if (result > 0 && read_message(storage, next, copy, error))
        result = -1;
    sqlite3_reset(next);
    return result;
}

int message_table_each(struct storage *storage, int64_t until_ms, message_table_each_one *each,
                       void *context, struct error *error)
{
    struct message_copy copy = {.content = NULL};
    int result = 0, found;

    while (result == 0) {
        found = find_next(storage, copy.message.number, until_ms, &copy, error);
        if (found <= 0) {
            result = found;
            break;
        }
        result = each(context, &copy.message, error);
    }
    free(copy.content);
    return result;
}

/* A list of parts under way. */
struct part_listing {
    struct storage *storage;
    message_table_each_part_one *each;
    void *context;
};

/* Columns of list_message_parts. */
enum { CHECK, CHANGE, STATE, SERIES_MS, N, BEGAN_MS, IS_FLAPPING, SCOPE };

static int read_part(void *context, sqlite3_stmt *row, struct error *error)
{
    const struct part_listing *listing = context;
    struct storage *storage = listing->storage;
    struct alert_part part = {.n_missed = 0};
    int64_t check, change, state, n, is_flapping;
    char scope[EVENT_SCOPE_MAX];

    if (column_read_number(storage, row, CHECK, COLUMN_EVENT_CHECK, &check, error) ||
        column_read_number(storage, row, CHANGE, COLUMN_ALERT_CHANGE, &change, error) ||
        column_read_number(storage, row, STATE, COLUMN_EVENT_STATE, &state, error) ||
        column_read_number(storage, row, SERIES_MS, COLUMN_TIME, &part.series_ms, error) ||
        column_read_number(storage, row, N, COLUMN_COUNT, &n, error) ||
        column_read_number(storage, row, BEGAN_MS, COLUMN_TIME, &part.outage.began_ms, error) ||
        column_read_number(storage, row, IS_FLAPPING, COLUMN_FLAG, &is_flapping, error) ||
        column_read_text(storage, row, SCOPE, scope, sizeof scope, error))
        return -1;
    part.check = (enum event_check)check;
    part.change = (enum alert_change)change;
    part.state = (enum event_state)state;
    part.n = (int)n;
    part.is_flapping = is_flapping;
    return listing->each(listing->context, scope, &part, error);
}

int message_table_each_part(struct storage *storage, int64_t number,
                            message_table_each_part_one *each, void *context, struct error *error)
{
    struct part_listing listing = {storage, each, context};

    return database_each(storage, database_bind(storage, SQL_LIST_MESSAGE_PARTS, number), read_part,
                         &listing, error);
}

int message_table_was_sent(struct storage *storage, const char *target, int64_t began_ms,
                           int64_t since_ms, bool *was_sent, struct error *error)
{
    sqlite3_stmt *find =
        database_bind(storage, SQL_WAS_SENT_SINCE, EVENT_SENT, EVENT_ALERT, began_ms, since_ms);
    int64_t found = 0;
    int result;

    sqlite3_bind_text(find, 5, target, -1, SQLITE_STATIC);
    result = database_number(storage, find, 0, &found, error);
    *was_sent = found != 0;
    return result;
}

int message_table_count_undelivered(struct storage *storage, int64_t *n, struct error *error)
{
    return database_number(storage, database_statement(storage, SQL_COUNT_UNDELIVERED), 0, n,
                           error);
}
