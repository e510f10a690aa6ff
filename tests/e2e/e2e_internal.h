#ifndef E2E_INTERNAL_H
#define E2E_INTERNAL_H

#include "e2e.h"

/* Starts and stops the awkward server. start returns 0 or -1, and says why. */
int world_start_server(struct e2e *world);
void world_stop_server(struct e2e *world);

/* The program under test; NULL where $UPTICK does not name it by an absolute path. */
const char *world_uptick_path(void);

#endif
