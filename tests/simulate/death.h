#ifndef DEATH_H
#define DEATH_H

/* Kills the process at a call that changes a file, or at a point between attempts. */

/* From now on, the nth call is the last one; a write is then done by half, if half is not 0. 0: it
 * never dies. */
void death_set(long n, int half);

/* A point that counts as a call. */
void death_point(void);

#endif
