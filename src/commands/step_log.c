/* Prints what the steps of a tick did, and what failed. */
#include "commands/step_log.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

void step_log_done(struct step_log *steps, const char *format, ...)
{
    int64_t now_us = clock_monotonic_us();
    char what[128];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    log_detail(steps->log, "%8.1f ms  %s", (double)(now_us - steps->printed_us) / US_PER_MS, what);
    steps->printed_us = now_us;
}

void step_log_count(struct step_log *steps, size_t n, const char *thing, const char *done)
{
    char things[TEXT_COUNTED_MAX];

    step_log_done(steps, "%s %s", text_counted(n, thing, things), done);
}

/* Returns whether this is the first error, which decides the exit status. */
static bool take_error(struct step_log *steps, const struct error *error)
{
    bool is_first = steps->exit_code == EXIT_DONE;

    if (is_first)
        steps->exit_code = (int)error->code;
    return is_first;
}

void step_log_result(struct step_log *steps, int result, const struct error *error)
{
    if (result == 0 || interrupt_stopped(error))
        return;
    if (take_error(steps, error))
        log_warn(steps->log, "%s", error->text);
    else
        log_detail(steps->log, "%s", error->text);
}

void step_log_lost(struct step_log *steps, size_t n, const struct error *error)
{
    char results[TEXT_COUNTED_MAX];

    take_error(steps, error);
    log_warn(steps->log, "%s; %s of this tick could not be stored and %s lost", error->text,
             text_counted(n, "result", results), n == 1 ? "is" : "are");
}
