#include "config/page.h"

#include "base/asset.h"
#include "config/url.h"
#include "config/value.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Letters, digits and "-", as the subtags of BCP 47 have; it becomes a part of a file's name. */
static bool is_language(const struct bytes *text)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789-";

    return text->size >= 1 && text->size <= 35 && text->data[0] != '-' &&
           strspn(text->data, allowed) == text->size;
}

/* Whether a language has words: built in, or in the user's own folder. */
static bool has_words(const struct loader *loader, const char *language)
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
    else if (!has_words(loader, text->data))
        mistakes_at(loader->mistakes, node,
                    "%s: there are no words of '%s': it is not built in, and templates_dir has no "
                    "messages.%s.yaml",
                    key->name, text->data, text->data);
    else
        *(const char **)keys_field(key, into) = text->data;
}

/* Why an address cannot be where the dashboard is served; NULL: it can. */
static const char *public_url_fault(struct loader *loader, const struct node *node,
                                    const struct bytes *text)
{
    bool is_http;
    CURLUcode code =
        url_misleads(text) ? CURLUE_MALFORMED_INPUT : url_parse(loader->url, text, &is_http);

    if (code == CURLUE_OUT_OF_MEMORY)
        mistakes_no_memory(loader->mistakes);
    if (code != CURLUE_OK)
        return "what is none";
    if (!is_http)
        return "another scheme";
    if (url_logs_in(loader) || url_shows_user(&node->text))
        return "one with a user or password";
    if (strpbrk(text->data, "?#"))
        return "one with a query or a fragment";
    if (!url_has_plain_host(loader))
        return "a host that is not in ASCII (xn--)";
    return NULL;
}

/* The address that was taken apart, as a folder. */
static const char *folder_url(struct loader *loader)
{
    const char *escaped = NULL;
    char *url = NULL, *folder = NULL;
    size_t size;

    if (curl_url_get(loader->url, CURLUPART_URL, &url, 0) == CURLUE_OK)
        escaped = url_escape(loader, url);
    else
        mistakes_no_memory(loader->mistakes);
    curl_free(url);
    size = escaped ? strlen(escaped) : 0;
    if (size == 0 || escaped[size - 1] == '/')
        return escaped;
    folder = loader_alloc(loader, size + 2);
    if (folder) {
        memcpy(folder, escaped, size);
        folder[size] = '/';
    }
    return folder;
}

static void read_public_url(struct loader *loader, const struct key *key, struct node *node,
                            void *into)
{
    const struct bytes *text = value_text(loader, key, node);
    const char *fault = text ? public_url_fault(loader, node, text) : NULL;

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
    /* Each digit of the short form stands for two. */
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
