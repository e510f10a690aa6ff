#ifndef RECORDS_RESTAGE_H
#define RECORDS_RESTAGE_H

#include "records/call.h"

/*
 * Copies the results staged in the old state, at this path, into the new one, apart from those that
 * a killed tick has already written to a live file. Needs the committed lengths of the live files
 * in the new state. Never within a transaction. Returns 0 or -1.
 */
int restage_results(struct journal *journal, const char *old_path, struct error *error);

#endif
