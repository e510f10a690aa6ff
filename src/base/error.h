#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/*
 * The one way to fail: a function returns 0, or it fills a struct error of its caller and returns
 * -1. The text begins with the thing (a file, a monitor), in lower case, without a full stop. Only
 * commands print it.
 */

/* The exit status for an error, with the numbers of BSD's sysexits.h. */
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
    int os; /* the errno that caused it, or 0: distinguishes a full disk from a single bad file */
    char text[ERROR_TEXT_MAX];
};

/* Sets code and text, cut at ERROR_TEXT_MAX - 1 bytes, and sets os to 0. Always returns -1. */
int error_set(struct error *error, enum exit_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Sets EXIT_IO and "SUBJECT: meaning of errno", and keeps errno in os. Always returns -1. */
int error_errno(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* From now on a failed assert, after its message, ends the program with EXIT_BUG instead of a
 * signal. */
void error_exit_on_abort(void);

#endif
