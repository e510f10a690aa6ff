#ifndef CHECK_EVENTS_H
#define CHECK_EVENTS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * What happens on the sockets of one curl multi handle. libcurl's own loop looks at every transfer
 * whenever one of them has news; with hundreds that hang that is most of the work. Here it is told
 * of those that have news, and of its timer.
 */
struct events {
    CURLM *multi;
    int watch;
    int wake[2];    /* a pipe: a byte in it ends a wait */
    int64_t due_ms; /* when libcurl's timer is over, on the monotonic clock; -1: it is not set */
    bool over;      /* nothing is waited for any more */
    bool connect_aborted;       /* a connection that was being made is given up */
    char connecting, connected; /* marks of a socket that is watched: their addresses count */
};

/* Makes the multi handle too. Stays at one place. Returns 0 or errno; events_close must follow. */
int events_open(struct events *events);

/* The transfers must be out of the multi handle. All zero is fine. */
void events_close(struct events *events);

/*
 * Waits until something happens, at most so many ms, and lets libcurl see to it. Returns whether
 * anything did happen, on a socket or by its timer.
 */
bool events_wait(struct events *events, int64_t ms);

/*
 * From now on transfers are only dropped: nothing is waited for. libcurl then forgets a socket
 * after it has closed it, when its number may be another thread's.
 */
void events_end(struct events *events);

/* Ends a wait, or the next one. Any thread may call this. */
void events_wake(struct events *events);

#endif
