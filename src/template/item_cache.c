/* Texts of items of lists, found by all that they depend on. */
#include "template/item_cache.h"

#include <stdlib.h>
#include <string.h>

/* The bars of 90 days in a few variants, and more. A slot is the place of an entry, so SPACE must
 * fit into 16 bits. */
enum { SLOTS = 4096, USED_SLOTS_MAX = SLOTS / 2, SPACE = 24 << 10, TEXT_MAX = 2048 };

/* An entry in the space: how many numbers its key has, size and steps of the text, the key, the
 * text. */
enum { ENTRY_N, ENTRY_SIZE, ENTRY_STEPS, ENTRY_NUMBERS };

struct item_cache {
    uint16_t slots[SLOTS]; /* index of an entry in the space; 0: none */
    size_t n_used;         /* slots */
    size_t end;            /* of the entries in the space */
    uint64_t space[SPACE];
    struct hint hints[CONTEXT_HINTS];
};

static void clear(struct item_cache *cache)
{
    memset(cache->slots, 0, sizeof cache->slots);
    cache->n_used = 0;
    cache->end = 1;
}

struct item_cache *item_cache_new(void)
{
    struct item_cache *cache = malloc(sizeof *cache);

    if (!cache)
        return NULL;
    clear(cache);
    memset(cache->hints, 0, sizeof cache->hints);
    return cache;
}

void item_cache_free(struct item_cache *cache)
{
    free(cache);
}

struct hint *item_cache_hints(struct item_cache *cache)
{
    return cache->hints;
}

static bool has_key(const uint64_t *entry, const struct item_key *key)
{
    if (entry[ENTRY_N] != key->n)
        return false;
    for (size_t i = 0; i < key->n; i++) {
        if (entry[ENTRY_NUMBERS + i] != key->numbers[i])
            return false;
    }
    return true;
}

/* The slot of a key, or the free one where it belongs. */
static size_t find_slot(const struct item_cache *cache, const struct item_key *key)
{
    uint64_t hash = key->n;
    size_t slot;

    for (size_t i = 0; i < key->n; i++) {
        hash = (hash ^ key->numbers[i]) * 0x9e3779b97f4a7c15;
        hash ^= hash >> 32;
    }
    slot = hash % SLOTS;
    while (cache->slots[slot] && !has_key(cache->space + cache->slots[slot], key))
        slot = (slot + 1) % SLOTS;
    return slot;
}

bool item_cache_find(const struct item_cache *cache, const struct item_key *key,
                     struct item_text *text)
{
    size_t at = cache->slots[find_slot(cache, key)];
    const uint64_t *entry = cache->space + at;

    if (!at)
        return false;
    *text = (struct item_text){(const char *)(entry + ENTRY_NUMBERS + key->n), entry[ENTRY_SIZE],
                               entry[ENTRY_STEPS]};
    return true;
}

void item_cache_keep(struct item_cache *cache, const struct item_key *key,
                     const struct item_text *text)
{
    size_t n =
        ENTRY_NUMBERS + key->n + (text->size + sizeof *cache->space - 1) / sizeof *cache->space;
    uint64_t *entry;

    if (text->size > TEXT_MAX)
        return;
    if (cache->n_used == USED_SLOTS_MAX || n > SPACE - cache->end)
        clear(cache);
    cache->slots[find_slot(cache, key)] = (uint16_t)cache->end;
    cache->n_used++;
    entry = cache->space + cache->end;
    cache->end += n;
    entry[ENTRY_N] = key->n;
    entry[ENTRY_SIZE] = text->size;
    entry[ENTRY_STEPS] = text->steps;
    memcpy(entry + ENTRY_NUMBERS, key->numbers, key->n * sizeof *entry);
    if (text->size)
        memcpy(entry + ENTRY_NUMBERS + key->n, text->data, text->size);
}
