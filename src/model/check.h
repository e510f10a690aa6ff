#ifndef MODEL_CHECK_H
#define MODEL_CHECK_H

#include "model/status.h"

#include <stdint.h>

/* The room of a failure's text, its NUL included. */
enum { FAILURE_MAX = 512 };

/* How long each part of a check took, in microseconds, cumulated from its start; -1: not reached.
 */
struct phases {
    int64_t lookup, connect, tls, first_byte, total;
};

/* One check as it is recorded: the fields of a CSV row, without the monitor's two ids (spec 5). */
struct check {
    int64_t start_ms; /* when it started */
    enum status status;
    int http_status;           /* 0: none came */
    int latency_ms;            /* -1: none (TIMEOUT, or the exchange failed) */
    char failure[FAILURE_MAX]; /* "KIND: detail" in one line; empty on UP */
};

#endif
