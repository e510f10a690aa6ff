#ifndef STATE_CERTIFICATES_H
#define STATE_CERTIFICATES_H

#include "model/chain.h"
#include "model/event.h"
#include "state/storage.h"

#include <stdbool.h>

/*
 * The certificates that servers use, and the events about those that end soon. state.db has them
 * for the pages, and so that a server with several certificates is not taken for one that renews
 * them again and again.
 *
 * Checks are counted in rounds: a round is what a tick sees in a minute, so that 50 URLs of a host
 * count once. A certificate is no longer in use if it was not seen for a few rounds in which
 * another one of its server was seen, or for a day (expiry_notice.h). If no check of a server
 * verifies a certificate, nothing changes: the old one is still the last that is known.
 *
 * A server is named by its scope (server_scope.h): that of the URL of a domain, or one to which a
 * redirect led. Each domain can add four of the latter; they are forgotten after eight days.
 */

/*
 * A check of a configured domain that started at start_ms has verified these chains. Keeps them in
 * memory until the round is settled; state.db is read, but never written. Out of memory, and a
 * state that cannot be read, are reported by certificates_settle.
 */
void certificates_see(struct storage *storage, size_t domain, int64_t start_ms,
                      struct chain *const chains[CHAIN_SEEN_MAX]);

/*
 * Ends a round: stores what has changed and stages the events, in one transaction. If nothing has
 * changed, nothing is written. Also closes the conditions of servers that no domain uses any more.
 */
int certificates_settle(struct storage *storage, int64_t now_ms, struct error *error);

/* Frees what is in memory. */
void certificates_forget(struct storage *storage);

#endif
