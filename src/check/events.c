/* Connects libcurl's multi interface with epoll. */
#include "check/events.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/poller.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

enum {
    EVENTS_AT_ONCE = 64,
    ROUNDS_MAX = 16 /* of EVENTS_AT_ONCE, before the clocks are looked at */
};

/* libcurl sometimes closes a socket and opens another one with the same number, and reports only a
 * change. Returns 0, or -1 with errno. */
static int set_polled(int poller, int fd, bool is_known, bool read, bool write)
{
    int failed =
        is_known ? poller_change(poller, fd, read, write) : poller_add(poller, fd, read, write);

    if (failed && errno == ENOENT)
        return poller_add(poller, fd, read, write);
    if (failed && errno == EEXIST)
        return poller_change(poller, fd, read, write);
    return failed;
}

/* libcurl has not closed the socket that it no longer needs, so it must be removed. */
static void forget_unneeded(struct events *events)
{
    if (events->unneeded_fd >= 0)
        poller_forget(events->poller, events->unneeded_fd);
    events->unneeded_fd = -1;
}

/* The socket cannot be polled, so no event would ever end its transfer. */
static void set_unwatched(struct events *events, struct events_client *client)
{
    if (client)
        client->is_unwatched = events->has_unwatched = true;
    else
        events->failed = CURLM_ABORTED_BY_CALLBACK;
}

/*
 * libcurl calls this to have a socket polled. assigned is NULL in the first call for a socket. An
 * error must not be returned: libcurl 7.88 then never calls back again for any transfer, and may
 * crash.
 */
static int on_interest(CURL *easy, curl_socket_t fd, int what, void *context, void *assigned)
{
    struct events *events = context;
    struct events_client *client = NULL;
    bool read = what == CURL_POLL_IN || what == CURL_POLL_INOUT;
    bool write = what == CURL_POLL_OUT || what == CURL_POLL_INOUT;

    if (events->ended)
        return 0;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &client);
    if (what == CURL_POLL_REMOVE) {
        events->connect_aborted |= assigned == &events->connecting;
        forget_unneeded(events);
        events->unneeded_fd = fd;
        if (client && client->fd == fd)
            client->fd = -1;
        return 0;
    }

    if (fd == events->unneeded_fd)
        events->unneeded_fd = -1;

    /* If this fails, the next call for the socket seems to be the first one, which does no harm. */
    curl_multi_assign(events->multi, fd, assigned ? &events->connected : &events->connecting);
    if (client)
        client->fd = fd;
    if (set_polled(events->poller, fd, assigned, read, write))
        set_unwatched(events, client);
    return 0;
}

static int on_timer(CURLM *multi, long ms, void *context)
{
    struct events *events = context;

    (void)multi;
    events->due_ms = ms < 0 ? -1 : clock_monotonic() + ms;
    return 0;
}

/* Returns 0 or an errno. After an error there is no multi handle: libcurl would call a half-made
 * one's functions without their context. All its functions refuse NULL. */
static int open_multi(struct events *events)
{
    CURLM *multi = curl_multi_init();

    events->multi = multi;
    if (!multi)
        return ENOMEM;
    if (curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_interest) ||
        curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, events) ||
        curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer) ||
        curl_multi_setopt(multi, CURLMOPT_TIMERDATA, events)) {
        curl_multi_cleanup(multi);
        events->multi = NULL;
        return ENOTSUP;
    }
    return 0;
}

int events_open(struct events *events)
{
    *events = (struct events){.poller = -1, .wake = {-1, -1}, .unneeded_fd = -1, .due_ms = -1};
    events->looked_us = clock_boot_us();
    events->poller = poller_open();
    if (events->poller < 0 || file_open_pipe(events->wake) ||
        poller_add(events->poller, events->wake[0], true, false))
        return errno;
    return open_multi(events);
}

void events_close(struct events *events)
{
    /* All zero: it was never opened. */
    if (!events->multi && events->poller == 0)
        return;
    curl_multi_cleanup(events->multi);
    for (int i = 0; i < 2; i++) {
        if (events->wake[i] >= 0)
            close(events->wake[i]);
    }
    if (events->poller >= 0)
        close(events->poller);
    *events = (struct events){.multi = NULL};
}

void events_renew(struct events *events)
{
    curl_multi_cleanup(events->multi);
    events->due_ms = -1;
    events->connect_aborted = false;
    events->failed = open_multi(events) ? CURLM_OUT_OF_MEMORY : CURLM_OK;
}

int64_t events_lap_us(struct events *events)
{
    int64_t now = events->n_cpu > 0 ? clock_thread_us() : clock_monotonic_us();
    int64_t lap = now - events->lap_us;

    events->lap_us = now;
    return lap;
}

void events_lap_cpu(struct events *events)
{
    if (events->n_cpu++ == 0)
        events->lap_us = clock_thread_us();
}

void events_lap_wall(struct events *events)
{
    assert(events->n_cpu > 0);
    if (--events->n_cpu == 0)
        events->lap_us = clock_monotonic_us();
}

static void record_result(struct events *events, CURLMcode code)
{
    if (code != CURLM_OK && events->failed == CURLM_OK)
        events->failed = code;
}

/* Calls libcurl, unless an earlier call failed. */
static void act(struct events *events, curl_socket_t fd, int what)
{
    int running;

    if (events->failed)
        return;
    events_lap_us(events);
    record_result(events, curl_multi_socket_action(events->multi, fd, what, &running));
}

static void empty_pipe(int fd)
{
    char bytes[64];

    while (read(fd, bytes, sizeof bytes) > 0)
        continue;
}

/* Passes events to libcurl. Returns whether any of them was on one of its sockets. */
static bool process_sockets(struct events *events, const struct poller_event *ready, int n)
{
    bool any = false;

    for (int i = 0; i < n; i++) {
        int what = (ready[i].read ? CURL_CSELECT_IN : 0) | (ready[i].write ? CURL_CSELECT_OUT : 0);

        if (ready[i].fd == events->wake[0]) {
            empty_pipe(ready[i].fd);
            continue;
        }
        act(events, ready[i].fd, what);
        any = true;
    }
    return any;
}

/* Reports it if the sockets are looked at later than planned. */
static void measure_lateness(struct events *events, int64_t planned_ms)
{
    int64_t now = clock_boot_us();
    int64_t late = now - events->looked_us - planned_ms * US_PER_MS;

    events->looked_us = now;
    if (late >= EVENTS_LATE_US && events->on_late)
        events->on_late(events->late_context, late);
}

/* Waits and processes all sockets that are ready, but not for ever. After a late wake-up, a server
 * that has answered must not wait until the clocks are looked at. */
static bool wait_for_sockets(struct events *events, int64_t ms)
{
    struct poller_event ready[EVENTS_AT_ONCE];
    bool any = false;
    int n;

    for (int i = 0; i < ROUNDS_MAX; i++) {
        forget_unneeded(events);
        n = poller_wait(events->poller, i == 0 ? ms : 0, ready, EVENTS_AT_ONCE);
        if (i == 0)
            measure_lateness(events, ms);
        any |= process_sockets(events, ready, n);
        if (n < EVENTS_AT_ONCE)
            break;
    }
    return any;
}

/*
 * After a failed connection, libcurl 7.88 tries the host's next address only when it is called for
 * another reason, which may be half a timeout later: it sets no timer and polls no socket. Only a
 * deprecated function makes it look at all transfers.
 */
static void try_next_address(struct events *events)
{
    int running;

    events->connect_aborted = false;
    if (events->failed)
        return;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    record_result(events, curl_multi_socket_all(events->multi, &running));
#pragma GCC diagnostic pop
}

bool events_wait(struct events *events, int64_t ms)
{
    int64_t due = events->due_ms < 0 ? ms : events->due_ms - clock_monotonic();
    bool any;

    assert(ms >= 0 && !events->ended);
    due = due < 0 ? 0 : due;
    any = wait_for_sockets(events, due < ms ? due : ms);
    if (events->due_ms >= 0 && events->due_ms <= clock_monotonic()) {
        events->due_ms = -1;
        act(events, CURL_SOCKET_TIMEOUT, 0);
        any = true;
    }
    if (events->connect_aborted)
        try_next_address(events);
    return any;
}

void events_closes(struct events *events, int fd)
{
    if (fd == events->unneeded_fd)
        events->unneeded_fd = -1;
}

void events_end(struct events *events)
{
    events->ended = true;
}

void events_wake(struct events *events)
{
    ssize_t n;

    /* If the pipe is full, the wait ends anyway. */
    do
        n = write(events->wake[1], "", 1);
    while (n < 0 && errno == EINTR);
}
