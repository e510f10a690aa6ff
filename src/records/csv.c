/* Check -> row of CSV, and row -> check. */
#include "records/csv.h"

#include "base/clock.h"
#include "base/text.h"

#include <assert.h>
#include <string.h>

/* Longer than any row that csv_write makes: at worst, a failure doubles each of its bytes. */
enum { ROW_MAX = 2048, FIELDS = 7, HTTP_STATUS_MAX = 999 };
static_assert(2 * FAILURE_MAX + 2 * TEXT_ID_MAX + 128 < ROW_MAX,
              "each row that is written can be read");

/* Appends a field, in quotes if it contains a byte that would end it. */
static void append_quoted(struct buffer *into, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        buffer_puts(into, text);
        return;
    }
    buffer_putc(into, '"');
    for (size_t length; *text; text += length) {
        length = strcspn(text, "\"");
        buffer_append(into, text, length);
        if (text[length] == '"') {
            buffer_puts(into, "\"\"");
            length++;
        }
    }
    buffer_putc(into, '"');
}

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
    append_quoted(into, check->failure);
    if (buffer_putc(into, '\n') == 0 && !into->failed)
        return 0;

    /* A part of a row must not stay. */
    into->size = before;
    into->failed = 1;
    return -1;
}

/* The bytes that are not yet read. */
struct cursor {
    const char *at, *end;
};

struct csv_field {
    const char *data;
    size_t size;
};

/* What ends a field. */
enum stop {
    STOP_COMMA,
    STOP_LINE, /* \n or \r\n */
    STOP_CUT,  /* the bytes end inside the field */
    STOP_BAD   /* a quote inside an unquoted field, or text after a closing quote */
};

/* Reads the end of a field after its closing quote. */
static enum stop take_stop(struct cursor *in)
{
    if (in->at < in->end && *in->at == '\r')
        in->at++;
    if (in->at == in->end)
        return STOP_CUT;
    if (*in->at == '\n' || (*in->at == ',' && in->at[-1] != '\r'))
        return *in->at++ == '\n' ? STOP_LINE : STOP_COMMA;
    return STOP_BAD;
}

/* Reads a quoted field. Its text, with single quotes for doubled ones, is in scratch. */
static enum stop take_quoted(struct cursor *in, char scratch[FAILURE_MAX], struct csv_field *field)
{
    size_t size = 0;

    in->at++;
    for (;; in->at++) {
        if (in->at == in->end)
            return STOP_CUT;
        if (*in->at == '"') {
            if (in->at + 1 == in->end)
                return STOP_CUT;
            if (in->at[1] != '"')
                break;
            in->at++;
        }
        if (size == FAILURE_MAX)
            return STOP_BAD;
        scratch[size++] = *in->at;
    }
    in->at++;
    *field = (struct csv_field){scratch, size};
    return take_stop(in);
}

static enum stop take_field(struct cursor *in, char scratch[FAILURE_MAX], struct csv_field *field)
{
    const char *from = in->at;

    if (from < in->end && *from == '"')
        return take_quoted(in, scratch, field);
    while (in->at < in->end && *in->at != ',' && *in->at != '\n' && *in->at != '"')
        in->at++;
    if (in->at == in->end)
        return STOP_CUT;
    *field = (struct csv_field){from, (size_t)(in->at - from)};
    if (*in->at == '"')
        return STOP_BAD;
    if (*in->at++ == ',')
        return STOP_COMMA;
    if (field->size && from[field->size - 1] == '\r')
        field->size--;
    return STOP_LINE;
}

/* Reads a decimal number up to max. An empty field gives if_empty. */
static int read_number(const struct csv_field *field, int max, int if_empty, int *number)
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

static int copy_valid(const struct csv_field *field, bool is_valid, char *into)
{
    if (!is_valid)
        return -1;
    memcpy(into, field->data, field->size);
    into[field->size] = '\0';
    return 0;
}

/* Reads a field; i counts from 0. Returns 0, or -1 if it is mistakes[i]. */
static int read_field(struct row *row, int i, const struct csv_field *field)
{
    struct check *check = &row->check;

    switch (i) {
    case 0:
        return clock_read_ms(field->data, field->size, &check->start_ms);
    case 1:
        return copy_valid(field, text_is_id(field->data, field->size), row->site);
    case 2:
        return copy_valid(field, text_is_id(field->data, field->size), row->domain);
    case 3:
        return status_read(field->data, field->size, &check->status);
    case 4:
        return read_number(field, HTTP_STATUS_MAX, 0, &check->http_status);
    case 5:
        return read_number(field, INT32_MAX, -1, &check->latency_ms);
    default:
        return copy_valid(field, field->size < FAILURE_MAX && !memchr(field->data, 0, field->size),
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

/*
 * Reads the fields before the failure if they are as csv_write writes them, and an empty failure
 * too. So nearly all rows of a rebuild are read with one look at each byte. Returns the number of
 * fields read; 0: one of them is otherwise, so the caller reads field by field.
 */
static int read_regular(struct cursor *in, struct row *row)
{
    enum { TIMESTAMP = 24, MAX = TIMESTAMP + 2 * TEXT_ID_MAX + 64 };
    struct check *check = &row->check;
    const char *at = in->at, *verdict;

    /* There are bytes enough for each look ahead. */
    if (in->end - at < MAX || at[TIMESTAMP] != ',' ||
        clock_read_ms(at, TIMESTAMP, &check->start_ms))
        return 0;
    at = read_id(at + TIMESTAMP + 1, row->site);
    verdict = at ? read_id(at, row->domain) : NULL;
    at = verdict ? memchr(verdict, ',', 16) : NULL;
    if (!at || status_read(verdict, (size_t)(at - verdict), &check->status))
        return 0;
    check->http_status = 0;
    check->latency_ms = -1;
    at = read_digits(at + 1, &check->http_status);
    at = at ? read_digits(at, &check->latency_ms) : NULL;
    if (!at || check->http_status > HTTP_STATUS_MAX)
        return 0;
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

/* Returns CSV_ROW, CSV_BAD with *why, or CSV_TORN if the bytes end inside the row. */
static enum csv_result read_row(struct cursor *in, struct row *row, const char **why)
{
    char scratch[FAILURE_MAX];

    for (int i = read_regular(in, row); i < FIELDS; i++) {
        struct csv_field field;
        enum stop stop = take_field(in, scratch, &field);

        if (stop == STOP_CUT)
            return CSV_TORN;
        *why = "misplaced quote";
        if (stop == STOP_BAD)
            return CSV_BAD;
        *why = "expected seven fields";
        if (stop != (i == FIELDS - 1 ? STOP_LINE : STOP_COMMA))
            return CSV_BAD;
        *why = mistakes[i];
        if (read_field(row, i, &field))
            return CSV_BAD;
    }
    *why = NULL;
    return CSV_ROW;
}

/* A byte order mark: some editors put it at the beginning of a file. */
static const char bom[] = "\xef\xbb\xbf";
enum { BOM_SIZE = sizeof bom - 1 };

static bool has_bom(const char *bytes, size_t size)
{
    return size >= BOM_SIZE && memcmp(bytes, bom, BOM_SIZE) == 0;
}

/* After a power failure, a row may be zeros. They have no line end, but the row after them counts.
 */
static enum csv_result skip_nuls(const char *bytes, size_t size, size_t *used, const char **why)
{
    while (*used < size && bytes[*used] == '\0')
        ++*used;
    *why = "NUL bytes";
    if (*used == size)
        return CSV_TORN;
    *used += bytes[*used] == '\n';
    return CSV_BAD;
}

enum csv_result csv_read(const char *bytes, size_t size, struct row *row, size_t *used,
                         const char **why)
{
    struct cursor in = {bytes, bytes + (size < ROW_MAX ? size : ROW_MAX)};
    enum csv_result result;
    const char *line_end;

    *used = 0;
    *why = NULL;
    if (size == 0)
        return CSV_END;
    if (bytes[0] == '\0')
        return skip_nuls(bytes, size, used, why);
    if (has_bom(bytes, size))
        in.at += BOM_SIZE;
    result = read_row(&in, row, why);
    *used = (size_t)(in.at - bytes);
    if (result == CSV_ROW)
        return result;

    /* A bad line ends at its first line end, so a stray quote spoils one line only. */
    line_end = memchr(bytes, '\n', size);
    if (result == CSV_TORN && (!line_end || size < ROW_MAX)) {
        *used = size;
        return CSV_TORN;
    }
    if (result == CSV_TORN)
        *why = "row too long";
    *used = line_end ? (size_t)(line_end + 1 - bytes) : size;
    return line_end ? CSV_BAD : CSV_TORN;
}
