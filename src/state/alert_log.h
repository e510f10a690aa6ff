#ifndef STATE_ALERT_LOG_H
#define STATE_ALERT_LOG_H

#include "state/storage.h"

#include <stdint.h>

/*
 * At the end of a rebuild, within its transaction: stores the targets that the log has events of,
 * and what was reported to them (alert_table.h). These subjects have to be decided: those of
 * alert_table_mark_current, and those that are not UP in what was reported. The messages that
 * the old state had are decided again from the log. All subjects that have to be decided leave a gap
 * of numbers, so no key comes again.
 */
int alert_log_restore(struct storage *storage, int64_t now_ms, struct error *error);

#endif
