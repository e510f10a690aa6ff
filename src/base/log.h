#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdio.h>

struct secrets;

/*
 * The destination of warnings. Cron mails whatever is printed, so a warning is something that a
 * person must know, and is printed once a tick, not once a monitor. Details are for -v.
 */
struct log {
    FILE *to;
    bool verbose;
    struct secrets *secrets; /* hidden in each line; NULL: none */
};

/* Prints one line. The text begins with the thing, in lower case, without a full stop. */
void log_warn(const struct log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same, but only with -v. */
void log_detail(const struct log *log, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
