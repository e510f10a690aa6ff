#ifndef BASE_INTERRUPT_H
#define BASE_INTERRUPT_H

#include <stdbool.h>

/*
 * SIGTERM and SIGINT, as a fact that loops ask for. A signal has no other way to reach the program
 * than through something global; it is kept in this file.
 */

/* From now on SIGTERM and SIGINT are only noted, and SIGPIPE is ignored. */
void interrupt_install(void);

/* Whether one came. */
bool interrupt_came(void);

/* A descriptor that is readable once one came, to poll beside others; never read from it. */
int interrupt_fd(void);

#endif
