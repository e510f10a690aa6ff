#include "config/loader.h"

#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

void *loader_alloc(struct loader *loader, size_t size)
{
    void *memory = arena_alloc(loader->arena, size);

    if (!memory)
        mistakes_no_memory(loader->mistakes);
    return memory;
}

char *loader_copy(struct loader *loader, const void *bytes, size_t size)
{
    char *memory = arena_copy(loader->arena, bytes, size);

    if (!memory)
        mistakes_no_memory(loader->mistakes);
    return memory;
}

enum { EXPECTED_MAX = 256 };

/* What a key expects, from its row: "a whole number from 1 to 64". */
static void write_expectation(const struct key *key, char text[EXPECTED_MAX])
{
    int scale = key->kind->scale ? key->kind->scale : 1;
    size_t used = (size_t)snprintf(text, EXPECTED_MAX, "%s", key->kind->expected);

    if (key->most)
        used += (size_t)snprintf(text + used, EXPECTED_MAX - used, " from %.10g to %.10g",
                                 (double)key->least / scale, (double)key->most / scale);
    for (size_t i = 0; key->words && key->words[i]; i++)
        used += (size_t)snprintf(text + used, EXPECTED_MAX - used, "%s %s", i ? "," : "",
                                 key->words[i]);
}

void loader_expected(struct loader *loader, const struct key *key, struct node *node)
{
    char expected[EXPECTED_MAX], got[NODE_SHOWN_MAX], word[NODE_SHOWN_MAX];
    const char *meant = NULL;

    write_expectation(key, expected);
    node_describe(node, got);
    if (key->words && node->kind == NODE_TEXT) {
        node_show(node, word);
        meant = loader_nearest(word, key->words);
    }
    if (meant)
        mistakes_at(loader->mistakes, node, "%s: expected %s, got %s; did you mean '%s'?",
                    key->name, expected, got, meant);
    else
        mistakes_at(loader->mistakes, node, "%s: expected %s, got %s", key->name, expected, got);
}

/* Case and the sort of dash are no difference between two words. */
static void fold(const char *word, char folded[NODE_SHOWN_MAX])
{
    size_t i = 0;

    for (; word[i] && i < NODE_SHOWN_MAX - 1; i++)
        folded[i] = word[i] == '-' ? '_' : (char)tolower((unsigned char)word[i]);
    folded[i] = '\0';
}

/* Whether whole begins or ends with part, tied to the rest by "_". */
static bool is_part(const char *part, const char *whole)
{
    size_t short_one = strlen(part), long_one = strlen(whole);

    if (short_one < 3 || short_one + 1 >= long_one)
        return false;
    return (memcmp(whole, part, short_one) == 0 && whole[short_one] == '_') ||
           (strcmp(whole + long_one - short_one, part) == 0 &&
            whole[long_one - short_one - 1] == '_');
}

const char *loader_nearest(const char *written, const char *const *words)
{
    char from[NODE_SHOWN_MAX], to[NODE_SHOWN_MAX];
    const char *nearest = NULL;
    size_t least = SIZE_MAX;

    fold(written, from);
    for (; *words; words++) {
        size_t distance, near;

        fold(*words, to);
        near = strlen(to) < 3 ? 0 : 1 + strlen(to) / 5;
        distance = is_part(from, to) || is_part(to, from) ? 1 : text_distance(from, to);
        if (distance <= near && distance < least) {
            least = distance;
            nearest = *words;
        }
    }
    return nearest;
}
