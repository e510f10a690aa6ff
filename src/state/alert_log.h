#ifndef STATE_ALERT_LOG_H
#define STATE_ALERT_LOG_H

#include "state/storage.h"

#include <stdint.h>

/*
 * At the end of a rebuild, within its transaction: stores the targets that the log has events of,
 * and what was reported to them (alert_table.h). The subjects that have to be decided are those of
 * alert_table_mark_current, and those of which a target was last sent that they are not UP.
 * Messages that the old state had are decided again from the log.
 */
int alert_log_restore(struct storage *storage, int64_t now_ms, struct error *error);

#endif
