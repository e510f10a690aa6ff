#ifndef RECORDS_FIELDS_H
#define RECORDS_FIELDS_H

#include "base/buffer.h"

#include <stdbool.h>

/*
 * Lines of fields, separated by commas and quoted as in RFC 4180: what the rows of a record (csv.h)
 * and the event log (event_csv.h) have in common. Pure: no file and no clock.
 */

enum csv_result {
    CSV_ROW,  /* a complete row was read */
    CSV_BAD,  /* a complete line that is not a row, or NUL bytes before a line: skip it */
    CSV_TORN, /* the rest of the bytes has no line end */
    CSV_END   /* there are no bytes */
};

/* No line is longer than this many bytes. */
enum { FIELDS_LINE_MAX = 2048 };

/* The bytes that are not yet read. */
struct fields_cursor {
    const char *at, *end;
};

/* The text of a field, without its quotes. */
struct field_text {
    const char *data;
    size_t size;
};

/* What the lines of a file mean. */
struct fields_format {
    int n;                       /* of the fields of a line */
    const char *wrong_number;    /* the mistake of a line with another number of fields */
    const char *const *mistakes; /* of each field */

    /* Reads a field into the row; i counts from 0. Returns 0, or -1 if it is mistakes[i]. */
    int (*read)(void *row, int i, const struct field_text *field);

    /* Reads the first fields, with the comma or line end after them, if they are as uptick
     * writes them. Returns how many it has read. NULL: read all of them one by one. */
    int (*read_regular)(struct fields_cursor *in, void *row);
};

/* Appends a field, in quotes if it contains a byte that would end it. */
void fields_put(struct buffer *into, const char *text);

/* Copies a field, with a NUL, if it is valid. Returns 0; or -1: it is not. */
int fields_copy(const struct field_text *field, bool is_valid, char *into);

/*
 * Reads the line at the front of these bytes. *used becomes its length with its line end. An editor
 * may have put a byte order mark before it, and \r\n at its end. After CSV_BAD, *why is a constant
 * text that names the mistake; after CSV_ROW it is NULL.
 */
enum csv_result fields_read(const struct fields_format *format, const char *bytes, size_t size,
                            void *row, size_t *used, const char **why);

#endif
