#ifndef COMMANDS_CHECK_SELECT_H
#define COMMANDS_CHECK_SELECT_H

#include "config/config.h"

#include <stdbool.h>

/*
 * Marks what a name on the command line stands for, "site" or "site/domain", without regard to
 * case: marked has one place a domain. Returns whether there is such a thing.
 */
bool check_select(const struct config *config, const char *name, bool *marked);

/* The id, "site" or "site/domain", that is most like a name which stands for nothing; in room bytes
 * at into. Empty where none is like it. */
void check_select_nearest(const struct config *config, const char *name, char *into, size_t room);

#endif
