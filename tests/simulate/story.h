#ifndef STORY_H
#define STORY_H

#include "simulation.h"

/* What happens in a simulation, as lines for a person: a failed seed prints them. */

/* Opens the story, in the folder of the simulation. */
void story_open(struct simulation *simulation);

/* Adds a line, which begins with the real time and the wall clock. Killed ticks may do so too. */
void story_add(const struct simulation *simulation, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Prints the end of the story and why the seed fails, and ends the process. */
_Noreturn void story_fail(const struct simulation *simulation, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
