#ifndef ALERT_OUTBOX_H
#define ALERT_OUTBOX_H

#include "alert/sender.h"

#include <pthread.h>

/* The deliveries of one target, which are begun in their order. */
struct outbox {
    const struct alert_target *target;
    struct delivery *deliveries; /* of all targets */
    size_t n, next;
    size_t n_all;   /* deliveries of this target */
    int64_t end_ms; /* nothing begins from then on; on the monotonic clock */
    pthread_mutex_t mutex;
    const struct delivery *stop; /* no delivery begins after this one; NULL: it may */
    bool all_fail;               /* those that did not begin have its result; else they wait */
};

/* Makes one outbox for each target of n deliveries. Returns the number, at most n; -1: out of
 * memory. Each delivery becomes DELIVERY_NOT_TRIED. The caller calls outbox_close, which frees
 * them. */
long outbox_open(struct delivery *deliveries, size_t n, int64_t end_ms, struct outbox **outboxes);
void outbox_close(struct outbox *outboxes, size_t n);

/* The next delivery to begin; NULL: none, or it is too late, or a signal came. Any thread may call
 * this and the next function. */
struct delivery *outbox_take(struct outbox *outbox);

/* After this delivery no other one begins. all_fail: the others share its result and answer; else
 * only the time that the server asks to wait. */
void outbox_stop(struct outbox *outbox, const struct delivery *delivery, bool all_fail);

/* Sets the results of the deliveries that did not begin. */
void outbox_finish(struct outbox *outbox);

#endif
