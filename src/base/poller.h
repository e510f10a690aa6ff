#ifndef BASE_POLLER_H
#define BASE_POLLER_H

#include <stdbool.h>
#include <stdint.h>

/* Descriptors that are waited for together, at the cost of those that have news: Linux's epoll. */

/* Returns a descriptor, to be closed with close; or -1 with errno. */
int poller_open(void);

/*
 * From now on waits until fd can be read, or written, or either. A descriptor is added once, then
 * changed as often as need be, and forgotten before it is closed. Return 0, or -1 with errno.
 */
int poller_add(int watch, int fd, bool read, bool write);
int poller_change(int watch, int fd, bool read, bool write);
void poller_forget(int watch, int fd);

/* A descriptor with news. A failed one can be read and written, so that whoever tries hears why. */
struct poller_event {
    int fd;
    bool read, write;
};

/*
 * Waits until there is news, and at most so many ms. Returns how many of at most room were filled
 * in: 0 where the time is over or a signal came.
 */
int poller_wait(int watch, int64_t ms, struct poller_event *news, int room);

#endif
