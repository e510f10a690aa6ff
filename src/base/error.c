/* Fills in errors, and gives a bug the right exit status. */
#include "base/error.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int error_set(struct error *error, enum exit_code code, const char *format, ...)
{
    va_list args;

    assert(code != EXIT_DONE);
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

/* abort() has printed its message. Nothing else is safe in a signal handler of a broken program. */
static void on_abort(int number)
{
    (void)number;
    _exit(EXIT_BUG);
}

void error_exit_on_abort(void)
{
    sigaction(SIGABRT, &(struct sigaction){.sa_handler = on_abort}, NULL);
}
