/* Parses URLs. */
#include "config/url.h"

#include "base/host_name.h"
#include "base/text.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

struct url {
    CURLU *curl;        /* has the URL parsed last */
    CURLUcode code;     /* of it */
    char *host;         /* of it, as name servers know it; NULL: it is not URL_HTTP */
    const char *reason; /* why it is not a URL; NULL: libcurl knows */
};

struct url *url_new(void)
{
    struct url *url = calloc(1, sizeof *url);

    if (url)
        url->code = CURLUE_MALFORMED_INPUT;
    return url;
}

/* The parser then has no URL. */
static void forget_url(struct url *url)
{
    curl_url_cleanup(url->curl);
    curl_free(url->host);
    *url = (struct url){.code = CURLUE_MALFORMED_INPUT};
}

void url_free(struct url *url)
{
    if (!url)
        return;
    forget_url(url);
    free(url);
}

/* A part of the URL parsed last, to be freed; NULL: it has none. */
static char *get_part(struct loader *loader, CURLUPart part, unsigned flags)
{
    char *text = NULL;

    assert(loader->url->code == CURLUE_OK);
    /* If a host cannot be converted in this locale, libcurl returns this code and the host as it
     * is. */
    if (curl_url_get(loader->url->curl, part, &text, flags) == CURLUE_OUT_OF_MEMORY && !text)
        mistakes_no_memory(loader->mistakes);
    return text;
}

/* Returns URL_HTTP, or URL_OTHER_SCHEME. */
static enum url_kind scheme_kind(struct loader *loader)
{
    char *scheme = get_part(loader, CURLUPART_SCHEME, 0);
    bool is_http = scheme && (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);

    curl_free(scheme);
    return is_http ? URL_HTTP : URL_OTHER_SCHEME;
}

/* The host as name servers know it, to be freed; NULL: out of memory, which is reported. */
static char *get_host(struct loader *loader)
{
    char *host = NULL;

#ifdef CURLU_PUNYCODE
    host = get_part(loader, CURLUPART_HOST, CURLU_PUNYCODE);
#endif
    return host ? host : get_part(loader, CURLUPART_HOST, 0);
}

enum url_kind url_parse(struct loader *loader, const struct bytes *text)
{
    struct url *url = loader->url;
    enum url_kind kind;

    /* libcurl reads a URL relative to the one that the handle has, so each needs a new handle. */
    forget_url(url);
    url->curl = curl_url();
    if (!url->curl)
        url->code = CURLUE_OUT_OF_MEMORY;
    else if (strlen(text->data) == text->size)
        url->code = curl_url_set(url->curl, CURLUPART_URL, text->data, 0);
    if (url->code == CURLUE_OUT_OF_MEMORY)
        mistakes_no_memory(loader->mistakes);
    if (url->code == CURLUE_UNSUPPORTED_SCHEME)
        return URL_OTHER_SCHEME;
    if (url->code != CURLUE_OK)
        return url->code == CURLUE_BAD_PORT_NUMBER ? URL_BAD_PORT : URL_BAD;
    kind = scheme_kind(loader);
    if (kind == URL_HTTP)
        url->host = get_host(loader);
    if (url->host)
        url->reason = host_name_fault(url->host);
    return url->reason ? URL_BAD_HOST : kind;
}

const char *url_reason(const struct loader *loader)
{
    return loader->url->reason ? loader->url->reason : curl_url_strerror(loader->url->code);
}

const char *url_text(struct loader *loader)
{
    char *text = get_part(loader, CURLUPART_URL, 0);
    const char *copy = text ? loader_copy(loader, text, strlen(text)) : NULL;

    if (!text)
        mistakes_no_memory(loader->mistakes);
    curl_free(text);
    return copy;
}

const char *url_shown(struct loader *loader)
{
    static const CURLUPart private_parts[] = {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS,
                                              CURLUPART_QUERY, CURLUPART_FRAGMENT};
    struct buffer escaped = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    const char *text, *shown = NULL;
    bool removed = true;

    for (size_t i = 0; i < sizeof private_parts / sizeof private_parts[0]; i++)
        removed =
            removed && curl_url_set(loader->url->curl, private_parts[i], NULL, 0) == CURLUE_OK;
    text = removed ? url_text(loader) : NULL;
    if (text && text_escape_url(&escaped, text, strlen(text)) == 0)
        shown = loader_copy(loader, escaped.data, escaped.size);
    else
        mistakes_no_memory(loader->mistakes);
    buffer_free(&escaped);
    return shown;
}

void url_server(struct loader *loader, const char **host, int *port)
{
    const char *name = loader->url->host;
    char *number = get_part(loader, CURLUPART_PORT, CURLU_DEFAULT_PORT);

    if (name && number) {
        *host = loader_copy(loader, name, strlen(name));
        *port = (int)strtol(number, NULL, 10);
    } else {
        mistakes_no_memory(loader->mistakes);
    }
    curl_free(number);
}

bool url_logs_in(struct loader *loader)
{
    char *user = get_part(loader, CURLUPART_USER, 0);
    char *password = get_part(loader, CURLUPART_PASSWORD, 0);
    bool logs_in = user || password;

    curl_free(user);
    curl_free(password);
    return logs_in;
}

bool url_has_plain_host(struct loader *loader)
{
    char *host = get_part(loader, CURLUPART_HOST, 0);
    bool plain = true;

    for (const char *c = host; c && *c; c++)
        plain = plain && *c > ' ' && *c < 0x7f;
    curl_free(host);
    return plain;
}

bool url_shows_user(const struct bytes *text)
{
    const char *from = text->data ? strstr(text->data, "://") : NULL;

    return from && from[3 + strcspn(from + 3, "/?#@")] == '@';
}
