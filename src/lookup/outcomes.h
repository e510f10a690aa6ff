#ifndef LOOKUP_OUTCOMES_H
#define LOOKUP_OUTCOMES_H

#include "lookup/inbox.h"

/* The results of a query for a name, and the answer to the questions that wait for it. */
enum outcome_kind {
    OUTCOME_FOUND,
    OUTCOME_ABSENT,   /* there is no such host, or it has no address of that family */
    OUTCOME_REFUSED,  /* the name server refused or failed, perhaps because of too many queries */
    OUTCOME_UNUSABLE, /* there is a response, but only another resolver may understand it */
    OUTCOME_BROKEN    /* no usable response */
};

/* What the DNS shows besides a status of c-ares: further values for outcomes_of_dns. */
enum {
    OUTCOMES_TRUNCATED = 1000, /* the answer does not fit into a packet, and TCP failed */
    OUTCOMES_SILENT,           /* no name server has answered anything yet */
    OUTCOMES_ALL_REFUSED,      /* the name servers refuse or fail, whatever they are asked */
    OUTCOMES_UNSPECIFIED       /* the only addresses are 0.0.0.0 or :: */
};

struct outcome {
    enum outcome_kind kind;
    struct answer answer; /* without addresses */
};

extern const struct outcome outcomes_found, outcomes_no_memory, outcomes_no_thread,
    outcomes_no_host, outcomes_bad_name;

/* The outcome of a status of c-ares, or of one of those above, for a question for this family. */
const struct outcome *outcomes_of_dns(int status, int family);

/* The outcome of an error of getaddrinfo. */
const struct outcome *outcomes_of_system(int error);

/* Returns the more specific of two outcomes of the DNS, if the two IP versions failed for two
 * reasons. a may be NULL. */
const struct outcome *outcomes_worse(const struct outcome *a, const struct outcome *b);

#endif
