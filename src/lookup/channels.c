/* Opens c-ares with the settings that it does not read itself, and polls its sockets. */
#include "lookup/channels.h"

#include "lookup/dns_socket.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

enum {
    FIRST_TIMEOUT_MS = 1000, /* if resolv.conf does not set it; it doubles with each try */
    APART_TRIES = 2,         /* of each server; TCP is left if a firewall drops EDNS */
    FAILOVER_TRIES = 1,      /* of each server */
};

/* What is special about each kind of channel. */
static const struct {
    int flags, tries; /* 0: the tries of resolv.conf */
} kinds[] = {
    [CHANNELS_NO_FAILOVER] = {ARES_FLAG_NOCHECKRESP | ARES_FLAG_IGNTC, 0},
    [CHANNELS_FAILOVER] = {ARES_FLAG_IGNTC, FAILOVER_TRIES},
    [CHANNELS_APART] = {ARES_FLAG_IGNTC, APART_TRIES},
    [CHANNELS_APART_EDNS] = {ARES_FLAG_NOCHECKRESP | ARES_FLAG_IGNTC | ARES_FLAG_EDNS, APART_TRIES},
    [CHANNELS_APART_TCP] = {ARES_FLAG_USEVC, 0},
};

static int count_servers(const char *servers)
{
    int n = 1;

    for (const char *at = servers; *at; at++)
        n += *at == ',';
    return n;
}

void channels_init(struct channels *channels, const char *resolv_conf, const char *servers,
                   int wake)
{
    *channels = (struct channels){.resolv_conf = resolv_conf,
                                  .servers = servers,
                                  .polled = {{.fd = wake, .events = POLLIN}},
                                  .n_polled = 1};
    channels->settings = settings_load(resolv_conf ? resolv_conf : "/etc/resolv.conf");
    channels->n_servers = servers ? count_servers(servers) : (int)channels->settings.n_servers;
}

/* c-ares calls this whenever a socket must be polled for something else. */
static void on_socket(void *context, ares_socket_t fd, int reads, int writes)
{
    struct channels_side *side = context;
    struct channels *channels = side->all;
    nfds_t at = 1;

    while (at < channels->n_polled &&
           (channels->polled[at].fd != fd || channels->sockets[at].owner != side))
        at++;
    if (!reads && !writes && at < channels->n_polled) {
        channels->polled[at] = channels->polled[--channels->n_polled];
        channels->sockets[at] = channels->sockets[channels->n_polled];
    } else if ((reads || writes) && at < CHANNELS_SOCKETS) {
        channels->polled[at] = (struct pollfd){
            .fd = fd, .events = (short)((reads ? POLLIN : 0) | (writes ? POLLOUT : 0))};
        if (at == channels->n_polled) {
            channels->sockets[at] = (struct channels_socket){.owner = side};
            channels->n_polled++;
        }
    }
}

static void close_side(struct channels_side *side)
{
    if (side->channel)
        ares_destroy(side->channel);
    side->channel = NULL;
}

/* c-ares does not read servers with a zone, such as "fe80::1%eth0". */
static int set_servers(struct channels *channels, ares_channel channel)
{
    struct ares_addr_node nodes[SETTINGS_SERVERS_MAX] = {{0}};
    const struct settings *settings = &channels->settings;

    if (channels->servers)
        return ares_set_servers_ports_csv(channel, channels->servers);
    if (settings->n_servers == 0)
        return ARES_SUCCESS;
    for (size_t i = 0; i < settings->n_servers; i++) {
        nodes[i].family = settings->servers[i].family;
        nodes[i].next = i + 1 < settings->n_servers ? &nodes[i + 1] : NULL;
        memcpy(&nodes[i].addr, &settings->servers[i].address, sizeof nodes[i].addr);
    }
    return ares_set_servers(channel, nodes);
}

static int open_side(struct channels *channels, struct channels_side *side, int kind)
{
    const struct settings *settings = &channels->settings;
    int tries = kinds[kind].tries ? kinds[kind].tries : settings->tries;
    struct ares_options options = {
        .flags = kinds[kind].flags | (channels->n_servers < 2 ? ARES_FLAG_NOCHECKRESP : 0),
        .lookups = (char[]){"b"},
        .ednspsz = dns_socket_max_answer(kind),
        .resolvconf_path = (char *)(intptr_t)channels->resolv_conf,
        .timeout = settings->timeout_ms ? settings->timeout_ms : FIRST_TIMEOUT_MS,
        .tries = tries,
        .sock_state_cb = on_socket,
        .sock_state_cb_data = side,
    };
    int mask = ARES_OPT_FLAGS | ARES_OPT_LOOKUPS | ARES_OPT_EDNSPSZ | ARES_OPT_TIMEOUTMS |
               ARES_OPT_SOCK_STATE_CB;
    int status;

    mask |= channels->resolv_conf ? ARES_OPT_RESOLVCONF : 0;
    mask |= tries ? ARES_OPT_TRIES : 0;
    *side = (struct channels_side){.all = channels, .kind = kind};
    status = ares_init_options(&side->channel, &options, mask);
    if (status != ARES_SUCCESS) {
        side->channel = NULL;
        return status;
    }
    ares_set_socket_functions(side->channel, &dns_socket_functions, side);
    status = set_servers(channels, side->channel);
    if (status != ARES_SUCCESS)
        close_side(side);
    return status;
}

int channels_open(struct channels *channels, int kind)
{
    assert(kind < CHANNELS_SHARED);
    if (channels->sides[kind].channel)
        return ARES_SUCCESS;
    return open_side(channels, &channels->sides[kind], kind);
}

struct channels_side *channels_apart(struct channels *channels, int kind, int *status)
{
    struct channels_side *side = NULL;

    assert(kind >= CHANNELS_SHARED);
    *status = ARES_SUCCESS;
    for (int i = CHANNELS_SHARED; i < CHANNELS_SHARED + CHANNELS_MAX_APART; i++) {
        struct channels_side *at = &channels->sides[i];

        if (!at->is_busy && (!side || (at->channel && at->kind == kind)))
            side = at;
    }
    if (!side)
        return NULL;
    if (side->channel && side->kind != kind)
        close_side(side);
    if (!side->channel)
        *status = open_side(channels, side, kind);
    if (*status != ARES_SUCCESS)
        return NULL;
    side->is_busy = true;
    side->is_truncated = false;
    return side;
}

/* First the sockets that are ready, then the queries that have timed out: on a busy machine, an
 * answer may have come in time and not have been read yet. */
static void process_events(struct channels *channels, const struct pollfd *ready,
                           const struct channels_socket *sockets, nfds_t n)
{
    for (nfds_t i = 1; i < n; i++) {
        bool reads = ready[i].revents & (POLLIN | POLLERR | POLLHUP);
        bool writes = ready[i].revents & POLLOUT;

        if (reads || writes)
            ares_process_fd(sockets[i].owner->channel, reads ? ready[i].fd : ARES_SOCKET_BAD,
                            writes ? ready[i].fd : ARES_SOCKET_BAD);
    }
    for (int i = 0; i < CHANNELS_SHARED + CHANNELS_MAX_APART; i++) {
        if (channels->sides[i].channel)
            ares_process_fd(channels->sides[i].channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    }
}

void channels_wait(struct channels *channels, int ms)
{
    struct pollfd ready[CHANNELS_SOCKETS];
    struct channels_socket sockets[CHANNELS_SOCKETS];
    nfds_t n = channels->n_polled;
    char bytes[64];

    /* Copies, because c-ares opens and closes sockets while it processes events. */
    memcpy(ready, channels->polled, n * sizeof *ready);
    memcpy(sockets, channels->sockets, n * sizeof *sockets);
    if (poll(ready, n, ms) < 0)
        return;
    if (ready[0].revents)
        (void)!read(ready[0].fd, bytes, sizeof bytes);
    process_events(channels, ready, sockets, n);
}

void channels_close(struct channels *channels)
{
    for (int i = 0; i < CHANNELS_SHARED + CHANNELS_MAX_APART; i++)
        close_side(&channels->sides[i]);
}
