#ifndef ALERT_HELPER_PROCESS_H
#define ALERT_HELPER_PROCESS_H

#include "config/config.h"

#include <stdint.h>
#include <sys/types.h>

/*
 * What the helper process does after the fork. It trusts nothing that it receives: whoever controls
 * the tick can choose one of the commands and its input, and nothing else.
 *
 * The two processes send packets (SOCK_SEQPACKET). A request is a struct helper_request, and after
 * it the input in packets of 1 to HELPER_CHUNK bytes. An answer is a struct helper_answer. Anything
 * else that is received ends the helper. Descriptors that come with a packet are dropped.
 */

enum {
    HELPER_CHUNK = 16 << 10,
    HELPER_AT_ONCE = 16 /* commands that run at once; the next request is read when one ends */
};

struct helper_request {
    uint32_t target;  /* index of the command */
    uint32_t request; /* repeated in the answer */
    uint32_t size;    /* of the input, at most HELPER_INPUT_MAX */
};

/*
 * Runs commands until the other end of the socket is closed or the parent ends. Call it in a new
 * process, with all signals blocked. It closes all descriptors but the socket. Only the targets of
 * `config` that have a command can be chosen: this process has its own copy, which the tick cannot
 * write. environment is that of the commands; it ends with NULL.
 */
_Noreturn void helper_process_run(int socket, pid_t parent, const struct config *config,
                                  const char *const *environment);

#endif
