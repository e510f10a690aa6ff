/* Waits for descriptors, by epoll. */
#include "base/poller.h"

#include <assert.h>
#include <sys/epoll.h>

enum { EVENTS_MAX = 64 };

int poller_open(void)
{
    return epoll_create1(EPOLL_CLOEXEC);
}

static int control(int poller, int operation, int fd, bool read, bool write)
{
    struct epoll_event event = {.events = (read ? EPOLLIN : 0U) | (write ? EPOLLOUT : 0U),
                                .data = {.fd = fd}};

    return epoll_ctl(poller, operation, fd, &event);
}

int poller_add(int poller, int fd, bool read, bool write)
{
    return control(poller, EPOLL_CTL_ADD, fd, read, write);
}

int poller_change(int poller, int fd, bool read, bool write)
{
    return control(poller, EPOLL_CTL_MOD, fd, read, write);
}

void poller_forget(int poller, int fd)
{
    control(poller, EPOLL_CTL_DEL, fd, false, false);
}

int poller_wait(int poller, int64_t ms, struct poller_event *found, int max)
{
    struct epoll_event events[EVENTS_MAX];
    int n;

    assert(max > 0);
    n = epoll_wait(poller, events, max < EVENTS_MAX ? max : EVENTS_MAX, (int)ms);

    for (int i = 0; i < n; i++) {
        bool failed = events[i].events & (EPOLLERR | EPOLLHUP);

        found[i] = (struct poller_event){.fd = events[i].data.fd,
                                         .read = failed || events[i].events & EPOLLIN,
                                         .write = failed || events[i].events & EPOLLOUT};
    }
    return n > 0 ? n : 0;
}
