#ifndef CONFIG_ANCHORS_H
#define CONFIG_ANCHORS_H

#include "base/arena.h"
#include "config/node.h"

/* The names that "&NAME" gave to nodes. All zero but for the arena is none. */
struct anchors {
    struct arena *arena; /* the caller's */
    struct anchor **chains;
    size_t n_chains, n;
};

/* A name given again means the newer node from there on. Returns 0, or -1: out of memory. */
int anchors_add(struct anchors *anchors, const char *name, struct node *node);

/* NULL: no node has this name. */
struct node *anchors_find(const struct anchors *anchors, const char *name);

#endif
