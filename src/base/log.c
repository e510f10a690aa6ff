/* Prints warnings and details. */
#include "base/log.h"

#include "base/secrets.h"

#include <stdarg.h>

/* A longer line is cut: no message is that long, but a path in it can be. */
static void print_line(const struct log *log, const char *format, va_list args)
{
    char line[SECRETS_TEXT_MAX];

    vsnprintf(line, sizeof line, format, args);
    secrets_hide(log->secrets, line, sizeof line);
    fprintf(log->to, "%s\n", line);
}

void log_warn(const struct log *log, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print_line(log, format, args);
    va_end(args);
}

void log_detail(const struct log *log, const char *format, ...)
{
    va_list args;

    if (!log->verbose)
        return;
    va_start(args, format);
    print_line(log, format, args);
    va_end(args);
}
