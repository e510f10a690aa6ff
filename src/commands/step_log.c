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

void step_log_result(struct step_log *steps, int result, const struct error *error)
{
    if (result == 0 || interrupt_stopped(error))
        return;
    if (steps->exit_code == EXIT_DONE) {
        steps->exit_code = (int)error->code;
        log_warn(steps->log, "%s", error->text);
    } else {
        log_detail(steps->log, "%s", error->text);
    }
}

void step_log_lost(struct step_log *steps, size_t n, const struct error *error)
{
    char results[TEXT_COUNTED_MAX];

    if (steps->exit_code == EXIT_DONE)
        steps->exit_code = (int)error->code;
    log_warn(steps->log, "%s; %s of this tick could not be stored and %s lost", error->text,
             text_counted(n, "result", results), n == 1 ? "is" : "are");
}
