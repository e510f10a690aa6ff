#ifndef CHECK_EVENTS_H
#define CHECK_EVENTS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * The events on the sockets of one curl multi handle. libcurl's own loop looks at all transfers
 * whenever one of them has an event, which nearly doubles the CPU time if thousands hang. Here
 * epoll reports the sockets with events, and libcurl sets a timer.
 */
struct events {
    CURLM *multi;
    int poller;
    int wake[2];    /* a pipe: a byte in it ends a wait */
    int64_t due_ms; /* when libcurl's timer ends, on the monotonic clock; -1: it is not set */
    bool ended;
    bool connect_aborted;       /* libcurl gave up a connection that was being made */
    char connecting, connected; /* their addresses are assigned to sockets */
};

/* Opens the events and their multi handle; both must not be moved. Returns 0 or an errno; after
 * either, the caller calls events_close. */
int events_open(struct events *events);

/* The multi handle must have no transfers any more. All zero is allowed. */
void events_close(struct events *events);

/* Waits for an event or libcurl's timer, for at most ms milliseconds, and lets libcurl process it.
 * Returns whether there was one; events_wake does not count. */
bool events_wait(struct events *events, int64_t ms);

/*
 * From now on transfers are only removed, and sockets are not polled. libcurl reports a socket
 * that it no longer needs only after closing it; by then another thread may use its number.
 */
void events_end(struct events *events);

/* Ends the current wait, or the next one. Any thread may call this. */
void events_wake(struct events *events);

#endif
