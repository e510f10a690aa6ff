#ifndef COMMANDS_ALERTS_H
#define COMMANDS_ALERTS_H

#include "commands/step_log.h"
#include "config/config.h"
#include "records/journal.h"

struct helper;

/*
 * The alerts of a tick: decides what the targets have to be sent about the events in the log,
 * stores the messages in the transaction of the decision, sends those that are due, and stages what
 * became of them. A kill at any moment loses no message: it is sent by the next tick, with the same
 * key.
 */
struct alerts;

/* NULL: the error. helper NULL: there are no commands. */
struct alerts *alerts_new(const struct config *config, struct journal *journal,
                          const struct step_log *steps, struct helper *helper, struct error *error);

/* Decides and starts to send, unless messages are being sent. Does nothing, at the cost of reading
 * three settings, if there is no event and nothing is due. Events must be exported before. */
int alerts_begin(struct alerts *alerts, int64_t now_ms, struct error *error);

/* Records what has been sent, if it is over; with `wait`, waits for that. */
int alerts_finish(struct alerts *alerts, bool wait, struct error *error);

void alerts_free(struct alerts *alerts);

#endif
