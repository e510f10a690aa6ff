/* Finds out who is at fault if a connection fails: the endpoint or this machine. */
#define _GNU_SOURCE
#include "check/attempts.h"

#include "check/network.h"

#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/types.h>

#include <linux/errqueue.h>
#endif

enum { PORT_SIZE = 8 };

/* What this machine could not do, whatever the way to the endpoint. */
static const struct {
    int error;
    const char *reason;
} reasons[] = {
    {EMFILE, "too many open files (ulimit -n)"},
    {ENFILE, "the system's table of open files is full"},
    {ENOMEM, "out of memory"},
    {ENOBUFS, "out of memory for connections"},
    {EADDRNOTAVAIL, "no free port or address"},
    {ENETDOWN, "the network is down"},
    {EAFNOSUPPORT, "no support for this IP version"},
    {EPERM, "connecting is not permitted (firewall or sandbox of this machine)"},
};

static const char *reason_of(int error)
{
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].error == error)
            return reasons[i].reason;
    }
    return NULL;
}

/* Asks the kernel to keep who refused a connection. */
static void keep_errors(int fd, int family, int on)
{
#ifdef __linux__
    if (family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
    else
        setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
#else
    (void)fd, (void)family, (void)on;
#endif
}

curl_socket_t attempts_open(struct attempts *attempts, const struct curl_sockaddr *address)
{
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    struct peer *peer = &attempts->last;

    peer->error = fd < 0 ? errno : 0;
    peer->size = address->addrlen <= sizeof peer->address ? (socklen_t)address->addrlen : 0;
    memcpy(&peer->address, &address->addr, peer->size);
    if (fd < 0) {
        snprintf(attempts->reason, sizeof attempts->reason, "%s",
                 reason_of(peer->error) ? reason_of(peer->error) : strerror(peer->error));
        return CURL_SOCKET_BAD;
    }
    if (attempts->n < ATTEMPTS_MAX && peer->size > 0) {
        attempts->all[attempts->n++] = (struct attempt){.peer = *peer, .fd = fd};
        if (address->family != AF_UNIX)
            keep_errors(fd, address->family, 1);
    }
    return fd;
}

#ifdef __linux__

/* Reads who sent the ICMP error that ended the attempt, and the errno that it means. */
static enum attempts_refuser find_refuser(int fd, int *error)
{
    union {
        struct cmsghdr align;
        char bytes[512];
    } control;
    char payload[256];
    struct iovec into = {payload, sizeof payload};
    struct msghdr message = {.msg_iov = &into,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};

    if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
        return REFUSER_UNKNOWN;
    for (struct cmsghdr *at = CMSG_FIRSTHDR(&message); at; at = CMSG_NXTHDR(&message, at)) {
        const struct sock_extended_err *detail = (const void *)CMSG_DATA(at);
        bool is_error = (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_RECVERR) ||
                        (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_RECVERR);
        const struct sockaddr *offender = is_error ? SO_EE_OFFENDER(detail) : NULL;

        if (!is_error)
            continue;
        *error = (int)detail->ee_errno;
        if (detail->ee_origin == SO_EE_ORIGIN_LOCAL)
            return REFUSER_HERE;
        if (offender->sa_family == AF_INET || offender->sa_family == AF_INET6)
            return network_is_local(offender) ? REFUSER_HERE : REFUSER_ELSEWHERE;
    }
    return REFUSER_UNKNOWN;
}

#else

static enum attempts_refuser find_refuser(int fd, int *error)
{
    (void)fd, (void)error;
    return REFUSER_UNKNOWN;
}

#endif

static void write_reason(char *into, const char *before, const char *name, const char *after)
{
    snprintf(into, ATTEMPTS_REASON_SIZE, "%s%s%s%s", before, *name ? " " : "", name, after);
}

/* The local fault that the way to the peer shows. Returns false if it shows none. */
static bool explain_way(enum network_way way, const char *name, char *into)
{
    if (way == NETWORK_NO_ROUTE)
        write_reason(into, "no route to the network", "", "");
    else if (way == NETWORK_LINK_DOWN)
        write_reason(into, "the network link", name, " is down");
    else if (way == NETWORK_GATEWAY_SILENT)
        write_reason(into, "the gateway", name, " does not answer");
    else
        return false;
    return true;
}

/* Judges a refusal of this machine itself: that of the firewall, or a neighbour that does not
 * answer. Returns true if it is a local fault. */
static bool explain_local_refusal(enum network_way way, const char *name, int error, char *into)
{
    if (way == NETWORK_HERE || (way == NETWORK_HOST_SILENT && error == EHOSTUNREACH) ||
        way == NETWORK_UNKNOWN)
        return false;
    if (!explain_way(way, name, into))
        write_reason(into, "the firewall of this machine rejects the connection", "", "");
    return true;
}

/* Returns true if this user has no permission for a Unix socket. That shows nothing about its
 * server. */
static bool explain_socket(const struct peer *peer, char *into)
{
    char name[ATTEMPTS_PEER_SIZE];

    if (peer->error != EACCES)
        return false;
    attempts_name(peer, name);
    write_reason(into, "no permission to connect to", name, "");
    return true;
}

/* Returns true if this attempt failed by a local fault, and writes its reason. */
static bool explain_attempt(const struct peer *peer, enum attempts_refuser refuser, bool *is_unsure,
                            char *into)
{
    const struct sockaddr *address = (const struct sockaddr *)&peer->address;
    bool is_silent = peer->error == 0 || peer->error == ETIMEDOUT;
    char name[NETWORK_NAME_SIZE];
    enum network_way way;

    if (refuser == REFUSER_ELSEWHERE)
        return false;
    if (reason_of(peer->error)) {
        write_reason(into, reason_of(peer->error), "", "");
        return true;
    }
    if (address->sa_family == AF_UNIX)
        return explain_socket(peer, into);
    if (peer->error == ECONNREFUSED && refuser == REFUSER_UNKNOWN)
        return false;
    way = network_find(address, name);
    if (refuser == REFUSER_HERE)
        return explain_local_refusal(way, name, peer->error, into);
    if (explain_way(way, name, into))
        return true;
    if (peer->error == EACCES) {
        write_reason(into, reason_of(EPERM), "", "");
        return true;
    }
    if (is_silent && network_is_blocked(address, peer->size)) {
        write_reason(into, "the firewall of this machine drops the connection", "", "");
        return true;
    }
    if (is_silent && way == NETWORK_GATEWAY_UNSURE) {
        write_reason(into, "the gateway", name, " has not answered yet");
        *is_unsure = true;
        return true;
    }
    return false;
}

/* The state of a socket, such as TCP_SYN_SENT while it waits for an answer; -1: it has none. */
static int tcp_state(int fd)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof info;

    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) ? -1 : info.tcpi_state;
}

static bool is_connected(int state)
{
    return state == TCP_ESTABLISHED || state == TCP_CLOSE_WAIT;
}

bool attempts_are_connected(const struct attempts *attempts)
{
    for (size_t i = 0; i < attempts->n; i++) {
        const struct attempt *attempt = &attempts->all[i];

        if (attempt->fd < 0 ? attempt->is_connected : is_connected(tcp_state(attempt->fd)))
            return true;
    }
    return false;
}

/* The attempt that has connected. libcurl may keep the sockets of the others open for a while. */
static const struct attempt *find_connected(const struct attempts *attempts)
{
    const struct attempt *found = NULL;

    for (size_t i = 0; i < attempts->n; i++) {
        const struct attempt *attempt = &attempts->all[i];

        if (attempt->fd >= 0 && (!found || is_connected(tcp_state(attempt->fd))))
            found = attempt;
    }
    return found;
}

/* An established connection survives an ICMP error, as others do. */
void attempts_connected(struct attempts *attempts)
{
    const struct attempt *found = attempts->connected ? NULL : find_connected(attempts);

    attempts->connected = true;
    if (!found)
        return;
    attempts->last = found->peer;
    if (found->peer.address.ss_family != AF_UNIX)
        keep_errors(found->fd, found->peer.address.ss_family, 0);
}

void attempts_close(struct attempts *attempts, curl_socket_t fd, int error)
{
    for (size_t i = 0; i < attempts->n && !attempts->connected; i++) {
        struct attempt *attempt = &attempts->all[i];
        int state;

        if (attempt->fd != fd)
            continue;
        state = tcp_state(fd);
        attempt->peer.error = state == TCP_SYN_SENT ? 0 : error;
        attempt->is_connected = is_connected(state);
        if (attempt->peer.address.ss_family != AF_UNIX)
            attempt->refuser = find_refuser(fd, &attempt->peer.error);
        attempt->fd = -1;
    }
    close(fd);
}

static bool is_other_version(const struct peer *peer, const struct peer *than)
{
    return than->size > 0 && peer->address.ss_family != than->address.ss_family;
}

/* An attempt that the endpoint refused is more specific than one without an answer. */
void attempts_judge(struct attempts *attempts)
{
    for (size_t i = 0; i < attempts->n; i++) {
        const struct attempt *attempt = &attempts->all[i];
        bool is_local = explain_attempt(&attempt->peer, attempt->refuser, &attempts->is_unsure,
                                        attempts->reason);

        if (is_local)
            continue;
        if (attempts->blamed.size == 0 || attempt->peer.error) {
            if (is_other_version(&attempts->blamed, &attempt->peer))
                attempts->other = attempts->blamed;
            attempts->blamed = attempt->peer;
        } else if (is_other_version(&attempt->peer, &attempts->blamed)) {
            attempts->other = attempt->peer;
        }
    }
}

void attempts_name(const struct peer *peer, char name[ATTEMPTS_PEER_SIZE])
{
    const struct sockaddr *address = (const struct sockaddr *)&peer->address;
    const struct sockaddr_un *local = (const struct sockaddr_un *)&peer->address;
    char host[INET6_ADDRSTRLEN + IF_NAMESIZE], port[PORT_SIZE];
    size_t head = offsetof(struct sockaddr_un, sun_path);

    if (peer->size > head && address->sa_family == AF_UNIX) {
        bool is_abstract = !*local->sun_path;

        snprintf(name, ATTEMPTS_PEER_SIZE, "unix socket %s%.*s", is_abstract ? "@" : "",
                 (int)(peer->size - head - is_abstract), local->sun_path + is_abstract);
    } else if (peer->size == 0 || getnameinfo(address, peer->size, host, sizeof host, port,
                                              sizeof port, NI_NUMERICHOST | NI_NUMERICSERV)) {
        snprintf(name, ATTEMPTS_PEER_SIZE, "the server");
    } else {
        snprintf(name, ATTEMPTS_PEER_SIZE, "%s port %s", host, port);
    }
}
