#include "runner/origin.h"

#include <curl/curl.h>
#include <string.h>
#include <strings.h>

int origin_read(struct origin *origin, const char *url)
{
    CURLU *parts = curl_url();
    int result = -1;

    *origin = (struct origin){NULL, NULL, NULL};
    if (!parts || curl_url_set(parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) ||
        curl_url_get(parts, CURLUPART_SCHEME, &origin->scheme, 0))
        goto out;

    /* A file: has neither. */
    curl_url_get(parts, CURLUPART_HOST, &origin->host, 0);
    curl_url_get(parts, CURLUPART_PORT, &origin->port, CURLU_DEFAULT_PORT);
    result = 0;
out:
    curl_url_cleanup(parts);
    return result;
}

void origin_free(struct origin *origin)
{
    curl_free(origin->scheme);
    curl_free(origin->host);
    curl_free(origin->port);
    *origin = (struct origin){NULL, NULL, NULL};
}

bool origin_same(const char *url, const char *other)
{
    struct origin a = {NULL, NULL, NULL}, b = {NULL, NULL, NULL};
    bool same = false;

    if (origin_read(&a, url) || origin_read(&b, other) || !a.host || !b.host || !a.port || !b.port)
        goto out;
    same =
        !strcasecmp(a.scheme, b.scheme) && !strcasecmp(a.host, b.host) && !strcmp(a.port, b.port);
out:
    origin_free(&a);
    origin_free(&b);
    return same;
}
