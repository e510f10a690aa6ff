#ifndef TORTURE_H
#define TORTURE_H

#include "account.h"
#include "cases.h"
#include "e2e.h"

/* Shared by the tests that let calls and allocations fail: the tick of midnight, and what must hold
 * after it and after the next one. */

enum { TORTURE_MONITORS = 4 };

/* The start of the run with the fault; the next tick comes a minute later. */
extern const char torture_clock[];

/* The state that a run finds, and the command that is run on it. */
struct scene {
    const char *name;
    const char *prepare;      /* a shell command in the folder; NULL: none */
    const char *arguments[3]; /* {"tick"} */
    bool must_rebuild;        /* the state must be rebuilt */
};

/* Creates in the folder "before" what the tick of midnight needs: a live file to rotate, an archive
 * to prune, a day to count. The first monitor has this URL, an https one, and a
 * ca_file; NULL: one that is UP. */
void torture_live_until_midnight(struct e2e *world, const char *url);

/* Copies the world's own folder to "before" again. */
void torture_keep(struct e2e *world);

/* Creates the folder "start" of a scene, and a copy of it in the world's own folder. */
void torture_set(struct e2e *world, const struct scene *scene);

/* What is recorded before a run with a fault. */
struct torture {
    const struct scene *scene;
    struct account committed, files;
};
struct torture torture_begin(struct e2e *world, const struct scene *scene);

/*
 * Checks a run with a fault. It did not crash, its exit status and one line report what happened,
 * nothing recorded is lost, and all pages are complete. Then the next tick repairs everything.
 * Returns all rows.
 */
struct account torture_end(struct e2e *world, const struct torture *torture, struct report *report);

/* The step between n cases, so that about this many are run in the quick or in the full sweep
 * ($UPTICK_SWEEP, which may be a number). It is odd, so cases of all kinds are run. */
long torture_step(long n, long quick, long full);

#endif
