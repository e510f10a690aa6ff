#ifndef MODEL_CHECK_H
#define MODEL_CHECK_H

#include "model/status.h"

#include <stdint.h>

/* The size of a failure text, with its NUL. state.db limits it too (sql/schema.sql). */
enum { FAILURE_MAX = 512 };

/* When each phase of a check ended, in microseconds since its start; -1: not reached. */
struct phases {
    int64_t lookup, connect, tls, first_byte, total;
};

/* A check as it is recorded: the fields of a CSV row, without the ids of site and domain. */
struct check {
    int64_t start_ms;
    enum status status;
    int http_status;           /* of the last response; 0: none */
    int latency_ms;            /* -1: none, if it is TIMEOUT or the exchange failed */
    char failure[FAILURE_MAX]; /* "KIND: detail" in one line; "" if it is UP */
};

#endif
