#ifndef CONFIG_ENVIRONMENT_H
#define CONFIG_ENVIRONMENT_H

#include "config/loader.h"

/*
 * Returns the text of a node with each ${NAME} replaced by that environment variable, and each $${
 * by a literal ${. The value of a variable is inserted unchanged: it is not parsed as YAML, and a
 * ${NAME} in it is not replaced. The bytes belong to the configuration. Returns NULL after
 * reporting a mistake.
 */
const struct bytes *environment_fill(struct loader *loader, struct node *node);

#endif
