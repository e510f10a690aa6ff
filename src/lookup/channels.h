#ifndef LOOKUP_CHANNELS_H
#define LOOKUP_CHANNELS_H

#include "lookup/settings.h"

#include <ares.h>
#include <poll.h>
#include <stdatomic.h>

/*
 * The channels of c-ares that send queries to name servers, and their sockets.
 *
 * If a socket fails, c-ares 1.18 gives up all queries of the channel to that server. Therefore the
 * two channels that most names share use UDP only. A name that needs more is asked for apart, in a
 * channel that no other query is in.
 *
 * If a server refuses a query, c-ares asks the next server. If that fails too, it reports only that
 * no server could be reached, which would be a local fault and never recorded as DOWN. Therefore
 * the first channel reports every refusal, and the others ask the other servers.
 */
enum channels_kind {
    CHANNELS_NO_FAILOVER, /* shared */
    CHANNELS_FAILOVER,    /* shared */
    CHANNELS_APART,       /* one query */
    CHANNELS_APART_EDNS,  /* one query, for an answer that does not fit into 512 bytes */
    CHANNELS_APART_TCP,   /* one query */
    CHANNELS_SHARED = CHANNELS_APART
};

enum { CHANNELS_MAX_APART = 16, CHANNELS_SOCKETS = 128 };

/* Must not be moved while it is open: c-ares keeps pointers into it. */
struct channels {
    const char *resolv_conf, *servers; /* as in struct lookup_sources */
    struct settings settings;          /* from resolv.conf */
    int n_servers;
    atomic_bool answered; /* a name server has answered any query since channels_init */
    struct channels_side {
        struct channels *all;
        ares_channel channel; /* NULL: not open */
        int kind;             /* enum channels_kind */
        bool is_busy;         /* apart: its query is not answered yet */
        bool is_truncated;    /* an answer did not fit into a packet; reported as ARES_ENOTIMP */
        bool has_failed;      /* a socket failed, and with it all its queries */
        size_t next_scope;
    } sides[CHANNELS_SHARED + CHANNELS_MAX_APART];
    struct pollfd polled[CHANNELS_SOCKETS]; /* the first one is the wake-up descriptor */
    struct channels_socket {
        struct channels_side *owner;
        bool is_heard; /* a packet has come in */
    } sockets[CHANNELS_SOCKETS];
    nfds_t n_polled;
};

/* Opens no channel yet. Both texts must outlive the channels. A byte that can be read from wake
 * ends channels_wait. */
void channels_init(struct channels *channels, const char *resolv_conf, const char *servers,
                   int wake);

/* Opens one of the shared channels (enum channels_kind), unless it is open. Returns ARES_SUCCESS,
 * or the status of c-ares. */
int channels_open(struct channels *channels, int kind);

/*
 * Returns a channel of this kind without a query, and marks it as busy; the caller sets is_busy to
 * false when the query has ended. Returns NULL if all are busy, or with the status of c-ares if one
 * cannot be opened. Must not be called in a callback of c-ares.
 */
struct channels_side *channels_apart(struct channels *channels, int kind, int *status);

/* Waits for an event, for at most ms milliseconds (-1: no limit), then lets c-ares process what has
 * come and what has timed out. Callbacks of queries run inside this call. */
void channels_wait(struct channels *channels, int ms);

/* Closes all channels. The callbacks of pending queries run with ARES_EDESTRUCTION. */
void channels_close(struct channels *channels);

#endif
