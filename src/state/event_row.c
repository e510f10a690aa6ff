/* Reads an event from a row of a statement. */
#include "state/event_row.h"

#include "state/column.h"

int event_row_read_numbers(struct storage *storage, sqlite3_stmt *row, struct event *event,
                           struct error *error)
{
    int64_t check, change, state;

    if (column_read_number(storage, row, EVENT_COLUMN_AT_MS, COLUMN_TIME, &event->at_ms, error) ||
        column_read_number(storage, row, EVENT_COLUMN_CHECK, COLUMN_EVENT_CHECK, &check, error) ||
        column_read_number(storage, row, EVENT_COLUMN_BEGAN_MS, COLUMN_TIME, &event->began_ms,
                           error) ||
        column_read_number(storage, row, EVENT_COLUMN_CHANGE, COLUMN_EVENT_CHANGE, &change,
                           error) ||
        column_read_number(storage, row, EVENT_COLUMN_STATE, COLUMN_EVENT_STATE, &state, error))
        return -1;
    event->check = (enum event_check)check;
    event->change = (enum event_change)change;
    event->state = (enum event_state)state;
    return 0;
}

int event_row_read(struct storage *storage, sqlite3_stmt *row, struct event *event,
                   struct event_texts *texts, struct error *error)
{
    *event = (struct event){.scope = texts->scope, .code = texts->code, .detail = texts->detail};
    if (event_row_read_numbers(storage, row, event, error) ||
        column_read_text(storage, row, EVENT_COLUMN_SCOPE, texts->scope, sizeof texts->scope,
                         error) ||
        column_read_text(storage, row, EVENT_COLUMN_CODE, texts->code, sizeof texts->code, error) ||
        column_read_text(storage, row, EVENT_COLUMN_DETAIL, texts->detail, sizeof texts->detail,
                         error))
        return -1;
    return event_is_valid(event) ? 0 : database_damaged(storage, error);
}
