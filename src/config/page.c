/* Reads the language, the address, the colour and the links of the pages. */
#include "config/page.h"

#include "base/asset.h"
#include "base/text.h"
#include "config/mapping.h"
#include "config/url.h"
#include "config/value.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { LINKS_MAX = 20 };

/* Letters, digits and "-", like the tags of BCP 47. It becomes part of a file name. */
static bool is_language(const struct bytes *text)
{
    static const char allowed[] = TEXT_LETTERS_AND_DIGITS "-";

    return text->size >= 1 && text->size <= 35 && text->data[0] != '-' &&
           strspn(text->data, allowed) == text->size;
}

/* Whether a language has messages: built in, or in templates_dir. */
static bool has_messages(const struct loader *loader, const char *language)
{
    const char *folder = loader->config->templates_dir;
    char name[64], path[PATH_MAX];

    snprintf(name, sizeof name, "messages.%s.yaml", language);
    snprintf(path, sizeof path, "templates/%s", name);
    if (asset_find(path))
        return true;
    return folder && snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path &&
           access(path, F_OK) == 0;
}

static void read_language(struct loader *loader, struct node *node, void *into)
{
    const struct bytes *text = value_text(loader, node);

    if (!text)
        return;
    if (!is_language(text))
        loader_expected(loader, node);
    else if (!has_messages(loader, text->data))
        loader_report(loader, node,
                      "no messages for '%s': not built in, and templates_dir has no "
                      "messages.%s.yaml",
                      value_shown(node)->data, value_shown(node)->data);
    else
        *(const char **)into = text->data;
}

/* Whether a text contains bytes that browsers drop or replace before they look for the scheme:
 * white space, control bytes, backslashes. */
static bool misleads(const struct bytes *text)
{
    for (size_t i = 0; i < text->size; i++) {
        unsigned char byte = (unsigned char)text->data[i];

        if (byte <= ' ' || byte == 0x7f || byte == '\\')
            return true;
    }
    return false;
}

/* Reports "KEY: expected KIND, got FAULT". If fault is empty, the value itself is quoted, unless it
 * may contain a password. */
static void report_url(struct loader *loader, struct node *node, const char *fault)
{
    char got[NODE_SHOWN_MAX] = "another URL";

    if (*fault)
        snprintf(got, sizeof got, "%s", fault);
    else if (!node->text.size || !memchr(node->text.data, '@', node->text.size))
        node_describe(node, got);
    loader_report(loader, node, "expected %s, got %s", loader->key->kind->expected, got);
}

/* Reserved and unreserved characters of RFC 3986, and the "%" of an encoded one. */
static const char allowed[] = TEXT_LETTERS_AND_DIGITS "-._~:/?#[]@!$&'()*+,;=%";

/* Returns a copy in which each byte that a URI must not contain is percent-encoded. NULL: out of
 * memory, which is reported. */
static const char *escape_url(struct loader *loader, const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    char *escaped = loader_alloc(loader, strlen(text) * 3 + 1), *to = escaped;

    for (; escaped && *text; text++) {
        unsigned char byte = (unsigned char)*text;

        if (strchr(allowed, *text)) {
            *to++ = *text;
        } else {
            *to++ = '%';
            *to++ = digits[byte >> 4];
            *to++ = digits[byte & 15];
        }
    }
    return escaped;
}

/* Why a URL cannot be the address of the dashboard; NULL: it can; empty: it is not a URL. */
static const char *find_public_url_fault(struct loader *loader, const struct node *node,
                                         const struct bytes *text)
{
    enum url_kind kind = misleads(text) ? URL_BAD : url_parse(loader, text);

    if (kind != URL_HTTP)
        return kind == URL_OTHER_SCHEME ? "another scheme" : "";
    if (url_logs_in(loader) || url_writes_user(&node->text))
        return "a URL with a user or password";
    if (strpbrk(text->data, "?#"))
        return "a URL with a query or fragment";
    if (!url_has_plain_host(loader))
        return "a URL with a host that is not ASCII (write it as xn--...)";
    return NULL;
}

/* The URL with a "/" at its end. text NULL: out of memory, which is reported. */
static const char *folder_url(struct loader *loader, const char *text)
{
    const char *escaped = text ? escape_url(loader, text) : NULL;
    char *folder;
    size_t size;

    size = escaped ? strlen(escaped) : 0;
    if (size == 0 || escaped[size - 1] == '/')
        return escaped;
    folder = loader_alloc(loader, size + 2);
    if (folder)
        snprintf(folder, size + 2, "%s/", escaped);
    return folder;
}

static void read_public_url(struct loader *loader, struct node *node, void *into)
{
    const struct bytes *text = value_text(loader, node);
    const char *fault = text ? find_public_url_fault(loader, node, text) : NULL;

    if (fault)
        report_url(loader, node, fault);
    else if (text)
        *(const char **)into =
            folder_url(loader, value_is_secret(node) ? value_shown(node)->data : url_text(loader));
}

static bool is_colour(const struct bytes *text)
{
    return (text->size == 4 || text->size == 7) && text->data[0] == '#' &&
           strspn(text->data + 1, "0123456789abcdefABCDEF") == text->size - 1;
}

static void read_colour(struct loader *loader, struct node *node, void *into)
{
    const struct bytes *text = value_text(loader, node);
    char colour[] = "#000000";

    if (!text)
        return;
    if (!is_colour(text)) {
        loader_expected(loader, node);
        return;
    }
    if (value_is_secret(node)) {
        loader_report(loader, node,
                      "a colour is published, so it cannot come from the environment or a file; "
                      "write it here");
        return;
    }
    /* Each digit of the short form is doubled. */
    for (size_t i = 1; i < sizeof colour - 1; i++)
        colour[i] = (char)tolower((unsigned char)text->data[text->size == 7 ? i : (i + 1) / 2]);
    *(const char **)into = loader_copy(loader, colour, sizeof colour - 1);
}

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

    if (text->size == 0 || misleads(text) || strncmp(text->data, "//", 2) == 0)
        return "";
    if (scheme == 0)
        return NULL;
    if (is_scheme(text->data, scheme, "mailto"))
        return text->size > scheme + 1 ? NULL : "";
    if (!is_scheme(text->data, scheme, "http") && !is_scheme(text->data, scheme, "https"))
        return "another scheme";
    if (url_parse(loader, text) != URL_HTTP)
        return "";
    return url_logs_in(loader) || url_writes_user(&node->text) ? "a URL with a user or password"
                                                               : NULL;
}

static void read_link_url(struct loader *loader, struct node *node, void *into)
{
    const struct bytes *text = value_text(loader, node);
    const char *fault = text ? find_link_fault(loader, node, text) : NULL;
    struct link *link = into;

    if (fault) {
        report_url(loader, node, fault);
    } else if (text) {
        link->url = escape_url(loader, value_shown(node)->data);
        link->relative = scheme_length(text->data) == 0 && text->data[0] != '/';
    }
}

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

static void read_links(struct loader *loader, struct node *node, void *into)
{
    struct config *config = into;
    struct link *links;

    if (node->kind != NODE_LIST) {
        loader_expected(loader, node);
        return;
    }
    if (node->items.n > LINKS_MAX) {
        loader_report(loader, node, "expected at most %d links, got %zu", LINKS_MAX, node->items.n);
        return;
    }
    config->links = links = loader_alloc(loader, (node->items.n + 1) * sizeof *links);
    for (struct item *item = links ? node->items.first : NULL; item; item = item->next)
        read_link(loader, item->value, &links[config->n_links++]);
}

const struct kind page_language = {"a language such as en or de, of letters, digits and -",
                                   .read = read_language};
const struct kind page_public_url = {
    "an absolute http: or https: URL without user, password, query and fragment",
    .read = read_public_url};
const struct kind page_colour = {"a colour in quotes, such as \"#07c\" or \"#0077cc\"",
                                 .read = read_colour};
const struct kind page_links = {"a list of links, each with text and url", .read = read_links};
const struct kind page_link_url = {
    "an http:, https: or mailto: URL without password, or a path from the dashboard",
    .read = read_link_url};
