#ifndef STATE_ALERT_TABLE_H
#define STATE_ALERT_TABLE_H

#include "model/alert.h"
#include "state/storage.h"

/*
 * What targets know, and the messages that wait to be delivered. Each function is a part of
 * the caller's transaction.
 */

/* Stores the targets of the configuration. One that is new gets the number of the last event: older
 * outages are not reported, unless they last. What belongs to targets that are gone is deleted.
 * *is_new shows whether there was a new one. */
int alert_table_set_targets(struct storage *storage, bool *is_new, struct error *error);

/* The number of the last event before the target was there. */
int alert_table_get_first(struct storage *storage, const char *target, int64_t *number,
                          struct error *error);

/* Called for a subject. The text is valid only during the call. Non-zero ends the list. */
typedef int alert_table_each_one(void *context, enum event_check check, const char *scope,
                                 struct error *error);

/* Lists the subjects that have an event of a condition (not EVENT_SENT and the following ones) with
 * a number above `after`; those with a row in table reported to be looked at by now_ms; and, if all, those that
 * have an open condition or an event in the last 24 hours. Each once. */
int alert_table_each_subject(struct storage *storage, int64_t after, int64_t now_ms, bool all,
                             alert_table_each_one *each, void *context, struct error *error);

/* Reads the story of a subject from the table `event`: the events of the last day, of the open
 * condition and of the series since from_ms (INT64_MAX: none). The scope must outlive the story. */
int alert_table_read_story(struct storage *storage, enum event_check check, const char *scope,
                           int64_t from_ms, struct alert_story *story, struct error *error);

/* What a target knows of a subject; look_ms as alert_decide gives it. */
int alert_table_get_reported(struct storage *storage, const char *target, enum event_check check,
                          const char *scope, struct alert_reported *reported, struct error *error);
int alert_table_put_reported(struct storage *storage, const char *target, enum event_check check,
                          const char *scope, const struct alert_reported *reported, int64_t look_ms,
                          struct error *error);

/* A message that waits. content is what alert/message.h makes: JSON with all that a payload needs,
 * but no secret. */
struct alert_message {
    int64_t number; /* of the row */
    const char *target, *content;
    int64_t created_ms, next_ms; /* of the next attempt */
    int attempts;                /* made so far */
    const char *answer;          /* to the last attempt, in words; "": none */
};

int alert_table_add_message(struct storage *storage, const struct alert_message *message,
                            const char *const *scopes, const struct alert_part *parts, size_t n,
                            int64_t *number, struct error *error);
int alert_table_update_message(struct storage *storage, const struct alert_message *message,
                               struct error *error);
int alert_table_delete_message(struct storage *storage, int64_t number, struct error *error);

/* The message of this target that has a part about this subject. *number 0: none. */
int alert_table_find_message(struct storage *storage, const char *target, enum event_check check,
                             const char *scope, int64_t *number, struct error *error);

/* Called for a message; its texts are valid only during the call. */
typedef int alert_table_each_message_one(void *context, const struct alert_message *message,
                                         struct error *error);
/* Lists the messages whose next attempt is due by until_ms (INT64_MAX: all), in the order of their
 * numbers. */
int alert_table_each_message(struct storage *storage, int64_t until_ms,
                             alert_table_each_message_one *each, void *context,
                             struct error *error);

/* Called for a part of a message: its scope and as much of alert_part as is stored (change, check,
 * state, series_ms, n, outage.began_ms, is_flapping). */
typedef int alert_table_each_part_one(void *context, const char *scope,
                                      const struct alert_part *part, struct error *error);
int alert_table_each_part(struct storage *storage, int64_t number, alert_table_each_part_one *each,
                          void *context, struct error *error);

/* When something is due next: an attempt, or a subject to be looked at. INT64_MAX: nothing. */
int alert_table_next(struct storage *storage, int64_t *due_ms, struct error *error);

/* The number of messages that have failed at least once and wait. */
int alert_table_count_undelivered(struct storage *storage, int64_t *n, struct error *error);

/* After a rebuild: makes the rows of table reported and the targets from the events EVENT_SENT, EVENT_EXPIRED
 * and EVENT_ACKNOWLEDGED of the table `event`. */
int alert_table_restore(struct storage *storage, struct error *error);

#endif
