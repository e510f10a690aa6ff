/* Event -> line of the event log, and line -> event. */
#include "records/event_csv.h"

#include "base/clock.h"
#include "base/text.h"

#include <assert.h>
#include <string.h>

enum { TIMESTAMP, ID, LOCATION, SCOPE, CHANGE, STATE, CODE, DETAIL, FIELDS };

static_assert(EVENT_ID_MAX + EVENT_SCOPE_MAX + EVENT_CODE_MAX + 2 * FAILURE_MAX + 128 <
                  FIELDS_LINE_MAX,
              "each line that is written can be read");

int event_csv_write(struct buffer *into, const struct event *event)
{
    char timestamp[CLOCK_TEXT_MAX], id[EVENT_ID_MAX];
    const char *const fields[FIELDS] = {
        [TIMESTAMP] = timestamp,
        [ID] = event_write_id(event->scope, event->check, event->began_ms, id),
        [LOCATION] = "",
        [SCOPE] = event->scope,
        [CHANGE] = event_change_name(event->change),
        [STATE] = event_state_name(event->state),
        [CODE] = event->code,
        [DETAIL] = event->detail};
    size_t before = into->size;

    assert(event_is_valid(event));
    clock_write_ms(event->at_ms, timestamp);
    for (int i = 0; i < FIELDS; i++) {
        fields_put(into, fields[i]);
        buffer_putc(into, i == FIELDS - 1 ? '\n' : ',');
    }
    if (!into->failed)
        return 0;

    /* A part of a line must not stay. */
    into->size = before;
    return -1;
}

/* A line that is being read. */
struct event_reading {
    struct event_row *row;
    char id[EVENT_ID_MAX];
};

static int copy_text(const struct field_text *field, size_t capacity, char *into)
{
    return fields_copy(field, field->size < capacity && !memchr(field->data, 0, field->size), into);
}

static int read_scope(struct event_reading *reading, const struct field_text *field)
{
    struct event_row *row = reading->row;

    return copy_text(field, sizeof row->scope, row->scope) ||
                   event_read_id(reading->id, row->scope, &row->event.check, &row->event.began_ms)
               ? -1
               : 0;
}

/* Reads the last field. Then the event is complete. */
static int read_detail(struct event_row *row, const struct field_text *field)
{
    if (copy_text(field, sizeof row->detail, row->detail))
        return -1;
    row->event.scope = row->scope;
    row->event.code = row->code;
    row->event.detail = row->detail;
    return event_is_valid(&row->event) ? 0 : -1;
}

/* Reads a field; i counts from 0. Returns 0, or -1 if it is mistakes[i]. */
static int read_field(void *into, int i, const struct field_text *field)
{
    struct event_reading *reading = into;
    struct event_row *row = reading->row;

    switch (i) {
    case TIMESTAMP:
        return clock_read_ms(field->data, field->size, &row->event.at_ms);
    case ID:
        return copy_text(field, sizeof reading->id, reading->id);
    case LOCATION:
        return field->size ? -1 : 0;
    case SCOPE:
        return read_scope(reading, field);
    case CHANGE:
        return event_read_change(field->data, field->size, &row->event.change);
    case STATE:
        return event_read_state(field->data, field->size, &row->event.state);
    case CODE:
        return copy_text(field, sizeof row->code, row->code);
    default:
        return read_detail(row, field);
    }
}

enum csv_result event_csv_read(const char *bytes, size_t size, struct event_row *row, size_t *used,
                               const char **why)
{
    static const char *const mistakes[FIELDS] = {
        [TIMESTAMP] = "field 1 is not a timestamp such as 2026-11-23T09:30:00.123Z",
        [ID] = "field 2 is not the id of an event",
        [LOCATION] = "field 3 is not empty",
        [SCOPE] = "field 4 is not the scope of the id in field 2",
        [CHANGE] = "field 5 is not a change such as opened",
        [STATE] = "field 6 is not a state such as DOWN",
        [CODE] = "field 7 is not a code",
        [DETAIL] = "field 8 is too long, or the fields contradict each other",
    };
    static const struct fields_format format = {.n = FIELDS,
                                                .wrong_number = "expected eight fields",
                                                .mistakes = mistakes,
                                                .read = read_field};
    struct event_reading reading = {.row = row};

    return fields_read(&format, bytes, size, &reading, used, why);
}
