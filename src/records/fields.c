/* Bytes -> fields of a line, and field -> bytes. */
#include "records/fields.h"

#include "model/check.h"

#include <string.h>

/* Appends a field, in quotes if it contains a byte that would end it. */
void fields_put(struct buffer *into, const char *text)
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

/* What ends a field. */
enum stop {
    STOP_COMMA,
    STOP_LINE, /* \n or \r\n */
    STOP_CUT,  /* the bytes end inside the field */
    STOP_BAD   /* a quote inside an unquoted field, or text after a closing quote */
};

/* Reads the end of a field after its closing quote. There is at least one byte. */
static enum stop take_stop(struct fields_cursor *in)
{
    if (*in->at == '\r')
        in->at++;
    if (in->at == in->end)
        return STOP_CUT;
    if (*in->at == '\n' || (*in->at == ',' && in->at[-1] != '\r'))
        return *in->at++ == '\n' ? STOP_LINE : STOP_COMMA;
    return STOP_BAD;
}

/* Reads a quoted field. Its text, with single quotes for doubled ones, is in scratch. */
static enum stop take_quoted(struct fields_cursor *in, char scratch[FAILURE_MAX],
                             struct field_text *field)
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
    *field = (struct field_text){scratch, size};
    return take_stop(in);
}

static enum stop take_field(struct fields_cursor *in, char scratch[FAILURE_MAX],
                            struct field_text *field)
{
    const char *from = in->at;

    if (from < in->end && *from == '"')
        return take_quoted(in, scratch, field);
    while (in->at < in->end && *in->at != ',' && *in->at != '\n' && *in->at != '"')
        in->at++;
    if (in->at == in->end)
        return STOP_CUT;
    *field = (struct field_text){from, (size_t)(in->at - from)};
    if (*in->at == '"')
        return STOP_BAD;
    if (*in->at++ == ',')
        return STOP_COMMA;
    if (field->size && from[field->size - 1] == '\r')
        field->size--;
    return STOP_LINE;
}

int fields_copy(const struct field_text *field, bool is_valid, char *into)
{
    if (!is_valid)
        return -1;
    memcpy(into, field->data, field->size);
    into[field->size] = '\0';
    return 0;
}

/* Reads the fields from one on. Returns CSV_ROW, CSV_BAD with *why, or CSV_TORN if the bytes end
 * inside the row. */
static enum csv_result read_from(const struct fields_format *format, int first,
                                 struct fields_cursor *in, void *row, const char **why)
{
    char scratch[FAILURE_MAX];

    for (int i = first; i < format->n; i++) {
        struct field_text field;
        enum stop stop = take_field(in, scratch, &field);

        if (stop == STOP_CUT)
            return CSV_TORN;
        *why = "misplaced quote";
        if (stop == STOP_BAD)
            return CSV_BAD;
        *why = format->wrong_number;
        if (stop != (i == format->n - 1 ? STOP_LINE : STOP_COMMA))
            return CSV_BAD;
        *why = format->mistakes[i];
        if (format->read(row, i, &field))
            return CSV_BAD;
    }
    *why = NULL;
    return CSV_ROW;
}

/* Reads a row, as read_from does. Most rows need no scratch, which compilers may fill with zeros.
 */
static enum csv_result read_row(const struct fields_format *format, struct fields_cursor *in,
                                void *row, const char **why)
{
    int n = format->read_regular ? format->read_regular(in, row) : 0;

    return n == format->n ? CSV_ROW : read_from(format, n, in, row, why);
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

enum csv_result fields_read(const struct fields_format *format, const char *bytes, size_t size,
                            void *row, size_t *used, const char **why)
{
    struct fields_cursor in = {bytes, bytes + (size < FIELDS_LINE_MAX ? size : FIELDS_LINE_MAX)};
    enum csv_result result;
    const char *line_end;

    *used = 0;
    if (size == 0)
        return CSV_END;
    if (bytes[0] == '\0')
        return skip_nuls(bytes, size, used, why);
    if (has_bom(bytes, size))
        in.at += BOM_SIZE;
    result = read_row(format, &in, row, why);
    *used = (size_t)(in.at - bytes);
    if (result == CSV_ROW)
        return result;

    /* A bad line ends at its first line end, so a stray quote spoils one line only. */
    line_end = memchr(bytes, '\n', size);
    if (result == CSV_TORN && size < FIELDS_LINE_MAX) {
        *used = size;
        return CSV_TORN;
    }
    if (result == CSV_TORN)
        *why = "row too long";
    *used = line_end ? (size_t)(line_end + 1 - bytes) : size;
    return line_end ? CSV_BAD : CSV_TORN;
}
