#ifndef STATE_EVENT_ROW_H
#define STATE_EVENT_ROW_H

#include "model/check.h"
#include "model/event.h"
#include "state/database.h"

/* The columns of each statement that lists events (sql/events.sql). */
enum event_column {
    EVENT_COLUMN_NUMBER,
    EVENT_COLUMN_AT_MS,
    EVENT_COLUMN_SCOPE,
    EVENT_COLUMN_CHECK,
    EVENT_COLUMN_BEGAN_MS,
    EVENT_COLUMN_CHANGE,
    EVENT_COLUMN_STATE,
    EVENT_COLUMN_CODE,
    EVENT_COLUMN_DETAIL
};

/* The texts of an event that was read. */
struct event_texts {
    char scope[EVENT_SCOPE_MAX], code[EVENT_CODE_MAX], detail[FAILURE_MAX];
};

/* Reads the columns of numbers, apart from NUMBER. */
int event_row_read_numbers(struct storage *storage, sqlite3_stmt *row, struct event *event,
                           struct error *error);

/* Reads all columns but NUMBER. The event has the texts that are given. An event that is not valid
 * (event.h) is damage. */
int event_row_read(struct storage *storage, sqlite3_stmt *row, struct event *event,
                   struct event_texts *texts, struct error *error);

#endif
