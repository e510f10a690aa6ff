#ifndef LOOKUP_OUTCOMES_H
#define LOOKUP_OUTCOMES_H

#include "lookup/inbox.h"

/* What may come of asking for a name, and how it is said. */
enum outcome_kind {
    OUTCOME_FOUND,
    OUTCOME_ABSENT,  /* there is no such host, or it has no such address */
    OUTCOME_REFUSED, /* the server will not; perhaps it was asked too much */
    OUTCOME_BROKEN
};

struct outcome {
    enum outcome_kind kind;
    struct answer answer; /* without its addresses */
};

extern const struct outcome outcomes_found, outcomes_no_memory;

/* Of a status of c-ares, for who asked for this family; and of an error of getaddrinfo. */
const struct outcome *outcomes_of(int status, int family);
const struct outcome *outcomes_of_system(int error);

/* The one that tells more, where the two IP versions failed for two reasons. NULL: nothing yet. */
const struct outcome *outcomes_worse(const struct outcome *a, const struct outcome *b);

#endif
