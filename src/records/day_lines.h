#ifndef RECORDS_DAY_LINES_H
#define RECORDS_DAY_LINES_H

#include "base/buffer.h"
#include "state/days.h"

/* The lines of a file of day counts. */

/* A file that is read in blocks of a fixed size. */
struct day_lines {
    int fd;
    char *block;
    size_t start, size; /* the part of the block that is not yet used */
    int64_t offset;     /* of the end of the block in the file */
    bool at_end;        /* of the file */
    bool in_line;       /* the last piece had no line end */
};

/* A line with its line end; a longer line than the block comes in pieces. */
struct day_line {
    const char *bytes; /* valid until the next call */
    size_t size;
    bool continues; /* not the first piece of the line */
    bool is_torn;   /* the file ends without a line end */
};

/* Starts a file; fd stays the caller's. Returns 0, or -1 with errno. Release it with end. */
int day_lines_begin(struct day_lines *lines, int fd);
void day_lines_end(struct day_lines *lines);

/* Reads the next line, or piece of one. Returns 1, or 0 at the end, or -1 with errno. */
int day_lines_next(struct day_lines *lines, struct day_line *line);

/* Reads a whole line. Returns NULL, or a constant text that names the mistake. */
const char *day_lines_read(const struct day_line *line, struct day_row *row);

/* Appends the line of a row. */
int day_lines_put(struct buffer *into, const struct day_row *row);

#endif
