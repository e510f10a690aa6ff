#ifndef BASE_INTERRUPT_H
#define BASE_INTERRUPT_H

#include "base/error.h"

#include <stdbool.h>

/* Remembers SIGTERM and SIGINT, so that loops can end early. A signal handler can only set a global
 * variable; it is in interrupt.c. */

/* From now on SIGTERM and SIGINT are only remembered, and SIGPIPE is ignored. */
void interrupt_install(void);

/* Whether one of the two signals came. */
bool interrupt_came(void);

/*
 * Whether a signal came so long ago that everything must stop now. Until then, work that is nearly
 * done may finish. What is stopped reports an error with the number EINTR, which is not an error of
 * the run. A program ends within one second after the signal.
 */
bool interrupt_is_urgent(void);

/* Whether work ended with this error because of a signal. */
bool interrupt_stopped(const struct error *error);

/* A descriptor to poll: readable once a signal came; -1 without interrupt_install. Do not read from
 * it. */
int interrupt_fd(void);

#endif
