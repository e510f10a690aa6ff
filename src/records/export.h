#ifndef RECORDS_EXPORT_H
#define RECORDS_EXPORT_H

#include "base/error.h"

struct journal;

/*
 * Writes all staged results to the CSV and all staged events to the event log, commits the new
 * lengths and indexes both. If the state does not match the records, it is rebuilt first. If some
 * files cannot be written, the others still are (unless the whole disk fails), the unwritten
 * results stay staged, and one error (-1) reports all of them.
 */
int export_run(struct journal *journal, struct error *error);

#endif
