#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stddef.h>

/*
 * Bytes that grow up to a ceiling. All zero but for the ceiling is an empty buffer. An append that
 * fails (out of memory, or over the ceiling) leaves the buffer as it was and sets failed, so that a
 * page may be put together without a check at each word and tested once at its end.
 */
struct buffer {
    char *data; /* ends with a NUL that size does not count; NULL while nothing was appended */
    size_t size;
    size_t capacity;
    size_t ceiling;
    int failed;

    /* Where what was put together goes when it has become long (buffer_flush): 0 or -1. NULL: it
     * stays. */
    int (*drain)(void *context, const char *bytes, size_t size);
    void *drain_context;
};

/* Every ceiling of the program, in one place. */
enum {
    BUFFER_MAX_CONFIG = 64 << 20, /* uptick.yaml */
    BUFFER_MAX_HOSTS = 64 << 20,  /* /etc/hosts */
    BUFFER_MAX_PAGE = 1 << 30,    /* one page of the dashboard */
    BUFFER_MAX_TEMPLATE = 4 << 20,
    BUFFER_MAX_ASSET = 1 << 20, /* a logo or a style sheet of one's own */
    BUFFER_MAX_ROWS = 1 << 30,  /* the rows that one tick appends to one file */
    BUFFER_MAX_LINE = 64 << 10  /* one row of a CSV file, or one message */
};

#define BUFFER_WITH_CEILING(max) ((struct buffer){.ceiling = (max)})

/* Each returns 0, or -1 and sets failed. */
int buffer_append(struct buffer *buffer, const void *bytes, size_t size);
int buffer_puts(struct buffer *buffer, const char *text);
int buffer_putc(struct buffer *buffer, char byte);
int buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends so many copies of size bytes of its own, those from offset on. */
int buffer_repeat(struct buffer *buffer, size_t offset, size_t size, size_t times);

/* Makes room for this many more bytes. */
int buffer_reserve(struct buffer *buffer, size_t more);

/*
 * Gives what the buffer holds to its drain and empties it, where it has one and has become long.
 * For those who fill it, at places where nobody counts on what is in it. Returns 0, or -1 and sets
 * failed.
 */
int buffer_flush(struct buffer *buffer);

/* Empties the buffer, keeps its memory, forgets a failure. */
void buffer_reset(struct buffer *buffer);

/* Frees the memory; the ceiling stays. NULL is fine. */
void buffer_free(struct buffer *buffer);

#endif
