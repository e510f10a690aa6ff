#ifndef LOOKUP_ASKED_H
#define LOOKUP_ASKED_H

#include "lookup/inbox.h"
#include "lookup/places.h"
#include "lookup/resolver.h"

/* A name in one family, and who waits for it. Its owner's lock is held in each call. */
struct asked {
    struct resolver_query query; /* with the name and the family */
    struct place place;
    enum { ASKED_NOT, ASKED_NOW, ASKED_AND_ANSWERED } state;
    const struct answer *answer; /* while it is asked: what the DNS said, where others go on */
    int64_t begun_us;            /* 0: waits for others */
    int64_t answered_us;
    int refused;
    struct question *waiting;
};

/* The clock of begun_us. */
int64_t asked_now_us(void);

/* One more who waits, and one less, where it does. */
void asked_join(struct asked *name, struct question *question);
void asked_leave(struct question *question);

/* From now on the time of those who wait runs; they hear of it where it did not before. */
void asked_begin(struct asked *name);

/* All who wait hear the answer, which lives as long as the name. */
void asked_answer(struct asked *name, const struct answer *answer);

#endif
