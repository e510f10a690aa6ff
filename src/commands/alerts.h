#ifndef COMMANDS_ALERTS_H
#define COMMANDS_ALERTS_H

#include "commands/step_log.h"
#include "config/config.h"
#include "records/journal.h"

struct helper;
struct quiet_spans;

/*
 * The alerts of a tick: decides what the targets have to be sent about the events in the log,
 * stores the messages in the transaction of the decision, sends those that are due, and stages what
 * became of them. A kill at any moment loses no message: it is sent by the next tick, with the same
 * key.
 *
 * A target for people gets one message for all that happened in a minute, at its end. A target for
 * programs gets its messages as soon as the events are exported.
 */
struct alerts;

/* The parts must outlive the alerts. */
struct alerts_parts {
    const struct config *config;
    struct journal *journal;
    struct step_log *steps;
    struct helper *helper;           /* NULL: there are no commands */
    const struct quiet_spans *quiet; /* one for each of config->alerts */
};

/* When alerts are decided: only for targets of programs, for all because a minute ends, or for all
 * because the tick ends too, which is when ping_url is requested. */
enum alerts_when { ALERTS_AT_ONCE, ALERTS_MINUTE_ENDS, ALERTS_TICK_ENDS };

/* Computes the quiet hours of all targets. Call it before there are threads. The caller frees the
 * array. NULL: the error. */
struct quiet_spans *alerts_make_quiet(const struct config *config, int64_t now_ms,
                                      struct error *error);

/* If the clock was set back since the pages were last built, what waits for a moment moves back
 * too; alerts_begin does the same if the clock is set back later. NULL: the error. */
struct alerts *alerts_new(const struct alerts_parts *parts, struct error *error);

/*
 * Decides and starts to send. Does nothing, at the cost of reading two settings, if nothing is due.
 * While messages are being sent, it leaves this to alerts_finish, which does it after their end.
 * Events must be exported before. After a signal, it leaves all to the next tick. Returns 0 or -1.
 */
int alerts_begin(struct alerts *alerts, enum alerts_when when, struct error *error);

/* Whether there may be something for targets of programs since the last call of alerts_begin, once
 * the events are exported. Costs nothing. */
bool alerts_has_staged(const struct alerts *alerts);

/* Records what was sent, if that is over; with `wait`, waits for it, ten seconds at most. Returns 0
 * or -1. */
int alerts_finish(struct alerts *alerts, bool wait, struct error *error);

/* NULL is allowed. Ends what is being sent, without recording it. */
void alerts_free(struct alerts *alerts);

#endif
