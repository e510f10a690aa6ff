/* A file of records, plain or compressed -> its rows. */
#include "records/reader.h"

#include "records/codec.h"
#include "records/line.h"

#include <assert.h>
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
    assert(from <= end && reader->block);
    *reader = (struct reader){.fd = fd,
                              .end = end,
                              .lines_end = from,
                              .block = reader->block,
                              .next = from,
                              .next_line = 1};
}

void reader_start_codec(struct reader *reader, struct codec *codec)
{
    reader_start(reader, -1, 0, INT64_MAX);
    reader->codec = codec;
}

/* Moves the unused part to the front of the block and reads on after it. */
static int fill_block(struct reader *reader)
{
    size_t max = BLOCK_SIZE - reader->size;
    ssize_t n;

    memmove(reader->block, reader->block + reader->start, reader->size);
    reader->start = 0;
    if (reader->end - reader->next < (int64_t)max)
        max = (size_t)(reader->end - reader->next);
    do
        n = reader->codec ? codec_decode(reader->codec, reader->block + reader->size, max)
                          : pread(reader->fd, reader->block + reader->size, max, reader->next);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -1;
    reader->at_end = n == 0;
    reader->size += (size_t)n;
    reader->next += n;
    return 0;
}

/* Uses up the next bytes: a row or a line, or a part of one. */
static void take_bytes(struct reader *reader, size_t size)
{
    const char *at = reader->block + reader->start, *end = at + size;

    for (; at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
        reader->next_line++;
    if (size && reader->block[reader->start + size - 1] == '\n')
        reader->lines_end = reader->next - (int64_t)(reader->size - size);
    reader->start += size;
    reader->size -= size;
    reader->length += (int64_t)size;
}

/* Uses up the front line, which is bad; or, if line_end is NULL, all bytes, which are torn. */
static enum csv_result take_line(struct reader *reader, const char *line_end)
{
    const char *front = reader->block + reader->start;

    take_bytes(reader, line_end ? (size_t)(line_end + 1 - front) : reader->size);
    return line_end ? CSV_BAD : CSV_TORN;
}

/* Skips a line that is longer than a block. */
static int skip_long_line(struct reader *reader, enum csv_result *result)
{
    const char *line_end = NULL;

    while (!line_end && !reader->at_end) {
        take_bytes(reader, reader->size);
        if (fill_block(reader))
            return -1;
        line_end = memchr(reader->block, '\n', reader->size);
    }
    *result = take_line(reader, line_end);
    return 0;
}

/* Reads the line at the front of these bytes, as csv_read does, into what context points to. */
typedef enum csv_result read_front(void *context, const char *bytes, size_t size, size_t *used,
                                   const char **why);

static int read_next(struct reader *reader, read_front *read, void *context,
                     enum csv_result *result, const char **why)
{
    size_t used;

    reader->offset = reader->next - (int64_t)reader->size;
    reader->line = reader->next_line;
    reader->length = 0;
    for (;;) {
        *result = read(context, reader->block + reader->start, reader->size, &used, why);
        if (*result == CSV_ROW || *result == CSV_BAD) {
            take_bytes(reader, used);
            return 0;
        }
        if (*result == CSV_TORN && reader->at_end) {
            /* The last row is torn, or an unclosed quote has swallowed the lines after it. */
            *why = "unclosed quote";
            *result = take_line(reader, memchr(reader->block + reader->start, '\n', reader->size));
            return 0;
        }
        if (*result == CSV_END && reader->at_end)
            return 0;
        if (reader->size == BLOCK_SIZE && reader->block[0] == '\0') {
            take_bytes(reader, reader->size);
            *result = CSV_BAD;
            return 0;
        }
        if (reader->size == BLOCK_SIZE) {
            *why = "row too long";
            return skip_long_line(reader, result);
        }
        if (fill_block(reader))
            return -1;
    }
}

static enum csv_result read_row(void *context, const char *bytes, size_t size, size_t *used,
                                const char **why)
{
    return csv_read(bytes, size, context, used, why);
}

int reader_next(struct reader *reader, struct row *row, enum csv_result *result, const char **why)
{
    return read_next(reader, read_row, row, result, why);
}

struct line_reading {
    const struct line_source *source;
    struct line *line;
};

static enum csv_result read_line(void *context, const char *bytes, size_t size, size_t *used,
                                 const char **why)
{
    const struct line_reading *reading = context;

    return line_read(reading->source, bytes, size, reading->line, used, why);
}

int reader_next_line(struct reader *reader, const struct line_source *source, struct line *line,
                     enum csv_result *result, const char **why)
{
    struct line_reading reading = {source, line};

    return read_next(reader, read_line, &reading, result, why);
}
