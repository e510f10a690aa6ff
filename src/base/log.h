#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Where warnings go. Cron mails whatever is printed, so a warning is for what a person must know,
 * and is said once a tick, not once a monitor; detail is for -v.
 */
struct log {
    FILE *to;
    bool verbose;
};

/* Prints one line. The text begins with the thing, is lower case and has no full stop. */
void log_warn(const struct log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same, under -v only. */
void log_detail(const struct log *log, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
