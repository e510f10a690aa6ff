/*
 * dns ADDRESS:PORT [DELAY_MS [HOST_ADDRESS [silent|fail]]]: the name server of fake_dns.h as a
 * program, for tests and the bench. Prints its port, and serves until its standard input closes, so
 * it never outlives its parent.
 */
#include "fake_dns.h"

static int usage(void)
{
    fprintf(stderr,
            "usage: dns ADDRESS:PORT [DELAY_MS [HOST_ADDRESS [silent|fail]]]   (port 0: any)\n");
    return 64;
}

int main(int argc, char **argv)
{
    static struct fake_dns dns;
    struct in_addr any;
    char address[64], byte;
    int port;

    if (argc < 2 || argc > 5 ||
        (sscanf(argv[1], "%63[^:[]:%d", address, &port) != 2 &&
         sscanf(argv[1], "[%63[^]]]:%d", address, &port) != 2))
        return usage();
    if (argc > 2)
        dns.delay_ms = atoi(argv[2]);
    if (argc > 3)
        dns.address = argv[3];
    if (argc > 4) {
        dns.silent = strcmp(argv[4], "silent") == 0;
        dns.fails_all = !dns.silent;
    }
    if (dns.delay_ms < 0 || (dns.address && inet_pton(AF_INET, dns.address, &any) != 1))
        return usage();
    if (fake_dns_start(&dns, address, port)) {
        perror("dns");
        return 1;
    }
    printf("port=%d\n\n", dns.port);
    fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0)
        continue;
    fake_dns_stop(&dns);
    printf("questions=%d\n", atomic_load(&dns.questions));
    return 0;
}
