#ifndef COMMANDS_ALERT_LIST_H
#define COMMANDS_ALERT_LIST_H

#include "base/error.h"
#include "state/storage.h"

#include <stdbool.h>

/* Prints the messages that wait, and what became of the newest others, the newest first: as a table
 * of at most 80 columns, or as JSON. Returns 0 or -1. */
int alert_list_print(struct storage *storage, bool json, struct error *error);

#endif
