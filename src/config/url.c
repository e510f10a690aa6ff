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

static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK;

    curl_free(text);
    return has;
}

bool url_shows_user(const struct bytes *text)
{
    const char *from = text->data ? strstr(text->data, "://") : NULL;

    return from && from[3 + strcspn(from + 3, "/?#@")] == '@';
}

bool url_logs_in(CURLU *url)
{
    return has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_PASSWORD);
}

bool url_has_plain_host(CURLU *url)
{
    char *host = NULL;
    bool plain = curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK;

    for (const char *c = host; plain && *c; c++)
        plain = *c > ' ' && *c < 0x7f;
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

void url_report(struct reader *reader, const struct key *key, struct node *node, const char *got)
{
    problems_at(reader->problems, node, "%s: expected %s, got %s", key->name, key->kind->expected,
                got);
}

/* Reserved and unreserved characters of RFC 3986, and what begins an encoded one. */
static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                              "0123456789-._~:/?#[]@!$&'()*+,;=%";

const char *url_escape(struct reader *reader, const char *url)
{
    static const char digits[] = "0123456789ABCDEF";
    char *escaped = reader_alloc(reader, strlen(url) * 3 + 1), *to = escaped;

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
