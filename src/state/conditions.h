#ifndef STATE_CONDITIONS_H
#define STATE_CONDITIONS_H

#include "model/confirm.h"
#include "state/storage.h"

/*
 * The open conditions, and the events that are not in the event log yet. state.db has few of them,
 * so they are read once, when the first one is needed, and kept in memory.
 */

/* Loads them, if they are not loaded. The other functions need that. */
int conditions_load(struct storage *storage, struct error *error);

/* The open condition of this scope and check; NULL: there is none. Valid until the next call of
 * conditions_put. */
const struct condition *conditions_find(const struct storage *storage, enum event_check check,
                                        const char *scope);

/* The same for a configured domain. */
const struct condition *conditions_of(const struct storage *storage, enum event_check check,
                                      size_t domain);

/* Whether there may be an open condition of this kind of check: also if they are not loaded. */
bool conditions_may_have(const struct storage *storage, enum event_check check);

/* Stores a condition within an open transaction; one that is EVENT_UP is deleted. */
int conditions_put(struct storage *storage, enum event_check check, const char *scope,
                   const struct condition *condition, struct error *error);

/* Calls each for every open condition, in no special order. Stops as soon as each returns non-zero,
 * and returns that. each must not put conditions. */
typedef int conditions_each_one(void *context, enum event_check check, const char *scope,
                                const struct condition *condition, struct error *error);
int conditions_each(const struct storage *storage, conditions_each_one *each, void *context,
                    struct error *error);

/* Stages an event within an open transaction. */
int conditions_stage_event(struct storage *storage, const struct event *event, struct error *error);

/* How many events of conditions this process has staged, also those that were taken back. */
int64_t conditions_count_staged(const struct storage *storage);

/*
 * Stages an event that no check of a monitor causes (a certificate, a local fault), and opens,
 * changes or closes its condition, in a transaction of its own or a part of the open one.
 */
int conditions_record(struct storage *storage, const struct event *event, struct error *error);

#endif
