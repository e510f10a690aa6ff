#ifndef RECORDS_READER_H
#define RECORDS_READER_H

#include "records/fields.h"

#include <stdint.h>

struct codec;
struct line;
struct line_source;
struct row;

/*
 * Reads the rows of a file one after another, in blocks of a fixed size: neither a long file nor a
 * long line takes more memory.
 */
struct reader {
    int fd;
    struct codec *codec; /* the source, if not NULL; else fd */
    int64_t end;         /* do not read beyond this offset; INT64_MAX: read the whole file */
    int64_t offset;      /* of the row or bad line read last */
    int64_t length;      /* of the same, with its line end */
    int64_t line;        /* its line number, from 1 */
    int64_t lines_end;   /* where the last complete line ends */
    char *block;
    size_t start, size; /* the part of the block that is not yet used */
    int64_t next;       /* the file was read up to here */
    int64_t next_line;
    int at_end; /* of the file */
};

/* Returns 0, or -1 if out of memory. Release it with reader_free. */
int reader_init(struct reader *reader);
void reader_free(struct reader *reader);

/*
 * Starts a file at the offset `from`. fd stays the caller's. One reader may read many files, one
 * after another.
 */
void reader_start(struct reader *reader, int fd, int64_t from, int64_t end);

/* Starts a compressed file: a codec that decompresses it. Offsets count its decompressed bytes. */
void reader_start_codec(struct reader *reader, struct codec *codec);

/*
 * Reads the next row or bad line. CSV_BAD: *why is a constant text. CSV_TORN: the file ends without
 * a line end; its last complete line ends at `offset`. Returns 0 and sets *result, or -1 with
 * errno.
 */
int reader_next(struct reader *reader, struct row *row, enum csv_result *result, const char **why);

/* The same with the lines of one record (line.h). */
int reader_next_line(struct reader *reader, const struct line_source *source, struct line *line,
                     enum csv_result *result, const char **why);

#endif
