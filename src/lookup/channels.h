#ifndef LOOKUP_CHANNELS_H
#define LOOKUP_CHANNELS_H

#include <ares.h>
#include <poll.h>

/*
 * The channels of c-ares that send queries to name servers, and their sockets.
 *
 * If a server refuses a query, c-ares 1.18 asks the next server. If that fails too, it reports only
 * that no server could be reached, which would be a local fault and never recorded as DOWN.
 * Therefore the first channel reports every refusal, and a second channel, opened when it is
 * needed, asks the other servers.
 */
enum channels_which { CHANNELS_NO_FAILOVER, CHANNELS_FAILOVER, CHANNELS };

enum { CHANNELS_SOCKETS = 64 };

/* Must not be moved while it is open: c-ares keeps pointers into it. */
struct channels {
    const char *resolv_conf, *servers; /* as in struct lookup_sources */
    int n_servers;
    struct channels_side {
        struct channels *all;
        ares_channel channel; /* NULL: not open */
    } sides[CHANNELS];
    struct pollfd polled[CHANNELS_SOCKETS]; /* the first one is the wake-up descriptor */
    struct channels_side *owners[CHANNELS_SOCKETS];
    nfds_t n_polled;
};

/* Opens no channel yet. Both texts must outlive the channels. A byte that can be read from wake
 * ends channels_wait. */
void channels_init(struct channels *channels, const char *resolv_conf, const char *servers,
                   int wake);

/* Opens a channel, unless it is open. Returns ARES_SUCCESS, or the status of c-ares. */
int channels_open(struct channels *channels, enum channels_which which);

/* Waits for an event, for at most ms milliseconds (-1: no limit), then lets c-ares process what has
 * come and what has timed out. Callbacks of queries run inside this call. */
void channels_wait(struct channels *channels, int ms);

/* Closes both channels. The callbacks of pending queries run with ARES_EDESTRUCTION. */
void channels_close(struct channels *channels);

#endif
