#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/*
 * The one way to fail: a function returns 0, or -1 with a struct error that its caller gave. The
 * text begins with the thing (a file, a monitor), is lower case and has no full stop. Only the
 * commands print it.
 */

/* The exit status that an error leads to; the numbers are those of BSD's sysexits.h. */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_CHECK_FAILED = 1,
    EXIT_WRONG_USAGE = 64,
    EXIT_BUG = 70,
    EXIT_IO = 74,
    EXIT_CONFIG = 78,
};

enum { ERROR_TEXT_MAX = 1024 };

struct error {
    enum exit_code code;
    int os; /* the errno behind it, or 0: a full disk is told from a single bad file by this */
    char text[ERROR_TEXT_MAX];
};

/* Sets code and text (cut at ERROR_TEXT_MAX - 1 bytes), leaves os 0. Always returns -1. */
int error_set(struct error *error, enum exit_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Sets EXIT_IO and "SUBJECT: what errno means", and keeps errno in os. Always returns -1. */
int error_errno(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
