#ifndef CASES_H
#define CASES_H

#include "e2e.h"

/* Many cases of one test, two at a time. Each runs in a process and a folder of its own, which is a
 * copy of the world's folder "start". A case that fails keeps its folder, and the others go on. */

/* The report of a case; shared with the process that runs it. */
struct report {
    char what[64];     /* what was done, such as "pwrite64 EIO"; empty: nothing */
    char printed[400]; /* what the program printed then */
    int status;        /* its exit status */
};

/* Case number i, in a world whose folder is the copy. */
typedef void run_case(struct e2e *world, void *context, long i, struct report *report);

/* Runs the cases 0, step, 2 * step, … below n, and prints how many there were of each kind under
 * this heading. Shows the first few that failed; fails the test if any did. */
void cases_run(struct e2e *world, const char *heading, run_case *run, void *context, long n,
               long step);

#endif
