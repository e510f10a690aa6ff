#ifndef CHECK_HANDLE_H
#define CHECK_HANDLE_H

#include "check/transfer.h"

/*
 * Sets the options of a transfer's handle that are the same for all its requests: how it connects,
 * what it sends, and the callbacks that fill in the transfer. Only looked-up names and the CA store
 * are shared between transfers, so a check sees what a new visitor sees. Proxy variables are
 * ignored. Returns 0, or -1 if out of memory.
 */
int handle_set(struct transfer *transfer);

#endif
