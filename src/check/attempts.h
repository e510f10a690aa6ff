#ifndef CHECK_ATTEMPTS_H
#define CHECK_ATTEMPTS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/*
 * The attempts of a transfer to connect: libcurl tries one address after the other, and both IP
 * versions at once. The code of an error does not show who is at fault; the socket and the kernel's
 * tables do:
 *
 * - If a router or host elsewhere refused (ICMP, or a reset), the endpoint is at fault.
 * - If this machine refused (no route, its firewall, its sandbox), it is a local fault.
 * - If there is no permission for a Unix socket, it is a local fault: another user can connect.
 * - If a neighbour does not answer: a gateway is a local fault, a host on our own network is the
 *   endpoint.
 *
 * If one attempt failed because of the endpoint, that counts. Otherwise it is a local fault.
 */

/* An address that the transfer tried to connect to. */
struct peer {
    struct sockaddr_storage address;
    socklen_t size; /* 0: none */
    int error;      /* errno of the failed attempt; 0: not known, or no answer */
};

enum { ATTEMPTS_MAX = 8, ATTEMPTS_REASON_SIZE = 192, ATTEMPTS_PEER_SIZE = 136 };

/* Who refused a connection, if its socket knows. */
enum attempts_refuser { REFUSER_UNKNOWN, REFUSER_HERE, REFUSER_ELSEWHERE };

/* All zero: no attempt yet. */
struct attempts {
    struct attempt {
        struct peer peer;
        int fd;            /* -1: closed */
        bool is_connected; /* it was, when it was closed */
        enum attempts_refuser refuser;
    } all[ATTEMPTS_MAX]; /* the first ones */
    size_t n;
    bool connected;
    struct peer last; /* the address that was tried last; once connected: the one that is */

    /* Set by attempts_judge. */
    struct peer blamed;                /* the endpoint, if it is at fault */
    struct peer other;                 /* the same over the other IP version, if that failed too */
    char reason[ATTEMPTS_REASON_SIZE]; /* the local fault, if the endpoint is not; "": not known */
    bool is_unsure; /* a gateway may still turn out to be dead: trying again shows it */
};

/* Opens a socket for an address. Returns it, or CURL_SOCKET_BAD. */
curl_socket_t attempts_open(struct attempts *attempts, const struct curl_sockaddr *address);

/* The connection is established: the failures that follow are not those of an attempt. */
void attempts_connected(struct attempts *attempts);

/* Closes a socket that attempts_open returned. error: the errno of its attempt, if that failed. */
void attempts_close(struct attempts *attempts, curl_socket_t fd, int error);

/* Whether one of the attempts has connected. */
bool attempts_are_connected(const struct attempts *attempts);

/* Writes "127.0.0.1 port 8080", "unix socket /run/app.sock", or "the server" if it is not known. */
void attempts_name(const struct peer *peer, char name[ATTEMPTS_PEER_SIZE]);

/* Finds out who is at fault, once the transfer has failed to connect. Attempts whose sockets are
 * open got no answer in time. */
void attempts_judge(struct attempts *attempts);

#endif
