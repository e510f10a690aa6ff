#ifndef CONFIG_HTTP_VALUE_H
#define CONFIG_HTTP_VALUE_H

#include "config/keys.h"

/* Kinds of what a request and its answer are made of, each into a struct domain. */
extern const struct kind http_value_url;      /* url and shown_url */
extern const struct kind http_value_headers;  /* laid over the headers that are there already */
extern const struct kind http_value_statuses; /* expect_status */

#endif
