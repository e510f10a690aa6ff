#ifndef CHECK_TRANSFER_H
#define CHECK_TRANSFER_H

#include "check/ca_store.h"
#include "check/phase_clock.h"
#include "check/request.h"
#include "check/runner.h"
#include "check/search.h"
#include "check/target.h"
#include "config/config.h"

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
    HALT_REDIRECT, /* the response leads to another */
    HALT_BODY,     /* max_body_bytes were read: it is complete */
    HALT_HEADERS   /* HEADERS_MAX is passed: it failed */
};

/*
 * One attempt at a check: a request, and those that redirects lead to, on an easy handle of its
 * own. Names are looked up by its owner, before each request. Lives at one place while it is open.
 */
struct transfer {
    CURL *easy; /* NULL before the first request */
    const struct domain *domain;
    struct ca_store *trust;
    struct request request;
    struct target target;         /* of the request under way, or to be made */
    struct curl_slist *addresses; /* of the target, as libcurl is told them */
    int64_t start_ms;
    struct phase_clock clock;
    int64_t duration_ms; /* once it is over */
    int requests;        /* made so far, redirects' included */
    int redirect_status; /* status of the last response that led elsewhere; 0: none did */

    char *location; /* what the response's header of this name says; NULL: nothing */
    size_t header_bytes;
    int64_t body_bytes; /* decoded, and searched */
    struct search body;
    struct search *bots;
    enum halt halt;

    struct peer peer;    /* the last one */
    struct peer earlier; /* the last one of the other IP version, if that failed */
    X509 *leaf;          /* the server's certificate */
    char untrusted[400]; /* why it does not verify; empty: it does */
    const char *unknown; /* why the target's name gives no address; NULL: it does */
    const char *own;     /* what this machine could not do; NULL: it did */
    bool
        retried_local_fault; /* the attempt before this one failed for this machine, as it seemed */
    char message[CURL_ERROR_SIZE];
};

/* An attempt that begins now, with the lookup of its target's host. */
void transfer_start(struct transfer *transfer, const struct domain *domain, struct ca_store *trust);

/* Corrects when it began, on the monotonic clock: it may have had to wait for others' lookups. */
void transfer_began(struct transfer *transfer, int64_t begun_us);

/* Whether its time is up. */
bool transfer_is_late(const struct transfer *transfer);

/*
 * Makes the handle ready to be added to a multi handle, for the request to its target. addresses
 * are the host's ("192.0.2.1,[2001:db8::1]"); NULL where it is an address itself. Returns 0, or -1
 * where memory runs out.
 */
int transfer_open(struct transfer *transfer, const char *addresses);

/*
 * After a request that ended with *code: whether a redirect is to be followed. Its target is then
 * the next, to be looked up and opened. One that cannot be followed is told by *code.
 */
bool transfer_follow(struct transfer *transfer, CURLcode *code);

/* What came of it: fills check, phases and no_verdict of the result. */
void transfer_finish(struct transfer *transfer, CURLcode code, struct result *result);

/* Frees what it holds; the handle must be out of its multi handle. All zero is fine. */
void transfer_close(struct transfer *transfer);

#endif
