#ifndef COMMANDS_WITNESSES_H
#define COMMANDS_WITNESSES_H

#include "base/error.h"
#include "config/config.h"
#include "model/suspicion.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Asks the witnesses of the configuration: URLs that are requested only while failures are suspect.
 * Any response is an answer. A witness counts for the scopes of the IP version over which it was
 * reached, so each is asked over each version that is suspect. For name lookups it counts if its
 * name was looked up.
 */
struct witnesses;

/* Starts asking for the scopes for which suspects is true. Returns NULL and sets the error if they
 * cannot be asked. config must outlive the witnesses. */
struct witnesses *witnesses_ask(const struct config *config, const bool suspects[NETWORK_SCOPES],
                                struct error *error);

/* Waits at most a quarter of a second. Returns true if nothing more will come: all have answered or
 * failed, ten seconds have passed, or a signal came. */
bool witnesses_step(struct witnesses *witnesses);

/* What they showed for a scope. *answered_ms becomes the start of the first check that got an
 * answer, if there is one. */
enum suspicion_witness witnesses_of(const struct witnesses *witnesses, enum network_scope scope,
                                    int64_t *answered_ms);

/* Drops the requests that run. NULL is allowed. */
void witnesses_free(struct witnesses *witnesses);

#endif
