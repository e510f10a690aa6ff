#ifndef CHECK_HANDLE_H
#define CHECK_HANDLE_H

#include "check/transfer.h"

/*
 * Describes the options that handle_set sets for a domain. Domains of the same shape have the same
 * ones; what differs is set for each request. 0: it has others too, such as headers, which must not
 * reach the server of another domain, so the options are forgotten after the check.
 */
unsigned handle_shape(const struct domain *domain);

/*
 * Sets the options of a transfer's handle that are the same for all its requests: how it connects,
 * what it sends, and the callbacks that fill in the transfer. If it has the options of another
 * domain of this shape (has_options), only the transfer is set. Only looked-up names and the CA
 * store are shared between transfers, so a check sees what a new visitor sees. Proxy variables are
 * ignored. Returns 0, or -1 if out of memory.
 */
int handle_set(struct transfer *transfer, bool has_options);

#endif
