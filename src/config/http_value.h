#ifndef CONFIG_HTTP_VALUE_H
#define CONFIG_HTTP_VALUE_H

#include "config/keys.h"

/* Kinds of values of a request and its response, each read into a struct domain. */
extern const struct kind http_value_url;      /* url, shown_url, host and port */
extern const struct kind http_value_headers;  /* headers, merged into those of `defaults` */
extern const struct kind http_value_statuses; /* expect_status */

#endif
