#ifndef CHECK_TRANSFER_H
#define CHECK_TRANSFER_H

#include "check/attempts.h"
#include "check/ca_store.h"
#include "check/chain_store.h"
#include "check/handle_pool.h"
#include "check/head.h"
#include "check/kept.h"
#include "check/meter.h"
#include "check/phase_clock.h"
#include "check/request.h"
#include "check/route.h"
#include "check/search.h"
#include "check/target.h"
#include "check/wall_search.h"

struct result;

/* At most this many redirects are followed. */
enum { REDIRECTS_MAX = 10 };

/* If its worker was late by more than this, in microseconds, this machine may have caused any
 * failure of an exchange. */
enum { AWAY_US = 1000 * 1000 };

/* Why a callback of ours ended an exchange. */
enum halt {
    HALT_NONE,
    HALT_REDIRECT, /* the response is a redirect to follow */
    HALT_BODY,     /* max_body_bytes were read: the exchange is complete */
    HALT_UPGRADE,  /* status 101, after which no HTTP follows: the exchange is complete */
    HALT_HEADERS,  /* more than HEADERS_MAX: the exchange failed */
    HALT_HEAD,     /* headers that no browser accepts (head_fault): the exchange failed */
    HALT_PROXY,    /* the proxy requires a login: the exchange failed */
    HALT_CODING,   /* a body that cannot be decoded: the exchange failed */
    HALT_BYTES,    /* too many bytes from the network (meter.h): the exchange failed */
    HALT_TIME,     /* its time has run out within one step of libcurl */
    HALT_CPU       /* too much CPU time before the body: the exchange failed */
};

/* What a request has reached so far, if there is a proxy. */
enum hop {
    HOP_SERVER,    /* the server, or there is no proxy */
    HOP_PROXY,     /* nothing yet: it connects to the proxy */
    HOP_PROXY_TLS, /* the proxy, and the TLS handshake with it runs */
    HOP_TUNNEL     /* the proxy, which is asked to connect to the server */
};

/*
 * One attempt at a check: a request and those that redirects lead to, on one easy handle. Before
 * each request, its owner looks up the name of the target. Must not be moved while it is open.
 */
struct transfer {
    CURL *easy;               /* NULL before the first request */
    struct handle_pool *pool; /* where it comes from */
    bool can_reuse;           /* nothing has failed, so the handle can be used for another check */
    const struct domain *domain;
    struct ca_store *ca_store;
    struct request request;
    struct target target;          /* of the current or next request */
    struct next_hop route;         /* of that request */
    struct curl_slist *addresses;  /* of its route, in the form that libcurl takes */
    struct curl_slist *connect_to; /* by route_set */
    struct events_client client;
    struct meter meter;
    int64_t start_ms;
    int64_t opened_us;   /* when its current request began, on the monotonic clock */
    int64_t deadline_us; /* when its time runs out, on the monotonic clock */
    int64_t late_us;     /* the longest time for which its worker was late (events.h), */
    int64_t late_sum_us; /* and the sum of these times: each step of the exchange may wait */
    struct phase_clock clock;
    int64_t duration_ms;                 /* set by transfer_finish */
    int requests;                        /* made so far, also after redirects */
    int redirects;                       /* followed so far */
    char *insecure_url;                  /* of the first request that was not https; NULL: none, or
                                            nobody wants to know */
    int redirect_status;                 /* HTTP status of the last redirect; 0: none */
    uint64_t visited[REDIRECTS_MAX + 1]; /* hashes of the URLs requested so far */
    bool is_loop;                        /* the last redirect led to one of them */

    struct head head; /* of the response so far */
    struct kept kept;
    struct decode decode;
    size_t header_bytes;
    int64_t body_bytes;  /* decoded and searched */
    struct search *bots; /* one for each of domain->bot_strings */
    struct search *contains,
        *excludes;           /* and of those texts that the body must have, or must not */
    struct wall_search wall; /* its walls are set by the owner after transfer_start */
    enum halt halt;

    struct attempts attempts;  /* to connect, for the current request */
    X509 *leaf;                /* the server's certificate */
    struct chain_store *store; /* keeps the chains; set by the owner after transfer_start; NULL:
                                  none are kept */
    struct chain *chains[CHAIN_SEEN_MAX]; /* that were verified (runner.h) */
    int64_t valid_until_ms; /* when the first certificate of all chains ends; 0: unknown */
    enum hop hop;
    const char *tls_host;  /* whose certificate counts in the last handshake */
    bool asks_certificate; /* the server asked for one of the client */
    bool sent_certificate; /* and got one */
    bool is_http2;         /* the server agreed to HTTP/2 in the handshake */
    bool http2_limit; /* the headers exceed what is possible over HTTP/2; HTTP/1.1 is used now */
    char verify_failure[400];   /* why it was not verified; empty: it was */
    const char *lookup_failure; /* why the target's name has no address; NULL: it has one */
    const char *local_fault;    /* what this machine could not do; NULL: none */
    bool looked_up;             /* name servers were asked for the first name */
    bool retried_local_fault;   /* the attempt before this one seemed to fail by a local fault */
    bool explains;              /* an expectation that fails is explained */
    int first_address;          /* number of the address that is tried first, modulo all of them */
    char curl_message[CURL_ERROR_SIZE];
};

/* Starts an attempt now, with the lookup of its host. domain, ca_store and pool must outlive it.
 * The caller may set explains and first_address after it. */
void transfer_start(struct transfer *transfer, const struct domain *domain,
                    struct ca_store *ca_store, struct handle_pool *pool);

/* Moves the start of the attempt to begun_us on the monotonic clock, if the lookup of its first
 * name had to wait for other names until then. */
void transfer_began(struct transfer *transfer, int64_t begun_us);

/*
 * The worker looked at its sockets and clocks late by this time, in microseconds, while the
 * exchange was in flight. libcurl's own limits no longer count, since it would apply them before it
 * reads what has come.
 */
void transfer_was_late(struct transfer *transfer, int64_t late_us);

/*
 * Prepares the handle for the request to the target; the caller adds it to a multi handle.
 * addresses are those of the route's host ("192.0.2.1,[2001:db8::1]"); NULL: the host is an
 * address, or none is needed. Returns 0, or -1 if out of memory.
 */
int transfer_open(struct transfer *transfer, const char *addresses);

/*
 * Called after a request that ended with *code. Returns true if another request follows, because
 * the response is a redirect, or because its headers are too large for HTTP/2: the caller looks up
 * the target and opens it. If a redirect cannot be followed, *code is set to the reason.
 */
bool transfer_follow(struct transfer *transfer, CURLcode *code);

/* Ends the attempt and fills in check, phases, sighting and explanation of the result (runner.h),
 * which had none of them. After a local fault, no_verdict is set; otherwise it stays as it is. */
void transfer_finish(struct transfer *transfer, CURLcode code, struct result *result);

/* Frees what the transfer owns. Its handle must not be in a multi handle any more. All zero is
 * allowed. */
void transfer_close(struct transfer *transfer);

#endif
