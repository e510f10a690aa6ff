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

enum { DELIVERY_ANSWER_MAX = 256 };

/* One attempt. */
struct delivery {
    const struct alert_target *target;
    struct payload payload;
    int64_t message; /* its number, for the caller */
    enum delivery_result result;
    int64_t retry_after_ms; /* as the server asks for, also if another message of the target was
                               tried and this one was not; 0: it does not */
    char answer[DELIVERY_ANSWER_MAX]; /* what the target answered, in words, one line, without any
                                         secret: "HTTP 503", "no answer within 10 s", "exit status
                                         1: no route" */
};

struct sender;
struct helper;

/*
 * Starts to send n deliveries, which stay the caller's and must not be touched until the end. All
 * targets are served at the same time. Messages for people are sent one after the other, in their
 * order; those for programs in up to SENDER_LANES connections, because each of them is about
 * another subject. An attempt takes 10 s at most, and all end within limit_ms. If the server of a
 * target cannot be reached, its other deliveries fail with the same answer. If it asks to wait,
 * they are not tried.
 *
 * The targets must be those of config->alerts; those of ALERT_PRINT are not tried. helper NULL:
 * commands are not tried. ping_url is requested at the same time, in 3 s at most, whatever comes of
 * it; NULL: none.
 * Returns NULL with the error if nothing could be started.
 */
enum { SENDER_LANES = 4 };
struct sender *sender_start(const struct config *config, struct delivery *deliveries, size_t n,
                            int64_t limit_ms, struct helper *helper, const char *ping_url,
                            struct error *error);

/* Whether all have ended. */
bool sender_is_done(const struct sender *sender);

/* Waits for the end, or after a signal ends within half a second what is not over, as
 * DELIVERY_NOT_TRIED. Frees the sender. NULL is allowed. */
void sender_finish(struct sender *sender);

#endif
