#ifndef MODEL_EXCHANGE_H
#define MODEL_EXCHANGE_H

#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bot_wall;

/* Why an exchange failed. */
enum fault {
    FAULT_NONE,
    FAULT_TIMEOUT,
    FAULT_DNS,
    FAULT_CONNECT,
    FAULT_TLS,
    FAULT_PROTOCOL,
};

/* An exchange that has ended: what its verdict depends on. Nothing is copied: what it points to
 * must outlive it. A fact that no expectation of the domain needs may be missing. */
struct exchange {
    enum fault fault;
    const char *detail;  /* of the fault, for people; after a timeout, the step that was not done:
                            "waiting for the first byte". Any bytes; NULL if there is no fault */
    int64_t duration_ms; /* from start to end */
    int64_t lookup_ms;   /* of it, all name lookups */
    int http_status;     /* of the last response; 0: none */

    enum http_version version; /* of the last response; HTTP_ANY: unknown */
    int redirects;             /* that were followed */
    const char *final_url;     /* of the last request */
    const char *insecure_url;  /* of the first request that was not https; NULL: none */
    int64_t valid_ms;          /* until the first certificate of a verified chain, without its root,
                                  ends; negative: it has ended */
    bool has_certificate;      /* valid_ms is set */

    struct bytes headers; /* of the last response: its lines, without the status line. A folded line
                             is joined to the one before it by a space */

    int bot_string; /* index of the first bot_protection_string found in the body; -1: none */
    const struct bot_wall *bot_wall; /* that sent the last response; NULL: none */
    bool has_retry_after;            /* the last response has the header Retry-After */
    int retry_after_s;               /* then: the seconds that it asks to wait */
    int missing;        /* index of the first text of expect.contains not found; -1: none */
    int excluded;       /* index of the first text of expect.excludes found; -1: none */
    bool body_cut;      /* the body is longer than max_body_bytes; the rest was not read */
    int64_t body_bytes; /* read, after decompression */
    struct bytes body;  /* what was read, if an expectation needs it at once; data NULL: not kept */
    struct bytes
        text; /* the body as UTF-8, if it declares another charset; data NULL: it is the same */
    const char *charset; /* that it declares, if text is set: "ISO-8859-1"; else NULL */
};

#endif
