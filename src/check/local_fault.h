#ifndef CHECK_LOCAL_FAULT_H
#define CHECK_LOCAL_FAULT_H

#include "check/transfer.h"

#include <stdbool.h>
#include <stddef.h>

/* Faults of our own machine, told from those of the endpoint: they are never written as DOWN. */

/* Whether an exchange that ended with this code failed of one; says of which. */
bool local_fault_explain(const struct transfer *transfer, CURLcode code, char *into, size_t room);

/* Whether this machine has a route, and an address of its own, to reach the peer from. */
bool local_fault_reaches(const struct peer *peer);

/* Whether memory was refused, be it before the exchange began: what fails since may have failed of
 * that, since what is made once and for all lacks a part. */
bool local_fault_lacked_memory(void);

/* Whether there is memory to spare, so that nothing can have failed for lack of it. */
bool local_fault_has_memory(void);

#endif
