#ifndef COMMANDS_ALERT_OUTBOX_H
#define COMMANDS_ALERT_OUTBOX_H

#include "alert/sender.h"
#include "base/arena.h"
#include "base/log.h"
#include "state/message_table.h"
#include "state/storage.h"

/* The messages that are due, as deliveries, and what becomes of them. All zero is an empty one. */
struct alert_outbox {
    const struct config *config;
    struct arena *arena;
    struct delivery *deliveries;
    struct alert_message *messages; /* the same, as they are stored */
    size_t n, capacity, message_capacity;
    size_t n_ready; /* the first ones of them: those with a payload */
};

/* Which messages are taken. */
enum alert_outbox_part {
    ALERT_OUTBOX_PRINTED, /* those of targets of type print */
    ALERT_OUTBOX_SENT     /* the others */
};

/* Takes the messages that are due. The caller ends with alert_outbox_free in any case. Returns 0 or
 * -1. */
int alert_outbox_take(struct alert_outbox *outbox, const struct config *config,
                      struct storage *storage, enum alert_outbox_part part, int64_t now_ms,
                      struct error *error);

/* Makes the payloads. A message whose payload cannot be made counts as failed, and the mistake in
 * the template is the answer. Returns 0 or -1. */
int alert_outbox_make_payloads(struct alert_outbox *outbox, const struct template_set *templates,
                               int64_t now_ms, struct error *error);

/* Prints the messages to standard output. */
void alert_outbox_print(struct alert_outbox *outbox);

/*
 * Stores what became of the messages, in one transaction, with the events. After the third failed
 * attempt, prints the message as a warning too: so it is mailed by cron. Returns 0 or -1.
 */
int alert_outbox_record(const struct alert_outbox *outbox, struct storage *storage,
                        const struct log *log, int64_t now_ms, struct error *error);

void alert_outbox_free(struct alert_outbox *outbox);

#endif
