/*
 * records/event_csv: any bytes are read to their end, and an event that was read is valid and is
 * written as it was read.
 */
#include "fuzz.h"

#include "records/event_csv.h"

static void round_trip(const struct event_row *row)
{
    struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);
    const struct event *a = &row->event, *b;
    struct event_row again;
    const char *why;
    size_t used;

    must(event_is_valid(a), "an event that is read is valid");
    must(event_csv_write(&into, a) == 0, "it can be written");
    must(event_csv_read(into.data, into.size, &again, &used, &why) == CSV_ROW, "it is an event");
    must(used == into.size, "it is one line");
    b = &again.event;
    must(a->at_ms == b->at_ms && a->began_ms == b->began_ms && a->check == b->check &&
             a->change == b->change && a->state == b->state,
         "the same numbers");
    must(strcmp(a->scope, b->scope) == 0 && strcmp(a->code, b->code) == 0 &&
             strcmp(a->detail, b->detail) == 0,
         "the same texts");
    buffer_free(&into);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;

    for (size_t at = 0, used; at < size; at += used) {
        struct event_row row;
        const char *why;
        enum csv_result result = event_csv_read(bytes + at, size - at, &row, &used, &why);

        must(used > 0 && used <= size - at, "the line is within the bytes");
        must(result != CSV_END, "the end comes last");
        must(result != CSV_TORN || used == size - at, "nothing follows a torn line");
        must(result != CSV_BAD || why, "a bad line has a reason");
        if (result == CSV_ROW)
            round_trip(&row);
    }
    return 0;
}
