#ifndef TICK_H
#define TICK_H

#include "simulation.h"

/* Runs a tick: as cmd_tick.c, without the network, the dashboard and the archives' compression. It
 * may be killed. Then reads what it recorded, sent and printed. */
void tick_run(struct simulation *simulation);

/* Closes the journal, which most ticks leave open for the next one, because that takes less time.
 * Call it before files or the configuration change. */
void tick_close(struct simulation *simulation);

#endif
