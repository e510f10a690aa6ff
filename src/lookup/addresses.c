#include "lookup/addresses.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TEXT_ROOM = INET6_ADDRSTRLEN + sizeof "[],", ALL_ROOM = 4 << 10, DISCARD_PORT = 9 };

bool addresses_is_one(const char *host)
{
    struct in6_addr v6;
    struct in_addr v4;
    char text[INET6_ADDRSTRLEN];
    size_t open = host[0] == '[', size;

    /* "10.1" and the like are written out by libcurl before it looks at them. */
    if (inet_aton(host, &v4))
        return true;
    size = strcspn(host + open, "%]");
    if (size >= sizeof text)
        return false;
    memcpy(text, host + open, size);
    text[size] = '\0';
    return inet_pton(AF_INET6, text, &v6) == 1;
}

void addresses_add(struct addresses *addresses, int family, const void *bytes)
{
    struct buffer *into = family == AF_INET6 ? &addresses->v6 : &addresses->v4;
    char text[TEXT_ROOM], number[INET6_ADDRSTRLEN];

    if (!inet_ntop(family, bytes, number, sizeof number))
        return;
    snprintf(text, sizeof text, family == AF_INET6 ? "[%s]," : "%s,", number);
    into->ceiling = ALL_ROOM;
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

/* Connecting a datagram socket sends nothing, but asks for a route as a connection does. */
static bool reaches(const struct buffer *v6)
{
    struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_port = htons(DISCARD_PORT)};
    char text[INET6_ADDRSTRLEN] = "";
    bool reached;
    int fd;

    sscanf(v6->data, "[%45[^]]", text);
    if (inet_pton(AF_INET6, text, &at.sin6_addr) != 1)
        return false;
    fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    reached = fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0;
    if (fd >= 0)
        close(fd);
    return reached;
}

int addresses_join(const struct addresses *addresses, int family, struct buffer *into)
{
    const struct buffer *v4 = &addresses->v4, *v6 = &addresses->v6;
    bool has_v4 = v4->size > 0 && family != AF_INET6;
    bool has_v6 = v6->size > 0 && family != AF_INET;
    bool v4_first = has_v4 && has_v6 && !reaches(v6);

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

void addresses_free(struct addresses *addresses)
{
    buffer_free(&addresses->v4);
    buffer_free(&addresses->v6);
}
