#ifndef LIFE_H
#define LIFE_H

#include "simulation.h"

/* What happens to the monitors, the services, the clock, the configuration and the files. */

/* Draws the monitors and targets of the seed, and when something happens first. */
void life_begin(struct simulation *simulation);

/* Lets happen what is due at the present moment. */
void life_step(struct simulation *simulation);

/* The real time of the next tick. */
int64_t life_next(struct simulation *simulation);

/* Ends all faults: from now on, nothing happens. */
void life_settle(struct simulation *simulation);

#endif
