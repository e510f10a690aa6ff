#ifndef CHECK_HANDLE_H
#define CHECK_HANDLE_H

#include "check/transfer.h"

/*
 * Sets what stays the same from request to request of a transfer's handle: how it connects and what
 * it asks for, and what libcurl tells the transfer of on the way. Returns 0, or -1 where memory
 * runs out.
 */
int handle_set(struct transfer *transfer);

#endif
