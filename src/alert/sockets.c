/* Keeps the sockets that libcurl uses. */
#include "alert/sockets.h"

#include <sys/socket.h>
#include <unistd.h>

void sockets_open(struct sockets *sockets)
{
    pthread_mutex_init(&sockets->mutex, NULL);
    for (int i = 0; i < SOCKETS_MAX; i++)
        sockets->fd[i] = -1;
}

void sockets_close(struct sockets *sockets)
{
    pthread_mutex_destroy(&sockets->mutex);
}

static void replace_socket(struct sockets *sockets, int from, int to)
{
    pthread_mutex_lock(&sockets->mutex);
    for (int i = 0; i < SOCKETS_MAX; i++) {
        if (sockets->fd[i] == from) {
            sockets->fd[i] = to;
            break;
        }
    }
    pthread_mutex_unlock(&sockets->mutex);
}

int sockets_add(struct sockets *sockets, int family, int type, int protocol)
{
    int fd = socket(family, type | SOCK_CLOEXEC, protocol);

    if (fd >= 0)
        replace_socket(sockets, -1, fd);
    return fd;
}

/* Forgotten first: another thread may get its number at once. */
int sockets_remove(struct sockets *sockets, int fd)
{
    replace_socket(sockets, fd, -1);
    return close(fd);
}

void sockets_cut(struct sockets *sockets, int how)
{
    pthread_mutex_lock(&sockets->mutex);
    for (int i = 0; i < SOCKETS_MAX; i++) {
        if (sockets->fd[i] >= 0)
            shutdown(sockets->fd[i], how);
    }
    pthread_mutex_unlock(&sockets->mutex);
}
