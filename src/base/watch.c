#include "base/watch.h"

#include <errno.h>
#include <sys/epoll.h>

enum { AT_ONCE = 64 };

int watch_open(void)
{
    return epoll_create1(EPOLL_CLOEXEC);
}

int watch_set(int watch, int fd, bool read, bool write)
{
    struct epoll_event event = {.events = (read ? EPOLLIN : 0U) | (write ? EPOLLOUT : 0U),
                                .data = {.fd = fd}};

    if (!read && !write)
        return epoll_ctl(watch, EPOLL_CTL_DEL, fd, &event);
    if (epoll_ctl(watch, EPOLL_CTL_ADD, fd, &event) == 0)
        return 0;
    return errno == EEXIST ? epoll_ctl(watch, EPOLL_CTL_MOD, fd, &event) : -1;
}

int watch_wait(int watch, int64_t ms, struct watch_news *news, int room)
{
    struct epoll_event events[AT_ONCE];
    int n = epoll_wait(watch, events, room < AT_ONCE ? room : AT_ONCE, (int)ms);

    for (int i = 0; i < n; i++) {
        bool failed = events[i].events & (EPOLLERR | EPOLLHUP);

        news[i] = (struct watch_news){.fd = events[i].data.fd,
                                      .read = failed || events[i].events & EPOLLIN,
                                      .write = failed || events[i].events & EPOLLOUT};
    }
    return n > 0 ? n : 0;
}
