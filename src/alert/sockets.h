#ifndef ALERT_SOCKETS_H
#define ALERT_SOCKETS_H

#include <pthread.h>

/* The open sockets of a multi handle of libcurl, so that another thread can end what it waits for.
 */
enum { SOCKETS_MAX = 8 };

struct sockets {
    pthread_mutex_t mutex;
    int fd[SOCKETS_MAX]; /* -1: none */
};

void sockets_open(struct sockets *sockets);
void sockets_close(struct sockets *sockets);

/* Open and close one of them. A socket that is one too many is not cut. Return -1 with errno. */
int sockets_add(struct sockets *sockets, int family, int type, int protocol);
int sockets_remove(struct sockets *sockets, int fd);

/* Shuts all of them down: SHUT_RD or SHUT_RDWR. Any thread may call this. */
void sockets_cut(struct sockets *sockets, int how);

#endif
