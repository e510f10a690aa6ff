/* Follows redirects, without a login to other origins. */
#include "check/target.h"

#include "base/host_name.h"
#include "base/uri.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#ifndef CURLU_PUNYCODE
enum { CURLU_PUNYCODE = 0 }; /* an old libcurl converts the host itself */
#endif

/* A location is a header, so it is much shorter; three bytes for each of its bytes. */
enum { LOCATION_MAX = 1 << 20 };

void target_start(struct target *target, const struct domain *domain)
{
    *target = (struct target){.url = domain->url,
                              .host = domain->host,
                              .port = domain->port,
                              .same_server = true,
                              .same_origin = true};
}

bool target_is_tls(const struct target *target)
{
    return strncasecmp(target->url, "https:", strlen("https:")) == 0;
}

void target_free(struct target *target)
{
    curl_free(target->redirect_url);
    *target = (struct target){.url = NULL};
}

/* Copies one part of a URL. Returns false, with an empty text, if there is none or if it is too
 * long. */
static bool copy_part(CURLU *url, CURLUPart part, unsigned flags, char *into, size_t size)
{
    char *text = NULL;
    bool fits = curl_url_get(url, part, &text, flags) == CURLUE_OK && strlen(text) < size;

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

/* Copies the user name and password of the domain to the URL, unless it has its own. */
static void copy_login(CURLU *url, CURLU *origin)
{
    static const CURLUPart login[] = {CURLUPART_USER, CURLUPART_PASSWORD};
    char *text = NULL;

    if (curl_url_get(url, CURLUPART_USER, &text, 0) == CURLUE_OK) {
        curl_free(text);
        return;
    }
    for (size_t i = 0; i < sizeof login / sizeof login[0]; i++) {
        text = NULL;
        if (curl_url_get(origin, login[i], &text, 0) == CURLUE_OK)
            curl_url_set(url, login[i], text, 0);
        curl_free(text);
    }
}

/* Copies the scheme of a location, cut if it is long; "" if it has none, or http or https. */
static void copy_foreign_scheme(const char *location, char *scheme, size_t size)
{
    size_t n = 0;

    while (isalnum((unsigned char)location[n]) || (location[n] && strchr("+-.", location[n])))
        n++;
    *scheme = '\0';
    if (!isalpha((unsigned char)*location) || location[n] != ':' ||
        (n == 4 && !strncasecmp(location, "http", n)) ||
        (n == 5 && !strncasecmp(location, "https", n)))
        return;
    n = n < size ? n : size - 1;
    for (size_t i = 0; i < n; i++)
        scheme[i] = (char)tolower((unsigned char)location[i]);
    scheme[n] = '\0';
}

/* Sets the target to this URL. origin is a handle to parse the URL of the domain with. */
static CURLcode set_target(struct target *target, const struct domain *domain, CURLU *url,
                           CURLU *origin)
{
    char port[8] = "", *followed = NULL;

    target->host = NULL;
    if (curl_url_set(origin, CURLUPART_URL, domain->url, 0))
        return CURLE_OUT_OF_MEMORY;
    target->same_server =
        same_part(url, origin, CURLUPART_HOST) && same_part(url, origin, CURLUPART_PORT);
    target->same_origin = target->same_server && same_part(url, origin, CURLUPART_SCHEME);
    if (target->same_origin)
        copy_login(url, origin);
    if (!copy_part(url, CURLUPART_HOST, CURLU_PUNYCODE, target->redirect_host,
                   sizeof target->redirect_host) ||
        !copy_part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT, port, sizeof port))
        return CURLE_URL_MALFORMAT;
    target->host_fault = host_name_fault(target->redirect_host);
    if (target->host_fault)
        return CURLE_URL_MALFORMAT;
    if (curl_url_get(url, CURLUPART_URL, &followed, 0))
        return CURLE_OUT_OF_MEMORY;
    curl_free(target->redirect_url);
    target->url = target->redirect_url = followed;
    target->host = target->redirect_host;
    target->port = (int)strtol(port, NULL, 10);
    return CURLE_OK;
}

/* Reads a location relative to the URL before it. */
static CURLUcode read_location(CURLU *url, const char *before, const char *location)
{
    struct buffer encoded = BUFFER_WITH_CEILING(LOCATION_MAX);
    CURLUcode code = curl_url_set(url, CURLUPART_URL, before, 0);

    /* libcurl would drop the last part of the path too. */
    if (*location == '#')
        return code == CURLUE_OK ? code : CURLUE_OUT_OF_MEMORY;
    if (code == CURLUE_OK)
        code = uri_encode(&encoded, location)
                   ? CURLUE_OUT_OF_MEMORY
                   : curl_url_set(url, CURLUPART_URL, encoded.data ? encoded.data : "", 0);
    else
        code = CURLUE_OUT_OF_MEMORY;
    buffer_free(&encoded);
    return code;
}

CURLcode target_follow(struct target *target, const struct domain *domain, const char *location)
{
    CURLU *url = curl_url(), *origin = curl_url();
    CURLcode code = CURLE_OUT_OF_MEMORY;
    CURLUcode read;

    target->host_fault = NULL;
    copy_foreign_scheme(location, target->scheme, sizeof target->scheme);
    if (*target->scheme) {
        code = CURLE_UNSUPPORTED_PROTOCOL;
        goto out;
    }
    if (!url || !origin)
        goto out;
    read = read_location(url, target->url, location);
    if (read == CURLUE_OK)
        code = set_target(target, domain, url, origin);
    else if (read != CURLUE_OUT_OF_MEMORY)
        code = CURLE_URL_MALFORMAT;
out:
    curl_url_cleanup(url);
    curl_url_cleanup(origin);
    return code;
}

char *target_write_url(const char *text)
{
    static const CURLUPart hidden[] = {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS,
                                       CURLUPART_FRAGMENT};
    CURLU *url = curl_url();
    struct buffer encoded = BUFFER_WITH_CEILING(LOCATION_MAX);
    char *written = NULL, *copy = NULL;

    if (!url || uri_encode(&encoded, text) || curl_url_set(url, CURLUPART_URL, encoded.data, 0))
        goto out;
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
        if (curl_url_set(url, hidden[i], NULL, 0))
            goto out;
    }
    /* A host that cannot be converted in this locale stays as it is. */
    if (curl_url_get(url, CURLUPART_URL, &written, CURLU_NO_DEFAULT_PORT | CURLU_PUNYCODE) ==
            CURLUE_OK ||
        curl_url_get(url, CURLUPART_URL, &written, CURLU_NO_DEFAULT_PORT) == CURLUE_OK)
        copy = strdup(written);
out:
    curl_free(written);
    curl_url_cleanup(url);
    buffer_free(&encoded);
    return copy;
}
