#ifndef RECORDS_REPLAY_H
#define RECORDS_REPLAY_H

#include "records/read_file.h"

/*
 * Reads all records into the state of the journal, counts the minutes of finished days, and makes
 * the open conditions. A rebuild first leaves each row in one file only; it adds what only the old
 * state has, and stages the events that the event log lacks. The caller sets journal, until_ms,
 * is_rebuild and old_path; first_live_hour, has_event_log and n_missing_events are set
 * afterwards. Returns 0 or -1.
 */
int replay_run(struct replay *replay, struct error *error);

/* Sets *has to whether there is any record below data_dir. Returns 0, or -1 if that is unknown. */
int replay_has_records(const struct journal *journal, bool *has, struct error *error);

#endif
