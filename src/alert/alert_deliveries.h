#ifndef ALERT_ALERT_DELIVERIES_H
#define ALERT_ALERT_DELIVERIES_H

#include "alert/sender.h"
#include "base/arena.h"
#include "base/log.h"
#include "config/quiet.h"
#include "state/message_table.h"
#include "state/storage.h"

/* The messages that are due, as deliveries, and what becomes of them. All zero is an empty one. */
struct alert_deliveries {
    const struct config *config;
    struct arena *arena;
    struct delivery *deliveries;
    struct alert_message *messages; /* the same, as they are stored */
    size_t n, capacity, message_capacity;
    size_t n_ready; /* the first ones of them: those with a payload */
};

/* Which messages are taken. */
enum alert_deliveries_group {
    ALERT_DELIVERIES_PRINTED,  /* those of targets of type print */
    ALERT_DELIVERIES_PROGRAMS, /* those of targets that get a message for each subject */
    ALERT_DELIVERIES_SENT      /* all but those that are printed */
};

/* Takes the messages that are due. quiet: the quiet hours of each target; in them, only messages
 * with an exception are taken. The caller ends with alert_deliveries_free in any case. Returns 0 or
 * -1. */
int alert_deliveries_take(struct alert_deliveries *due, const struct config *config,
                          const struct quiet_spans *quiet, struct storage *storage,
                          enum alert_deliveries_group group, int64_t now_ms, struct error *error);

/* Makes the payloads. A message whose payload cannot be made counts as failed, and the mistake in
 * the template is the answer. Returns 0 or -1. */
int alert_deliveries_make_payloads(struct alert_deliveries *due,
                                   const struct template_set *templates, int64_t now_ms,
                                   struct error *error);

/* Prints the messages to standard output. */
void alert_deliveries_print(struct alert_deliveries *due);

/*
 * Stores what became of the messages, in one transaction, with the events. After the third failed
 * attempt, prints the message as a warning too: so it is mailed by cron. Returns 0 or -1.
 */
int alert_deliveries_record(const struct alert_deliveries *due, struct storage *storage,
                            const struct log *log, int64_t now_ms, struct error *error);

void alert_deliveries_free(struct alert_deliveries *due);

#endif
