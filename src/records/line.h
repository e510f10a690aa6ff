#ifndef RECORDS_LINE_H
#define RECORDS_LINE_H

#include "records/csv.h"
#include "records/event_csv.h"

struct monitor_id;

/* A line of a record: a row of its monitor, or an event if the record is the event log. */
struct line {
    int64_t at_ms; /* it belongs in the archive of this day */
    union {
        struct row row;
        struct event_row event;
    };
};

/* Reads the line at the front of these bytes, as csv_read does. A row of another monitor is
 * CSV_BAD. */
enum csv_result line_read(const struct monitor_id *monitor, const char *bytes, size_t size,
                          struct line *line, size_t *used, const char **why);

/* Appends the line as uptick writes it. Returns 0, or -1 if the buffer has failed. */
int line_write(struct buffer *into, const struct monitor_id *monitor, const struct line *line);

#endif
