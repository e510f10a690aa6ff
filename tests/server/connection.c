/* A connection, plain or TLS: reading, writing, waiting and closing. */
#include "awkward.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MINUTE_MS = 60 * 1000 };

ssize_t connection_read(struct connection *from, void *bytes, size_t max_size)
{
    ssize_t n;

    if (from->ssl)
        return SSL_read(from->ssl, bytes, (int)max_size);
    do
        n = recv(from->fd, bytes, max_size, 0);
    while (n < 0 && errno == EINTR);
    return n;
}

int connection_send(struct connection *to, const void *bytes, size_t size)
{
    const char *at = bytes;

    while (size > 0) {
        size_t step = size < 16384 ? size : 16384;
        ssize_t n =
            to->ssl ? SSL_write(to->ssl, at, (int)step) : send(to->fd, at, size, MSG_NOSIGNAL);

        if (n < 0 && !to->ssl && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        at += n;
        size -= (size_t)n;
    }
    return 0;
}

int connection_puts(struct connection *to, const char *text)
{
    return connection_send(to, text, strlen(text));
}

int connection_printf(struct connection *to, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    int length, result;

    va_start(args, format);
    length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    text = length < 0 ? NULL : malloc((size_t)length + 1);
    if (!text)
        return -1;
    va_start(args, format);
    vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    result = connection_send(to, text, (size_t)length);
    free(text);
    return result;
}

int connection_page_bytes(struct connection *to, int status, const char *headers, const void *body,
                          size_t size)
{
    if (connection_printf(
            to, "HTTP/1.1 %d Awkward\r\nConnection: close\r\nContent-Length: %zu\r\n%s\r\n", status,
            size, headers))
        return -1;
    return connection_send(to, body, size);
}

int connection_page(struct connection *to, int status, const char *headers, const char *body)
{
    return connection_page_bytes(to, status, headers, body, strlen(body));
}

int connection_pause(struct connection *to, int ms)
{
    struct pollfd gone = {.fd = to->fd, .events = 0};

    /* No event is requested, so poll ends early only for a hang-up or a reset. */
    if (ms > MINUTE_MS)
        ms = MINUTE_MS;
    return poll(&gone, 1, ms) > 0 ? -1 : 0;
}

void connection_hang(struct connection *to)
{
    char ignored[256];
    struct pollfd gone = {.fd = to->fd, .events = POLLIN};
    time_t end = time(NULL) + 60;

    while (time(NULL) < end && poll(&gone, 1, 1000) >= 0) {
        if (gone.revents && recv(to->fd, ignored, sizeof ignored, 0) <= 0)
            break;
    }
}

void connection_reset(struct connection *to)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    setsockopt(to->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(to->fd);
    to->fd = -1;
}
