#ifndef STATE_EVENT_LIST_H
#define STATE_EVENT_LIST_H

#include "model/event.h"
#include "state/storage.h"

/* Lists events of the event log. */

/* Called for an event of a configured domain. Its texts are valid only during the call, and its
 * scope is "". Stops the list if it returns non-zero; -1 means that it set the error. */
typedef int event_list_each(void *context, size_t domain, const struct event *event,
                            struct error *error);

/*
 * Calls each for all events of the conditions of monitors that are open, or that have an event at
 * from_ms or later: HTTP checks and bot walls, not slow checks. The events of a condition follow
 * each other in the order of the log, and so do the conditions of a domain.
 */
int event_list_since(struct storage *storage, int64_t from_ms, event_list_each *each,
                      void *context, struct error *error);

#endif
