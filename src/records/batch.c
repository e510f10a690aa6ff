/* Rows of a live file -> rows of each day, and lines that are not rows. */
#include "records/batch.h"

#include "base/clock.h"
#include "base/file.h"
#include "records/line.h"
#include "state/ledger.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* Two weeks of rows of a monitor that is checked every ten seconds. */
enum { BATCH_MAX = 16 << 20 };

void batch_init(struct batch *batch)
{
    batch->rows = batch->lines = BUFFER_WITH_CEILING(BATCH_MAX);
}

void batch_free(struct batch *batch)
{
    buffer_free(&batch->rows);
    buffer_free(&batch->lines);
}

int batch_read(struct batch *batch, int fd, int64_t from, int64_t end)
{
    struct buffer *rows = &batch->rows;
    size_t size = end - from < BATCH_MAX ? (size_t)(end - from) : BATCH_MAX;

    assert(from <= end);
    buffer_reset(rows);
    if (buffer_reserve(rows, size)) {
        errno = ENOMEM;
        return -1;
    }
    if (file_read_at(fd, rows->data, size, from))
        return -1;

    /* Leave an incomplete line to the next batch, unless it is longer than a batch. */
    rows->size = size;
    if (from + (int64_t)size < end) {
        while (rows->size > 0 && rows->data[rows->size - 1] != '\n')
            rows->size--;
        if (rows->size == 0)
            rows->size = size;
    }
    return 0;
}

/* Reads the row or bad line at *at and moves *at after it. Returns CSV_ROW, CSV_BAD or CSV_END. */
static enum csv_result next_line(const struct buffer *rows, const struct line_source *source,
                                 size_t *at, struct line *line)
{
    const char *front = rows->data + *at, *why, *line_end;
    size_t left = rows->size - *at, used;
    enum csv_result result = line_read(source, front, left, line, &used, &why);

    if (result == CSV_TORN) {
        /* The batch ends with a line end, so this is an unclosed quote: it spoils one line only. */
        line_end = memchr(front, '\n', left);
        used = line_end ? (size_t)(line_end + 1 - front) : left;
        result = CSV_BAD;
    }
    *at += used;
    return result;
}

/*
 * Adds a line: one of the record, or something else if line is NULL. If an editor has added bytes
 * before or after it, it is added as uptick writes it.
 */
static void add_line(struct buffer *lines, const char *bytes, size_t size,
                     const struct monitor_id *monitor, const struct line *line)
{
    if (!line || (bytes[0] != '\xef' && bytes[size - 2] != '\r'))
        buffer_append(lines, bytes, size);
    else
        line_write(lines, monitor, line);
}

int batch_gather(struct batch *batch, const struct monitor_id *monitor, int64_t day,
                 int64_t *next_day, struct error *error)
{
    struct line_source source;
    struct line line;
    enum csv_result result;

    line_begin(&source, monitor);
    buffer_reset(&batch->lines);
    *next_day = INT64_MAX;
    for (size_t at = 0, from = 0;
         (result = next_line(&batch->rows, &source, &at, &line)) != CSV_END; from = at) {
        bool is_row = result == CSV_ROW;
        int64_t row_day = is_row ? clock_floor_div(line.at_ms, MS_PER_DAY) : BATCH_BAD;

        if (row_day == day)
            add_line(&batch->lines, batch->rows.data + from, at - from, monitor,
                     is_row ? &line : NULL);
        else if (row_day > day && row_day < *next_day)
            *next_day = row_day;
    }
    return batch->lines.failed
               ? error_set(error, EXIT_IO, "%s/%s: out of memory", monitor->site, monitor->domain)
               : 0;
}
