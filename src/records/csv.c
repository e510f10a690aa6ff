/* Check -> row of CSV, and row -> check. */
#include "records/csv.h"

#include "base/clock.h"
#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { FIELDS = 7, HTTP_STATUS_MAX = 999 };
static_assert(2 * FAILURE_MAX + 2 * TEXT_ID_MAX + 128 < FIELDS_LINE_MAX,
              "each row that is written can be read");

static void append_number(struct buffer *into, int number)
{
    char digits[TEXT_NUMBER_MAX];

    buffer_append(into, digits, text_number(digits, number));
}

int csv_write(struct buffer *into, const char *site, const char *domain, const struct check *check)
{
    char timestamp[CLOCK_TEXT_MAX];
    size_t before = into->size;

    clock_write_ms(check->start_ms, timestamp);
    buffer_puts(into, timestamp);
    buffer_putc(into, ',');
    buffer_puts(into, site);
    buffer_putc(into, ',');
    buffer_puts(into, domain);
    buffer_putc(into, ',');
    buffer_puts(into, status_name(check->status));
    buffer_putc(into, ',');
    if (check->http_status > 0)
        append_number(into, check->http_status);
    buffer_putc(into, ',');
    if (check->latency_ms >= 0)
        append_number(into, check->latency_ms);
    buffer_putc(into, ',');
    fields_put(into, check->failure);
    if (buffer_putc(into, '\n') == 0 && !into->failed)
        return 0;

    /* A part of a row must not stay. */
    into->size = before;
    into->failed = 1;
    return -1;
}

/* Reads a decimal number up to max. An empty field gives if_empty. */
static int read_number(const struct field_text *field, int max, int if_empty, int *number)
{
    int n = 0;

    for (size_t i = 0; i < field->size; i++) {
        int digit = field->data[i] - '0';

        if (digit < 0 || digit > 9 || n > (max - digit) / 10)
            return -1;
        n = n * 10 + digit;
    }
    *number = field->size ? n : if_empty;
    return 0;
}

/* A row that is being read. */
struct row_reading {
    struct check *check;
    char *site, *domain;
    const struct csv_ids *ids; /* that most rows have; NULL: they are not known */
    bool has_ids;              /* the row has them; site and domain are not set */
};

/* Reads a field; i counts from 0. Returns 0, or -1 if it is mistakes[i]. */
static int read_field(void *context, int i, const struct field_text *field)
{
    const struct row_reading *reading = context;
    struct check *check = reading->check;

    switch (i) {
    case 0:
        return clock_read_ms(field->data, field->size, &check->start_ms);
    case 1:
        return fields_copy(field, text_is_id(field->data, field->size), reading->site);
    case 2:
        return fields_copy(field, text_is_id(field->data, field->size), reading->domain);
    case 3:
        return status_read(field->data, field->size, &check->status);
    case 4:
        return read_number(field, HTTP_STATUS_MAX, 0, &check->http_status);
    case 5:
        return read_number(field, INT32_MAX, -1, &check->latency_ms);
    default:
        return fields_copy(field, field->size < FAILURE_MAX && !memchr(field->data, 0, field->size),
                           check->failure);
    }
}

/* Reads digits and the comma after them, at most nine. *number stays if there are none. Returns
 * what follows; NULL: something else is there. */
static const char *read_digits(const char *at, int *number)
{
    const char *from = at;
    int n = 0;

    for (; *at >= '0' && *at <= '9'; at++) {
        if (at - from == 9)
            return NULL;
        n = n * 10 + (*at - '0');
    }
    if (at > from)
        *number = n;
    return *at == ',' ? at + 1 : NULL;
}

/* Reads an id and the comma after it. Returns what follows; NULL: something else is there. */
static const char *read_id(const char *at, char into[TEXT_ID_MAX + 1])
{
    size_t size = text_id_size(at);

    if (size == 0 || at[size] != ',')
        return NULL;
    memcpy(into, at, size);
    into[size] = '\0';
    return at + size + 1;
}

/* The same for both ids. Those that most rows have are not copied. */
static const char *read_ids(const char *at, struct row_reading *reading)
{
    const struct csv_ids *ids = reading->ids;

    reading->has_ids = ids && memcmp(at, ids->text, ids->size) == 0;
    if (reading->has_ids)
        return at + ids->size;
    at = read_id(at, reading->site);
    return at ? read_id(at, reading->domain) : NULL;
}

/* Reads a verdict and the comma after it. Returns what follows; NULL: something else is there. */
static const char *read_verdict(const char *at, enum status *status)
{
    static const char up[] = "UP,";
    const char *end;

    if (memcmp(at, up, sizeof up - 1) == 0) {
        *status = STATUS_UP;
        return at + sizeof up - 1;
    }
    end = memchr(at, ',', 16);
    return end && status_read(at, (size_t)(end - at), status) == 0 ? end + 1 : NULL;
}

/*
 * Reads the fields before the failure if they are as csv_write writes them, and an empty failure
 * too. So nearly all rows of a rebuild are read with one look at each byte. Returns the number of
 * fields read; 0: one of them is otherwise, so the caller reads field by field.
 */
static int read_regular(struct fields_cursor *in, void *context)
{
    enum { TIMESTAMP = 24, MAX = TIMESTAMP + 2 * TEXT_ID_MAX + 64 };
    struct row_reading *reading = context;
    struct check *check = reading->check;
    const char *at = in->at;

    /* There are bytes enough for each look ahead. */
    if (in->end - at < MAX || at[TIMESTAMP] != ',' ||
        clock_read_ms(at, TIMESTAMP, &check->start_ms))
        return 0;
    check->http_status = 0;
    check->latency_ms = -1;
    at = read_ids(at + TIMESTAMP + 1, reading);
    at = at ? read_verdict(at, &check->status) : NULL;
    at = at ? read_digits(at, &check->http_status) : NULL;
    at = at ? read_digits(at, &check->latency_ms) : NULL;
    if (!at || check->http_status > HTTP_STATUS_MAX) {
        reading->has_ids = false;
        return 0;
    }
    in->at = at + (*at == '\n');
    check->failure[0] = '\0';
    return *at == '\n' ? FIELDS : FIELDS - 1;
}

static const char *const mistakes[FIELDS] = {
    "field 1 is not a timestamp such as 2026-11-23T09:30:00.123Z",
    "field 2 is not a site id",
    "field 3 is not a domain id",
    "field 4 is not UP, DOWN, BOT_DETECTED or TIMEOUT",
    "field 5 is not an HTTP status",
    "field 6 is not a whole number of milliseconds",
    "field 7 is longer than 511 bytes or contains a NUL byte",
};

static enum csv_result read_row(struct row_reading *reading, const char *bytes, size_t size,
                                size_t *used, const char **why)
{
    static const struct fields_format format = {.n = FIELDS,
                                                .wrong_number = "expected seven fields",
                                                .mistakes = mistakes,
                                                .read = read_field,
                                                .read_regular = read_regular};

    return fields_read(&format, bytes, size, reading, used, why);
}

enum csv_result csv_read(const char *bytes, size_t size, struct row *row, size_t *used,
                         const char **why)
{
    struct row_reading reading = {.check = &row->check, .site = row->site, .domain = row->domain};

    return read_row(&reading, bytes, size, used, why);
}

void csv_set_ids(struct csv_ids *ids, const char *site, const char *domain)
{
    ids->site = site;
    ids->domain = domain;
    ids->size = (size_t)snprintf(ids->text, sizeof ids->text, "%s,%s,", site, domain);
    assert(ids->size < sizeof ids->text);
}

enum csv_result csv_read_of(const struct csv_ids *ids, const char *bytes, size_t size,
                            struct check *check, size_t *used, const char **why)
{
    char site[TEXT_ID_MAX + 1], domain[TEXT_ID_MAX + 1];
    struct row_reading reading = {.check = check, .site = site, .domain = domain, .ids = ids};
    enum csv_result result = read_row(&reading, bytes, size, used, why);

    if (result != CSV_ROW || reading.has_ids ||
        (strcmp(site, ids->site) == 0 && strcmp(domain, ids->domain) == 0))
        return result;
    *why = "row of another monitor";
    return CSV_BAD;
}
