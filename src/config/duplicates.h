#ifndef CONFIG_DUPLICATES_H
#define CONFIG_DUPLICATES_H

#include "config/node.h"

/* Reports each key that stands in this mapping before already; merged ones are no duplicates. */
void duplicates_report(const struct node *mapping, struct mistakes *mistakes);

#endif
