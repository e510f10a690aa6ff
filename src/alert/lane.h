#ifndef ALERT_LANE_H
#define ALERT_LANE_H

#include "alert/outbox.h"
#include "alert/sockets.h"

#include <stdatomic.h>

/*
 * A thread that sends the deliveries of an outbox by libcurl, one after the other, over one
 * connection. Each lane has a multi handle of its own, because libcurl blocks all transfers of a
 * multi handle while it waits for a mail server at the end of a mail.
 */
struct lane {
    struct outbox *outbox; /* NULL: it only requests url */
    const char *url;
    const struct secrets *secrets; /* NULL: none */
    int64_t end_ms;                /* on the monotonic clock */
    int wake;                      /* a pipe that gets a byte at the end */
    struct sockets sockets;
    pthread_t thread;
    atomic_bool is_done;
};

/* Starts the thread; the members above sockets are set, and the lane must not be moved. Returns 0
 * or an errno. */
int lane_start(struct lane *lane);

/* Ends what libcurl waits for. Only after end_ms, or after a signal. */
void lane_cut(struct lane *lane);

/* Waits for the end of a lane that was started. */
void lane_join(struct lane *lane);

#endif
