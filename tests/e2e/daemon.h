#ifndef DAEMON_H
#define DAEMON_H

#include "e2e.h"

#include <sys/types.h>

/* Real servers and proxies on free ports of loopback, in the folder of a test. */

enum { DAEMON_PORTS_MAX = 9 };

/* Ports that were free a moment ago. */
struct daemon_ports {
    int of[DAEMON_PORTS_MAX + 1]; /* of[0] is not used */
};
void daemon_choose_ports(struct daemon_ports *ports);

/* The text with "$1" to "$9" replaced by the numbers of the ports. */
char *daemon_expand(struct e2e *world, const char *text, const struct daemon_ports *ports);

/*
 * Starts a program with these arguments (the last one NULL), which must stay in the foreground, and
 * waits until this port answers. Its output goes to NAME.out. It ends with the test program at the
 * latest. Returns -1 if it has ended, because someone else took a port. Fails if the program is
 * missing.
 */
pid_t daemon_start(struct e2e *world, int port, char *const *arguments);

/* Starts nginx with this configuration, in which the ports are chosen and filled in. "$1" must be a
 * port of it. */
pid_t daemon_start_nginx(struct e2e *world, const char *conf, struct daemon_ports *ports);

/* -1 is allowed. */
void daemon_stop(pid_t pid);

#endif
