#ifndef TORTURE_H
#define TORTURE_H

#include "account.h"
#include "cases.h"
#include "e2e.h"

/*
 * What the tests that fail a run's calls and allocations share: the tick of midnight, and what must
 * hold after it and after the next one.
 */

enum { TORTURE_MONITORS = 4 };

/* When the run that meets a fault begins; the tick after it comes a minute later. */
extern const char torture_clock[];

/* A state that a run may find, and what is run on it. */
struct scene {
    const char *name;
    const char *prepare;      /* a shell command in the folder; NULL: none */
    const char *arguments[3]; /* {"tick"} */
    bool heals;               /* the state has to be made anew */
};

/* Leaves in the folder "before" what the tick of midnight finds: a live file to rotate, an archive
 * to prune, a day to count. The first monitor has this URL; NULL: one that is UP. */
void torture_live_until_midnight(struct e2e *world, const char *url);

/* Makes "before" anew of the world's own folder. */
void torture_keep(struct e2e *world);

/* Makes the folder "start" of a scene, and its likeness in the world's own folder. */
void torture_set(struct e2e *world, const struct scene *scene);

/* What is recorded before a run that meets a fault. */
struct torture {
    const struct scene *scene;
    struct account committed, files;
};
struct torture torture_begin(struct e2e *world, const struct scene *scene);

/*
 * After that run: no crash, the exit status and one line say what happened, nothing recorded is
 * lost, all pages are whole; then the next tick makes all good. Returns all rows.
 */
struct account torture_end(struct e2e *world, const struct torture *torture, struct told *told);

/* The distance of n cases, where about so many are to be met, quickly or in full ($UPTICK_SWEEP,
 * which may be a number); odd, so that they are of all kinds. */
long torture_step(long n, long quick, long full);

#endif
