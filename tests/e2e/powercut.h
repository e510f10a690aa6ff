#ifndef POWERCUT_H
#define POWERCUT_H

#include "disk_recording.h"

/*
 * Power cuts at each operation of a recording, in each way (disk_cuts.h), each followed by a tick.
 */

enum { POWERCUT_AT_ONCE = 4 /* states at once: a tick mostly waits */ };

/* A state that is being tried. */
struct powercut_state {
    size_t at; /* operations before the power cut */
    int way;
    struct disk_image image;
    pid_t child;
    int slot; /* the slot, which has its own folder */
};

struct powercut {
    struct disk_recording recording;
    size_t from; /* power cuts come after this operation or a later one */
    int monitors;
    int recovered;         /* index of the recovering tick in midnight_at */
    const char *may_print; /* what it may print; NULL: only that bytes were quarantined */
    uint64_t *seen;        /* hashes of the states that were tried */
    size_t n_seen;
    long n_failed;
    struct powercut_state trying[POWERCUT_AT_ONCE];
    int n_trying;
    unsigned slots; /* a bit for each slot in use */
};

/* Starts a recording of the world as it is. */
void powercut_begin(struct powercut *cut, struct e2e *world, int monitors);

/*
 * Tries at most this many states, spread over all there are; 0: all of them. Each is tried in a
 * process of its own, so a failure does not hide the others. A state that fails is kept in the
 * world's folder.
 */
void powercut_try(struct powercut *cut, size_t wanted);

/* Prints how many states were tried, and frees. Fails the test if one of them failed. */
void powercut_end(struct powercut *cut, const char *name);

#endif
