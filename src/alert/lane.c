/* Sends messages one after the other over one connection. */
#include "alert/lane.h"

#include "alert/transport.h"
#include "base/clock.h"
#include "base/interrupt.h"
#include "base/thread.h"
#include "check/alloc_hooks.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    ATTEMPT_MS = 10 * 1000,
    FAIR_MS = 1000, /* an attempt that had less time did not fail */
    AFTER_SIGNAL_MS = 20,
    HTTP_TOO_MANY = 429
};

/* Waits for an event of the transfer, a signal, or the end of the time. */
static int wait_for_event(const struct transport *transport, CURLM *multi)
{
    struct curl_waitfd stop = {.fd = interrupt_fd(), .events = CURL_WAIT_POLLIN};
    int64_t wait_ms = transport->end_ms - clock_monotonic();
    bool is_polled = stop.fd >= 0 && !interrupt_came();

    if (interrupt_came() && wait_ms > AFTER_SIGNAL_MS)
        wait_ms = AFTER_SIGNAL_MS;
    if (wait_ms < 0)
        wait_ms = 0;
    return curl_multi_poll(multi, &stop, is_polled, (int)wait_ms, NULL) ? -1 : 0;
}

/* Whether the transfer has ended. */
static bool take_code(CURLM *multi, CURLcode *code)
{
    const CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(multi, &left))) {
        if (message->msg == CURLMSG_DONE) {
            *code = message->data.result;
            return true;
        }
    }
    return false;
}

/*
 * Runs the transfer of a handle in the multi handle. When its time is over, libcurl ends it itself,
 * because a callback asks for that: if a mail is removed before its end, libcurl sends what ends a
 * mail.
 */
static CURLcode run_transfer(const struct transport *transport, CURLM *multi)
{
    CURLcode code;
    int running;

    for (;;) {
        bool is_over = transport_is_over(transport);

        if (curl_multi_perform(multi, &running))
            code = CURLE_FAILED_INIT;
        else if (take_code(multi, &code))
            return code;
        else if (is_over)
            code = CURLE_OPERATION_TIMEDOUT;
        else if (wait_for_event(transport, multi))
            code = CURLE_FAILED_INIT;
        else
            continue;
        sockets_cut(transport->sockets, SHUT_RDWR);
        return code;
    }
}

/* libcurl also reports "out of memory" of a line that is longer than it accepts. */
static CURLcode explain_memory(const struct transport *transport)
{
    bool is_answer = transport->reply.is_connected && alloc_hooks_failed() == 0;

    return is_answer ? CURLE_WRITE_ERROR : CURLE_FAILED_INIT;
}

/* Makes an attempt. CURLE_FAILED_INIT is a fault of this machine. The caller frees transport. */
static CURLcode attempt_delivery(struct lane *lane, CURLM *multi, const struct delivery *delivery,
                                 struct transport *transport)
{
    int64_t end_ms = clock_monotonic() + ATTEMPT_MS;
    CURLcode code = CURLE_FAILED_INIT;

    if (end_ms > lane->end_ms)
        end_ms = lane->end_ms;
    if (transport_begin(transport, delivery, lane->url, &lane->sockets, end_ms) == 0 &&
        curl_multi_add_handle(multi, transport->easy) == CURLM_OK) {
        code = run_transfer(transport, multi);
        transport_end(transport, code);
        if (code == CURLE_OUT_OF_MEMORY)
            code = explain_memory(transport);
        curl_multi_remove_handle(multi, transport->easy);
    }
    return code;
}

/* Sets the result. After a failure that is not one of this message, the next ones need not begin.
 */
static void judge_delivery(struct lane *lane, const struct transport *transport, CURLcode code,
                           struct delivery *delivery)
{
    const struct reply *reply = &transport->reply;
    int64_t waited_ms = clock_monotonic() - transport->begun_ms;
    bool is_cut = code == CURLE_ABORTED_BY_CALLBACK || code == CURLE_OPERATION_TIMEDOUT;

    reply_judge(reply, code, waited_ms, lane->secrets, delivery);
    if (delivery->result == DELIVERY_ACCEPTED)
        return;
    if (!reply_is_answer(reply, code) && (code == CURLE_FAILED_INIT || alloc_hooks_failed() > 0 ||
                                          interrupt_came() || (is_cut && waited_ms < FAIR_MS))) {
        delivery->result = DELIVERY_NOT_TRIED;
        outbox_stop(lane->outbox, delivery, false);
    } else if (!reply->was_reached) {
        outbox_stop(lane->outbox, delivery, true);
    } else if (delivery->retry_after_ms > 0 ||
               (!reply->is_mail && reply->status == HTTP_TOO_MANY)) {
        outbox_stop(lane->outbox, delivery, false);
    }
}

static void *run_lane(void *context)
{
    struct lane *lane = context;
    CURLM *multi = curl_multi_init();
    struct transport transport;
    struct delivery *delivery;

    if (multi && !lane->outbox) {
        attempt_delivery(lane, multi, NULL, &transport);
        transport_free(&transport);
    }
    while (multi && lane->outbox && (delivery = outbox_take(lane->outbox))) {
        CURLcode code = attempt_delivery(lane, multi, delivery, &transport);

        judge_delivery(lane, &transport, code, delivery);
        transport_free(&transport);
    }

    /* libcurl would wait for the mail server's answer to QUIT, for two minutes at most. */
    sockets_cut(&lane->sockets, SHUT_RD);
    curl_multi_cleanup(multi);
    atomic_store(&lane->is_done, true);
    if (write(lane->wake, "", 1) < 0)
        return NULL; /* the pipe is full, so the sender is woken anyway */
    return NULL;
}

int lane_start(struct lane *lane)
{
    int failed;

    atomic_init(&lane->is_done, false);
    sockets_open(&lane->sockets);
    failed = thread_start(&lane->thread, run_lane, lane);
    if (failed)
        sockets_close(&lane->sockets);
    return failed;
}

void lane_cut(struct lane *lane)
{
    sockets_cut(&lane->sockets, SHUT_RDWR);
}

void lane_join(struct lane *lane)
{
    pthread_join(lane->thread, NULL);
    sockets_close(&lane->sockets);
}
