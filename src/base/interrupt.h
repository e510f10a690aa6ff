#ifndef BASE_INTERRUPT_H
#define BASE_INTERRUPT_H

#include <stdbool.h>

/* Remembers SIGTERM and SIGINT, so that loops can end early. A signal handler can only set a global
 * variable; it is in interrupt.c. */

/* From now on SIGTERM and SIGINT are only remembered, and SIGPIPE is ignored. */
void interrupt_install(void);

/* Whether one of the two signals came. */
bool interrupt_came(void);

/* A descriptor to poll: readable once a signal came; -1 without interrupt_install. Do not read from
 * it. */
int interrupt_fd(void);

#endif
