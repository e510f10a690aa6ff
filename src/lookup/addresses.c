/* Lists of IP addresses as text, and the order in which to try them. */
#include "lookup/addresses.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_SIZE = INET6_ADDRSTRLEN + sizeof "[],", LIST_MAX = 4 << 10, DISCARD_PORT = 9 };

bool addresses_is_literal(const char *host)
{
    struct in6_addr v6;
    struct in_addr v4;
    char text[INET6_ADDRSTRLEN];
    size_t open = host[0] == '[', size;

    /* libcurl also completes short forms such as "10.1". */
    if (inet_aton(host, &v4))
        return true;
    size = strcspn(host + open, "%]");
    if (size >= sizeof text)
        return false;
    memcpy(text, host + open, size);
    text[size] = '\0';
    return inet_pton(AF_INET6, text, &v6) == 1;
}

bool addresses_is_unspecified(int family, const void *bytes)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    static const unsigned char zeros[16];
    size_t prefix = family == AF_INET6 && memcmp(bytes, mapped, sizeof mapped) == 0 ? 12 : 0;
    size_t size = family == AF_INET6 ? sizeof(struct in6_addr) : sizeof(struct in_addr);

    return memcmp((const unsigned char *)bytes + prefix, zeros, size - prefix) == 0;
}

void addresses_add(struct addresses *addresses, int family, const void *bytes)
{
    struct buffer *into = family == AF_INET6 ? &addresses->v6 : &addresses->v4;
    char text[TEXT_SIZE], number[INET6_ADDRSTRLEN];

    assert(family == AF_INET || family == AF_INET6);
    if (addresses_is_unspecified(family, bytes)) {
        addresses->has_unspecified = true;
        return;
    }
    if (!inet_ntop(family, bytes, number, sizeof number))
        return;
    snprintf(text, sizeof text, family == AF_INET6 ? "[%s]," : "%s,", number);
    into->ceiling = LIST_MAX;
    for (const char *at = into->data; at && (at = strstr(at, text)); at++) {
        if (at == into->data || at[-1] == ',')
            return;
    }
    buffer_puts(into, text);
}

bool addresses_is_empty(const struct addresses *addresses)
{
    return addresses->v4.size == 0 && addresses->v6.size == 0;
}

int addresses_route_error(const struct sockaddr *address, socklen_t size)
{
    int fd = socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int error = 0;

    /* Connecting a datagram socket sends nothing, but looks for a route as a connection does. */
    if (fd < 0 || connect(fd, address, size))
        error = errno;
    if (fd >= 0)
        close(fd);
    return error;
}

/* Whether there is a route to the first address of the list. */
static bool has_v6_route(const struct buffer *v6)
{
    struct sockaddr_in6 first = {.sin6_family = AF_INET6, .sin6_port = htons(DISCARD_PORT)};
    char text[INET6_ADDRSTRLEN] = "";

    sscanf(v6->data, "[%45[^]]", text);
    return inet_pton(AF_INET6, text, &first.sin6_addr) == 1 &&
           addresses_route_error((struct sockaddr *)&first, sizeof first) == 0;
}

int addresses_join(const struct addresses *addresses, int family, struct buffer *into)
{
    const struct buffer *v4 = &addresses->v4, *v6 = &addresses->v6;
    bool has_v4 = v4->size > 0 && family != AF_INET6;
    bool has_v6 = v6->size > 0 && family != AF_INET;
    bool v4_first = has_v4 && has_v6 && !has_v6_route(v6);

    if (v4_first)
        buffer_append(into, v4->data, v4->size);
    if (has_v6)
        buffer_append(into, v6->data, v6->size);
    if (has_v4 && !v4_first)
        buffer_append(into, v4->data, v4->size);
    if (into->failed || into->size == 0)
        return -1;
    into->data[--into->size] = '\0'; /* the last comma */
    return 0;
}

static int count_commas(const char *list)
{
    int n = 0;

    for (; *list; list++)
        n += *list == ',';
    return n;
}

const char *addresses_from(const char *list, int n)
{
    for (n %= count_commas(list) + 1; n > 0; n--)
        list = strchr(list, ',') + 1;
    return list;
}

void addresses_free(struct addresses *addresses)
{
    buffer_free(&addresses->v4);
    buffer_free(&addresses->v6);
}
