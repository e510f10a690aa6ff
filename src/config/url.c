#include "config/url.h"

#include <string.h>

CURLUcode url_parse(CURLU *url, const struct bytes *text, bool *is_http)
{
    char *scheme = NULL;
    CURLUcode code = CURLUE_MALFORMED_INPUT;

    if (strlen(text->data) == text->size)
        code = curl_url_set(url, CURLUPART_URL, text->data, 0);
    if (code == CURLUE_OK)
        code = curl_url_get(url, CURLUPART_SCHEME, &scheme, 0);
    *is_http = scheme && (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
    curl_free(scheme);
    return code;
}

/* A part of the address that was taken apart, to be freed; NULL: it has none. */
static char *get_part(struct loader *loader, CURLUPart part)
{
    char *text = NULL;

    if (curl_url_get(loader->url, part, &text, 0) == CURLUE_OUT_OF_MEMORY)
        mistakes_no_memory(loader->mistakes);
    return text;
}

bool url_logs_in(struct loader *loader)
{
    char *user = get_part(loader, CURLUPART_USER), *password = get_part(loader, CURLUPART_PASSWORD);
    bool logs_in = user || password;

    curl_free(user);
    curl_free(password);
    return logs_in;
}

bool url_shows_user(const struct bytes *text)
{
    const char *from = text->data ? strstr(text->data, "://") : NULL;

    return from && from[3 + strcspn(from + 3, "/?#@")] == '@';
}

bool url_has_plain_host(struct loader *loader)
{
    char *host = get_part(loader, CURLUPART_HOST);
    bool plain = true;

    for (const char *c = host; c && *c; c++)
        plain = plain && *c > ' ' && *c < 0x7f;
    curl_free(host);
    return plain;
}

bool url_misleads(const struct bytes *text)
{
    for (size_t i = 0; i < text->size; i++) {
        unsigned char byte = (unsigned char)text->data[i];

        if (byte <= ' ' || byte == 0x7f || byte == '\\')
            return true;
    }
    return false;
}

void url_report(struct loader *loader, const struct key *key, struct node *node, const char *got)
{
    mistakes_at(loader->mistakes, node, "%s: expected %s, got %s", key->name, key->kind->expected,
                got);
}

/* Reserved and unreserved characters of RFC 3986, and what begins an encoded one. */
static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                              "0123456789-._~:/?#[]@!$&'()*+,;=%";

const char *url_escape(struct loader *loader, const char *url)
{
    static const char digits[] = "0123456789ABCDEF";
    char *escaped = loader_alloc(loader, strlen(url) * 3 + 1), *to = escaped;

    for (; escaped && *url; url++) {
        unsigned char byte = (unsigned char)*url;

        if (strchr(allowed, *url)) {
            *to++ = *url;
        } else {
            *to++ = '%';
            *to++ = digits[byte >> 4];
            *to++ = digits[byte & 15];
        }
    }
    return escaped;
}
