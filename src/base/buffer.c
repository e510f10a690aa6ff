/* Growing bytes, under a ceiling. */
#include "base/buffer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 256, FLUSH_SIZE = 256 << 10 };

static int set_failed(struct buffer *buffer)
{
    buffer->failed = 1;
    return -1;
}

int buffer_reserve(struct buffer *buffer, size_t more)
{
    size_t need, capacity;
    char *grown;

    if (buffer->size > buffer->ceiling || more > buffer->ceiling - buffer->size)
        return set_failed(buffer);
    need = buffer->size + more + 1;
    if (need <= buffer->capacity)
        return 0;

    /* Doubling makes the copies of a page of n bytes O(n). */
    capacity = buffer->capacity ? buffer->capacity : FIRST_CAPACITY;
    while (capacity < need)
        capacity *= 2;
    if (capacity > buffer->ceiling + 1)
        capacity = buffer->ceiling + 1;
    grown = realloc(buffer->data, capacity);
    if (!grown)
        return set_failed(buffer);
    buffer->data = grown;
    buffer->capacity = capacity;
    return 0;
}

int buffer_repeat(struct buffer *buffer, size_t offset, size_t size, size_t times)
{
    size_t part = size, whole = size * times;
    char *into;

    assert(offset <= buffer->size && size <= buffer->size - offset);
    if (size && times > buffer->ceiling / size)
        return set_failed(buffer);
    if (buffer_reserve(buffer, whole))
        return -1;
    into = buffer->data + buffer->size;

    /* First one copy, then all copies so far, so that the pieces double. */
    for (size_t done = 0; done < whole; done += part) {
        if (done > part)
            part = done;
        if (part > whole - done)
            part = whole - done;
        memcpy(into + done, done ? into : buffer->data + offset, part);
    }
    buffer->size += whole;
    buffer->data[buffer->size] = '\0';
    return 0;
}

int buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0 || buffer_reserve(buffer, (size_t)length))
        return set_failed(buffer);
    va_start(args, format);
    vsnprintf(buffer->data + buffer->size, (size_t)length + 1, format, args);
    va_end(args);
    buffer->size += (size_t)length;
    return 0;
}

int buffer_flush(struct buffer *buffer)
{
    if (!buffer->sink || buffer->size < FLUSH_SIZE)
        return 0;
    if (buffer->failed || buffer->sink(buffer->sink_context, buffer->data, buffer->size))
        return set_failed(buffer);
    buffer_reset(buffer);
    return 0;
}

void buffer_reset(struct buffer *buffer)
{
    buffer->size = 0;
    buffer->failed = 0;
    if (buffer->data)
        buffer->data[0] = '\0';
}

void buffer_free(struct buffer *buffer)
{
    if (!buffer)
        return;
    free(buffer->data);
    buffer->data = NULL;
    buffer->size = buffer->capacity = 0;
    buffer->failed = 0;
}
