#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stddef.h>
#include <string.h>

/*
 * Bytes that grow up to a ceiling. A buffer whose members are all zero, except the ceiling, is
 * empty. An append that fails (out of memory, or over the ceiling) changes no bytes and sets
 * failed. So a page may be built without a check after each word, and tested once at the end.
 */
struct buffer {
    char *data; /* ends with a NUL that size does not count; NULL: nothing was appended yet */
    size_t size;
    size_t capacity;
    size_t ceiling; /* maximum of size */
    int failed;

    /* Receives the bytes so far when the buffer has become long (buffer_flush). Returns 0 or -1.
     * NULL: the bytes stay in the buffer. */
    int (*sink)(void *context, const char *bytes, size_t size);
    void *sink_context;
};

/* All ceilings of the program. */
enum {
    BUFFER_MAX_CONFIG = 64 << 20, /* uptick.yaml */
    BUFFER_MAX_HOSTS = 64 << 20,  /* /etc/hosts */
    BUFFER_MAX_PAGE = 1 << 30,    /* one page of the dashboard */
    BUFFER_MAX_TEMPLATE = 4 << 20,
    BUFFER_MAX_ASSET = 1 << 20, /* a configured logo or style sheet */
    BUFFER_MAX_ROWS = 1 << 30,  /* rows that one tick appends to one file */
    BUFFER_MAX_LINE = 64 << 10  /* one row of a CSV file, or one message */
};

#define BUFFER_WITH_CEILING(max) ((struct buffer){.ceiling = (max)})

/* Makes room for this many more bytes. Returns 0, or -1 and sets failed. */
int buffer_reserve(struct buffer *buffer, size_t more);

/* Append bytes. Each returns 0, or -1 and sets failed. Inline, because pages are millions of short
 * pieces, many of them constants. */
static inline int buffer_append(struct buffer *buffer, const void *bytes, size_t size)
{
    /* The capacity is at most the ceiling and the NUL, so what fits is below the ceiling. */
    if (size >= buffer->capacity - buffer->size && buffer_reserve(buffer, size))
        return -1;
    if (size)
        memcpy(buffer->data + buffer->size, bytes, size);
    buffer->size += size;
    buffer->data[buffer->size] = '\0';
    return 0;
}

/* The same for a text after which BUFFER_PADDING bytes can be read: if it is short, it is copied
 * without a call. */
enum { BUFFER_PADDING = 32 };
static inline int buffer_append_padded(struct buffer *buffer, const char *text, size_t size)
{
    if (size > BUFFER_PADDING || buffer->capacity - buffer->size <= BUFFER_PADDING)
        return buffer_append(buffer, text, size);
    memcpy(buffer->data + buffer->size, text, BUFFER_PADDING);
    buffer->size += size;
    buffer->data[buffer->size] = '\0';
    return 0;
}

static inline int buffer_puts(struct buffer *buffer, const char *text)
{
    return buffer_append(buffer, text, strlen(text));
}

static inline int buffer_putc(struct buffer *buffer, char byte)
{
    return buffer_append(buffer, &byte, 1);
}

int buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends `times` copies of the buffer's own bytes from offset to offset + size, which must be
 * within it. Returns 0, or -1 and sets failed. */
int buffer_repeat(struct buffer *buffer, size_t offset, size_t size, size_t times);

/*
 * If the buffer has a sink and has become long, gives its bytes to the sink and empties it. Call
 * it only while no offset into the buffer is in use. Returns 0, or -1 and sets failed.
 */
int buffer_flush(struct buffer *buffer);

/* Empties the buffer, keeps its memory, and clears failed. */
void buffer_reset(struct buffer *buffer);

/* Frees the memory and leaves an empty buffer with the same ceiling and sink. NULL is allowed. */
void buffer_free(struct buffer *buffer);

#endif
