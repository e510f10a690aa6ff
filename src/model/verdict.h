#ifndef MODEL_VERDICT_H
#define MODEL_VERDICT_H

#include "config/config.h"
#include "model/check.h"

#include <stdbool.h>

/*
 * What an exchange amounts to (spec 3), in the order of the rules. Pure: it knows neither curl nor
 * the network.
 */

/* What kept an exchange from ending well. */
enum fault {
    FAULT_NONE,
    FAULT_TIMEOUT,
    FAULT_DNS,
    FAULT_CONNECT,
    FAULT_TLS,
    FAULT_PROTOCOL,
};

/* An exchange that is over. */
struct exchange {
    enum fault fault;
    const char *detail;  /* of the fault, for a person; what it says of a timeout is the phase,
                            "waiting for the first byte". Any bytes; NULL on FAULT_NONE */
    int64_t duration_ms; /* start to end */
    int http_status;     /* of the last response; 0: none came */
    int bot_string;      /* index of the first bot_protection_string seen in the body; -1: none */
    bool body_found;     /* expect.body_contains was seen; true where none is expected */
    bool body_cut;       /* max_body_bytes were read, and the body was longer */
    int64_t body_bytes;  /* read, after decompression */
};

/* Fills status, http_status, latency_ms and failure of check; start_ms is the caller's. */
void verdict_judge(const struct domain *domain, const struct exchange *exchange,
                   struct check *check);

#endif
