/* Searches a body for the markers of the bot walls that its headers leave possible. */
#include "check/wall_search.h"

#include <stdlib.h>

static size_t count_bits(uint64_t bits)
{
    size_t n = 0;

    for (; bits; bits &= bits - 1)
        n++;
    return n;
}

void wall_search_free(struct wall_search *search)
{
    for (size_t i = 0; i < search->n; i++)
        search_free(&search->searches[i]);
    free(search->searches);
    *search = (struct wall_search){.walls = search->walls};
}

int wall_search_begin(struct wall_search *search, int status, uint64_t headers)
{
    const struct bot_walls *walls = search->walls;
    uint64_t wanted;

    if (search->n > 0)
        wall_search_free(search);
    search->possible = walls ? bot_wall_possible(walls, status, headers) : 0;
    wanted = search->possible ? bot_wall_wanted(walls, search->possible) : 0;
    if (!wanted)
        return 0;
    search->searches = calloc(count_bits(wanted), sizeof *search->searches);
    if (!search->searches)
        return -1;
    search->left = BOT_WALL_SEARCH_MAX;
    for (size_t i = 0; i < walls->n_markers; i++) {
        if (wanted >> i & 1 && search_init(&search->searches[search->n++], walls->markers[i]))
            return -1;
    }
    return 0;
}

void wall_search_feed(struct wall_search *search, const char *bytes, size_t size)
{
    if (size > search->left)
        size = search->left;
    search->left -= size;
    for (size_t i = 0; size > 0 && i < search->n; i++)
        search_feed(&search->searches[i], bytes, size);
}

const struct bot_wall *wall_search_end(const struct wall_search *search, int64_t body_bytes)
{
    uint64_t wanted = search->n > 0 ? bot_wall_wanted(search->walls, search->possible) : 0;
    uint64_t found = 0, marker;

    if (!search->possible)
        return NULL;

    /* The searches are in the order of their markers. */
    for (size_t i = 0; i < search->n; i++, wanted &= wanted - 1) {
        marker = wanted & ~(wanted - 1);
        found |= search->searches[i].found ? marker : 0;
    }
    return bot_wall_find(search->walls, search->possible, found, body_bytes);
}
