#ifndef LOOKUP_PENDING_H
#define LOOKUP_PENDING_H

#include "lookup/dns.h"
#include "lookup/inbox.h"
#include "lookup/window.h"

/*
 * A name in one family, and the questions that wait for it. Each function is called with the lock
 * of lookups held.
 */
struct pending {
    struct dns_query query; /* has the name and the family */
    struct window_entry window_entry;
    enum { PENDING_IDLE, PENDING_ASKED, PENDING_ANSWERED } state;
    const struct answer *answer; /* if PENDING_ASKED: what the DNS answered, if others are asked */
    int64_t begun_us;            /* on the monotonic clock; 0: waits for other names */
    int64_t answered_us;         /* on the same clock */
    int n_refused;
    LIST_HEAD(waiting, question) waiting;
};

/* How long a failure is returned to later questions without asking again, in microseconds. */
enum { PENDING_FAILURE_US = 1000 * 1000 };

/* Adds a question that waits for the name. */
void pending_join(struct pending *name, struct question *question);

/* Removes a question from the name that it waits for, if it waits for one. */
void pending_leave(struct question *question);

/* Starts the time of the name and of all questions that wait for it, unless it runs already. */
void pending_begin(struct pending *name);

/* Sends the answer, which must live as long as the name, to all waiting questions. */
void pending_answer(struct pending *name, const struct answer *answer);

/*
 * Whether the name is still asked for although all questions were withdrawn a second ago or more.
 * The next question is a retry then and needs a fresh lookup: the old one may be between two of its
 * tries, and report what it saw long ago.
 */
bool pending_is_abandoned(const struct pending *name);

#endif
