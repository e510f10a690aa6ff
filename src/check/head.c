/* Reads the headers of a response that say where its body ends, how it is encoded, where a redirect
 * leads, how long to wait, and which bot wall sent it. */
#include "check/head.h"

#include "base/clock.h"
#include "model/retry_after.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* No field is longer than all of them. */
enum { FIELD_MAX = 2 * HEADERS_MAX };

bool head_value(const char *line, size_t size, const char *name, struct bytes *value)
{
    size_t from = strlen(name);

    if (size <= from || line[from] != ':' || strncasecmp(line, name, from) != 0)
        return false;
    from++;
    while (from < size && isspace((unsigned char)line[from]))
        from++;
    while (size > from && isspace((unsigned char)line[size - 1]))
        size--;
    *value = (struct bytes){line + from, size - from};
    return true;
}

/* Keeps the first value in *kept. Sets *differs if another one is not the same. Returns 0, or -1
 * if out of memory. */
static int keep_value(char **kept, const char *value, size_t size, bool *differs)
{
    if (*kept) {
        *differs = *differs || strlen(*kept) != size || memcmp(*kept, value, size) != 0;
        return 0;
    }
    *kept = strndup(value, size);
    return *kept ? 0 : -1;
}

/* "13", or "13, 13" of a proxy that joined two equal fields. */
static int keep_length(struct head *head, const struct bytes *value)
{
    const char *at = value->data, *end = at + value->size;

    while (at <= end) {
        const char *comma = at < end ? memchr(at, ',', (size_t)(end - at)) : NULL;
        const char *next = comma ? comma : end;
        size_t size = (size_t)(next - at);

        while (size > 0 && isspace((unsigned char)*at))
            at++, size--;
        while (size > 0 && isspace((unsigned char)at[size - 1]))
            size--;
        for (size_t i = 0; i < size; i++)
            head->has_wrong_length = head->has_wrong_length || !isdigit((unsigned char)at[i]);
        head->has_wrong_length = head->has_wrong_length || size == 0;
        if (keep_value(&head->length, at, size, &head->has_wrong_length))
            return -1;
        at = next + 1;
    }
    return 0;
}

/* The last transfer coding is the one that shows where the body ends. */
static bool ends_with_chunked(const struct bytes *value)
{
    static const char chunked[] = "chunked";
    size_t size = sizeof chunked - 1;

    return value->size >= size && strncasecmp(value->data + value->size - size, chunked, size) == 0;
}

static void keep_type(struct head *head, const struct bytes *value)
{
    charset_read_type(&head->charset, *value);
    head->is_no_page = !charset_may_have_meta(*value);
}

/* Appends a field to the lines. The first line of a response is none. */
static int keep_line(struct buffer *lines, const char *line, size_t size)
{
    static const char first[] = "HTTP/";

    if (size >= strlen(first) && memcmp(line, first, strlen(first)) == 0)
        return 0;
    return buffer_append(lines, line, size) || buffer_putc(lines, '\n') ? -1 : 0;
}

static int take_field(struct head *head, struct buffer *lines)
{
    const char *line = head->field.data;
    size_t size = head->field.size;
    struct bytes value;
    int result = 0;

    if (size == 0)
        return 0;
    if (lines && keep_line(lines, line, size))
        return -1;
    if (head->walls)
        head->wall_headers |= bot_wall_headers(head->walls, line, size);
    if (head_value(line, size, "Location", &value))
        result = keep_value(&head->location, value.data, value.size, &head->has_two_locations);
    else if (head_value(line, size, "Content-Length", &value))
        result = keep_length(head, &value);
    else if (head_value(line, size, "Transfer-Encoding", &value))
        head->is_chunked = ends_with_chunked(&value);
    else if (head_value(line, size, "Content-Encoding", &value) &&
             decode_add_codings(&head->codings, value.data, value.size))
        head->has_many_codings = true;
    else if (head_value(line, size, "Content-Type", &value))
        keep_type(head, &value);
    else if (!head->has_retry_after && head_value(line, size, "Retry-After", &value))
        head->has_retry_after =
            retry_after_read(value.data, value.size, clock_now(), &head->retry_after_s);
    buffer_reset(&head->field);
    return result;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

int head_add(struct head *head, const char *line, size_t size, struct buffer *lines)
{
    bool continues = size > 0 && is_blank(*line) && head->field.size > 0;

    head->field.ceiling = FIELD_MAX;
    if (!continues && take_field(head, lines))
        return -1;
    while (size > 0 && (line[size - 1] == '\r' || line[size - 1] == '\n'))
        size--;
    if (!continues)
        return buffer_append(&head->field, line, size);
    while (size > 0 && is_blank(*line))
        line++, size--;
    return buffer_putc(&head->field, ' ') || buffer_append(&head->field, line, size) ? -1 : 0;
}

const char *head_fault(const struct head *head)
{
    if (head->has_false_version)
        return HEAD_NOT_HTTP;
    if (head->has_two_locations)
        return "the response has different Location headers";
    if (head->has_wrong_length && !head->is_chunked)
        return HEAD_WRONG_LENGTH;
    return head->has_many_codings ? "the body is encoded more than five times" : NULL;
}

void head_free(struct head *head)
{
    buffer_free(&head->field);
    free(head->location);
    free(head->length);
    *head = (struct head){.location = NULL};
}
