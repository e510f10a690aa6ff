#ifndef CONFIG_URL_H
#define CONFIG_URL_H

#include "config/loader.h"

/* URLs, by the rules of libcurl and RFC 3986. */

/* Parses a URL into `url`. Returns libcurl's result, and sets whether the scheme is http or https.
 */
CURLUcode url_parse(CURLU *url, const struct bytes *text, bool *is_http);

/* Whether the URL parsed last (loader->url) has a user or password. */
bool url_logs_in(struct loader *loader);

/* The same of a text, by its letters alone: so it is also true for the text before environment
 * variables are filled in, whose values could end the host. */
bool url_shows_user(const struct bytes *text);

/* Whether the host of the URL parsed last is ASCII. */
bool url_has_plain_host(struct loader *loader);

/* Whether a text contains bytes that browsers drop or replace before they look for the scheme:
 * white space, control bytes, backslashes. */
bool url_misleads(const struct bytes *text);

/* Returns a copy in which each byte that a URI must not contain is percent-encoded. It belongs to
 * the configuration. NULL: out of memory, which is reported. */
const char *url_escape(struct loader *loader, const char *url);

/* Reports "KEY: expected KIND, got FAULT". If fault is empty, the value itself is quoted, unless it
 * may contain a password. */
void url_report(struct loader *loader, const struct key *key, struct node *node, const char *fault);

#endif
