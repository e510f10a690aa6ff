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

/*
 * Whether a line of response headers is the field with this name, in upper or lower case (RFC 9110,
 * 5.1). The value is then a part of the line, without the blanks around it and without a NUL; it
 * may be empty.
 */
bool handle_header_value(const char *line, size_t size, const char *name, struct bytes *value);

#endif
