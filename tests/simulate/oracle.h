#ifndef ORACLE_H
#define ORACLE_H

#include "simulation.h"

/*
 * What each target must have received. Its own rules, from the contract, compare what has truly
 * happened (truth.h) with what was accepted (receipts.h):
 *
 * - the messages about a subject come in their order; an end only after its begin;
 * - each message is true at its moment;
 * - the same key has the same text; it comes again only if the program cannot know that it was
 *   accepted;
 * - each outage is received, or counted as missed, unless a rule drops it;
 * - if nothing holds or delays a message, what the target was sent is the present state;
 * - no reminder is missing or too early; while a subject flaps, there is one message in 30 minutes.
 */

struct oracle *oracle_new(void);
void oracle_free(struct oracle *oracle);

/* After each tick. */
void oracle_check(struct simulation *simulation);

/* After the last tick, in which nothing held or delayed a message. */
void oracle_finish(struct simulation *simulation);

#endif
