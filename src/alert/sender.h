#ifndef ALERT_SENDER_H
#define ALERT_SENDER_H

#include "alert/payload.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Sends messages to mail servers and webhooks by libcurl, and to commands by the helper process
 * (helper.h), all at the same time, in a thread of its own: so a tick goes on with its checks.
 */

enum delivery_result {
    DELIVERY_NOT_TRIED, /* there was no time for it: it is not a failed attempt */
    DELIVERY_ACCEPTED,  /* 2xx, SMTP 250, exit status 0 */
    DELIVERY_FAILED,    /* try again later */
    DELIVERY_REFUSED    /* 4xx other than 408 and 429: try again in 15 minutes */
};

/* One attempt. */
struct delivery {
    const struct alert_target *target;
    struct payload payload;
    int64_t message; /* its number, for the caller */
    enum delivery_result result;
    int64_t retry_after_ms; /* as the server asks for; 0: it does not */
    char answer[256];       /* what the target answered, in words, one line, without any secret:
                               "HTTP 503", "no answer within 10 s", "exit status 1: no route" */
};

struct sender;
struct helper;

/*
 * Starts to send n deliveries, which stay the caller's and must not be touched until the end. Those
 * of one target are sent in their order: a delivery begins when the one before it was accepted or
 * has failed. All end within limit_ms. helper NULL: there are no commands. NULL: the error.
 */
struct sender *sender_start(struct delivery *deliveries, size_t n, int64_t limit_ms,
                            struct helper *helper, const char *ping_url, struct error *error);

/* Whether all have ended. */
bool sender_is_done(const struct sender *sender);

/* Waits for the end, or after a signal ends within half a second what is not over, as
 * DELIVERY_NOT_TRIED. Frees the sender. NULL is allowed. */
void sender_finish(struct sender *sender);

#endif
