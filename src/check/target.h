#ifndef CHECK_TARGET_H
#define CHECK_TARGET_H

#include "config/config.h"

#include <curl/curl.h>
#include <stdbool.h>

/* Where a request goes: a domain's URL, or where a response led. */
struct target {
    const char *url, *host; /* the domain's, or those below */
    int port;
    bool same_origin; /* scheme, host and port are the domain's: what is secret may go there */
    char *owned;      /* the url of a redirect */
    char scheme[16], owned_host[256];
};

/* The first request's. */
void target_start(struct target *target, const struct domain *domain);

/*
 * Goes on to where a response's Location leads, as libcurl and browsers read it: a name and
 * password go along to the domain's own server alone. Returns CURLE_OK; or why it cannot be
 * followed: CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL (scheme then says which),
 * CURLE_OUT_OF_MEMORY.
 */
CURLcode target_follow(struct target *target, const struct domain *domain, const char *location);

/* All zero is fine. */
void target_free(struct target *target);

#endif
