#ifndef SPACE_H
#define SPACE_H

#include "e2e.h"

/*
 * A network, and files of /etc, that only a test program and its children see: its processes may
 * take the port of name servers and have whatever hosts and routes they like.
 */

/* Takes one for the whole program, with loopback up and nothing else. To be called before any
 * thread and any world; where this machine allows none, space_need skips the tests. */
void space_take(void);
void space_need(struct e2e *world);

/* Puts this text in the place of a file of /etc (its path a constant), until another one comes;
 * skips the test where this machine has none. */
void space_file(struct e2e *world, const char *path, const char *text);

/* All that names need: these hosts, one name server at 127.0.0.1, and nothing but these two. */
void space_names(struct e2e *world, const char *hosts);

/* Gives loopback an IPv6 address. Returns whether this machine can. */
bool space_add_v6(const char *address);

/* A file of /proc/sys/net of this network. */
void space_set(struct e2e *world, const char *name, const char *value);

/* The packets that no socket waited for, as the kernel counts them. */
long space_unwanted_packets(struct e2e *world);

/*
 * The name server of tests/dns at 127.0.0.1:53, each answer after so long; all hosts are at
 * 127.0.0.1. It ends with the test program, or by space_stop_dns, which returns how many questions
 * it was asked.
 */
void space_start_dns(struct e2e *world, int delay_ms);
int space_stop_dns(void);

#endif
