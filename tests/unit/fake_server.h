#ifndef FAKE_SERVER_H
#define FAKE_SERVER_H

/* A server on loopback that misbehaves as a test needs: a thread that accepts one connection at a
 * time and lets a function of the test answer it. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct fake {
    int listener;
    int port;
    int wake[2]; /* closed to end the thread, and everything that hangs */
    pthread_t thread;
    void (*answer)(struct fake *fake, int fd);
    void *context;
    atomic_int requests;
    char request[16 << 10]; /* the latest; read it after the server is stopped */
    size_t request_size;
};

static inline void fake_send(int fd, const void *bytes, size_t size)
{
    const char *from = bytes;

    while (size > 0) {
        ssize_t n = send(fd, from, size, MSG_NOSIGNAL);

        if (n <= 0)
            return;
        from += n;
        size -= (size_t)n;
    }
}

static inline void fake_say(int fd, const char *text)
{
    fake_send(fd, text, strlen(text));
}

/* Waits until the client goes away, or the test ends. */
static inline void fake_hang(struct fake *fake, int fd)
{
    struct pollfd fds[2] = {{.fd = fd, .events = POLLIN}, {.fd = fake->wake[0]}};

    poll(fds, 2, -1);
}

/* Closes the connection with a reset. */
static inline void fake_reset(int fd)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

/* Whether the request is complete: its headers, and the body with the length that they give. */
static inline int fake_is_whole(const struct fake *fake)
{
    const char *end = strstr(fake->request, "\r\n\r\n");
    const char *length = strstr(fake->request, "Content-Length: ");
    size_t size;

    if (!end)
        return 0;
    size = (size_t)(end - fake->request) + 4;
    if (length && length < end)
        size += strtoul(length + strlen("Content-Length: "), NULL, 10);
    return fake->request_size >= size;
}

/* Reads a request into fake->request. */
static inline void fake_read(struct fake *fake, int fd)
{
    fake->request_size = 0;
    do {
        ssize_t n = recv(fd, fake->request + fake->request_size,
                         sizeof fake->request - 1 - fake->request_size, 0);

        if (n <= 0)
            break;
        fake->request_size += (size_t)n;
        fake->request[fake->request_size] = '\0';
    } while (!fake_is_whole(fake));
}

static inline void *fake_run(void *context)
{
    struct fake *fake = context;
    struct pollfd fds[2] = {{.fd = fake->listener, .events = POLLIN}, {.fd = fake->wake[0]}};

    while (poll(fds, 2, -1) > 0 && !fds[1].revents) {
        int fd = accept(fake->listener, NULL, NULL);

        if (fd < 0)
            continue;
        atomic_fetch_add(&fake->requests, 1);
        fake->answer(fake, fd);
        close(fd);
    }
    return NULL;
}

/*
 * Takes a port at this address of 127.0.0.0/8, which refuses connections until the caller closes
 * the descriptor. After that, another test may get the port and listen there.
 */
static inline int fake_refuse(const char *address, int *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(fd >= 0);
    inet_pton(AF_INET, address, &at.sin_addr);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    *port = ntohs(at.sin_port);
    return fd;
}

/* Listens at this address of 127.0.0.0/8. */
static inline int fake_listen(const char *address, int *port)
{
    int fd = fake_refuse(address, port);

    assert_int_equal(listen(fd, 1024), 0);
    return fd;
}

static inline void fake_start(struct fake *fake, void (*answer)(struct fake *, int), void *context)
{
    memset(fake, 0, sizeof *fake);
    fake->answer = answer;
    fake->context = context;
    fake->listener = fake_listen("127.0.0.1", &fake->port);
    assert_int_equal(pipe(fake->wake), 0);
    assert_int_equal(pthread_create(&fake->thread, NULL, fake_run, fake), 0);
}

static inline void fake_stop(struct fake *fake)
{
    close(fake->wake[1]);
    pthread_join(fake->thread, NULL);
    close(fake->wake[0]);
    close(fake->listener);
}

#endif
