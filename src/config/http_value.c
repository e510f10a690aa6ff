#include "config/http_value.h"

#include "base/text.h"
#include "config/mapping.h"
#include "config/url.h"
#include "config/value.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The address as it may be published: who logs in and what is asked for stay at home, and what is
 * no clean text is escaped. */
static const char *shown_url(struct loader *loader)
{
    static const CURLUPart private_parts[] = {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS,
                                              CURLUPART_QUERY, CURLUPART_FRAGMENT};
    struct buffer escaped = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    char *url = NULL;
    const char *shown = NULL;
    bool clean = true;

    for (size_t i = 0; i < sizeof private_parts / sizeof private_parts[0]; i++)
        clean = clean && curl_url_set(loader->url, private_parts[i], NULL, 0) == CURLUE_OK;
    if (clean && curl_url_get(loader->url, CURLUPART_URL, &url, 0) == CURLUE_OK &&
        text_escape_url(&escaped, url, strlen(url)) == 0)
        shown = loader_copy(loader, escaped.data, escaped.size);
    else
        mistakes_no_memory(loader->mistakes);
    curl_free(url);
    buffer_free(&escaped);
    return shown;
}

/* Where the address leads: what the checks of one server have in common. */
static void read_server(struct loader *loader, struct domain *domain)
{
    char *host = NULL, *port = NULL;
    CURLUcode code = CURLUE_OK;

#ifdef CURLU_PUNYCODE
    code = curl_url_get(loader->url, CURLUPART_HOST, &host, CURLU_PUNYCODE);
#endif
    if (!host && code != CURLUE_OUT_OF_MEMORY)
        curl_url_get(loader->url, CURLUPART_HOST, &host, 0);
    curl_url_get(loader->url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
    if (host && port) {
        domain->host = loader_copy(loader, host, strlen(host));
        domain->port = (int)strtol(port, NULL, 10);
    } else {
        mistakes_no_memory(loader->mistakes);
    }
    curl_free(host);
    curl_free(port);
}

/* A message never quotes an address: it may hold a password. */
static void read_url(struct loader *loader, const struct key *key, struct node *node, void *into)
{
    const struct bytes *text = value_text(loader, key, node);
    struct domain *domain = into;
    CURLUcode code;
    bool is_http;

    if (!text)
        return;
    if (url_shows_user(&node->text) && !url_shows_user(text)) {
        mistakes_at(loader->mistakes, node,
                    "%s: a value from the environment that logs in holds a '/', '?' or '#', which "
                    "would end the host; expected %%2F, %%3F or %%23 in its place",
                    key->name);
        return;
    }
    code = url_parse(loader->url, text, &is_http);
    if (code == CURLUE_OUT_OF_MEMORY) {
        mistakes_no_memory(loader->mistakes);
    } else if (code != CURLUE_OK) {
        mistakes_at(loader->mistakes, node, "%s: expected %s, got what is none (%s)", key->name,
                    key->kind->expected, curl_url_strerror(code));
    } else if (!is_http) {
        mistakes_at(loader->mistakes, node, "%s: expected %s, got another scheme", key->name,
                    key->kind->expected);
    } else {
        domain->url = text->data;
        domain->shown_url = shown_url(loader);
        read_server(loader, domain);
    }
}

/* A token of RFC 9110, 5.6.2. */
static bool is_token(const struct bytes *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789!#$%&'*+-.^_`|~";

    return name->size > 0 && strspn(name->data, allowed) == name->size;
}

/* Field values of RFC 9110, 5.5: no control characters but the tab. */
static bool is_field_value(const struct bytes *value)
{
    for (size_t i = 0; i < value->size; i++) {
        unsigned char byte = (unsigned char)value->data[i];

        if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
            return false;
    }
    return true;
}

/* A header as the file gives it, and the mapping where it does. */
struct given {
    const struct node *mapping;
    struct node *name, *value;
};

/* The headers of one domain being put together. */
struct header_list {
    struct loader *loader;
    const struct key *key;
    struct given given[256];
    size_t n;
};

static void take_header(void *context, const struct node *mapping, struct node *name,
                        struct node *value)
{
    struct header_list *list = context;
    size_t most = sizeof list->given / sizeof list->given[0];

    for (size_t i = 0; i < list->n; i++) {
        const struct given *given = &list->given[i];
        char shown[NODE_SHOWN_MAX];

        if (strcasecmp(given->name->text.data, name->text.data) != 0)
            continue;

        /* The same in other case, in one mapping, is a mistake; merged, it only loses. */
        node_show(name, shown);
        if (given->mapping == mapping && given->name != name)
            mistakes_at(list->loader->mistakes, name,
                        "duplicate key '%s'; it stands at line %u already, and was expected once",
                        shown, given->name->line);
        return;
    }
    if (list->n < most)
        list->given[list->n++] = (struct given){mapping, name, value};
    else
        mistakes_at(list->loader->mistakes, name, "%s: expected at most %zu", list->key->name,
                    most);
}

static bool is_length_header(const char *name)
{
    return strcasecmp(name, "Content-Length") == 0 || strcasecmp(name, "Transfer-Encoding") == 0;
}

/* Makes one header of what was given. Returns false where it is none. */
static bool make_header(struct header_list *list, const struct given *given, struct header *header)
{
    struct mistakes *mistakes = list->loader->mistakes;
    const struct bytes *value;
    char shown[NODE_SHOWN_MAX];

    node_show(given->name, shown);
    if (!is_token(&given->name->text)) {
        mistakes_at(mistakes, given->name,
                    "%s: expected a name of letters, digits and any of !#$%%&'*+-.^_`|~, got '%s'",
                    list->key->name, shown);
        return false;
    }
    if (is_length_header(given->name->text.data)) {
        mistakes_at(mistakes, given->name,
                    "%s: %s is expected not to stand here; it follows from the body",
                    list->key->name, shown);
        return false;
    }
    if (given->value->kind == NODE_BROKEN || node_is_null(given->value))
        return false;
    value = value_text(list->loader, list->key, given->value);
    if (!value)
        return false;
    if (!is_field_value(value)) {
        mistakes_at(mistakes, given->value,
                    "%s: expected a value without line breaks and control characters for %s",
                    list->key->name, shown);
        return false;
    }
    header->name = loader_copy(list->loader, given->name->text.data, given->name->text.size);
    header->value = value->data;
    return header->name != NULL;
}

static bool is_given(const struct header_list *list, const char *name)
{
    for (size_t i = 0; i < list->n; i++) {
        if (strcasecmp(list->given[i].name->text.data, name) == 0)
            return true;
    }
    return false;
}

/* The headers that were there (those of `defaults`), then those given; one given "~" is none. */
static void lay_over(struct header_list *list, struct domain *domain)
{
    size_t n = 0;
    struct header *headers =
        loader_alloc(list->loader, (domain->n_headers + list->n) * sizeof *headers);

    if (!headers)
        return;
    for (size_t i = 0; i < domain->n_headers; i++) {
        if (!is_given(list, domain->headers[i].name))
            headers[n++] = domain->headers[i];
    }
    for (size_t i = 0; i < list->n; i++)
        n += make_header(list, &list->given[i], &headers[n]);
    domain->headers = headers;
    domain->n_headers = n;
}

static void read_headers(struct loader *loader, const struct key *key, struct node *node,
                         void *into)
{
    struct header_list list = {.loader = loader, .key = key, .n = 0};

    if (node_is_null(node) || node_is_empty(node))
        return;
    if (node->kind != NODE_MAPPING) {
        loader_expected(loader, key, node);
        return;
    }
    mapping_walk(loader, node, take_header, &list);
    lay_over(&list, into);
}

static bool read_status_range(const struct key *key, const struct node *node,
                              struct status_range *range)
{
    const char *text = node->text.data;
    const char *dash = node->text.size ? memchr(text, '-', node->text.size) : NULL;
    size_t first_size = dash ? (size_t)(dash - text) : node->text.size;
    int64_t first, last;

    /* "200" in quotes is a text; "200-299" is one anyway. */
    if (!dash && !node->plain)
        return false;
    if (!value_whole_number(text, first_size, &first))
        return false;
    last = first;
    if (dash && !value_whole_number(dash + 1, node->text.size - first_size - 1, &last))
        return false;
    if (first < key->least || last > key->most || first > last)
        return false;
    *range = (struct status_range){(int)first, (int)last};
    return true;
}

static void read_statuses(struct loader *loader, const struct key *key, struct node *node,
                          void *into)
{
    struct domain *domain = into;
    struct item alone = {.value = node};
    struct item *first = node->kind == NODE_LIST ? node->items.first : &alone;
    size_t n = node->kind == NODE_LIST ? node->items.n : 1;
    struct status_range *ranges = loader_alloc(loader, n * sizeof *ranges);

    if (!ranges)
        return;
    if (n == 0)
        loader_expected(loader, key, node);
    n = 0;
    for (struct item *item = first; item; item = item->next) {
        if (item->value->kind == NODE_TEXT && read_status_range(key, item->value, &ranges[n]))
            n++;
        else if (item->value->kind != NODE_BROKEN)
            loader_expected(loader, key, item->value);
    }
    domain->expect_status = ranges;
    domain->n_expect_status = n;
}

const struct kind http_value_url = {.expected = "an absolute http or https URL", .read = read_url};
const struct kind http_value_headers = {.expected = "a mapping of names to texts",
                                        .read = read_headers};
const struct kind http_value_statuses = {
    .expected = "a status code, a range such as 200-299, or a list of these, each",
    .read = read_statuses};
