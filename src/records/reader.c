#include "records/reader.h"

#include "records/decoder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK_SIZE = 256 << 10 };

int reader_init(struct reader *reader)
{
    *reader = (struct reader){.block = malloc(BLOCK_SIZE)};
    return reader->block ? 0 : -1;
}

void reader_free(struct reader *reader)
{
    free(reader->block);
    reader->block = NULL;
}

void reader_start(struct reader *reader, int fd, int64_t from, int64_t end)
{
    *reader =
        (struct reader){.fd = fd, .end = end, .block = reader->block, .next = from, .next_line = 1};
}

void reader_start_packed(struct reader *reader, struct decoder *decoder)
{
    reader_start(reader, -1, 0, INT64_MAX);
    reader->decoder = decoder;
}

/* Moves what is left to the block's front and reads on behind it. */
static int fill(struct reader *reader)
{
    size_t room = BLOCK_SIZE - reader->size;
    ssize_t n;

    memmove(reader->block, reader->block + reader->start, reader->size);
    reader->start = 0;
    if (reader->end - reader->next < (int64_t)room)
        room = (size_t)(reader->end - reader->next);
    do
        n = reader->decoder ? decoder_read(reader->decoder, reader->block + reader->size, room)
                            : pread(reader->fd, reader->block + reader->size, room, reader->next);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -1;
    reader->at_end = n == 0;
    reader->size += (size_t)n;
    reader->next += n;
    return 0;
}

/* Takes bytes off the front: a row or a line, or a part of one. */
static void take(struct reader *reader, size_t size)
{
    const char *at = reader->block + reader->start, *end = at + size;

    for (; (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
        reader->next_line++;
    reader->start += size;
    reader->size -= size;
    reader->length += (int64_t)size;
}

/* A line that is too long for the block: takes all of it, block by block. */
static int skip_long_line(struct reader *reader, enum csv_result *result)
{
    const char *line_end = NULL;

    while (!line_end && !reader->at_end) {
        take(reader, reader->size);
        if (fill(reader))
            return -1;
        line_end = memchr(reader->block, '\n', reader->size);
    }
    *result = line_end ? CSV_BAD : CSV_TORN;
    take(reader, line_end ? (size_t)(line_end + 1 - reader->block) : reader->size);
    return 0;
}

/* The bytes end within a row. That is a torn one; or a line with a stray quote, and lines. */
static void end_within_row(struct reader *reader, enum csv_result *result, const char **why)
{
    const char *front = reader->block + reader->start;
    const char *line_end = memchr(front, '\n', reader->size);

    *result = line_end ? CSV_BAD : CSV_TORN;
    *why = "a quote is never closed";
    take(reader, line_end ? (size_t)(line_end + 1 - front) : reader->size);
}

int reader_next(struct reader *reader, struct row *row, enum csv_result *result, const char **why)
{
    size_t used;

    reader->offset = reader->next - (int64_t)reader->size;
    reader->line = reader->next_line;
    reader->length = 0;
    for (;;) {
        *result = csv_read(reader->block + reader->start, reader->size, row, &used, why);
        if (*result == CSV_ROW || *result == CSV_BAD) {
            take(reader, used);
            return 0;
        }
        if (*result == CSV_TORN && reader->at_end) {
            end_within_row(reader, result, why);
            return 0;
        }
        if (*result == CSV_END && reader->at_end)
            return 0;
        if (reader->size == BLOCK_SIZE) {
            *why = "a row is not as long as that";
            return skip_long_line(reader, result);
        }
        if (fill(reader))
            return -1;
    }
}
