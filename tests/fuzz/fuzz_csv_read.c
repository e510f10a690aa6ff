/*
 * records/csv: any bytes are read to their end, and a row that was read is written as it was read.
 */
#include "fuzz.h"

#include "records/csv.h"

static void must_be_same(const struct row *a, const struct row *b)
{
    must(strcmp(a->site, b->site) == 0 && strcmp(a->domain, b->domain) == 0, "the same monitor");
    must(a->check.start_ms == b->check.start_ms && a->check.status == b->check.status &&
             a->check.http_status == b->check.http_status &&
             a->check.latency_ms == b->check.latency_ms,
         "the same numbers");
    must(strcmp(a->check.failure, b->check.failure) == 0, "the same failure");
}

static void round_trip(const struct row *row)
{
    struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);
    struct row again;
    const char *why;
    size_t used;

    must(csv_write(&into, row->site, row->domain, &row->check) == 0, "a row can be written");
    must(csv_read(into.data, into.size, &again, &used, &why) == CSV_ROW, "it is read as a row");
    must(used == into.size, "it is read as one row");
    must_be_same(row, &again);
    buffer_free(&into);
}

/* A row is the same row without the bytes after it. */
static void read_alone(const char *bytes, size_t size, const struct row *row)
{
    char *alone = malloc(size);
    struct row again;
    const char *why;
    size_t used;

    if (!alone)
        abort();
    memcpy(alone, bytes, size);
    must(csv_read(alone, size, &again, &used, &why) == CSV_ROW && used == size,
         "a row is the same without what follows");
    must_be_same(row, &again);
    free(alone);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;

    for (size_t at = 0, used; at < size; at += used) {
        struct row row;
        const char *why;
        enum csv_result result = csv_read(bytes + at, size - at, &row, &used, &why);

        must(used > 0 && used <= size - at, "the row is within the bytes");
        must(result != CSV_END, "the end comes last");
        if (result == CSV_TORN)
            must(used == size - at, "nothing follows a torn row");
        else
            must(bytes[at + used - 1] == '\n' || (result == CSV_BAD && bytes[at] == '\0'),
                 "complete lines are read, or NUL bytes");
        must(result != CSV_BAD || why, "a bad line has a reason");
        if (result == CSV_ROW) {
            round_trip(&row);
            read_alone(bytes + at, used, &row);
        }
    }
    return 0;
}
