#ifndef CHECK_WALL_SEARCH_H
#define CHECK_WALL_SEARCH_H

#include "check/search.h"
#include "model/bot_wall.h"

/* Recognises bot walls (bot_wall.h) in a response that arrives in pieces. */
struct wall_search {
    const struct bot_walls *walls; /* must outlive the search; NULL: no wall is recognised */
    uint64_t possible;             /* the rows that the response may be, by its headers */
    struct search *searches;       /* one for each marker that these rows want */
    size_t n;
    size_t left; /* bytes of the body that are still searched */
};

/* Starts with the headers of a response: its status, and the header conditions that it meets.
 * Forgets the response before it. Returns 0, or -1 if out of memory. */
int wall_search_begin(struct wall_search *search, int status, uint64_t headers);

/* Searches the next piece of the decoded body. */
void wall_search_feed(struct wall_search *search, const char *bytes, size_t size);

/* The wall that a body of this size shows; NULL: none. */
const struct bot_wall *wall_search_end(const struct wall_search *search, int64_t body_bytes);

/* All zero is allowed. */
void wall_search_free(struct wall_search *search);

#endif
