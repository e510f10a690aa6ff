/* The death of a simulated tick. */
#define _GNU_SOURCE
#include "death.h"

#include "dying.h"

void death_set(long n, int half)
{
    dying.seen = 0;
    dying.at = n;
    dying.half = half;
}

void death_point(void)
{
    if (is_last_call())
        die();
}
