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

#endif
