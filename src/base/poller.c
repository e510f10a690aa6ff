#include "base/poller.h"

#include <sys/epoll.h>

enum { AT_ONCE = 64 };

int poller_open(void)
{
    return epoll_create1(EPOLL_CLOEXEC);
}

static int control(int watch, int what, int fd, bool read, bool write)
{
    struct epoll_event event = {.events = (read ? EPOLLIN : 0U) | (write ? EPOLLOUT : 0U),
                                .data = {.fd = fd}};

    return epoll_ctl(watch, what, fd, &event);
}

int poller_add(int watch, int fd, bool read, bool write)
{
    return control(watch, EPOLL_CTL_ADD, fd, read, write);
}

int poller_change(int watch, int fd, bool read, bool write)
{
    return control(watch, EPOLL_CTL_MOD, fd, read, write);
}

void poller_forget(int watch, int fd)
{
    control(watch, EPOLL_CTL_DEL, fd, false, false);
}

int poller_wait(int watch, int64_t ms, struct poller_event *news, int room)
{
    struct epoll_event events[AT_ONCE];
    int n = epoll_wait(watch, events, room < AT_ONCE ? room : AT_ONCE, (int)ms);

    for (int i = 0; i < n; i++) {
        bool failed = events[i].events & (EPOLLERR | EPOLLHUP);

        news[i] = (struct poller_event){.fd = events[i].data.fd,
                                        .read = failed || events[i].events & EPOLLIN,
                                        .write = failed || events[i].events & EPOLLOUT};
    }
    return n > 0 ? n : 0;
}
