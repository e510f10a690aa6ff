#ifndef SPACE_H
#define SPACE_H

#include "e2e.h"

/* A network and files of /etc that only a test program and its children see. The processes in it
 * can use the port of name servers, and any hosts and routes. */

/* Creates one for the whole program; only loopback is up. Call it before starting any thread or
 * world. If this machine allows none, space_need skips the tests. */
void space_enter(void);
void space_need(struct e2e *world);

/* Replaces a file of /etc (its path a constant) with this text until the next call. Skips the test
 * if this machine allows no space. */
void space_file(struct e2e *world, const char *path, const char *text);

/* Sets up name lookups: these hosts, one name server at 127.0.0.1, and nothing else. */
void space_names(struct e2e *world, const char *hosts);

/* Gives loopback an IPv6 address. Returns whether this machine can do that. */
bool space_add_v6(const char *address);

/* Writes a file of /proc/sys/net of this network. */
void space_set(struct e2e *world, const char *name, const char *value);

/* The number of packets that arrived at no socket, as counted by the kernel. */
long space_unwanted_packets(struct e2e *world);

/*
 * Starts the name server of tests/dns at 127.0.0.1:53. Each answer takes delay_ms; all hosts are at
 * 127.0.0.1. It ends with the test program, or with space_stop_dns, which returns how many
 * questions it got.
 */
void space_start_dns(struct e2e *world, int delay_ms);
void space_start_dns_at(struct e2e *world, const char *address,
                        int delay_ms); /* "[fe80::1%v0]:53" */
int space_stop_dns(void);

#endif
