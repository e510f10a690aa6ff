#ifndef TEMPLATE_ITEM_CACHE_H
#define TEMPLATE_ITEM_CACHE_H

#include "template/context.h"

/*
 * Keeps the texts that were made for items of lists, so that equal items are copied: the bars of
 * most days, most uptimes, the labels of an axis. A run changes it, so each thread has its own. It
 * belongs to one set of templates, and to values to which the same keys apply (value_key). Its
 * memory is fixed: when it is full, it starts again. It also keeps what later runs find faster.
 */
struct item_cache;

/* NULL: out of memory. Runs without a cache print the same, but are slower. */
struct item_cache *item_cache_new(void);

/* NULL is allowed. */
void item_cache_free(struct item_cache *cache);

/* What context_find has found for the tags of these templates: CONTEXT_HINTS. */
struct hint *item_cache_hints(struct item_cache *cache);

/* All that a text depends on. */
struct item_key {
    size_t n;
    uint64_t numbers[VALUE_KEY_MAX + 2]; /* the first n count */
};

/* A text, and the steps (run.c) that were taken to make it. */
struct item_text {
    const char *data; /* valid until the next text is kept */
    size_t size, steps;
};

/* Finds the text of a key. Returns whether there is one. */
bool item_cache_find(const struct item_cache *cache, const struct item_key *key,
                     struct item_text *text);

/* Keeps the text of a key that was not found, unless it is long. */
void item_cache_keep(struct item_cache *cache, const struct item_key *key,
                     const struct item_text *text);

#endif
