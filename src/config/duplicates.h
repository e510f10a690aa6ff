#ifndef CONFIG_DUPLICATES_H
#define CONFIG_DUPLICATES_H

#include "config/node.h"

/* Reports each key of this mapping that it has before already, by a sort instead of comparing all
 * pairs. Merged keys do not count. */
void duplicates_report(const struct node *mapping, struct mistakes *mistakes);

#endif
