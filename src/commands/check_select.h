#ifndef COMMANDS_CHECK_SELECT_H
#define COMMANDS_CHECK_SELECT_H

#include "commands/command.h"

/*
 * Sets selected, which has one element a domain, for the domains that n words of the command line
 * name: "site" or "site/domain", in upper or lower case. Without words, all are selected. Returns
 * EXIT_DONE; or, after printing a word that names none and the most similar name, EXIT_WRONG_USAGE.
 */
int check_select(const struct invocation *invocation, char *const *words, int n,
                 const struct config *config, bool *selected);

#endif
