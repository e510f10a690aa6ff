#ifndef COMMANDS_PAST_H
#define COMMANDS_PAST_H

#include "base/log.h"
#include "base/moment.h"
#include "state/storage.h"

/*
 * Loads the state as of a past moment into memory, as journal_load_at does. If there are no records
 * of that moment, sets the error to EXIT_WRONG_USAGE, with the nearest records in its text. A
 * moment has records if a check of a configured domain counts then, or is an earlier one of the
 * same day. The caller closes the storage. Returns 0, or -1 with *storage NULL.
 */
int past_load(struct storage **storage, const struct config *config, const struct log *log,
              const struct moment *moment, struct error *error);

#endif
