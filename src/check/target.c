#include "check/target.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#ifndef CURLU_PUNYCODE
enum { CURLU_PUNYCODE = 0 }; /* libcurl then looks such a host up by itself */
#endif

void target_start(struct target *target, const struct domain *domain)
{
    *target = (struct target){
        .url = domain->url, .host = domain->host, .port = domain->port, .same_origin = true};
}

void target_free(struct target *target)
{
    curl_free(target->owned);
    *target = (struct target){.url = NULL};
}

/* Copies one part of a URL into this room. Returns whether there is such a part, and fits. */
static bool copy_part(CURLU *url, CURLUPart part, unsigned flags, char *into, size_t room)
{
    char *text = NULL;
    bool fits = curl_url_get(url, part, &text, flags) == CURLUE_OK && strlen(text) < room;

    if (fits)
        memcpy(into, text, strlen(text) + 1);
    else
        *into = '\0';
    curl_free(text);
    return fits;
}

static bool same_part(CURLU *a, CURLU *b, CURLUPart part)
{
    char *x = NULL, *y = NULL;
    bool same = curl_url_get(a, part, &x, CURLU_DEFAULT_PORT) == CURLUE_OK &&
                curl_url_get(b, part, &y, CURLU_DEFAULT_PORT) == CURLUE_OK && !strcasecmp(x, y);

    curl_free(x);
    curl_free(y);
    return same;
}

/* Gives the URL the name and password of the domain's, unless it brings its own. */
static void lend_login(CURLU *url, CURLU *same_origin)
{
    static const CURLUPart login[] = {CURLUPART_USER, CURLUPART_PASSWORD};
    char *text = NULL;

    if (curl_url_get(url, CURLUPART_USER, &text, 0) == CURLUE_OK) {
        curl_free(text);
        return;
    }
    for (size_t i = 0; i < sizeof login / sizeof login[0]; i++) {
        text = NULL;
        if (curl_url_get(same_origin, login[i], &text, 0) == CURLUE_OK)
            curl_url_set(url, login[i], text, 0);
        curl_free(text);
    }
}

/* Takes what there is to know of the URL that is followed. */
static CURLcode take(struct target *target, const struct domain *domain, CURLU *url,
                     CURLU *same_origin)
{
    char port[8] = "", *followed = NULL;

    target->host = NULL;
    copy_part(url, CURLUPART_SCHEME, 0, target->scheme, sizeof target->scheme);
    if (strcmp(target->scheme, "http") != 0 && strcmp(target->scheme, "https") != 0)
        return CURLE_UNSUPPORTED_PROTOCOL;
    if (curl_url_set(same_origin, CURLUPART_URL, domain->url, 0))
        return CURLE_OUT_OF_MEMORY;
    target->same_origin = same_part(url, same_origin, CURLUPART_SCHEME) &&
                          same_part(url, same_origin, CURLUPART_HOST) &&
                          same_part(url, same_origin, CURLUPART_PORT);
    if (target->same_origin)
        lend_login(url, same_origin);
    if (!copy_part(url, CURLUPART_HOST, CURLU_PUNYCODE, target->owned_host,
                   sizeof target->owned_host) ||
        !copy_part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT, port, sizeof port))
        return CURLE_URL_MALFORMAT;
    if (curl_url_get(url, CURLUPART_URL, &followed, 0))
        return CURLE_OUT_OF_MEMORY;
    curl_free(target->owned);
    target->url = target->owned = followed;
    target->host = target->owned_host;
    target->port = (int)strtol(port, NULL, 10);
    return CURLE_OK;
}

CURLcode target_follow(struct target *target, const struct domain *domain, const char *location)
{
    enum { AS_LIBCURL = CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE | CURLU_ALLOW_SPACE };
    CURLU *url = curl_url(), *same_origin = curl_url();
    CURLcode code = CURLE_OUT_OF_MEMORY;
    CURLUcode read;

    if (!url || !same_origin || curl_url_set(url, CURLUPART_URL, target->url, 0))
        goto out;
    read = curl_url_set(url, CURLUPART_URL, location, AS_LIBCURL);
    if (read == CURLUE_OK)
        code = take(target, domain, url, same_origin);
    else if (read != CURLUE_OUT_OF_MEMORY)
        code = CURLE_URL_MALFORMAT;
out:
    curl_url_cleanup(url);
    curl_url_cleanup(same_origin);
    return code;
}
