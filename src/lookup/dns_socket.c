/* The sockets to name servers: what c-ares does not do with them, and what they show. */
#define _GNU_SOURCE
#include "lookup/dns_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    SOCKET_BUFFER = 1 << 20, /* bytes, enough for the queries of all names at once */
    PLAIN_MAX = 512,
    EDNS_MAX = 1232, /* fits into a packet on all usual paths, so it is not fragmented */
    HEADER = 12,
    NOTIMP = 4,
    REFUSED = 5, /* the last code that c-ares knows */
};

int dns_socket_max_answer(int kind)
{
    return kind == CHANNELS_APART_EDNS ? EDNS_MAX : PLAIN_MAX;
}

static ares_socket_t open_socket(int family, int type, int protocol, void *context)
{
    int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol), size = SOCKET_BUFFER;

    (void)context;
    if (fd < 0)
        return ARES_SOCKET_BAD;
    if (type == SOCK_DGRAM) {
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    }
    return fd;
}

static int close_socket(ares_socket_t fd, void *context)
{
    (void)context;
    return close(fd);
}

/* The interface of a link-local server; 0: none. Routers at two interfaces may have the same
 * address, so each connection takes the next one. */
static uint32_t find_scope(struct channels_side *side, const struct in6_addr *address)
{
    const struct settings *settings = &side->all->settings;

    for (size_t i = 0; i < settings->n_servers; i++) {
        size_t at = (side->next_scope + i) % settings->n_servers;
        const struct settings_server *server = &settings->servers[at];

        if (server->scope && memcmp(&server->address.v6, address, sizeof *address) == 0) {
            side->next_scope = at + 1;
            return server->scope;
        }
    }
    return 0;
}

static int connect_socket(ares_socket_t fd, const struct sockaddr *address, ares_socklen_t size,
                          void *context)
{
    struct sockaddr_in6 scoped;

    if (address->sa_family != AF_INET6 || size < sizeof scoped)
        return connect(fd, address, size);
    memcpy(&scoped, address, sizeof scoped);
    if (IN6_IS_ADDR_LINKLOCAL(&scoped.sin6_addr))
        scoped.sin6_scope_id = find_scope(context, &scoped.sin6_addr);
    return connect(fd, (struct sockaddr *)&scoped, sizeof scoped);
}

static struct channels_socket *find_socket(struct channels *channels, ares_socket_t fd)
{
    for (nfds_t i = 1; i < channels->n_polled; i++) {
        if (channels->polled[i].fd == fd)
            return &channels->sockets[i];
    }
    return NULL;
}

/*
 * An answer that does not fit gets another code, because c-ares would drop what exceeds its limit,
 * or take the rest for the whole and continue with the next search domain. It would take an answer
 * with a code that it does not know for one without an address.
 */
static void look_at(struct channels_side *side, unsigned char *packet, ssize_t size)
{
    bool is_answer = size >= HEADER && packet[2] & 0x80;

    if (!is_answer)
        return;
    atomic_store(&side->all->answered, true);
    if ((packet[3] & 0xf) > REFUSED)
        packet[3] = (unsigned char)((packet[3] & 0xf0) | REFUSED);
    if (!(packet[2] & 2) && size <= dns_socket_max_answer(side->kind))
        return;
    side->is_truncated = true;
    packet[2] &= (unsigned char)~2;
    packet[3] = (unsigned char)((packet[3] & 0xf0) | NOTIMP);
}

/*
 * Whether to ignore a failure of a socket for UDP, after which c-ares would give up all its
 * queries. Once the server has answered, only the query that caused the failure remains without an
 * answer. A query that is asked apart may have met a name server that is being restarted.
 */
static bool ignores_failure(const struct channels_side *side, const struct channels_socket *entry)
{
    if (entry && entry->is_heard)
        return true;
    return side->kind == CHANNELS_APART && atomic_load(&side->all->answered);
}

static ares_ssize_t receive(ares_socket_t fd, void *into, size_t size, int flags,
                            struct sockaddr *from, ares_socklen_t *from_size, void *context)
{
    struct channels_side *side = context;
    struct channels_socket *entry = find_socket(side->all, fd);
    ssize_t n = recvfrom(fd, into, size, flags, from, from_size);

    if (!from) {
        if (n > 0)
            atomic_store(&side->all->answered, true);
        return n;
    }
    if (n > 0)
        look_at(side, into, n);
    if (n > 0 && entry)
        entry->is_heard = true;
    else if (n < 0 && ignores_failure(side, entry))
        errno = EAGAIN;
    side->has_failed |= n < 0 && errno != EAGAIN && errno != EINTR;
    return n;
}

/* A failure may be that of an earlier packet, which the kernel reports once. */
static ares_ssize_t send_packet(ares_socket_t fd, const struct iovec *parts, int n, void *context)
{
    struct channels_side *side = context;
    ssize_t sent = writev(fd, parts, n);
    bool refused = sent < 0 && (errno == ECONNREFUSED || errno == EHOSTUNREACH);

    if (!refused || side->kind == CHANNELS_APART_TCP)
        return sent;
    sent = writev(fd, parts, n);
    if (sent < 0 && ignores_failure(side, find_socket(side->all, fd))) {
        sent = 0;
        for (int i = 0; i < n; i++)
            sent += (ssize_t)parts[i].iov_len;
    }
    return sent;
}

const struct ares_socket_functions dns_socket_functions = {open_socket, close_socket,
                                                           connect_socket, receive, send_packet};
