#ifndef ROUTER_H
#define ROUTER_H

#include "e2e.h"

#include <sys/types.h>

/*
 *   this machine            router                    elsewhere
 *   10.8.0.1, fd08::1 ----- 10.8.0.254, fd08::254 --- 10.70.0.0/16 and others
 */
struct router {
    pid_t pid;
    int alive; /* the router ends when this is closed */
};

/* Starts the network, in a space. The command ./router runs a command in the router. A neighbour
 * that does not answer is given up after 150 ms instead of 3 s. Skips the test if commands are
 * missing. */
void router_network(struct e2e *world, struct router *router);

void router_stop(struct e2e *world, struct router *router);

#endif
