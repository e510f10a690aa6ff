#ifndef CHECK_TARGET_H
#define CHECK_TARGET_H

#include "config/config.h"

#include <curl/curl.h>
#include <stdbool.h>

/*
 * The URL of a request: that of a domain, or one to which a redirect leads. Redirects are followed
 * here and not by libcurl, so that each request uses the shared name lookups and no secret goes to
 * another origin.
 */
struct target {
    const char *url, *host; /* the domain's, or those of the redirect below */
    int port;
    bool same_server; /* host and port are the domain's, */
    bool same_origin; /* and the scheme too: secrets may be sent there */
    char *redirect_url;
    char scheme[64]; /* of a redirect that cannot be followed, perhaps cut; else empty */
    char redirect_host[256];
    const char *host_fault; /* why the host of the last redirect is none ("begins with '-'");
                               NULL: nothing is wrong with it */
};

/* Sets the target of the first request. The domain must outlive the target. */
void target_start(struct target *target, const struct domain *domain);

/*
 * Sets the target of the next request from a response's Location, read as libcurl and browsers do.
 * The domain's login is added only if the target has the same origin. Returns CURLE_OK, or why the
 * redirect cannot be followed: CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL (scheme then has the
 * protocol) or CURLE_OUT_OF_MEMORY.
 */
CURLcode target_follow(struct target *target, const struct domain *domain, const char *location);

/* Returns a URL without its login and its default port, for the caller to free; NULL: out of
 * memory. */
char *target_write_url(const char *url);
/* Whether the scheme is https. */
bool target_is_tls(const struct target *target);

/* All zero is allowed. */
void target_free(struct target *target);

#endif
