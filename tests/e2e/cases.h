#ifndef CASES_H
#define CASES_H

#include "e2e.h"

/*
 * Many cases of one test, each in a process and a folder of its own, a copy of the world's folder
 * "start", two at a time. One that fails keeps its folder and leaves the others to go on.
 */

/* What a case has to tell; shared with the process that made it. */
struct told {
    char what[64];  /* what was done, as "pwrite64 EIO"; empty: nothing was */
    char said[400]; /* what the program said of it */
    int status;     /* and its exit status */
};

/* Case number i, in a world whose folder is the copy. */
typedef void run_case(struct e2e *world, void *context, long i, struct told *told);

/* Makes cases 0, step, 2 * step, … below n. Fails the test where any failed, having shown the first
 * few. Then prints how many there were of each kind under this heading. */
void cases_run(struct e2e *world, const char *heading, run_case *run, void *context, long n,
               long step);

#endif
