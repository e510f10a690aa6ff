#ifndef LOOKUP_PENDING_H
#define LOOKUP_PENDING_H

#include "lookup/inbox.h"
#include "lookup/resolver.h"
#include "lookup/window.h"

/* A name in one family, and who waits for it. Its owner's lock is held in each call. */
struct pending {
    struct resolver_query query; /* with the name and the family */
    struct window_entry window_entry;
    enum { PENDING_NOT, PENDING_NOW, PENDING_ANSWERED } state;
    const struct answer *answer; /* while it is asked: what the DNS said, where others go on */
    int64_t begun_us;            /* 0: waits for others */
    int64_t answered_us;
    int refused;
    struct question *waiting;
};

/* The clock of begun_us. */
int64_t pending_now_us(void);

/* One more who waits, and one less, where it does. */
void pending_join(struct pending *name, struct question *question);
void pending_leave(struct question *question);

/* From now on the time of those who wait runs; they hear of it where it did not before. */
void pending_begin(struct pending *name);

/* All who wait hear the answer, which lives as long as the name. */
void pending_answer(struct pending *name, const struct answer *answer);

#endif
