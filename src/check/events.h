#ifndef CHECK_EVENTS_H
#define CHECK_EVENTS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * One easy handle in the multi handle below. It is the CURLOPT_PRIVATE of the handle, from before
 * the handle is added until it is cleaned up.
 */
struct events_client {
    void *owner; /* for the owner's use */
    struct events *events;
    int fd;            /* the socket that libcurl has polled last; -1: none */
    bool is_unwatched; /* a socket could not be polled: the owner must end the transfer */
};

enum { EVENTS_LATE_US = 20 * 1000 };

/*
 * The events on the sockets of one curl multi handle. libcurl's own loop looks at all transfers
 * whenever one of them has an event, which nearly doubles the CPU time if thousands hang. Here
 * epoll reports the sockets with events, and libcurl sets a timer.
 */
struct events {
    CURLM *multi;
    int poller;
    int wake[2];     /* a pipe: a byte in it ends a wait */
    int unneeded_fd; /* the last socket that libcurl no longer needs, as long as it is polled and
                        open; -1: none */
    int64_t due_ms;  /* when libcurl's timer ends, on the monotonic clock; -1: it is not set */
    bool ended;
    bool connect_aborted;       /* libcurl gave up a connection that was being made */
    char connecting, connected; /* their addresses are assigned to sockets */

    bool has_unwatched; /* a client is unwatched */
    CURLMcode failed;   /* the first call that failed; CURLM_OK: none */

    /* Called if the sockets are looked at later than planned by EVENTS_LATE_US or more, before
     * libcurl looks at any clock or socket. NULL: not. Set after events_open. */
    void (*on_late)(void *context, int64_t late_us);
    void *late_context;

    int64_t looked_us; /* when the sockets were last looked at, on clock_boot_us */
    int64_t lap_us;    /* for events_lap_us */
    size_t n_cpu;      /* calls of events_lap_cpu without one of events_lap_wall */
};

/* Opens the events and their multi handle; both must not be moved. Returns 0 or an errno; after
 * either, the caller calls events_close. */
int events_open(struct events *events);

/* The multi handle must have no transfers any more. All zero is allowed. */
void events_close(struct events *events);

/*
 * After a call failed, the multi handle cannot be trusted: its transfers may never get an event
 * again. The caller ends them all. This replaces the handle by a new one. If there is no memory for
 * it, `failed` stays set, and no transfer can be added.
 */
void events_renew(struct events *events);

/* Waits for an event or libcurl's timer, for at most ms milliseconds, and lets libcurl process it.
 * Returns whether there was one; events_wake does not count. */
bool events_wait(struct events *events, int64_t ms);

/* Returns the time since libcurl was called, or since the last call of this function, in
 * microseconds: wall time, or between the next two functions CPU time of this thread. */
int64_t events_lap_us(struct events *events);

/* CPU time is measured from now on, which takes a system call each time, until the other function
 * has been called as often. */
void events_lap_cpu(struct events *events);
void events_lap_wall(struct events *events);

/* This socket of libcurl is closed next. That alone removes it from the poller, so most sockets
 * need no system call for it: libcurl closes them when it no longer needs them. */
void events_closes(struct events *events, int fd);

/*
 * From now on transfers are only removed, and sockets are not polled. libcurl reports a socket
 * that it no longer needs only after closing it; by then another thread may use its number.
 */
void events_end(struct events *events);

/* Ends the current wait, or the next one. Any thread may call this. */
void events_wake(struct events *events);

#endif
