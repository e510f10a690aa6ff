#ifndef MODEL_CHECK_H
#define MODEL_CHECK_H

#include "model/status.h"

#include <stdint.h>

/* The size of a failure text, with its NUL. state.db limits it too (sql/schema.sql). */
enum { FAILURE_MAX = 512 };

/* The phases of a check that are recorded, in their order. */
enum phase {
    PHASE_LOOKUP,     /* the host name is resolved */
    PHASE_CONNECT,    /* the connection is made */
    PHASE_TLS,        /* the TLS handshake is done */
    PHASE_FIRST_BYTE, /* the first byte of the response has come */
    PHASE_TOTAL,      /* the exchange is complete */
    PHASES
};

/* When each phase ended, in microseconds from the start of the check; ascending. -1: not reached.
 */
struct phases {
    int64_t us[PHASES];
};
#define PHASES_NONE ((struct phases){{-1, -1, -1, -1, -1}})

/* A check as it is recorded: the fields of a CSV row, without the ids of site and domain. */
struct check {
    int64_t start_ms;
    enum status status;        /* its verdict */
    int http_status;           /* of the last response; 0: none */
    int latency_ms;            /* -1: none, if it is TIMEOUT or the exchange failed */
    char failure[FAILURE_MAX]; /* "KIND: detail" in one line; if it is UP, "slow: detail" or "" */
};

/*
 * The state that a check with this verdict and failure text gives to its domain: DEGRADED if it was
 * slow, otherwise the verdict. A slow check is UP in the records and has a text that begins with
 * "slow:". Other texts of UP checks mean nothing.
 */
enum status check_state_of(enum status verdict, const char *failure);

#endif
