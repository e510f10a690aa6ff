#ifndef RECORDS_STATE_FILE_H
#define RECORDS_STATE_FILE_H

#include "records/call.h"

#include <limits.h>

/* The file state.db in data_dir, and the files that SQLite keeps beside it. */

/* Size of a name such as "state.db.corrupt-20261123T093000Z.2-journal". */
enum { STATE_FILE_NAME_MAX = 96 };

/* The path of state.db, with a suffix such as ".new" or "", for messages and for SQLite. */
void state_file_path(const struct config *config, const char *suffix, char path[PATH_MAX]);

/* Deletes the database of this name and SQLite's files beside it. Returns 0 or -1. */
int state_file_delete(const struct journal *journal, const char *name, struct error *error);

/*
 * Keeps a damaged state.db under another name, state.db.corrupt-TIMESTAMP, to which name is set.
 * Usually state.db stays too, as a hard link, until the new state replaces it. Returns 0 or -1.
 */
int state_file_set_aside(const struct journal *journal, char name[STATE_FILE_NAME_MAX],
                         struct error *error);

#endif
