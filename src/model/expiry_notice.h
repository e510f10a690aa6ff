#ifndef MODEL_EXPIRY_NOTICE_H
#define MODEL_EXPIRY_NOTICE_H

#include "config/config.h"
#include "model/event.h"

#include <stdbool.h>
#include <stdint.h>

/* Decides when there is a warning that a certificate ends soon. Pure. */

enum expiry_level { EXPIRY_NONE, EXPIRY_WARN, EXPIRY_CRITICAL };

/*
 * The level at now_ms of a certificate that is valid from from_ms until until_ms. A limit is
 * reached when this much time is left, or less. A percentage is a part of the lifetime, but at most
 * 30 days for warn and 7 days for critical. A duration has no such maximum.
 */
enum expiry_level expiry_notice_level(int64_t from_ms, int64_t until_ms,
                                      const struct certificate_limit *warn,
                                      const struct certificate_limit *critical, int64_t now_ms);

/* A certificate by what decides which one needs attention first. */
struct expiry_rank {
    enum expiry_level level;
    int64_t until_ms; /* when it ends */
};

/* Below 0 if `a` comes first, above 0 if `b` does, 0 if neither: first the higher level, then the
 * earlier end. A short-lived certificate may be the first to end during all its life, although
 * another one needs attention. */
int expiry_notice_compare(struct expiry_rank a, struct expiry_rank b);

/*
 * The next event about the certificates of a server: before is the state of its condition
 * (EVENT_UP: there is none), level the highest one of its certificates. is_replaced: the server no
 * longer uses the certificate that the last event was about. Then the condition closes; if another
 * certificate ends soon, the next call opens a new one. Each level is reported once: as long as a
 * certificate is in use, a lower level changes nothing, so a clock that is set ahead and back, or a
 * changed limit, causes no event when it is back. Returns false if there is no event.
 */
bool expiry_notice_step(enum event_state before, enum expiry_level level, bool is_replaced,
                        enum event_change *change, enum event_state *after);

/*
 * Rounds are counted (certificates.h). Whether a certificate is still in use that was not seen in
 * the last `unseen` rounds of its server. longest is the largest such number after which it was
 * seen again: if a name has several servers, a certificate may not be seen for many rounds.
 */
bool expiry_notice_is_in_use(int64_t unseen, int64_t longest);

/* Counts one more round in which a certificate was not seen; it was seen last unseen_ms ago. After
 * a day it is not in use any more, but not before it was away for `longest` rounds. Returns the new
 * value of unseen. */
int64_t expiry_notice_miss(int64_t unseen, int64_t longest, int64_t unseen_ms);

/* Writes the time until until_ms: "in 13 days", "in 30 hours", "now" if it is over. Returns text.
 */
enum { EXPIRY_LEFT_MAX = 64 };
const char *expiry_notice_left(int64_t until_ms, int64_t now_ms, char text[EXPIRY_LEFT_MAX]);

#endif
