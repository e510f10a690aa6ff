#ifndef RECORDS_EVENT_CSV_H
#define RECORDS_EVENT_CSV_H

#include "model/check.h"
#include "model/event.h"
#include "records/fields.h"

/*
 * One line of the event log: timestamp, id of the condition, location, scope, change, state, code
 * and detail, quoted as in RFC 4180, ended by \n. uptick has only one location, so the location is
 * empty. Pure: no file and no clock.
 */

/* An event that was read, with its texts. A copy would have the texts of the original. */
struct event_row {
    struct event event;
    char scope[EVENT_SCOPE_MAX], code[EVENT_CODE_MAX], detail[FAILURE_MAX];
};

/* Appends the event, which is valid, with its line end. Returns 0; or -1 if the buffer has failed,
 * and then it has no part of the line. */
int event_csv_write(struct buffer *into, const struct event *event);

/* Reads the line at the front of these bytes, as csv_read reads a row. Each event is valid. */
enum csv_result event_csv_read(const char *bytes, size_t size, struct event_row *row, size_t *used,
                               const char **why);

#endif
