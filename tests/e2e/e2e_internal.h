#ifndef E2E_INTERNAL_H
#define E2E_INTERNAL_H

#include "e2e.h"

/* Start and stop the awkward server. start returns 0 or -1, and prints why. */
int world_start_server(struct e2e *world);
void world_stop_server(struct e2e *world);

/* The program under test; NULL if $UPTICK is not an absolute path of it. */
const char *world_uptick_path(void);

#endif
