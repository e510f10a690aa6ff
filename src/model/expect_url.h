#ifndef MODEL_EXPECT_URL_H
#define MODEL_EXPECT_URL_H

#include "base/secrets.h"
#include "model/quote.h"

#include <stdbool.h>

/* URLs that were reached, compared with those that are expected. */

/*
 * Whether a URL with a scheme and a host is the expected one: scheme, host, port and path are the
 * same, and the query if one is expected. Login and fragment do not count. Scheme and host are
 * compared without case, a default port is the same as none, and percent-encoding counts by RFC
 * 3986 (6.2.2).
 */
bool expect_url_is(const char *expected, const char *reached);

/* Whether scheme, host, port and path are those that are expected: then only the query can differ.
 */
bool expect_url_query_differs(const char *expected, const char *reached);

/* Writes scheme, host, port and path: the rest may be private. Returns the text. */
const char *expect_url_show(const struct secrets *secrets, const char *url, char text[QUOTE_MAX]);

#endif
