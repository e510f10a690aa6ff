#ifndef SERVICE_H
#define SERVICE_H

#include "simulation.h"

/* The services of the targets, in place of the network: the linker sends the calls of
 * alert/sender.h, and some others, to them. */

/* From now on, these are the simulation's. */
void service_begin(struct simulation *simulation);

/* Reads what the target `print` printed since the last call. */
void service_read_printed(struct simulation *simulation);

/* Draws how a service answers from now on, and for how long. */
void service_draw(struct simulation *simulation, int target);

/* Whether standard output accepts what is printed in this tick. */
bool service_can_print(struct simulation *simulation);

/* The index of the target with this id. */
int service_find(const struct simulation *simulation, const char *id);

/* A message of this target may be late by this much from now on, because an attempt failed or was
 * not made, or because the clock was set back. */
void service_delay(struct simulation *simulation, int target, int64_t ms);

#endif
