#ifndef LOOKUP_DNS_STEPS_H
#define LOOKUP_DNS_STEPS_H

#include <stdbool.h>

/* The query is over: it is not asked again. */
enum { DNS_STEPS_LAST = -1 };

/* Whether a status of c-ares is an answer that counts: addresses, or that there are none. */
bool dns_steps_is_answer(int status);

/*
 * Returns the kind of channel (enum channels_kind) in which a query is asked again, after it ended
 * in a channel of kind `from` with this status, or DNS_STEPS_LAST. is_truncated: an answer to this
 * query alone did not fit into a packet. Pure.
 */
int dns_steps_next(int from, int status, bool is_truncated, int n_servers);

#endif
