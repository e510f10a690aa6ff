/* Prints warnings and details. */
#include "base/log.h"

#include <stdarg.h>

static void print_line(FILE *to, const char *format, va_list args)
{
    vfprintf(to, format, args);
    fputc('\n', to);
}

void log_warn(const struct log *log, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print_line(log->to, format, args);
    va_end(args);
}

void log_detail(const struct log *log, const char *format, ...)
{
    va_list args;

    if (!log->verbose)
        return;
    va_start(args, format);
    print_line(log->to, format, args);
    va_end(args);
}
