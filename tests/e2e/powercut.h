#ifndef POWERCUT_H
#define POWERCUT_H

#include "disk_recording.h"

/* Power cuts at each operation of a recording, in each way (disk_cuts.h), and the tick after it. */

enum { POWERCUT_AT_ONCE = 4 /* states, since a tick waits more than it works */ };

/* A state that is being tried. */
struct powercut_state {
    size_t at; /* the power went after so many operations */
    int way;
    struct disk_image image;
    pid_t child;
    int place; /* its folder */
};

struct powercut {
    struct disk_recording recording;
    size_t from; /* the power goes after this operation or a later one */
    int monitors;
    int recovered;    /* the tick that recovers, of midnight_at */
    const char *says; /* what it may say; NULL: no more than that it put bytes aside */
    uint64_t *seen;   /* the hashes of the states that were tried */
    size_t n_seen;
    long wrong;
    struct powercut_state trying[POWERCUT_AT_ONCE];
    int n_trying;
    unsigned places; /* a bit for each that is taken */
};

/* Begins a recording of the world as it is. */
void powercut_begin(struct powercut *cut, struct e2e *world, int monitors);

/* Tries this many states or less, spread over all there are; 0: all there are. Each is tried in a
 * process of its own, so that one that is wrong does not hide the others, and is kept in the
 * world's folder. */
void powercut_try(struct powercut *cut, size_t wanted);

/* Says how many states were tried, and frees. Fails the test where one was wrong. */
void powercut_end(struct powercut *cut, const char *name);

#endif
