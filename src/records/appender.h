#ifndef RECORDS_APPENDER_H
#define RECORDS_APPENDER_H

#include "records/call.h"
#include "state/staged.h"

/* Replaces the rows in the buffer by those of all results of the monitor. Returns 0, or -1 without
 * memory. */
int appender_format(const struct staged_monitor *staged, struct buffer *rows);

/*
 * Appends the rows of these monitors to their live files; if there are many, on a thread for each
 * processor. Only files that are exactly as state.db expects are changed (committed_append_plain).
 * appended[i] becomes the number of bytes added for staged[i]. If it is 0, the caller uses
 * committed_append, which finds out why.
 */
void appender_run(const struct journal *journal, const struct staged_monitor *staged, size_t n,
                  size_t *appended);

#endif
