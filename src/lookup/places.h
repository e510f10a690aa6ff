#ifndef LOOKUP_PLACES_H
#define LOOKUP_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Which names may be asked for now. A name server is not asked for all names at once, lest it drop
 * or refuse what is too much for it; a small one (dnsmasq) takes no more than 150 questions. Yet
 * names that nobody answers must not hold up the others: they give up their places after a while.
 * Pure.
 */
enum {
    PLACES_MOST = 256, /* names at once */
    PLACES_LEAST = 32, /* at first, and where the name server refuses more */
    PLACES_ALL = 8192, /* and with those that gave up their places; two ids of 65,536 for each */
    PLACES_PATIENCE_US = 250 * 1000,
};

/* One name's place. All zero: neither waits nor has one. */
struct place {
    void *owner;
    struct place *next, **link;
    int64_t since_us;
    enum { PLACE_NONE, PLACE_WAITS, PLACE_HELD, PLACE_GIVEN_UP } state;
};

struct places_line {
    struct place *first, **end;
};

struct places {
    struct places_line waiting, held; /* in the order in which they came */
    size_t n_held, n_all;             /* all: and those given up */
    size_t most;
    size_t grows;    /* after so many answers */
    size_t answered; /* since it changed */
};

void places_init(struct places *places);

/* Gets in line. */
void places_wait(struct places *places, struct place *place);

/* Takes the first in line out where there is a place for it, and gives it that. NULL: none. */
struct place *places_next(struct places *places, int64_t now_us);

/* Those who have had their places for long give them up: no refusal, and no more room needed. */
void places_review(struct places *places, int64_t now_us);

/* Leaves the line, or its place. */
void places_leave(struct places *places, struct place *place);

/* The name server answered; or it refused, and true: so many were asked that this may be why. */
void places_answered(struct places *places);
bool places_refused(struct places *places);

#endif
