/* Reads the URL, the headers and the expected status codes of a domain. */
#include "config/http_value.h"

#include "base/secrets.h"
#include "base/text.h"
#include "config/given.h"
#include "config/login.h"
#include "config/mapping.h"
#include "config/url.h"
#include "config/value.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Finds the host at the start of a URL without a scheme. Returns whether there is one that may be
 * shown: it is not part of a user name, and not from the environment. */
static bool find_host(const struct node *node, const struct bytes *text, char host[256])
{
    static const char allowed[] = TEXT_LETTERS_AND_DIGITS ".-";
    size_t size = strspn(text->data, allowed);

    if (size == 0 || size >= 256 || !memchr(text->data, '.', size) || strchr(text->data, '@') ||
        !strchr(":/?#", text->data[size]) || !node_is(node, text->data))
        return false;
    snprintf(host, 256, "%.*s", (int)size, text->data);
    return true;
}

/* Reports a URL that is not one of HTTP. Only a host may be quoted: the rest may contain a
 * password. */
static void report_url(struct loader *loader, struct node *node, const struct bytes *text,
                       enum url_kind kind)
{
    const char *authority = strstr(text->data, "://");
    const char *path = authority ? strchr(authority + 3, '/') : NULL;
    char host[256];

    if (!authority && find_host(node, text, host))
        loader_report(loader, node, "'%s' has no scheme; did you mean 'https://%s'?", host, host);
    else if (kind == URL_BAD_PORT && path && strchr(path, '@'))
        loader_report(loader, node, "a '/' in the user name or password must be written %%2F");
    else if (kind == URL_BAD && path && strchr(path, ' '))
        loader_report(loader, node, "a space must be written %%20");
    else if (kind == URL_OTHER_SCHEME)
        loader_report(loader, node, "expected http or https; uptick checks nothing else");
    else if (kind == URL_BAD_HOST)
        loader_report(loader, node, "the host %s", url_reason(loader));
    else
        loader_report(loader, node, "expected %s (%s)", loader->key->kind->expected,
                      url_reason(loader));
}

bool http_value_keeps_login(struct loader *loader, struct node *node)
{
    bool is_lost = url_loses_user(&node->text, node->filled);

    if (is_lost)
        loader_report(loader, node,
                      "a user name or password from the environment or a file contains '/', '?', "
                      "'#' or '@'; write it as %%2F, %%3F, %%23 or %%40");
    return !is_lost;
}

bool http_value_parse_url(struct loader *loader, struct node *node, const struct bytes *text)
{
    enum url_kind kind;

    if (!http_value_keeps_login(loader, node))
        return false;
    kind = url_parse(loader, text);
    if (kind != URL_HTTP)
        report_url(loader, node, text, kind);
    return kind == URL_HTTP;
}

/* A host from the environment is also secret in the form that name servers know. */
const char *http_value_show_url(struct loader *loader, const struct node *node, const char *host)
{
    const char *shown, *shown_host;

    if (!value_is_secret(node))
        return url_shown(loader);
    shown = url_shown_filled(loader, node->filled, &shown_host);
    if (shown_host && host && secrets_add(loader->config->secrets, host, strlen(host), shown_host))
        mistakes_no_memory(loader->mistakes);
    return shown;
}

static void read_url(struct loader *loader, struct node *node, void *into)
{
    const struct bytes *text = value_text(loader, node);
    const char *username, *password;
    struct domain *domain = into;
    struct url_plain plain;

    if (!text)
        return;
    if (!value_is_secret(node) && url_read_plain(loader, text, &plain)) {
        domain->url = text->data;
        domain->shown_url = plain.shown;
        domain->host = plain.host;
        domain->port = plain.port;
        return;
    }
    if (!http_value_parse_url(loader, node, text))
        return;

    /* A server can repeat it. The header itself is that of libcurl. */
    if (url_copy_login(loader, &username, &password))
        login_header(loader, username, password);
    domain->url = text->data;
    url_server(loader, &domain->host, &domain->port);
    domain->shown_url = http_value_show_url(loader, node, domain->host);
}

/* A field value of RFC 9110, 5.5: without control characters except tab. */
static bool is_field_value(const struct bytes *value)
{
    for (size_t i = 0; i < value->size; i++) {
        unsigned char byte = (unsigned char)value->data[i];

        if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
            return false;
    }
    return true;
}

static bool is_length_header(const char *name)
{
    return strcasecmp(name, "Content-Length") == 0 || strcasecmp(name, "Transfer-Encoding") == 0;
}

/* Makes a header. Returns false if it is not set, or after reporting a mistake. */
static bool make_header(struct loader *loader, const struct given *given, struct header *header)
{
    const struct bytes *value;
    char shown[NODE_SHOWN_MAX];

    node_show(given->name, shown);
    if (!given_check_header(loader, given))
        return false;
    if (is_length_header(given->name->text.data)) {
        loader_report(loader, given->name, "%s cannot be set; it follows from the body", shown);
        return false;
    }
    if (given->value->kind == NODE_BROKEN || node_is_null(given->value))
        return false;
    value = value_text(loader, given->value);
    if (!value)
        return false;
    if (!is_field_value(value)) {
        loader_report(loader, given->value,
                      "the value of %s contains a line break or control character", shown);
        return false;
    }
    header->name = loader_copy(loader, given->name->text.data, given->name->text.size);
    header->value = value->data;
    return header->name != NULL;
}

void http_value_read_headers(struct loader *loader, struct node *node, const struct header **list,
                             size_t *n)
{
    struct given_list given;
    struct header *headers;
    size_t kept = 0;

    /* A header in one text, "Authorization: Bearer 1f3870be", is not quoted. */
    if (node->kind == NODE_TEXT && !node_is_null(node) && !node_is_empty(node))
        loader_report(loader, node, "expected %s, got text", loader->key->kind->expected);
    if (node->kind == NODE_TEXT || !mapping_is_given(loader, node))
        return;
    given_collect(loader, node, true, &given);
    headers = loader_alloc(loader, (*n + given.n) * sizeof *headers);
    if (!headers)
        return;
    for (size_t i = 0; i < *n; i++) {
        if (!given_has(&given, (*list)[i].name))
            headers[kept++] = (*list)[i];
    }
    for (size_t i = 0; i < given.n; i++)
        kept += make_header(loader, &given.list[i], &headers[kept]);
    *list = headers;
    *n = kept;
}

static void read_headers(struct loader *loader, struct node *node, void *into)
{
    struct domain *domain = into;

    http_value_read_headers(loader, node, &domain->headers, &domain->n_headers);
}

static bool read_status_range(const struct key *key, const struct node *node,
                              struct status_range *range)
{
    int64_t first, last;

    if (!value_range(key, node, false, &first, &last))
        return false;
    *range = (struct status_range){(int)first, (int)last};
    return true;
}

static void read_statuses(struct loader *loader, struct node *node, void *into)
{
    struct domain *domain = into;
    struct item alone;
    size_t n = node->kind == NODE_LIST ? node->items.n : 1;
    struct status_range *ranges = loader_alloc(loader, n * sizeof *ranges);

    if (!ranges)
        return;
    if (n == 0)
        loader_expected(loader, node);
    n = 0;
    for (const struct item *item = node_items(node, &alone); item; item = item->next) {
        if (item->value->kind == NODE_TEXT &&
            read_status_range(loader->key, item->value, &ranges[n]))
            n++;
        else if (item->value->kind != NODE_BROKEN)
            loader_expected(loader, item->value);
    }
    domain->expect.statuses = ranges;
    domain->expect.n_statuses = n;
}

const struct kind http_value_url = {"an absolute http or https URL", .read = read_url};
const struct kind http_value_headers = {"a mapping of names to texts", .read = read_headers};
const struct kind http_value_statuses = {
    "a status code, a range such as 200-299, or a list of these, each", .read = read_statuses};
