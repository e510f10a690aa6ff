#ifndef RECORDS_READER_H
#define RECORDS_READER_H

#include "records/csv.h"

#include <stdint.h>

struct decoder;

/*
 * The rows of a file, one after another, in blocks of a fixed size: neither a long file nor a long
 * line takes more memory.
 */
struct reader {
    int fd;
    struct decoder *decoder; /* where the bytes come from instead; NULL: from fd */
    int64_t end;             /* not read further than this; INT64_MAX: to the end of the file */
    int64_t offset;          /* of what was read last: the row, or the bad line */
    int64_t length;          /* its length, its line end included */
    int64_t line;            /* its number, from 1 */
    char *block;
    size_t start, size; /* what of the block is still to be read */
    int64_t next;       /* where the file is read on */
    int64_t next_line;
    int at_end;
};

/* Returns 0, or -1 where memory runs out. A reader may be started again for another file. */
int reader_init(struct reader *reader);
void reader_free(struct reader *reader);

/* Reads fd, which stays the caller's, from this offset on. */
void reader_start(struct reader *reader, int fd, int64_t from, int64_t end);

/* Reads what a pack gives, all of it; the offsets are then of its bytes unpacked. */
void reader_start_packed(struct reader *reader, struct decoder *decoder);

/*
 * Reads the next row, or the next line that is none. CSV_TORN: the file ends without a line end,
 * and its last whole line ends at offset. Returns 0 with the result, or -1 with errno.
 */
int reader_next(struct reader *reader, struct row *row, enum csv_result *result, const char **why);

#endif
