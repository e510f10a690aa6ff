#ifndef RECORDS_LINE_H
#define RECORDS_LINE_H

#include "records/csv.h"
#include "records/event_csv.h"

struct monitor_id;

/* A line of a record: a row of its monitor, or an event if the record is the event log. */
struct line {
    int64_t at_ms; /* it belongs in the archive of this day */
    union {
        struct check check;
        struct event_row event;
    };
};

/* The record whose lines are read. */
struct line_source {
    bool is_event_log;
    struct csv_ids ids; /* if it is that of a monitor */
};

/* The lines of the record of this monitor, which must stay, or of the event log. */
void line_begin(struct line_source *source, const struct monitor_id *monitor);

/* Reads the line at the front of these bytes, as csv_read does. A row of another monitor is
 * CSV_BAD. */
enum csv_result line_read(const struct line_source *source, const char *bytes, size_t size,
                          struct line *line, size_t *used, const char **why);

/* Appends the line as uptick writes it. Returns 0, or -1 if the buffer has failed. */
int line_write(struct buffer *into, const struct monitor_id *monitor, const struct line *line);

#endif
