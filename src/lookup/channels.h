#ifndef LOOKUP_CHANNELS_H
#define LOOKUP_CHANNELS_H

#include <ares.h>
#include <poll.h>
#include <stdbool.h>

/*
 * The channels of c-ares by which name servers are asked, and their sockets.
 *
 * c-ares goes from a server that refuses to the next, and then says only that none could be
 * reached. That would be a fault of this machine, which a refusal is not. So the first channel
 * hears of every refusal, and another, opened at need, goes on to the other servers.
 */
enum channels_which { CHANNELS_NO_FAILOVER, CHANNELS_FAILOVER, CHANNELS };

enum { CHANNELS_SOCKETS = 64 };

struct channels {
    const char *resolv_conf, *servers; /* as in struct lookup_sources */
    int n_servers;
    struct channels_side {
        struct channels *all;
        ares_channel channel; /* NULL: not open */
    } sides[CHANNELS];
    struct pollfd polled[CHANNELS_SOCKETS]; /* the first one wakes */
    struct channels_side *owners[CHANNELS_SOCKETS];
    nfds_t n_polled;
};

/* Stays at one place until it is closed. wake: a descriptor that ends a wait. */
void channels_init(struct channels *channels, const char *resolv_conf, const char *servers,
                   int wake);

/* Opens one where it is not open yet. Returns what c-ares does. */
int channels_open(struct channels *channels, enum channels_which which);

/* Waits until something comes, this long at most (-1: for ever), and lets c-ares work on it. */
void channels_wait(struct channels *channels, int ms);

void channels_close(struct channels *channels);

#endif
