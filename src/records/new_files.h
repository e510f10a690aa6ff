#ifndef RECORDS_NEW_FILES_H
#define RECORDS_NEW_FILES_H

#include "records/journal.h"

/*
 * Creates live files, without a byte, of domains that were never checked (due_after_ms[i] is 0),
 * beginning with domain number `from`, but only a few hundred. The export then appends to them on
 * several threads, and need not create them when the results have come. Returns where to go on; the
 * number of domains: all are done, or there are too few new ones for this to be worth its time. An
 * error is none: the export meets it too.
 */
size_t new_files_create(const struct journal *journal, const int64_t *due_after_ms, size_t from);

#endif
