#ifndef CHECK_SEARCH_H
#define CHECK_SEARCH_H

#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>

/* Searches for one string in a decoded body that arrives in pieces, without keeping the pieces.
 * Both may contain any bytes. */
struct search {
    struct bytes pattern; /* must outlive the search */
    size_t *border;       /* for each prefix, the length of its longest proper border */
    size_t matched; /* length of the longest prefix of the pattern that ends the bytes so far */
    bool found;
};

/* Starts a search. An empty pattern is found at once. Returns 0, or -1 if out of memory. */
int search_init(struct search *search, struct bytes pattern);

/* Searches the next piece. */
void search_feed(struct search *search, const char *bytes, size_t size);

/* All zero is allowed. */
void search_free(struct search *search);

/* Starts a search for each needle. NULL: out of memory, or *failed is false and there is none. */
struct search *search_all(const struct needles *needles, bool *failed);

/* Searches the next piece for each of n needles. */
void search_feed_all(struct search *searches, size_t n, const char *bytes, size_t size);

/* Searches other bytes for those of n needles that were not found. */
void search_again(struct search *searches, size_t n, const char *bytes, size_t size);

/* The index of the first of n needles that was found, or was not; -1: there is none, or no search
 * has started. */
int search_first(const struct search *searches, size_t n, bool found);

/* Frees n searches. NULL is allowed. */
void search_free_all(struct search *searches, size_t n);

#endif
