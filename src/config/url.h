#ifndef CONFIG_URL_H
#define CONFIG_URL_H

#include "config/loader.h"

/* URLs, by the rules of libcurl and RFC 3986. A parser is enough for one file: it has the URL that
 * it parsed last. */
struct url;

/* NULL: out of memory. */
struct url *url_new(void);

/* NULL is allowed. */
void url_free(struct url *url);

enum url_kind { URL_HTTP, URL_OTHER_SCHEME, URL_BAD_PORT, URL_BAD };

/* Parses a URL with the loader's parser. If memory runs out, reports that and returns URL_BAD. */
enum url_kind url_parse(struct loader *loader, const struct bytes *text);

/* Why the URL parsed last is not one. */
const char *url_reason(const struct loader *loader);

/*
 * Parts of the URL parsed last, which must be URL_HTTP. Texts belong to the configuration. If
 * memory runs out, they report that and return NULL or false.
 */

/* All of it, with its scheme and host normalised. */
const char *url_text(struct loader *loader);

/* The URL as it may be published: without user, password, query and fragment, which may be secret,
 * and with control characters and the like escaped. The parser then has only this URL. */
const char *url_shown(struct loader *loader);

/* Sets the host, as name servers know it, and the port. */
void url_server(struct loader *loader, const char **host, int *port);

/* Whether it has a user or password. */
bool url_logs_in(struct loader *loader);

/* Whether its host is ASCII. */
bool url_has_plain_host(struct loader *loader);

/* Whether a text has a user, by its letters alone: so it is also true for the text before
 * environment variables are filled in, whose values could end the host. */
bool url_shows_user(const struct bytes *text);

/* Whether a text contains bytes that browsers drop or replace before they look for the scheme:
 * white space, control bytes, backslashes. */
bool url_misleads(const struct bytes *text);

/* Returns a copy in which each byte that a URI must not contain is percent-encoded. It belongs to
 * the configuration. NULL: out of memory, which is reported. */
const char *url_escape(struct loader *loader, const char *text);

/* Reports "KEY: expected KIND, got FAULT". If fault is empty, the value itself is quoted, unless it
 * may contain a password. */
void url_report(struct loader *loader, const struct key *key, struct node *node, const char *fault);

#endif
