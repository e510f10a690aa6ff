/* Memory and messages for reading values. */
#include "config/loader.h"

#include "base/text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { EXPECTED_MAX = 256, REPORT_MAX = 2048 };

void *loader_alloc(struct loader *loader, size_t size)
{
    return mistakes_alloc(loader->mistakes, loader->arena, size);
}

char *loader_copy(struct loader *loader, const void *bytes, size_t size)
{
    return mistakes_copy(loader->mistakes, loader->arena, bytes, size);
}

void loader_report(struct loader *loader, struct node *node, const char *format, ...)
{
    char text[REPORT_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    mistakes_at(loader->mistakes, node, "%s%s: %s", loader->place, loader->key->name, text);
}

void loader_warn(struct loader *loader, const struct node *node, const char *format, ...)
{
    /* A mistake of the node itself would make its value invalid. */
    struct node at = {.file = node->file, .line = node->line, .column = node->column};
    char text[REPORT_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    mistakes_at(&loader->warnings, &at, "%s", text);
    if (loader->warnings.no_memory)
        mistakes_no_memory(loader->mistakes);
}

const char *loader_file(const struct loader *loader, const struct node *node)
{
    return node->file ? loader->mistakes->included[node->file - 1] : loader->config->path;
}

char *loader_path(struct loader *loader, const struct node *node, const char *path, size_t size)
{
    const char *file = loader_file(loader, node), *slash = strrchr(file, '/');
    size_t folder = size > 0 && path[0] != '/' && slash ? (size_t)(slash + 1 - file) : 0;
    char *whole;

    if (size == 0 || memchr(path, '\0', size) || folder + size > LOADER_PATH_MAX)
        return NULL;
    whole = loader_alloc(loader, folder + size + 1);
    if (whole)
        snprintf(whole, folder + size + 1, "%.*s%.*s", (int)folder, file, (int)size, path);
    return whole;
}

/* Writes "a whole number from 1 to 64", by the row of the key. */
static void write_expected(const struct key *key, char text[EXPECTED_MAX])
{
    int scale = key->kind->scale ? key->kind->scale : 1;
    size_t used = (size_t)snprintf(text, EXPECTED_MAX, "%s", key->kind->expected);

    if (key->max)
        used += (size_t)snprintf(text + used, EXPECTED_MAX - used, " from %.10g to %.10g",
                                 (double)key->min / scale, (double)key->max / scale);
    for (size_t i = 0; key->words && key->words[i]; i++)
        used += (size_t)snprintf(text + used, EXPECTED_MAX - used, "%s %s", i ? "," : "",
                                 key->words[i]);
}

void loader_expected(struct loader *loader, struct node *node)
{
    char expected[EXPECTED_MAX], got[NODE_SHOWN_MAX], word[NODE_SHOWN_MAX];
    const char *meant = NULL;

    write_expected(loader->key, expected);
    node_describe(node, got);
    if (loader->key->words && node->kind == NODE_TEXT) {
        node_show(node, word);
        meant = loader_nearest(word, loader->key->words);
    }
    if (meant)
        loader_report(loader, node, "expected %s, got %s; did you mean '%s'?", expected, got,
                      meant);
    else
        loader_report(loader, node, "expected %s, got %s", expected, got);
}

/* Makes words equal that differ only in case or in "-" and "_". */
static void fold_word(const char *word, char folded[NODE_SHOWN_MAX])
{
    size_t i = 0;

    for (; word[i] && i < NODE_SHOWN_MAX - 1; i++)
        folded[i] = word[i] == '-' ? '_' : (char)tolower((unsigned char)word[i]);
    folded[i] = '\0';
}

/* Whether whole begins or ends with part, and has "_" between part and the rest. */
static bool is_part(const char *part, const char *whole)
{
    size_t size = strlen(part), whole_size = strlen(whole);

    if (size < 3 || size + 1 >= whole_size)
        return false;
    return (memcmp(whole, part, size) == 0 && whole[size] == '_') ||
           (text_ends_with(whole, part) && whole[whole_size - size - 1] == '_');
}

const char *loader_nearest(const char *written, const char *const *words)
{
    char from[NODE_SHOWN_MAX], to[NODE_SHOWN_MAX];
    const char *nearest = NULL;
    size_t min = SIZE_MAX;

    fold_word(written, from);
    for (; *words; words++) {
        size_t distance, near;

        fold_word(*words, to);
        near = strlen(to) < 3 ? 0 : 1 + strlen(to) / 5;
        distance = is_part(from, to) || is_part(to, from) ? 1 : text_distance(from, to);
        if (distance <= near && distance < min) {
            min = distance;
            nearest = *words;
        }
    }
    return nearest;
}
