#ifndef CHECK_REQUEST_H
#define CHECK_REQUEST_H

#include "config/config.h"

#include <curl/curl.h>
#include <stdbool.h>

/* What a check sends: method, headers, body; and what of it goes along with a redirect. */
struct request {
    const struct domain *domain;
    struct curl_slist *headers;              /* to the configured origin */
    struct curl_slist *allowed_cross_origin; /* to any other: those that can carry no secret */
    const char *cookie;                      /* the configured one; NULL: none */
};

/* Sets it all on the handle. Returns 0, or -1 where memory runs out. */
int request_set(struct request *request, const struct domain *domain, CURL *easy);

/* Makes the handle ready for the request that follows a redirect of this status; home: to the
 * domain's own server. Returns 0, or -1 where memory runs out. */
int request_redirect(const struct request *request, CURL *easy, int status, bool same_origin);

/* Once the handle is gone. All zero is fine. */
void request_free(struct request *request);

#endif
