/* Opens c-ares with the settings that it does not read itself, and polls its sockets. */
#include "lookup/channels.h"

#include "lookup/settings.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

enum {
    FIRST_TIMEOUT_MS = 1000, /* if resolv.conf does not set it; it doubles with each try */
    SOCKET_BUFFER = 1 << 20, /* bytes, enough for the queries of all names at once */
};

void channels_init(struct channels *channels, const char *resolv_conf, const char *servers,
                   int wake)
{
    *channels = (struct channels){.resolv_conf = resolv_conf,
                                  .servers = servers,
                                  .polled = {{.fd = wake, .events = POLLIN}},
                                  .n_polled = 1};
}

/* c-ares calls this whenever a socket must be polled for something else. */
static void on_socket(void *context, ares_socket_t fd, int reads, int writes)
{
    struct channels_side *side = context;
    struct channels *channels = side->all;
    nfds_t at = 1;

    while (at < channels->n_polled &&
           (channels->polled[at].fd != fd || channels->owners[at] != side))
        at++;
    if (!reads && !writes && at < channels->n_polled) {
        channels->polled[at] = channels->polled[--channels->n_polled];
        channels->owners[at] = channels->owners[channels->n_polled];
    } else if ((reads || writes) && at < CHANNELS_SOCKETS) {
        channels->polled[at] = (struct pollfd){
            .fd = fd, .events = (short)((reads ? POLLIN : 0) | (writes ? POLLOUT : 0))};
        channels->owners[at] = side;
        if (at == channels->n_polled)
            channels->n_polled++;
    }
}

static int count_servers(const char *servers)
{
    int n = 1;

    for (const char *at = servers; *at; at++)
        n += *at == ',';
    return n;
}

static void close_side(struct channels_side *side)
{
    if (side->channel)
        ares_destroy(side->channel);
    side->channel = NULL;
}

int channels_open(struct channels *channels, enum channels_which which)
{
    struct channels_side *side = &channels->sides[which];
    const char *path = channels->resolv_conf ? channels->resolv_conf : "/etc/resolv.conf";
    struct settings settings = settings_load(path);
    struct ares_options options = {
        .flags = which == CHANNELS_NO_FAILOVER ? ARES_FLAG_NOCHECKRESP : 0,
        .lookups = (char[]){"b"},
        .socket_send_buffer_size = SOCKET_BUFFER,
        .socket_receive_buffer_size = SOCKET_BUFFER,
        .resolvconf_path = (char *)(intptr_t)channels->resolv_conf,
        .timeout = settings.timeout_ms ? settings.timeout_ms : FIRST_TIMEOUT_MS,
        .tries = settings.tries,
        .sock_state_cb = on_socket,
        .sock_state_cb_data = side,
    };
    int mask = ARES_OPT_FLAGS | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_SNDBUF | ARES_OPT_SOCK_RCVBUF |
               ARES_OPT_TIMEOUTMS | ARES_OPT_SOCK_STATE_CB;
    int status;

    assert(which < CHANNELS);
    if (side->channel)
        return ARES_SUCCESS;
    mask |= channels->resolv_conf ? ARES_OPT_RESOLVCONF : 0;
    mask |= settings.tries ? ARES_OPT_TRIES : 0;
    side->all = channels;
    status = ares_init_options(&side->channel, &options, mask);
    if (status != ARES_SUCCESS)
        side->channel = NULL;
    else if (channels->servers)
        status = ares_set_servers_ports_csv(side->channel, channels->servers);
    channels->n_servers = channels->servers ? count_servers(channels->servers) : settings.servers;
    if (status != ARES_SUCCESS)
        close_side(side);
    return status;
}

/* First the sockets that are ready, then the queries that have timed out: on a busy machine, an
 * answer may have come in time and not have been read yet. */
static void process_events(struct channels *channels, const struct pollfd *ready,
                           struct channels_side *const *owners, nfds_t n)
{
    for (nfds_t i = 1; i < n; i++) {
        bool reads = ready[i].revents & (POLLIN | POLLERR | POLLHUP);
        bool writes = ready[i].revents & POLLOUT;

        if (reads || writes)
            ares_process_fd(owners[i]->channel, reads ? ready[i].fd : ARES_SOCKET_BAD,
                            writes ? ready[i].fd : ARES_SOCKET_BAD);
    }
    for (int i = 0; i < CHANNELS; i++) {
        if (channels->sides[i].channel)
            ares_process_fd(channels->sides[i].channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    }
}

void channels_wait(struct channels *channels, int ms)
{
    struct pollfd ready[CHANNELS_SOCKETS];
    struct channels_side *owners[CHANNELS_SOCKETS];
    nfds_t n = channels->n_polled;
    char bytes[64];

    /* Copies, because c-ares opens and closes sockets while it processes events. */
    memcpy(ready, channels->polled, n * sizeof *ready);
    memcpy(owners, channels->owners, n * sizeof(*owners));
    if (poll(ready, n, ms) < 0)
        return;
    if (ready[0].revents)
        (void)!read(ready[0].fd, bytes, sizeof bytes);
    process_events(channels, ready, owners, n);
}

void channels_close(struct channels *channels)
{
    for (int i = 0; i < CHANNELS; i++)
        close_side(&channels->sides[i]);
}
