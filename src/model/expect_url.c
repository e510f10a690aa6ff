/* Compares and shows the URLs at which redirects end. */
#include "model/expect_url.h"

#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct part {
    const char *data;
    size_t size;
};

/* A part that is not there is empty. The query begins with its '?'. */
struct url_parts {
    struct part scheme, host, port, path, query;
};

static struct part part_of(const char *data, const char *end)
{
    return (struct part){data, (size_t)(end - data)};
}

/* Splits "login@host:port" into host and port. */
static void split_authority(struct part authority, struct url_parts *url)
{
    const char *at = authority.data, *end = at + authority.size, *colon;

    for (const char *byte = at; byte < end; byte++) {
        if (*byte == '@')
            at = byte + 1;
    }
    for (colon = end; colon > at && isdigit((unsigned char)colon[-1]);)
        colon--;
    if (colon > at && colon[-1] == ':') {
        url->port = part_of(colon, end);
        end = colon - 1;
    }
    if (end > at && end[-1] == '.')
        end--;
    url->host = part_of(at, end);
}

static bool is_word(struct part part, const char *word)
{
    return part.size == strlen(word) && strncasecmp(part.data, word, part.size) == 0;
}

static struct url_parts split(const char *text)
{
    static const char root[] = "/";
    struct url_parts url = {
        .scheme = {text, strcspn(text, ":/?#")}, .port = {text, 0}, .query = {text, 0}};
    const char *at = text + url.scheme.size;

    at += strspn(at, ":/");
    split_authority((struct part){at, strcspn(at, "/?#")}, &url);
    at += strcspn(at, "/?#");
    url.path = (struct part){at, strcspn(at, "?#")};
    at += url.path.size;
    if (*at == '?')
        url.query = (struct part){at, strcspn(at, "#")};
    if (url.path.size == 0)
        url.path = (struct part){root, strlen(root)};
    if ((is_word(url.scheme, "http") && is_word(url.port, "80")) ||
        (is_word(url.scheme, "https") && is_word(url.port, "443")))
        url.port.size = 0;
    return url;
}

static int hex_digit(char byte)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = byte ? strchr(digits, byte) : NULL;

    return at ? (int)(at - digits) % 16 : -1;
}

/* Reads a byte of a path or query. One that needs no encoding is itself, however it was written;
 * the others are 256 and more. */
static int next_byte(const char **at, const char *end)
{
    int byte = (unsigned char)*(*at)++;

    if (byte == '%' && end - *at >= 2 && hex_digit((*at)[0]) >= 0 && hex_digit((*at)[1]) >= 0) {
        byte = 16 * hex_digit((*at)[0]) + hex_digit((*at)[1]);
        *at += 2;
        return byte && strchr(TEXT_LETTERS_AND_DIGITS "-._~", byte) ? byte : 256 + byte;
    }
    return byte > ' ' && byte < 0x7f && !strchr("\"<>", byte) ? byte : 256 + byte;
}

static bool parts_equal(struct part a, struct part b)
{
    const char *at = a.data, *end = at + a.size, *other = b.data, *other_end = other + b.size;

    while (at < end && other < other_end) {
        if (next_byte(&at, end) != next_byte(&other, other_end))
            return false;
    }
    return at == end && other == other_end;
}

static bool hosts_equal(struct part a, struct part b)
{
    return a.size == b.size && strncasecmp(a.data, b.data, a.size) == 0;
}

static bool pages_equal(const struct url_parts *a, const struct url_parts *b)
{
    return hosts_equal(a->scheme, b->scheme) && hosts_equal(a->host, b->host) &&
           hosts_equal(a->port, b->port) && parts_equal(a->path, b->path);
}

bool expect_url_is(const char *expected, const char *reached)
{
    struct url_parts a = split(expected), b = split(reached);

    return pages_equal(&a, &b) && (a.query.size == 0 || parts_equal(a.query, b.query));
}

bool expect_url_query_differs(const char *expected, const char *reached)
{
    struct url_parts a = split(expected), b = split(reached);

    return pages_equal(&a, &b);
}

const char *expect_url_show(const struct secrets *secrets, const char *url, char text[QUOTE_MAX])
{
    struct url_parts parts = split(url);
    char shown[SECRETS_TEXT_MAX];

    snprintf(shown, sizeof shown, "%.*s://%.*s%s%.*s%.*s", (int)parts.scheme.size,
             parts.scheme.data, (int)parts.host.size, parts.host.data, parts.port.size ? ":" : "",
             (int)parts.port.size, parts.port.data, (int)parts.path.size, parts.path.data);
    return quote_plain(secrets, shown, strlen(shown), text);
}
