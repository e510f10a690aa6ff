/* Parses URLs. */
#define _GNU_SOURCE /* memrchr */
#include "config/url.h"

#include "base/host_name.h"
#include "base/text.h"
#include "base/uri.h"
#include "config/environment.h"

#include <assert.h>
#include <ctype.h>
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

/* Reads the port of a plain URL, if it has one. Returns what follows; NULL: the port is not plain.
 */
static const char *read_plain_port(const char *at, int *port)
{
    size_t digits = *at == ':' ? strspn(at + 1, "0123456789") : 0;
    long number = digits ? strtol(at + 1, NULL, 10) : 0;

    if (*at != ':')
        return at;
    if (digits > 5 || at[1] == '0' || number < 1 || number > 65535)
        return NULL;
    *port = (int)number;
    return at + 1 + digits;
}

/* The bytes of a set are bits of two words. */
struct byte_set {
    uint64_t words[2];
};

/* The same as strspn, which would make a table for each text. */
static size_t span(const char *text, const struct byte_set *set)
{
    size_t size = 0;

    for (unsigned char byte; (byte = (unsigned char)text[size]) < 128; size++) {
        if (!(set->words[byte / 64] >> byte % 64 & 1))
            break;
    }
    return size;
}

bool url_read_plain(struct loader *loader, const struct bytes *text, struct url_plain *plain)
{
    enum { MAX = 1024 };
    /* - . 0-9, and a-z. */
    static const struct byte_set in_host = {
        {UINT64_C(0x03ff600000000000), UINT64_C(0x07fffffe00000000)}};
    /* & + , - . / 0-9 =, and A-Z _ a-z ~. */
    static const struct byte_set in_path = {
        {UINT64_C(0x23fff84000000000), UINT64_C(0x47fffffe87fffffe)}};
    bool is_https = strncmp(text->data, "https://", 8) == 0;
    const char *from = text->data + (is_https ? 8 : 7), *path, *path_end, *end;
    size_t size;

    if (text->size > MAX || (!is_https && strncmp(text->data, "http://", 7) != 0))
        return false;
    size = span(from, &in_host);
    plain->port = is_https ? 443 : 80;
    path = read_plain_port(from + size, &plain->port);
    if (!path || *path != '/' || strstr(path, "/."))
        return false;
    end = path_end = path + span(path, &in_path);
    if (*end == '?')
        end += 1 + span(end + 1, &in_path);
    if (end != text->data + text->size)
        return false;
    plain->host = loader_copy(loader, from, size);
    if (!plain->host || host_name_fault(plain->host))
        return false;
    plain->shown = text->data;
    if (path_end < end)
        plain->shown = loader_copy(loader, text->data, (size_t)(path_end - text->data));
    return plain->shown != NULL;
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

const char *url_compared(struct loader *loader, const struct bytes *text)
{
    struct buffer encoded = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    char *url = NULL, *copy = NULL;

    if (uri_encode(&encoded, text->data))
        mistakes_no_memory(loader->mistakes);
    else if (url_parse(loader, &(struct bytes){encoded.data, encoded.size}) == URL_HTTP) {
        if (curl_url_set(loader->url->curl, CURLUPART_HOST, loader->url->host, 0))
            mistakes_no_memory(loader->mistakes);
        url = get_part(loader, CURLUPART_URL, CURLU_NO_DEFAULT_PORT);
    }
    if (url)
        copy = loader_copy(loader, url, strlen(url));
    for (char *c = copy ? strstr(copy, "://") + 3 : NULL; c && *c && !strchr("/?#", *c); c++)
        *c = (char)tolower((unsigned char)*c);
    curl_free(url);
    buffer_free(&encoded);
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

/* The places of the parts of a URL. */
struct places {
    size_t scheme_end;
    size_t login, host, host_end, end; /* the login and everything from end on are not shown */
};

static struct places find_places(const struct bytes *text)
{
    const char *url = text->data, *at;
    struct places places = {.end = strcspn(url, "?#")};
    size_t size;

    /* libcurl also accepts a URL with one slash or three before its host. */
    places.scheme_end = strcspn(url, ":");
    places.login = places.scheme_end + strspn(url + places.scheme_end, ":/");
    places.host = places.login;
    size = strcspn(url + places.login, "/?#");
    at = memrchr(url + places.login, '@', size);
    if (at)
        places.host = (size_t)(at + 1 - url);
    places.host_end = places.login + size;
    if (places.end < places.host_end)
        places.end = places.host_end;
    return places;
}

/* Whether a byte of a value is between these places. */
static bool has_value(const struct filled *filled, size_t from, size_t to)
{
    for (size_t i = 0; i < filled->n_parts; i++) {
        const struct filled_part *part = &filled->parts[i];

        if (part->size > 0 && part->at < to && part->at + part->size > from)
            return true;
    }
    return false;
}

static const char *keep_escaped(struct loader *loader, const struct buffer *text)
{
    struct buffer escaped = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    const char *kept = NULL;

    if (!text->failed && text->size && text_escape_url(&escaped, text->data, text->size) == 0)
        kept = loader_copy(loader, escaped.data, escaped.size);
    else
        mistakes_no_memory(loader->mistakes);
    buffer_free(&escaped);
    return kept;
}

const char *url_shown_filled(struct loader *loader, const struct filled *filled, const char **host)
{
    struct places places = find_places(&filled->text);
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    const struct filled_part *last = NULL;
    const char *shown;

    *host = NULL;
    if (has_value(filled, places.host, places.host_end)) {
        environment_append_shown(filled, places.host, places.host_end, &last, &text);
        *host = keep_escaped(loader, &text);
    }
    buffer_reset(&text);
    last = NULL;
    environment_append_shown(filled, 0, places.scheme_end, &last, &text);
    if (!has_value(filled, places.scheme_end, places.login))
        buffer_puts(&text, "://");
    environment_append_shown(filled, places.host, places.end, &last, &text);
    shown = keep_escaped(loader, &text);
    buffer_free(&text);
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

/*
 * Finds the user of a URL as it is in the file, so each ${...} in it is one value. libcurl also
 * accepts one slash before it, or three. *first and *end become the numbers of the values in it.
 * Returns false if it has no user.
 */
static bool find_user(const char *at, size_t *first, size_t *end)
{
    bool in_authority = false;

    *first = *end = 0;
    for (; at && *at; at++) {
        if (strncmp(at, "$${", 3) == 0) {
            at += 2;
        } else if (strncmp(at, "${", 2) == 0) {
            ++*end;
            at = strchr(at, '}');
            if (!at)
                break;
        } else if (!in_authority && strncmp(at, ":/", 2) == 0) {
            in_authority = true;
            *first = *end;
            at += strspn(at + 1, "/");
        } else if (in_authority && strchr("/?#@", *at)) {
            return *at == '@';
        }
    }
    return false;
}

bool url_writes_user(const struct bytes *text)
{
    size_t first, end;

    return find_user(text->data, &first, &end);
}

bool url_loses_user(const struct bytes *written, const struct filled *filled)
{
    size_t first, end, at;

    if (!find_user(written->data, &first, &end))
        return false;
    for (size_t i = first; i < end && i < filled->n_parts; i++) {
        const struct filled_part *part = &filled->parts[i];

        at = part->at + strcspn(filled->text.data + part->at, "/?#@");
        if (at < part->at + part->size)
            return true;
    }
    return false;
}

/* The schemes of servers other than those of HTTP, and their usual ports. */
struct server_scheme {
    const char *scheme, *port;
};

static const struct server_scheme proxies[] = {
    [PROXY_HTTP] = {"http", "80"},
    [PROXY_HTTPS] = {"https", "443"},
    [PROXY_SOCKS5] = {"socks5h", "1080"},
};

static const struct server_scheme mail_servers[] = {{"smtp", "25"}, {"smtps", "465"}};

enum {
    PROXIES = sizeof proxies / sizeof proxies[0],
    MAIL_SERVERS = sizeof mail_servers / sizeof mail_servers[0]
};

/* The scheme of the URL parsed last, by its place in a table of n; n: it has none of them. */
static size_t find_scheme(struct loader *loader, const struct server_scheme *schemes, size_t n)
{
    size_t i = 0;
    char *scheme = get_part(loader, CURLUPART_SCHEME, 0);

    while (i < n && scheme && strcmp(schemes[i].scheme, scheme) != 0)
        i++;
    curl_free(scheme);
    return scheme ? i : n;
}

/* Sets a part of the URL parsed last. Returns false if memory ran out, which is reported, or if the
 * part is not valid. */
static bool set_part(struct loader *loader, CURLUPart part, const char *text)
{
    CURLUcode code = curl_url_set(loader->url->curl, part, text, 0);

    if (code == CURLUE_OUT_OF_MEMORY)
        mistakes_no_memory(loader->mistakes);
    return code == CURLUE_OK;
}

/* Copies a part of a URL to the configuration; NULL: there is none, or it is not valid. */
static const char *copy_part(struct loader *loader, CURLUPart part, unsigned flags)
{
    char *text = get_part(loader, part, flags);
    const char *copy = text ? loader_copy(loader, text, strlen(text)) : NULL;

    curl_free(text);
    return copy;
}

static bool has_part(struct loader *loader, CURLUPart part, const char *allowed)
{
    char *text = get_part(loader, part, 0);
    bool has = text && strcmp(text, allowed) != 0;

    curl_free(text);
    return has;
}

bool url_copy_login(struct loader *loader, const char **username, const char **password)
{
    bool has_username = has_part(loader, CURLUPART_USER, "");
    bool has_password = has_part(loader, CURLUPART_PASSWORD, "");

    *username = has_username ? copy_part(loader, CURLUPART_USER, CURLU_URLDECODE) : "";
    *password = has_password ? copy_part(loader, CURLUPART_PASSWORD, CURLU_URLDECODE) : "";
    return (has_username || has_password) && *username && *password;
}

/* Reads the login of the URL parsed last. Returns NULL, or why libcurl cannot send it. */
static const char *read_proxy_login(struct loader *loader, struct proxy *proxy,
                                    const char **username, const char **password)
{
    enum { SOCKS_MAX = 255 };
    bool has_password = has_part(loader, CURLUPART_PASSWORD, "");

    proxy->logs_in = has_part(loader, CURLUPART_USER, "") || has_password;
    if (!proxy->logs_in)
        return NULL;
    *username = copy_part(loader, CURLUPART_USER, CURLU_URLDECODE);
    if (has_password)
        *password = copy_part(loader, CURLUPART_PASSWORD, CURLU_URLDECODE);
    if (!*username || !*password)
        return "its login has control characters, or no user name";
    if (proxy->kind != PROXY_SOCKS5 && strchr(*username, ':'))
        return "its user name has a ':'";
    if (proxy->kind == PROXY_SOCKS5 &&
        (strlen(*username) > SOCKS_MAX || strlen(*password) > SOCKS_MAX))
        return "a user name or password of more than 255 bytes";
    return NULL;
}

/* Parses the URL of a server with one of n schemes, with its host as name servers know it. Sets
 * *kind to the place of its scheme. Returns NULL, or why it is not that of such a server. */
static const char *parse_server(struct loader *loader, const struct bytes *text,
                                const struct server_scheme *schemes, size_t n, size_t *kind)
{
    struct url *url = loader->url;

    forget_url(url);
    url->curl = curl_url();
    if (!url->curl)
        url->code = CURLUE_OUT_OF_MEMORY;
    else if (strlen(text->data) == text->size && strstr(text->data, "://"))
        url->code = curl_url_set(url->curl, CURLUPART_URL, text->data, CURLU_NON_SUPPORT_SCHEME);
    if (url->code == CURLUE_OUT_OF_MEMORY)
        mistakes_no_memory(loader->mistakes);
    if (url->code != CURLUE_OK)
        return curl_url_strerror(url->code);
    *kind = find_scheme(loader, schemes, n);
    if (*kind == n)
        return "another scheme";
    url->host = get_host(loader);
    if (!url->host || !set_part(loader, CURLUPART_HOST, url->host))
        return "no host";
    url->reason = host_name_fault(url->host);
    if (has_part(loader, CURLUPART_PATH, "/") || has_part(loader, CURLUPART_QUERY, "") ||
        has_part(loader, CURLUPART_FRAGMENT, ""))
        return "a path, query or fragment";
    return url->reason ? "its host is not valid" : NULL;
}

const char *url_read_mail_server(struct loader *loader, const struct bytes *text,
                                 const char **server)
{
    size_t kind;
    const char *fault = strstr(text->data, "://")
                            ? parse_server(loader, text, mail_servers, MAIL_SERVERS, &kind)
                            : "no scheme";
    char *port = fault ? NULL : get_part(loader, CURLUPART_PORT, 0);

    if (!fault && (url_logs_in(loader) || strchr(text->data, '@')))
        fault = "a login; use username and password";
    if (!fault && port && strtol(port, NULL, 10) == 0)
        fault = "port 0";
    curl_free(port);
    if (!fault)
        *server = url_text(loader);
    return fault;
}

const char *url_host(struct loader *loader)
{
    const char *host = loader->url->host;

    return host ? loader_copy(loader, host, strlen(host)) : NULL;
}

const char *url_read_proxy(struct loader *loader, const struct bytes *text, struct proxy *proxy,
                           const char **username, const char **password)
{
    size_t kind;
    const char *fault = parse_server(loader, text, proxies, PROXIES, &kind), *port;

    if (!fault) {
        proxy->kind = (enum proxy_kind)kind;
        fault = read_proxy_login(loader, proxy, username, password);
    }
    if (fault)
        return fault;
    port = copy_part(loader, CURLUPART_PORT, 0);
    if (!port) {
        port = proxies[proxy->kind].port;
        if (!set_part(loader, CURLUPART_PORT, port))
            return "no port";
    }
    proxy->port = (int)strtol(port, NULL, 10);
    if (proxy->port == 0)
        return "port 0";
    proxy->host = loader_copy(loader, loader->url->host, strlen(loader->url->host));
    proxy->url = url_text(loader);
    return NULL;
}
