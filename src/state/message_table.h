#ifndef STATE_MESSAGE_TABLE_H
#define STATE_MESSAGE_TABLE_H

#include "model/alert.h"
#include "state/storage.h"

/*
 * The messages that wait to be delivered, and the subjects that each one is about: its parts. Each
 * function is a part of the caller's transaction.
 */

/* The content of a message is shorter than this many bytes: state.db has no longer values. So there
 * are 3,000 bytes for each of 10,000 subjects. */
enum { MESSAGE_CONTENT_MAX = 30 << 20, MESSAGE_ANSWER_MAX = 512 };

/* content is what alert/message.h makes: JSON with all that a payload needs, but no secret. */
struct alert_message {
    int64_t number; /* of the row */
    const char *target, *content;
    int64_t created_ms, next_ms; /* of the next attempt */
    int attempts;                /* made so far */
    const char *answer;          /* to the last attempt, in words; "": none */
};

/* Adds a message with its n parts, at least one, in this order. Its field `number` is not read;
 * *number becomes that of the row. An error: the content is too long. */
int message_table_add(struct storage *storage, const struct alert_message *message,
                      const char *const *scopes, const struct alert_part *parts, size_t n,
                      int64_t *number, struct error *error);

/* Stores next_ms, attempts and answer. The answer may be cut. */
int message_table_update(struct storage *storage, const struct alert_message *message,
                         struct error *error);
int message_table_delete(struct storage *storage, int64_t number, struct error *error);

/* The message of this target that has a part about this subject. *number 0: none. */
int message_table_find(struct storage *storage, const char *target, enum event_check check,
                       const char *scope, int64_t *number, struct error *error);

/* When a message was created, and the attempts that were made. */
int message_table_get_age(struct storage *storage, int64_t number, int64_t *created_ms,
                          int *attempts, struct error *error);

/* The attempts of the message of this target that has failed most often, and the answer to the last
 * of them; 0: none has failed. */
int message_table_get_failed(struct storage *storage, const char *target, int *attempts,
                             char answer[MESSAGE_ANSWER_MAX], struct error *error);

/* Called for a message. Its texts are valid only during the call. Non-zero ends the list, and is
 * its result. */
typedef int message_table_each_one(void *context, const struct alert_message *message,
                                   struct error *error);

/* Lists the messages whose next attempt is due by until_ms, in the order of their numbers. One that
 * is due more than 25 hours later is due too: the clock was set back. INT64_MAX: all messages.
 * Called functions may change and delete messages. */
int message_table_each(struct storage *storage, int64_t until_ms, message_table_each_one *each,
                       void *context, struct error *error);

/* Called for a part of a message: its scope, and as much of it as is stored (change, check, state,
 * series_ms, n, outage.began_ms, is_flapping). The scope is valid only during the call. */
typedef int message_table_each_part_one(void *context, const char *scope,
                                        const struct alert_part *part, struct error *error);
int message_table_each_part(struct storage *storage, int64_t number,
                            message_table_each_part_one *each, void *context, struct error *error);

/* Whether a message was delivered to this target since the condition EVENT_ALERT of it was opened.
 * began_ms: of the condition. Deliveries before since_ms are not looked for. */
int message_table_was_sent(struct storage *storage, const char *target, int64_t began_ms,
                           int64_t since_ms, bool *was_sent, struct error *error);

/* The number of messages that wait after a failed attempt. */
int message_table_count_undelivered(struct storage *storage, int64_t *n, struct error *error);

#endif
