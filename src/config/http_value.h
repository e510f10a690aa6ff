#ifndef CONFIG_HTTP_VALUE_H
#define CONFIG_HTTP_VALUE_H

#include "config/loader.h"

/* Kinds of values of a request and its response, each read into a struct domain. */
extern const struct kind http_value_url;      /* url, shown_url, host and port */
extern const struct kind http_value_headers;  /* headers, merged into those of `defaults` */
extern const struct kind http_value_statuses; /* expect_status */

/* Keeps the n headers of a list that the node does not set again, and adds those that it sets; "~"
 * removes one. The new list belongs to the configuration. */
void http_value_read_headers(struct loader *loader, struct node *node, const struct header **list,
                             size_t *n);

/* Parses the text of a node as an http or https URL with the loader's parser. Returns false after
 * reporting a mistake, without quoting what may be secret. */
bool http_value_parse_url(struct loader *loader, struct node *node, const struct bytes *text);

/* Whether the login of a URL, whose values were filled in, stays whole: a '/' in a password would
 * end it. Returns false after reporting a mistake. */
bool http_value_keeps_login(struct loader *loader, struct node *node);

/* The URL that was parsed last, of this node, as it may be published: see url_shown. host is its
 * host as name servers know it. NULL: out of memory, which is reported. */
const char *http_value_show_url(struct loader *loader, const struct node *node, const char *host);

#endif
