#ifndef STATE_LEDGER_H
#define STATE_LEDGER_H

#include "state/monitors.h"

/*
 * The ledger: the committed lengths of the CSV files (DESIGN.md). A committed length of 0 is the
 * same as no file; setting it deletes the entry.
 */

/*
 * In place of a monitor: the event log, data/live/events.log or events.log in the archive of a day.
 * It has no site. No monitor has its id, which is above all others.
 */
enum { LEDGER_EVENT_LOG = 1 << 30 };
extern const struct monitor_id ledger_event_log;
bool ledger_is_event_log(const struct monitor_id *monitor);

/* A live file. The first `archived` bytes of its committed length are also in the archives. */
struct ledger_live {
    int64_t length, archived;
};

int ledger_set_live(struct storage *storage, int64_t monitor, const struct ledger_live *live,
                    struct error *error);

/*
 * Moves *monitor to the next one, by id, that has a live file. Start with id 0. If there is no
 * next one, the id becomes 0. *staged is whether the monitor has staged results. The event log is
 * the last one; *staged is then whether events are staged.
 */
int ledger_next_live(struct storage *storage, struct monitor_id *monitor, struct ledger_live *live,
                     bool *staged, struct error *error);

/* The live file of a monitor or the event log, and the same. */
int ledger_get_live(struct storage *storage, int64_t monitor, struct ledger_live *live,
                    bool *staged, struct error *error);

/*
 * Counts the live files that have rows which are in no archive, and the files in the archives:
 * those of monitors from the first day on, the event logs from the other one on. A plain file and
 * its compressed one are two.
 */
int ledger_count_live(struct storage *storage, int64_t *n, struct error *error);
int ledger_count_archives(struct storage *storage, int64_t first_day, int64_t first_event_day,
                          int64_t *n, struct error *error);

/*
 * The file of a monitor in the archive of a day. With a negated monitor id, it is the compressed
 * file; its length is then that of the uncompressed rows. If there are both files, the rows of the
 * compressed one come first.
 */
int ledger_get_archive(struct storage *storage, int64_t day, int64_t monitor, int64_t *length,
                       struct error *error);
int ledger_set_archive(struct storage *storage, int64_t day, int64_t monitor, int64_t length,
                       struct error *error);

#endif
