#ifndef CONFIG_REQUEST_H
#define CONFIG_REQUEST_H

#include "config/keys.h"

/* Kinds of what a request and its answer are made of, each into a struct domain. */
extern const struct kind request_url;      /* url and shown_url */
extern const struct kind request_headers;  /* laid over the headers that are there already */
extern const struct kind request_statuses; /* expect_status */

#endif
