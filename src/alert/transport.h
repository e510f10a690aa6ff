#ifndef ALERT_TRANSPORT_H
#define ALERT_TRANSPORT_H

#include "alert/reply.h"
#include "alert/sockets.h"

/*
 * One attempt of libcurl: a POST to a webhook, a mail to a mail server, or a GET. Connections stay
 * open in a multi handle for the next attempt of the same target.
 */

struct transport {
    CURL *easy;
    const struct delivery *delivery; /* NULL: a GET of url */
    struct sockets *sockets;
    struct curl_slist *headers, *recipients;
    bool is_verified;         /* OpenSSL has accepted the last chain */
    size_t sent;              /* bytes of a mail */
    int64_t begun_ms, end_ms; /* on the monotonic clock; the second may become less */
    struct reply reply;
};

/* Prepares an attempt that ends after end_ms or if a signal came; transport must not be moved. url
 * is used if delivery is NULL. Returns 0, or -1 if out of memory. transport_free frees it in any
 * case, after its handle was removed from the multi handle. */
int transport_begin(struct transport *transport, const struct delivery *delivery, const char *url,
                    struct sockets *sockets, int64_t end_ms);
void transport_free(struct transport *transport);

/* Reads from the handle what the reply lacks. Call it after the end of the attempt, with its code.
 */
void transport_end(struct transport *transport, CURLcode code);

/* Whether the attempt must end now. */
bool transport_is_over(const struct transport *transport);

#endif
