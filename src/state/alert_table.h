#ifndef STATE_ALERT_TABLE_H
#define STATE_ALERT_TABLE_H

#include "model/alert.h"
#include "state/storage.h"

/*
 * The targets, what has been reported to them, and the subjects that have to be decided. Each
 * function is a part of the caller's transaction. Messages that wait are in message_table.h.
 *
 * A subject has to be decided if it has new events of a condition: then it has a row in table
 * changed_subject, since the transaction that added the events to table `event`. That transaction
 * also sets SETTING_ALERT_DUE_MS to 0. Or if a moment has come that alert_decide gave: look_ms in
 * table reported.
 */

/* The log lacks the numbers of some messages: of those whose tick was killed, and of those that
 * replaced others. If numbers come from the log, these many are skipped, so that no key comes again
 * with another text. */
enum { ALERT_TABLE_NUMBERS_SKIPPED = 1000 };

/* The SETTING_ALERT_TARGETS of the configuration: a hash of the ids of its targets. Never 0. */
int64_t alert_table_hash(const struct config *config);

/*
 * Stores the targets of the configuration, and SETTING_ALERT_TARGETS. What belongs to targets that
 * are gone is deleted, also their messages. If there is a new target, alert_table_mark_current.
 */
int alert_table_set_targets(struct storage *storage, int64_t now_ms, struct error *error);

/* The number of the last event before a target was there (struct alert_moment). After a rebuild, it
 * is that of the last event of one of its messages, or less, if one about an outage had failed.
 * 0: there is no such target. */
int alert_table_get_first(struct storage *storage, const char *target, int64_t *number,
                          struct error *error);

/* Called for a subject. The text is valid only during the call. Non-zero ends the list. */
typedef int alert_table_each_one(void *context, enum event_check check, const char *scope,
                                 struct error *error);

/* Lists the subjects that have to be decided, each once. They count as decided from now on, so the
 * caller decides all of them in the same transaction, for all targets. Called functions may write.
 */
int alert_table_each_subject(struct storage *storage, int64_t now_ms, alert_table_each_one *each,
                             void *context, struct error *error);

/* Marks a subject, so that it has to be decided: for one whose message was given up or withdrawn.
 */
int alert_table_mark_subject(struct storage *storage, enum event_check check, const char *scope,
                             struct error *error);

/* Marks all subjects that have an open condition or an event in the last 24 hours. */
int alert_table_mark_current(struct storage *storage, int64_t now_ms, struct error *error);

/*
 * Reads the story of a subject from the log: the ALERT_OUTAGES_KEPT newest outages, the open
 * condition, and all outages that began at from_ms or later, or when the first outage of a message
 * that waits did. from_ms is the earliest series_ms or outage_ms of what was reported to the
 * targets, so that a long series keeps its id; INT64_MAX: no others. Conditions that were never
 * confirmed do not count. The scope must outlive the story.
 */
int alert_table_read_story(struct storage *storage, enum event_check check, const char *scope,
                           int64_t from_ms, struct alert_story *story, struct error *error);

/* What was reported to a target about a subject; ALERT_NO_REPORTS, if nothing ever was. */
int alert_table_get_reported(struct storage *storage, const char *target, enum event_check check,
                             const char *scope, struct alert_reported *reported,
                             struct error *error);

/* look_ms as alert_decide gives it; INT64_MAX: never. A moment that is past: in the next tick. */
int alert_table_put_reported(struct storage *storage, const char *target, enum event_check check,
                             const char *scope, const struct alert_reported *reported,
                             int64_t look_ms, struct error *error);

/* The clock was set back by this much: so are all moments from which something waits, or until
 * which. All is due as if the clock had gone on. Sets SETTING_ALERT_DUE_MS to 0. */
int alert_table_set_back(struct storage *storage, int64_t by_ms, struct error *error);

/* When something is due next: an attempt of a message, or a subject; INT64_MAX: nothing. */
int alert_table_next(struct storage *storage, int64_t *due_ms, struct error *error);

/* Deletes what was reported about subjects that have no event any more, and no message. */
int alert_table_delete_unused(struct storage *storage, struct error *error);

#endif
