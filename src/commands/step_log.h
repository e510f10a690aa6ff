#ifndef COMMANDS_STEP_LOG_H
#define COMMANDS_STEP_LOG_H

#include "base/error.h"
#include "base/log.h"

#include <stddef.h>
#include <stdint.h>

/* What the steps of a tick print, and the exit status that follows from them. */
struct step_log {
    const struct log *log;
    int64_t printed_us; /* when the last step ended, on the monotonic clock */
    int exit_code;
};

/* With -v, prints that a step is done, and the time since the step before it. */
void step_log_done(struct step_log *steps, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same for a step that did something to n things of this kind: "2 results staged". */
void step_log_count(struct step_log *steps, size_t n, const char *thing, const char *done);

/*
 * Takes the result of a step, 0 or -1 with the error. A failed step does not stop the later ones.
 * The first error is printed and decides the exit status; further errors are usually consequences
 * of it (on a full disk every step fails) and are printed with -v only.
 */
void step_log_result(struct step_log *steps, int result, const struct error *error);

/* The same for a step that has failed, and by which n results are lost. It is always printed. */
void step_log_lost(struct step_log *steps, size_t n, const struct error *error);

#endif
