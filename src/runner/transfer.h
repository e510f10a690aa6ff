#ifndef RUNNER_TRANSFER_H
#define RUNNER_TRANSFER_H

#include "config/config.h"
#include "runner/request.h"
#include "runner/runner.h"
#include "runner/search.h"
#include "runner/timing.h"
#include "runner/trust.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* More than this of response headers, over the whole exchange, is a failure (spec 3). */
enum { HEADERS_MAX = 256 << 10 };

/* An address that was connected to. */
struct peer {
    struct sockaddr_storage address;
    socklen_t size; /* 0: none */
    int error;      /* errno of what went wrong; 0 where that is not known here */
};

/* Why our own callbacks ended an exchange. */
enum halt {
    HALT_NONE,
    HALT_BODY,   /* max_body_bytes were read: it is complete */
    HALT_HEADERS /* HEADERS_MAX is passed: it failed */
};

/* One attempt at a check, on an easy handle of its own. Lives at one place while it is open. */
struct transfer {
    CURL *easy;
    const struct domain *domain;
    struct trust *trust;
    size_t *lookups; /* the owner's count of transfers that look up a name */
    struct request request;
    int64_t start_ms;
    struct timing timing;
    int64_t duration_ms; /* once it is over */
    int requests;        /* sent so far, redirects' included */

    size_t header_bytes;
    int64_t body_bytes; /* decoded, and searched */
    struct search body;
    struct search *bots;
    enum halt halt;

    struct peer peer;    /* the last one */
    struct peer earlier; /* the last one of the other IP version, if that failed */
    X509 *leaf;          /* the server's certificate */
    char untrusted[400]; /* why it does not verify; empty: it does */
    const char *own;     /* what this machine could not do; NULL: it did */
    char message[CURL_ERROR_SIZE];
};

/*
 * Makes the handle ready to be added to a multi handle, and starts the clock. Returns 0, or -1
 * where memory runs out. transfer_close must follow in either case.
 */
int transfer_open(struct transfer *transfer, const struct domain *domain, struct trust *trust,
                  size_t *lookups);

/* What came of it: fills check, phases and no_verdict of the result. */
void transfer_finish(struct transfer *transfer, CURLcode code, struct result *result);

/* Frees what it holds; the handle must be out of its multi handle. All zero is fine. */
void transfer_close(struct transfer *transfer);

#endif
