/* The algorithm of Knuth, Morris and Pratt, which reads each byte of the body once. */
#include "check/search.h"

#include <stdlib.h>
#include <string.h>

/* Returns the length of the match after one more byte. */
static size_t step(const struct search *search, size_t matched, char byte)
{
    while (matched > 0 && search->pattern.data[matched] != byte)
        matched = search->border[matched - 1];
    return matched + (search->pattern.data[matched] == byte);
}

int search_init(struct search *search, struct bytes pattern)
{
    *search = (struct search){.pattern = pattern, .found = pattern.size == 0};
    if (pattern.size == 0)
        return 0;
    search->border = calloc(pattern.size, sizeof *search->border);
    if (!search->border)
        return -1;
    for (size_t i = 1; i < pattern.size; i++)
        search->border[i] = step(search, search->border[i - 1], pattern.data[i]);
    return 0;
}

void search_feed(struct search *search, const char *bytes, size_t size)
{
    const char *end = bytes + size;

    for (const char *at = bytes; at < end && !search->found; at++) {
        /* As long as nothing matches, skip to the first byte of the pattern. */
        if (search->matched == 0) {
            at = memchr(at, search->pattern.data[0], (size_t)(end - at));
            if (!at)
                return;
        }
        search->matched = step(search, search->matched, *at);
        search->found = search->matched == search->pattern.size;
    }
}

void search_free(struct search *search)
{
    free(search->border);
    search->border = NULL;
}

struct search *search_all(const struct needles *needles, bool *failed)
{
    struct search *searches = needles->n ? calloc(needles->n, sizeof *searches) : NULL;

    *failed = *failed || (needles->n > 0 && !searches);
    for (size_t i = 0; searches && i < needles->n; i++)
        *failed = search_init(&searches[i], needles->list[i].text) || *failed;
    return searches;
}

void search_feed_all(struct search *searches, size_t n, const char *bytes, size_t size)
{
    for (size_t i = 0; i < n; i++)
        search_feed(&searches[i], bytes, size);
}

void search_again(struct search *searches, size_t n, const char *bytes, size_t size)
{
    for (size_t i = 0; i < n; i++)
        searches[i].matched = 0;
    search_feed_all(searches, n, bytes, size);
}

int search_first(const struct search *searches, size_t n, bool found)
{
    for (size_t i = 0; searches && i < n; i++) {
        if (searches[i].found == found)
            return (int)i;
    }
    return -1;
}

void search_free_all(struct search *searches, size_t n)
{
    for (size_t i = 0; searches && i < n; i++)
        search_free(&searches[i]);
    free(searches);
}
