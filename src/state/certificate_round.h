#ifndef STATE_CERTIFICATE_ROUND_H
#define STATE_CERTIFICATE_ROUND_H

#include "state/certificate_events.h"

/*
 * Settles a round (certificates.h) of the servers that are linked from the first one (NULL: none),
 * and that by_scope finds: stores what has changed, stages the events, and closes the conditions of
 * servers that are not used any more, in one transaction. Conditions must be loaded. After -1, what
 * is in memory may differ from state.db.
 */
int certificate_round_settle(struct storage *storage, struct certificate_server *first,
                             const struct table *by_scope, int64_t now_ms, struct error *error);

#endif
