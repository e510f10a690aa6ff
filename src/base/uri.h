#ifndef BASE_URI_H
#define BASE_URI_H

#include "base/buffer.h"

/*
 * Appends a URL or a relative reference as browsers send it: in path, query and fragment, each
 * space, quote, "<", ">" and byte beyond ASCII is percent-encoded, and "\" before the query is "/".
 * More than two slashes before a host are two. What is encoded already stays as it is. Control
 * characters stay too: no URL may have them. The scheme, the login and the host are only copied.
 * Returns 0, or -1 if out of memory or if the result exceeds the ceiling of the buffer.
 */
int uri_encode(struct buffer *into, const char *text);

#endif
