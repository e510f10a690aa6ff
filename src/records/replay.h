#ifndef RECORDS_REPLAY_H
#define RECORDS_REPLAY_H

#include "records/read_file.h"

/*
 * Reads all records into the state of the journal, and counts the minutes of finished days. A
 * rebuild first leaves each row in one file only. The caller sets journal, until_ms and is_rebuild;
 * first_live_hour is set afterwards. Returns 0 or -1.
 */
int replay_run(struct replay *replay, struct error *error);

/* Sets *has to whether there is any record below data_dir. Returns 0, or -1 if that is unknown. */
int replay_has_records(const struct journal *journal, bool *has, struct error *error);

#endif
