#ifndef CHECK_REQUEST_H
#define CHECK_REQUEST_H

#include "config/config.h"

#include <curl/curl.h>
#include <stdbool.h>

/* What a check sends: method, headers and body. */
struct request {
    const struct domain *domain;
    struct curl_slist *headers;              /* to the configured origin */
    struct curl_slist *allowed_cross_origin; /* to other origins: only headers without secrets */
    const char *cookie;                      /* the configured one; NULL: none */
};

/* Prepares the request of a domain, which must outlive it, and sets it on the handle. Returns 0, or
 * -1 if out of memory. */
int request_set(struct request *request, const struct domain *domain, CURL *easy);

/* Changes the handle for the request after a redirect with this status; same_origin: to the
 * domain's own server. Returns 0, or -1 if out of memory. */
int request_redirect(struct request *request, CURL *easy, int status, bool same_origin);

/* Must be called after the handle is freed. All zero is allowed. */
void request_free(struct request *request);

#endif
