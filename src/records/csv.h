#ifndef RECORDS_CSV_H
#define RECORDS_CSV_H

#include "base/buffer.h"
#include "model/check.h"

#include <stddef.h>

/*
 * One row of a record (spec 5): seven fields, quoting of RFC 4180, \n line ends. Pure.
 */

struct row {
    char site[65], domain[65];
    struct check check;
};

/* Appends the row with its line end. Returns 0, or -1 as buffer_append does. */
int csv_write(struct buffer *into, const char *site, const char *domain, const struct check *check);

enum csv_result {
    CSV_ROW,  /* a whole row was read */
    CSV_BAD,  /* a whole line that is no row: skip it */
    CSV_TORN, /* what is left has no line end */
    CSV_END   /* nothing is left */
};

/*
 * Reads the row at the front of these bytes. *used is the length of what was read, its line end
 * included. On CSV_BAD, *why says what was expected (a constant). Accepts \r\n as a line end.
 */
enum csv_result csv_read(const char *bytes, size_t size, struct row *row, size_t *used,
                         const char **why);

#endif
