#include "config/page.h"

#include "asset.h"
#include "config/value.h"

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
static bool has_words(const struct reader *reader, const char *language)
{
    const char *folder = reader->config->templates_dir;
    char name[64], path[PATH_MAX];

    snprintf(name, sizeof name, "words.%s.yaml", language);
    snprintf(path, sizeof path, "templates/%s", name);
    if (asset_find(path))
        return true;
    return folder && snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path &&
           access(path, F_OK) == 0;
}

static void read_language(struct reader *reader, const struct key *key, struct node *node,
                          void *into)
{
    const struct bytes *text = value_text(reader, key, node);

    if (!text)
        return;
    if (!is_language(text))
        reader_expected(reader, key, node);
    else if (!has_words(reader, text->data))
        problems_at(reader->problems, node,
                    "%s: there are no words of '%s': it is not built in, and templates_dir has no "
                    "words.%s.yaml",
                    key->name, text->data, text->data);
    else
        *(const char **)keys_field(key, into) = text->data;
}

const struct kind page_language = {
    .expected = "a language such as en or de, of letters, digits and -", .read = read_language};
