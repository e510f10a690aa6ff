#ifndef CHECK_SEARCH_H
#define CHECK_SEARCH_H

#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Looks for one string in a body that arrives in pieces, wherever their borders fall, without
 * keeping the body. Any byte may stand in either.
 */
struct search {
    struct bytes pattern; /* the caller's; must outlive the search */
    size_t *border;       /* for each prefix, the length of its longest proper border */
    size_t matched;       /* how much of the pattern the bytes so far end with */
    bool found;
};

/* An empty pattern is found at once. Returns 0, or -1 where memory runs out. */
int search_init(struct search *search, struct bytes pattern);
void search_feed(struct search *search, const char *bytes, size_t size);

/* All zero is fine. */
void search_free(struct search *search);

#endif
