#include "records/csv.h"

#include "base/clock.h"

#include <stdbool.h>
#include <string.h>

/* The longest row that csv_write makes is shorter: its failure, each byte a doubled quote. */
enum { ROW_MAX = 2048, FIELDS = 7, HIGHEST_HTTP_STATUS = 999 };

/* Appends a field, within quotes where it holds a byte that would end it. */
static void put_quoted(struct buffer *into, const char *text)
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

static void put_number(struct buffer *into, int number)
{
    char digits[16], *at = digits + sizeof digits;

    do
        *--at = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    buffer_append(into, at, (size_t)(digits + sizeof digits - at));
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
        put_number(into, check->http_status);
    buffer_putc(into, ',');
    if (check->latency_ms >= 0)
        put_number(into, check->latency_ms);
    buffer_putc(into, ',');
    put_quoted(into, check->failure);
    if (buffer_putc(into, '\n') == 0 && !into->failed)
        return 0;

    /* No part of a row stays. */
    into->size = before;
    into->failed = 1;
    return -1;
}

/* Bytes being read from their front. */
struct cursor {
    const char *at, *end;
};

struct slice {
    const char *data;
    size_t size;
};

/* How a field ended. */
enum stop {
    STOP_COMMA,
    STOP_LINE, /* \n or \r\n */
    STOP_CUT,  /* the bytes end within it */
    STOP_BAD   /* a quote where none may stand, or text behind the closing one */
};

/* The byte behind a field, which must end it. */
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

/* A field within quotes, its doubled quotes made single in scratch. */
static enum stop take_quoted(struct cursor *in, char scratch[FAILURE_MAX], struct slice *field)
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
    *field = (struct slice){scratch, size};
    return take_stop(in);
}

static enum stop take_field(struct cursor *in, char scratch[FAILURE_MAX], struct slice *field)
{
    const char *from = in->at;

    if (from < in->end && *from == '"')
        return take_quoted(in, scratch, field);
    while (in->at < in->end && *in->at != ',' && *in->at != '\n' && *in->at != '"')
        in->at++;
    if (in->at == in->end)
        return STOP_CUT;
    *field = (struct slice){from, (size_t)(in->at - from)};
    if (*in->at == '"')
        return STOP_BAD;
    if (*in->at++ == ',')
        return STOP_COMMA;
    if (field->size && from[field->size - 1] == '\r')
        field->size--;
    return STOP_LINE;
}

/* A number in decimal, or nothing, which is `otherwise`. */
static int read_number(const struct slice *field, int highest, int otherwise, int *number)
{
    int n = 0;

    for (size_t i = 0; i < field->size; i++) {
        int digit = field->data[i] - '0';

        if (digit < 0 || digit > 9 || n > (highest - digit) / 10)
            return -1;
        n = n * 10 + digit;
    }
    *number = field->size ? n : otherwise;
    return 0;
}

/* The letters of an id, which is written between commas as it is. Case is one bit in ASCII. */
static bool is_id_letter(char c)
{
    char lower = (char)(c | 0x20);

    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
}

static int read_id(const struct slice *field, char id[65])
{
    if (field->size == 0 || field->size > 64)
        return -1;
    for (size_t i = 0; i < field->size; i++) {
        if (!is_id_letter(field->data[i]))
            return -1;
    }
    memcpy(id, field->data, field->size);
    id[field->size] = '\0';
    return 0;
}

static int read_failure(const struct slice *field, char failure[FAILURE_MAX])
{
    if (field->size >= FAILURE_MAX || memchr(field->data, '\0', field->size))
        return -1;
    memcpy(failure, field->data, field->size);
    failure[field->size] = '\0';
    return 0;
}

/* Field number i of a row, from 0. NULL: it is as it should be. */
static const char *read_field(struct row *row, int i, const struct slice *field)
{
    struct check *check = &row->check;

    switch (i) {
    case 0:
        return clock_read_ms(field->data, field->size, &check->start_ms)
                   ? "the first field is no timestamp as 2026-11-23T09:30:00.123Z"
                   : NULL;
    case 1:
        return read_id(field, row->site) ? "the second field is no id of a site" : NULL;
    case 2:
        return read_id(field, row->domain) ? "the third field is no id of a domain" : NULL;
    case 3:
        return status_read(field->data, field->size, &check->status)
                   ? "the fourth field is none of UP, DOWN, BOT_DETECTED, TIMEOUT"
                   : NULL;
    case 4:
        return read_number(field, HIGHEST_HTTP_STATUS, 0, &check->http_status)
                   ? "the fifth field is no HTTP status"
                   : NULL;
    case 5:
        return read_number(field, INT32_MAX, -1, &check->latency_ms)
                   ? "the sixth field is no latency in whole milliseconds"
                   : NULL;
    default:
        return read_failure(field, check->failure)
                   ? "the seventh field is longer than 511 bytes, or holds a NUL"
                   : NULL;
    }
}

/* Reads a row. Returns CSV_ROW, CSV_BAD with why, or CSV_TORN where the bytes end within it. */
static enum csv_result read_row(struct cursor *in, struct row *row, const char **why)
{
    char scratch[FAILURE_MAX];

    for (int i = 0; i < FIELDS; i++) {
        struct slice field;
        enum stop stop = take_field(in, scratch, &field);

        if (stop == STOP_CUT)
            return CSV_TORN;
        *why = "a quote stands where none may";
        if (stop == STOP_BAD)
            return CSV_BAD;
        *why = "a row has seven fields";
        if (stop != (i == FIELDS - 1 ? STOP_LINE : STOP_COMMA))
            return CSV_BAD;
        *why = read_field(row, i, &field);
        if (*why)
            return CSV_BAD;
    }
    return CSV_ROW;
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
    result = read_row(&in, row, why);
    *used = (size_t)(in.at - bytes);
    if (result == CSV_ROW)
        return result;

    /* What is no row goes up to its first line end, so that a stray quote costs one line. */
    line_end = memchr(bytes, '\n', size);
    if (result == CSV_TORN && (!line_end || size < ROW_MAX)) {
        *used = size;
        return CSV_TORN;
    }
    if (result == CSV_TORN)
        *why = "a row is not as long as that";
    *used = line_end ? (size_t)(line_end + 1 - bytes) : size;
    return line_end ? CSV_BAD : CSV_TORN;
}
