#ifndef CHECK_LOCAL_FAULT_H
#define CHECK_LOCAL_FAULT_H

#include "check/transfer.h"

/*
 * Recognises local faults, which must never be recorded as DOWN: no file descriptor, memory, free
 * port or route, a dead gateway, our own firewall, or no name server that can be reached. A missing
 * answer, an unknown host and a connection that was refused elsewhere are failures of the endpoint.
 */

/* Whether an exchange that ended with this code failed because of a local fault. If so, writes the
 * failure: "local fault: too many open files (ulimit -n)". */
bool local_fault_explain(const struct transfer *transfer, CURLcode code, char *into, size_t size);

/* The same for an exchange that failed while connecting, whatever its code. */
bool local_fault_explain_connect(const struct transfer *transfer, char *into, size_t size);

/*
 * Whether this machine did not run for so long that this end of the exchange proves nothing: a
 * failure, too long a duration, or 408 (Request Timeout). If so, writes the failure.
 */
bool local_fault_was_away(const struct transfer *transfer, CURLcode code, char *into, size_t size);

/* Whether enough memory is free to rule out that an exchange failed for lack of it. */
bool local_fault_has_memory(void);

#endif
