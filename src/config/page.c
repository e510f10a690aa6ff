/* Reads the language, the address and the colour of the pages. */
#include "config/page.h"

#include "base/asset.h"
#include "config/url.h"
#include "config/value.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Letters, digits and "-", like the tags of BCP 47. It becomes part of a file name. */
static bool is_language(const struct bytes *text)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789-";

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

static void read_language(struct loader *loader, const struct key *key, struct node *node,
                          void *into)
{
    const struct bytes *text = value_text(loader, key, node);

    if (!text)
        return;
    if (!is_language(text))
        loader_expected(loader, key, node);
    else if (!has_messages(loader, text->data))
        mistakes_at(loader->mistakes, node,
                    "%s: no messages for '%s': not built in, and templates_dir has no "
                    "messages.%s.yaml",
                    key->name, text->data, text->data);
    else
        *(const char **)keys_field(key, into) = text->data;
}

/* Why a URL cannot be the address of the dashboard; NULL: it can; empty: it is not a URL. */
static const char *find_public_url_fault(struct loader *loader, const struct node *node,
                                         const struct bytes *text)
{
    enum url_kind kind = url_misleads(text) ? URL_BAD : url_parse(loader, text);

    if (kind != URL_HTTP)
        return kind == URL_OTHER_SCHEME ? "another scheme" : "";
    if (url_logs_in(loader) || url_shows_user(&node->text))
        return "a URL with a user or password";
    if (strpbrk(text->data, "?#"))
        return "a URL with a query or fragment";
    if (!url_has_plain_host(loader))
        return "a URL with a host that is not ASCII (write it as xn--...)";
    return NULL;
}

/* The URL parsed last, with a "/" at its end. */
static const char *folder_url(struct loader *loader)
{
    const char *text = url_text(loader), *escaped = text ? url_escape(loader, text) : NULL;
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

static void read_public_url(struct loader *loader, const struct key *key, struct node *node,
                            void *into)
{
    const struct bytes *text = value_text(loader, key, node);
    const char *fault = text ? find_public_url_fault(loader, node, text) : NULL;

    if (fault)
        url_report(loader, key, node, fault);
    else if (text)
        *(const char **)keys_field(key, into) = folder_url(loader);
}

static bool is_colour(const struct bytes *text)
{
    return (text->size == 4 || text->size == 7) && text->data[0] == '#' &&
           strspn(text->data + 1, "0123456789abcdefABCDEF") == text->size - 1;
}

static void read_colour(struct loader *loader, const struct key *key, struct node *node, void *into)
{
    const struct bytes *text = value_text(loader, key, node);
    char colour[] = "#000000";

    if (!text)
        return;
    if (!is_colour(text)) {
        loader_expected(loader, key, node);
        return;
    }
    /* Each digit of the short form is doubled. */
    for (size_t i = 1; i < sizeof colour - 1; i++)
        colour[i] = (char)tolower((unsigned char)text->data[text->size == 7 ? i : (i + 1) / 2]);
    *(const char **)keys_field(key, into) = loader_copy(loader, colour, sizeof colour - 1);
}

const struct kind page_language = {
    .expected = "a language such as en or de, of letters, digits and -", .read = read_language};
const struct kind page_public_url = {
    .expected = "an absolute http: or https: URL without user, password, query and fragment",
    .read = read_public_url};
const struct kind page_colour = {.expected = "a colour in quotes, such as \"#07c\" or \"#0077cc\"",
                                 .read = read_colour};
