#ifndef MODEL_VERDICT_H
#define MODEL_VERDICT_H

#include "config/config.h"
#include "model/bot_wall.h"
#include "model/check.h"

#include <stdbool.h>

/*
 * Decides the verdict of an exchange. The first rule that applies decides:
 * TIMEOUT if it took longer than timeout_seconds; DOWN if it failed; BOT_DETECTED if the body
 * contains a bot_protection_string, or a bot wall was recognised; DOWN if the HTTP status is not
 * expected; DOWN if the body lacks expect.body_contains; else UP. Pure: it knows neither libcurl
 * nor the network.
 */

/* Why an exchange failed. */
enum fault {
    FAULT_NONE,
    FAULT_TIMEOUT,
    FAULT_DNS,
    FAULT_CONNECT,
    FAULT_TLS,
    FAULT_PROTOCOL,
};

/* An exchange that has ended. */
struct exchange {
    enum fault fault;
    const char *detail;  /* of the fault, for people; after a timeout, the step that was not done:
                            "waiting for the first byte". Any bytes; NULL if there is no fault */
    int64_t duration_ms; /* from start to end */
    int http_status;     /* of the last response; 0: none */
    int bot_string;      /* index of the first bot_protection_string found in the body; -1: none */
    const struct bot_wall *bot_wall; /* that sent the last response; NULL: none */
    bool has_retry_after;            /* the last response has the header Retry-After */
    int retry_after_s;               /* then: the seconds that it asks to wait */
    bool body_found;    /* expect.body_contains was found; true if nothing is expected */
    bool body_cut;      /* the body is longer than max_body_bytes, and only so much was read */
    int64_t body_bytes; /* read, after decompression */
};

/*
 * Sets status, http_status, latency_ms and failure of the check; start_ms stays as it is. The
 * failure is one line of UTF-8.
 */
void verdict_judge(const struct domain *domain, const struct exchange *exchange,
                   struct check *check);

#endif
