/* Hands out the deliveries of a target in their order. */
#include "alert/outbox.h"

#include "base/clock.h"
#include "base/interrupt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct outbox *find_outbox(struct outbox *outboxes, size_t n,
                                  const struct alert_target *target)
{
    for (size_t i = 0; i < n; i++) {
        if (outboxes[i].target == target)
            return &outboxes[i];
    }
    return NULL;
}

long outbox_open(struct delivery *deliveries, size_t n, int64_t end_ms, struct outbox **outboxes)
{
    struct outbox *list = calloc(n ? n : 1, sizeof *list);
    size_t n_outboxes = 0;

    *outboxes = list;
    if (!list)
        return -1;
    for (size_t i = 0; i < n; i++) {
        struct outbox *outbox = find_outbox(list, n_outboxes, deliveries[i].target);

        deliveries[i].result = DELIVERY_NOT_TRIED;
        deliveries[i].retry_after_ms = 0;
        deliveries[i].answer[0] = '\0';
        if (!outbox) {
            outbox = &list[n_outboxes++];
            *outbox = (struct outbox){.target = deliveries[i].target,
                                      .deliveries = deliveries,
                                      .n = n,
                                      .next = i,
                                      .end_ms = end_ms};
            pthread_mutex_init(&outbox->mutex, NULL);
        }
        outbox->n_all++;
    }
    return (long)n_outboxes;
}

void outbox_close(struct outbox *outboxes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        pthread_mutex_destroy(&outboxes[i].mutex);
    free(outboxes);
}

/* The caller holds the mutex. */
static struct delivery *find_next(struct outbox *outbox)
{
    while (outbox->next < outbox->n) {
        struct delivery *delivery = &outbox->deliveries[outbox->next++];

        if (delivery->target == outbox->target)
            return delivery;
    }
    return NULL;
}

struct delivery *outbox_take(struct outbox *outbox)
{
    struct delivery *delivery = NULL;

    pthread_mutex_lock(&outbox->mutex);
    if (!outbox->stop && !interrupt_came() && clock_monotonic() < outbox->end_ms)
        delivery = find_next(outbox);
    pthread_mutex_unlock(&outbox->mutex);
    return delivery;
}

void outbox_stop(struct outbox *outbox, const struct delivery *delivery, bool all_fail)
{
    pthread_mutex_lock(&outbox->mutex);
    if (!outbox->stop) {
        outbox->stop = delivery;
        outbox->all_fail = all_fail;
    }
    pthread_mutex_unlock(&outbox->mutex);
}

void outbox_finish(struct outbox *outbox)
{
    const struct delivery *stop = outbox->stop;
    struct delivery *delivery;

    while (stop && (delivery = find_next(outbox))) {
        delivery->retry_after_ms = stop->retry_after_ms;
        if (!outbox->all_fail)
            continue;
        delivery->result = stop->result;
        snprintf(delivery->answer, sizeof delivery->answer, "%s", stop->answer);
    }
}
