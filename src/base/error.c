#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_set(struct error *error, enum exit_code code, const char *format, ...)
{
    va_list args;

    error->code = code;
    error->os = 0;
    va_start(args, format);
    vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
    return -1;
}

int error_errno(struct error *error, const char *format, ...)
{
    int cause = errno;
    char subject[ERROR_TEXT_MAX / 2];
    va_list args;

    va_start(args, format);
    vsnprintf(subject, sizeof subject, format, args);
    va_end(args);
    error_set(error, EXIT_IO, "%s: %s", subject, strerror(cause));
    error->os = cause;
    return -1;
}
