#ifndef CONFIG_URL_H
#define CONFIG_URL_H

#include "config/loader.h"

/* Addresses, as libcurl and RFC 3986 have them. */

/*
 * Takes an address apart into url. Returns what libcurl says of it, and whether its scheme is http
 * or https.
 */
CURLUcode url_parse(CURLU *url, const struct bytes *text, bool *is_http);

/*
 * Whether an address says who logs in: the one that the reader took apart; or one as it is written,
 * where a value from the environment is not filled in, and cannot end the host.
 */
bool url_logs_in(struct loader *loader);
bool url_shows_user(const struct bytes *text);

/* Whether the host of the one that the reader took apart is in ASCII, as a URI wants it. */
bool url_has_plain_host(struct loader *loader);

/*
 * Whether a text holds what browsers drop or read as something else before they look for the
 * scheme: white space, control bytes, "\".
 */
bool url_misleads(const struct bytes *text);

/*
 * A copy that lives with the configuration, in which each byte that may not stand in a URI is
 * percent-encoded. NULL once it is noted that there is no memory.
 */
const char *url_escape(struct loader *loader, const char *url);

/* "NAME: expected what the key's row says, got this". An address is never quoted: it may hold a
 * password. */
void url_report(struct loader *loader, const struct key *key, struct node *node, const char *got);

#endif
