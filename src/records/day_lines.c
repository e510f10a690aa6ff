/* Line of day counts -> row, and row -> line. */
#include "records/day_lines.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK_SIZE = 64 << 10, FIELDS = 4 + DAYS_COLUMNS, DIGITS_MAX = 4 };

int day_lines_begin(struct day_lines *lines, int fd)
{
    *lines = (struct day_lines){.fd = fd, .block = malloc(BLOCK_SIZE)};
    if (!lines->block)
        errno = ENOMEM;
    return lines->block ? 0 : -1;
}

void day_lines_end(struct day_lines *lines)
{
    free(lines->block);
}

/* Fills the block, after the bytes that are not used. Returns 0, or -1 with errno. */
static int fill_block(struct day_lines *lines)
{
    ssize_t n;

    memmove(lines->block, lines->block + lines->start, lines->size);
    lines->start = 0;
    do
        n = pread(lines->fd, lines->block + lines->size, BLOCK_SIZE - lines->size, lines->offset);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -1;
    lines->at_end = n == 0;
    lines->offset += n;
    lines->size += (size_t)n;
    return 0;
}

int day_lines_next(struct day_lines *lines, struct day_line *line)
{
    const char *end;

    for (;;) {
        end = lines->size ? memchr(lines->block + lines->start, '\n', lines->size) : NULL;
        if (end || lines->at_end || lines->size == BLOCK_SIZE)
            break;
        if (fill_block(lines))
            return -1;
    }
    if (lines->size == 0)
        return 0;
    *line = (struct day_line){.bytes = lines->block + lines->start, .continues = lines->in_line};
    line->size = end ? (size_t)(end + 1 - line->bytes) : lines->size;
    line->is_torn = !end && lines->at_end;
    lines->start += line->size;
    lines->size -= line->size;
    lines->in_line = !end;
    return 1;
}

/* One field of a line. */
struct text {
    const char *at;
    size_t size;
};

/* Splits a line into its fields. No field needs quotes; a program may have added them. */
static bool split_line(const struct day_line *line, struct text fields[FIELDS])
{
    static const char bom[] = "\xef\xbb\xbf"; /* some editors put it before the first line */
    const char *at = line->bytes, *end = at + line->size - 1;

    if (line->is_torn || *end != '\n')
        return false;
    if (line->size >= sizeof bom && memcmp(at, bom, sizeof bom - 1) == 0)
        at += sizeof bom - 1;
    if (end > at && end[-1] == '\r')
        end--;
    for (int i = 0; i < FIELDS; i++) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma ? comma : end;

        if ((comma == NULL) != (i == FIELDS - 1))
            return false;
        fields[i] = (struct text){at, (size_t)(stop - at)};
        if (stop - at >= 2 && *at == '"' && stop[-1] == '"')
            fields[i] = (struct text){at + 1, (size_t)(stop - at) - 2};
        at = stop + 1;
    }
    return true;
}

static bool read_id(const struct text *field, char id[TEXT_ID_MAX + 1])
{
    if (!text_is_id(field->at, field->size))
        return false;
    memcpy(id, field->at, field->size);
    id[field->size] = '\0';
    return true;
}

static bool read_minutes(const struct text *field, int *minutes)
{
    *minutes = 0;
    if (field->size == 0 || field->size > DIGITS_MAX)
        return false;
    for (size_t i = 0; i < field->size; i++) {
        if (field->at[i] < '0' || field->at[i] > '9')
            return false;
        *minutes = *minutes * 10 + (field->at[i] - '0');
    }
    return true;
}

/* Reads the time of a first check; an empty field is none. */
static bool read_first(const struct text *field, struct day_row *row)
{
    row->first_ms = INT64_MAX;
    if (field->size == 0)
        return true;
    return row->domain[0] && clock_read_ms(field->at, field->size, &row->first_ms) == 0 &&
           clock_floor_div(row->first_ms, MS_PER_DAY) == row->day;
}

const char *day_lines_read(const struct day_line *line, struct day_row *row)
{
    struct text fields[FIELDS];

    row->domain[0] = '\0';
    if (!split_line(line, fields))
        return "expected nine fields";
    if (clock_read_day(fields[0].at, fields[0].size, &row->day) || row->day < 0)
        return "field 1 is not a date such as 2026-11-23";
    if (!read_id(&fields[1], row->site))
        return "field 2 is not a site id";
    if (fields[2].size && !read_id(&fields[2], row->domain))
        return "field 3 is not a domain id";
    for (int i = 0; i < DAYS_COLUMNS; i++) {
        if (!read_minutes(&fields[3 + i], &row->minutes[i]))
            return "fields 4 to 8 are not numbers of minutes";
    }
    if (!days_are_possible(row))
        return "more minutes than a day has";
    return read_first(&fields[FIELDS - 1], row)
               ? NULL
               : "field 9 is not the time of a first check on this day";
}

static void put_field(struct buffer *into, const char *text, size_t size)
{
    buffer_putc(into, ',');
    buffer_append(into, text, size);
}

int day_lines_put(struct buffer *into, const struct day_row *row)
{
    char text[CLOCK_TEXT_MAX], number[TEXT_NUMBER_MAX];

    clock_write_day(row->day, text);
    buffer_puts(into, text);
    put_field(into, row->site, strlen(row->site));
    put_field(into, row->domain, strlen(row->domain));
    for (int i = 0; i < DAYS_COLUMNS; i++)
        put_field(into, number, text_number(number, row->minutes[i]));
    buffer_putc(into, ',');
    if (row->first_ms != INT64_MAX) {
        clock_write_ms(row->first_ms, text);
        buffer_puts(into, text);
    }
    return buffer_putc(into, '\n');
}
