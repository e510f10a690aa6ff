/*
 * hang N: a server that never answers, on one port of N addresses (127.2.0.1 to 127.2.0.250, then
 * 127.2.1.1 and so on). Prints the port, then does nothing. The kernel completes the handshakes and
 * keeps the connections, so the server has no part in the measurement.
 */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 4096, PER_NET = 250, TRIES = 20 };

/* Listens on the address with this number; port 0: any. Returns the socket, or -1. */
static int listen_on(int i, in_port_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = port};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr =
        htonl(0x7F020000U | (unsigned)(i / PER_NET) << 8 | (unsigned)(i % PER_NET + 1));
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        listen(fd, BACKLOG) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static in_port_t port_of(int fd)
{
    struct sockaddr_in address = {.sin_port = 0};
    socklen_t size = sizeof address;

    getsockname(fd, (struct sockaddr *)&address, &size);
    return address.sin_port;
}

/*
 * Returns false if the port is in use on one of the addresses; the caller then tries another port.
 */
static bool listen_on_all(int n, int *fds)
{
    in_port_t port;
    int i;

    fds[0] = listen_on(0, 0);
    if (fds[0] < 0)
        return false;
    port = port_of(fds[0]);
    for (i = 1; i < n; i++) {
        fds[i] = listen_on(i, port);
        if (fds[i] < 0)
            break;
    }
    if (i == n)
        return true;
    while (i-- > 0)
        close(fds[i]);
    return false;
}

int main(int argc, char **argv)
{
    int n = argc == 2 ? atoi(argv[1]) : 0;
    int *fds = n > 0 ? calloc((size_t)n, sizeof *fds) : NULL;

    for (int i = 0; fds && i < TRIES; i++) {
        if (!listen_on_all(n, fds))
            continue;
        printf("%d\n", ntohs(port_of(fds[0])));
        fflush(stdout);
        for (;;)
            pause();
    }
    perror("hang");
    return 1;
}
