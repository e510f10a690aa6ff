#ifndef RECORDS_OPEN_STATE_H
#define RECORDS_OPEN_STATE_H

#include "records/call.h"

/*
 * Opens the state of the journal. Rebuilds it first if it is missing, cannot be used, or does not
 * match the records, because one of the two was restored from a backup. If neither a state nor a
 * record exists, creates an empty state. Returns 0, or -1 with journal->storage NULL.
 */
int open_state_or_rebuild(struct journal *journal, struct error *error);

/*
 * Rebuilds an open state that does not match the records (journal->is_behind), with all that is
 * staged in it. No transaction may be open. journal->storage stays the same handle. Returns 0, or
 * -1 and nothing has changed.
 */
int open_state_again(struct journal *journal, struct error *error);

#endif
