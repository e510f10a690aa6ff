#ifndef CONFIG_ENVIRONMENT_H
#define CONFIG_ENVIRONMENT_H

#include "config/loader.h"

/*
 * The text of a node with each ${NAME} in it replaced by that environment variable and each $${ by
 * a literal ${. What a variable holds is taken as it is: it is neither YAML nor looked through
 * again. NULL once what is wrong is reported. The bytes live with the configuration.
 */
const struct bytes *environment_fill(struct loader *loader, struct node *node);

#endif
