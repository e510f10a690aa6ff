/* Asks the kernel, by netlink, for routes, gateways and links. */
#define _GNU_SOURCE
#include "check/network.h"

#include "lookup/addresses.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

bool network_is_blocked(const struct sockaddr *address, socklen_t size)
{
    bool v6 = address->sa_family == AF_INET6;
    int fd = socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;
    bool blocked = false;

    if (fd < 0)
        return false;
    if (setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_UNICAST_HOPS : IP_TTL, &one,
                   sizeof one) == 0)
        blocked = sendto(fd, "", 1, 0, address, size) < 0 && errno == EPERM;
    close(fd);
    return blocked;
}

/* Without netlink, as in some sandboxes. */
static enum network_way guess_way(const struct sockaddr *address)
{
    socklen_t size =
        address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);

    return addresses_route_error(address, size) ? NETWORK_NO_ROUTE : NETWORK_UNKNOWN;
}

#ifdef __linux__
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

enum { REPLY_SIZE = 16 << 10, ADDRESS_MAX = sizeof(struct in6_addr), NO_ENTRY = 0 };

struct message {
    struct nlmsghdr header;
    union {
        struct rtmsg route;
        struct ndmsg neighbour;
        struct ifinfomsg link;
    } body;
    char attributes[64];
};

/* A route: its type, interface, and gateway if there is one. */
struct route {
    int type, error, interface, gateway_family; /* 0: no gateway */
    unsigned char gateway[ADDRESS_MAX];
};

static void begin_message(struct message *message, int type, size_t body)
{
    *message = (struct message){.header = {.nlmsg_len = (uint32_t)NLMSG_LENGTH(body),
                                           .nlmsg_type = (uint16_t)type,
                                           .nlmsg_flags = NLM_F_REQUEST}};
}

static void add_attribute(struct message *message, int type, const void *data, size_t size)
{
    char *end = (char *)message + NLMSG_ALIGN(message->header.nlmsg_len);
    struct rtattr attribute = {.rta_len = (unsigned short)RTA_LENGTH(size),
                               .rta_type = (unsigned short)type};

    memcpy(end, &attribute, sizeof attribute);
    memcpy(end + RTA_LENGTH(0), data, size);
    message->header.nlmsg_len =
        (uint32_t)(NLMSG_ALIGN(message->header.nlmsg_len) + RTA_ALIGN(attribute.rta_len));
}

/* Sends a message and receives the reply to it. Returns its header, or NULL if there is none. */
static const struct nlmsghdr *ask_kernel(const struct message *message, char reply[REPLY_SIZE])
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    const struct nlmsghdr *header = (const void *)reply;
    ssize_t n = -1;

    if (fd < 0)
        return NULL;
    if (send(fd, message, message->header.nlmsg_len, 0) >= 0)
        n = recv(fd, reply, REPLY_SIZE, 0);
    close(fd);
    return n >= (ssize_t)sizeof *header && header->nlmsg_len <= (size_t)n ? header : NULL;
}

/* The errno of a reply that is an error; 0: it is none. */
static int reply_error(const struct nlmsghdr *reply)
{
    const struct nlmsgerr *error = NLMSG_DATA(reply);

    return reply->nlmsg_type == NLMSG_ERROR ? -error->error : 0;
}

static void read_attribute(const struct rtattr *attribute, int family, struct route *route)
{
    const void *data = RTA_DATA(attribute);
    size_t size = RTA_PAYLOAD(attribute);
    const struct rtvia *via = data;

    if (attribute->rta_type == RTA_OIF && size >= sizeof(int)) {
        memcpy(&route->interface, data, sizeof(int));
    } else if (attribute->rta_type == RTA_GATEWAY && size <= ADDRESS_MAX) {
        route->gateway_family = family;
        memcpy(route->gateway, data, size);
    } else if (attribute->rta_type == RTA_VIA && size > sizeof *via &&
               size - sizeof *via <= ADDRESS_MAX) {
        route->gateway_family = via->rtvia_family;
        memcpy(route->gateway, via->rtvia_addr, size - sizeof *via);
    }
}

static void read_route(const struct nlmsghdr *reply, struct route *route)
{
    const char *at = NLMSG_DATA(reply), *end = (const char *)reply + reply->nlmsg_len;
    const struct rtmsg *body = (const void *)at;
    const struct rtattr *attribute;

    route->type = body->rtm_type;
    at += NLMSG_ALIGN(sizeof *body);
    for (; end - at >= (ptrdiff_t)sizeof *attribute; at += RTA_ALIGN(attribute->rta_len)) {
        attribute = (const void *)at;
        if (attribute->rta_len < sizeof *attribute || attribute->rta_len > end - at)
            return;
        read_attribute(attribute, body->rtm_family, route);
    }
}

static const void *address_bytes(const struct sockaddr *address, size_t *size)
{
    const void *at = address;
    bool v6 = address->sa_family == AF_INET6;

    *size = v6 ? sizeof(struct in6_addr) : sizeof(struct in_addr);
    return v6 ? (const void *)&((const struct sockaddr_in6 *)at)->sin6_addr
              : (const void *)&((const struct sockaddr_in *)at)->sin_addr;
}

/* Returns 0, or -1 if the kernel cannot be asked. */
static int find_route(const struct sockaddr *address, struct route *route)
{
    char reply[REPLY_SIZE] __attribute__((aligned(8)));
    const struct nlmsghdr *header;
    struct message message;
    size_t size;
    const void *bytes = address_bytes(address, &size);
    const struct sockaddr_in6 *v6 = (const void *)address;

    begin_message(&message, RTM_GETROUTE, sizeof message.body.route);
    message.body.route.rtm_family = (unsigned char)address->sa_family;
    message.body.route.rtm_dst_len = (unsigned char)(8 * size);
    add_attribute(&message, RTA_DST, bytes, size);
    if (address->sa_family == AF_INET6 && v6->sin6_scope_id)
        add_attribute(&message, RTA_OIF, &v6->sin6_scope_id, sizeof v6->sin6_scope_id);
    header = ask_kernel(&message, reply);
    if (!header)
        return -1;
    *route = (struct route){.error = reply_error(header)};
    if (header->nlmsg_type == RTM_NEWROUTE)
        read_route(header, route);
    return 0;
}

/* The state of a neighbour (NUD_...); NO_ENTRY: the kernel does not know it. */
static int find_neighbour(int family, const void *bytes, int interface)
{
    char reply[REPLY_SIZE] __attribute__((aligned(8)));
    const struct nlmsghdr *header;
    struct message message;

    begin_message(&message, RTM_GETNEIGH, sizeof message.body.neighbour);
    message.body.neighbour.ndm_family = (unsigned char)family;
    message.body.neighbour.ndm_ifindex = interface;
    add_attribute(&message, NDA_DST, bytes,
                  family == AF_INET6 ? sizeof(struct in6_addr) : sizeof(struct in_addr));
    header = ask_kernel(&message, reply);
    if (!header || header->nlmsg_type != RTM_NEWNEIGH)
        return NO_ENTRY;
    return ((const struct ndmsg *)NLMSG_DATA(header))->ndm_state;
}

static bool is_link_down(int interface)
{
    char reply[REPLY_SIZE] __attribute__((aligned(8)));
    const struct nlmsghdr *header;
    struct message message;

    begin_message(&message, RTM_GETLINK, sizeof message.body.link);
    message.body.link.ifi_index = interface;
    header = ask_kernel(&message, reply);
    return header && header->nlmsg_type == RTM_NEWLINK &&
           !(((const struct ifinfomsg *)NLMSG_DATA(header))->ifi_flags & IFF_RUNNING);
}

/* A neighbour that answers is asked by NUD_PROBE for some milliseconds only. */
static enum network_way judge_neighbour(const struct route *route, int state)
{
    bool silent = state & (NUD_INCOMPLETE | NUD_FAILED | NUD_PROBE);

    if (!route->gateway_family)
        return silent ? NETWORK_HOST_SILENT : NETWORK_HOST;
    if (silent)
        return NETWORK_GATEWAY_SILENT;
    return state & (NUD_STALE | NUD_DELAY) ? NETWORK_GATEWAY_UNSURE : NETWORK_GATEWAY;
}

enum network_way network_find(const struct sockaddr *address, char name[NETWORK_NAME_SIZE])
{
    struct route route;
    char interface[IF_NAMESIZE];
    size_t size;
    const void *neighbour = address_bytes(address, &size);
    int family = address->sa_family;

    *name = '\0';
    if (find_route(address, &route))
        return guess_way(address);
    if (route.type == RTN_LOCAL)
        return NETWORK_HERE;
    if (route.error || route.type != RTN_UNICAST)
        return NETWORK_NO_ROUTE;
    if (is_link_down(route.interface)) {
        if (if_indextoname((unsigned)route.interface, interface))
            memcpy(name, interface, strlen(interface) + 1);
        return NETWORK_LINK_DOWN;
    }
    if (route.gateway_family) {
        family = route.gateway_family;
        neighbour = route.gateway;
        inet_ntop(family, route.gateway, name, NETWORK_NAME_SIZE);
    }
    return judge_neighbour(&route, find_neighbour(family, neighbour, route.interface));
}

#else

enum network_way network_find(const struct sockaddr *address, char name[NETWORK_NAME_SIZE])
{
    *name = '\0';
    return guess_way(address);
}

#endif

bool network_is_local(const struct sockaddr *address)
{
    char name[NETWORK_NAME_SIZE];
    enum network_way way = network_find(address, name);
    socklen_t size =
        address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    bool local;
    int fd;

    if (way != NETWORK_UNKNOWN)
        return way == NETWORK_HERE;

    /* Only an address of this machine can be bound to. */
    fd = socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    local = fd >= 0 && bind(fd, address, size) == 0;
    if (fd >= 0)
        close(fd);
    return local;
}
