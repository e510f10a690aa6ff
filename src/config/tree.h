#ifndef CONFIG_TREE_H
#define CONFIG_TREE_H

#include "config/node.h"

/* Limits of a tree: levels, and nodes that its aliases expand to altogether. */
enum { TREE_MAX_DEPTH = 64, TREE_MAX_EXPANDED = 10000000 };

/*
 * Parses the text of a YAML file into a tree of nodes in the arena of the mistakes. Pure: no file,
 * no environment. Stops at the first syntax error. Reports forbidden bytes, duplicate keys,
 * unsupported tags, and aliases that are unknown, contain themselves or expand to too much, and
 * continues. A file without a value is an empty text. Returns NULL if there is no tree, after
 * reporting why.
 */
struct node *tree_parse(const char *yaml, size_t size, struct mistakes *mistakes);

#endif
