/* free_port N: prints N ports, chosen by the kernel, that were free on loopback. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

static int print_one(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    inet_pton(AF_INET, "127.1.0.1", &address.sin_addr);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) ||
        getsockname(fd, (struct sockaddr *)&address, &size))
        return -1;
    printf("%d\n", ntohs(address.sin_port));
    return 0;
}

/* All stay bound until the end, so that no two are equal. */
int main(int argc, char **argv)
{
    int n = argc == 2 ? atoi(argv[1]) : 1;

    for (int i = 0; i < n; i++) {
        if (print_one()) {
            perror("free_port");
            return 1;
        }
    }
    return 0;
}
