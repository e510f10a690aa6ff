#ifndef CONFIG_TREE_H
#define CONFIG_TREE_H

#include "config/node.h"
#include "config/source.h"

/* The ceilings of a tree: levels, and nodes that its aliases stand for in all. */
enum { TREE_MAX_DEPTH = 64, TREE_MAX_EXPANDED = 10000000 };

/*
 * A YAML file as a tree of nodes, which live in the arena of the problems. Pure: no file, no
 * environment. Reports what is no YAML, which ends the reading, and, going on, duplicate keys,
 * unknown tags, aliases that name nothing, hold themselves or stand for too much. A file without a
 * value is an empty text. Returns NULL where there is no tree; a problem says why.
 */
struct node *tree_parse(const struct source *source, struct mistakes *mistakes);

#endif
