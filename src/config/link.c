/* Reads the links shown on pages. */
#include "config/link.h"

#include "config/mapping.h"
#include "config/url.h"
#include "config/value.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* The length of the scheme at the start of a URL, as a browser sees it; 0: none. */
static size_t scheme_length(const char *url)
{
    size_t n = 0;

    if (!isalpha((unsigned char)*url))
        return 0;
    while (isalnum((unsigned char)url[n]) || (url[n] && strchr("+-.", url[n])))
        n++;
    return url[n] == ':' ? n : 0;
}

static bool is_scheme(const char *url, size_t size, const char *scheme)
{
    return size == strlen(scheme) && strncasecmp(url, scheme, size) == 0;
}

/* Why a URL cannot be used in a link; NULL: it can; empty: it is not a URL. */
static const char *find_link_fault(struct loader *loader, const struct node *node,
                                   const struct bytes *text)
{
    size_t scheme = scheme_length(text->data);

    if (text->size == 0 || url_misleads(text) || strncmp(text->data, "//", 2) == 0)
        return "";
    if (scheme == 0)
        return NULL;
    if (is_scheme(text->data, scheme, "mailto"))
        return text->size > scheme + 1 ? NULL : "";
    if (!is_scheme(text->data, scheme, "http") && !is_scheme(text->data, scheme, "https"))
        return "another scheme";
    if (url_parse(loader, text) != URL_HTTP)
        return "";
    return url_logs_in(loader) || url_shows_user(&node->text) ? "a URL with a user or password"
                                                              : NULL;
}

static void read_link_url(struct loader *loader, const struct key *key, struct node *node,
                          void *into)
{
    const struct bytes *text = value_text(loader, key, node);
    const char *fault = text ? find_link_fault(loader, node, text) : NULL;
    struct link *link = into;

    if (fault) {
        url_report(loader, key, node, fault);
    } else if (text) {
        link->url = url_escape(loader, text->data);
        link->relative = scheme_length(text->data) == 0 && text->data[0] != '/';
    }
}

enum { LINKS_MAX = 20 };

static void read_link(struct loader *loader, struct node *node, struct link *link)
{
    char got[NODE_SHOWN_MAX];

    if (node->kind == NODE_MAPPING) {
        mapping_read(loader, &keys_link, node, link, NULL);
    } else if (node->kind != NODE_BROKEN) {
        node_describe(node, got);
        mistakes_at(loader->mistakes, node,
                    "link: expected a mapping with the keys 'text' and 'url', got %s", got);
    }
}

static void read_links(struct loader *loader, const struct key *key, struct node *node, void *into)
{
    struct config *config = into;
    struct link *links;

    if (node->kind != NODE_LIST) {
        loader_expected(loader, key, node);
        return;
    }
    if (node->items.n > LINKS_MAX) {
        mistakes_at(loader->mistakes, node, "%s: expected at most %d links, got %zu", key->name,
                    LINKS_MAX, node->items.n);
        return;
    }
    config->links = links = loader_alloc(loader, (node->items.n + 1) * sizeof *links);
    for (struct item *item = links ? node->items.first : NULL; item; item = item->next)
        read_link(loader, item->value, &links[config->n_links++]);
}

const struct kind link_list = {.expected = "a list of links, each with text and url",
                               .read = read_links};
const struct kind link_url = {
    .expected = "an http:, https: or mailto: URL without password, or a path from the dashboard",
    .read = read_link_url};
