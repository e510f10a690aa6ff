#include "config/anchors.h"

#include "base/hash.h"

#include <string.h>

enum { FIRST_CHAINS = 64 };

struct anchor {
    const char *name;
    uint64_t hash;
    struct node *node;
    struct anchor *next;
};

static struct anchor *find(const struct anchors *anchors, const char *name, uint64_t hash)
{
    struct anchor *anchor = anchors->n ? anchors->chains[hash % anchors->n_chains] : NULL;

    while (anchor && (anchor->hash != hash || strcmp(anchor->name, name) != 0))
        anchor = anchor->next;
    return anchor;
}

static void link_anchor(struct anchors *anchors, struct anchor *anchor)
{
    struct anchor **chain = &anchors->chains[anchor->hash % anchors->n_chains];

    anchor->next = *chain;
    *chain = anchor;
}

/* Doubles the chains. The old array stays with the arena. */
static int grow(struct anchors *anchors)
{
    struct anchors grown = *anchors;

    grown.n_chains = anchors->n_chains ? anchors->n_chains * 2 : FIRST_CHAINS;
    grown.chains = arena_alloc(anchors->arena, grown.n_chains * sizeof *grown.chains);
    if (!grown.chains)
        return -1;
    for (size_t i = 0; i < anchors->n_chains; i++) {
        for (struct anchor *anchor = anchors->chains[i], *next; anchor; anchor = next) {
            next = anchor->next;
            link_anchor(&grown, anchor);
        }
    }
    *anchors = grown;
    return 0;
}

int anchors_add(struct anchors *anchors, const char *name, struct node *node)
{
    uint64_t hash = hash_bytes(name, strlen(name));
    struct anchor *anchor = find(anchors, name, hash);

    if (anchor) {
        anchor->node = node;
        return 0;
    }
    if (anchors->n == anchors->n_chains && grow(anchors))
        return -1;
    anchor = arena_alloc(anchors->arena, sizeof *anchor);
    if (!anchor || !(anchor->name = arena_copy(anchors->arena, name, strlen(name))))
        return -1;
    anchor->hash = hash;
    anchor->node = node;
    link_anchor(anchors, anchor);
    anchors->n++;
    return 0;
}

struct node *anchors_find(const struct anchors *anchors, const char *name)
{
    const struct anchor *anchor = find(anchors, name, hash_bytes(name, strlen(name)));

    return anchor ? anchor->node : NULL;
}
