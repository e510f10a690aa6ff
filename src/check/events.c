/* Connects libcurl's multi interface with epoll. */
#include "check/events.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/poller.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

enum { EVENTS_AT_ONCE = 64 };

/* libcurl calls this to have a socket polled. assigned is NULL in the first call for a socket. */
static int on_interest(CURL *easy, curl_socket_t fd, int what, void *context, void *assigned)
{
    struct events *events = context;
    bool read = what == CURL_POLL_IN || what == CURL_POLL_INOUT;
    bool write = what == CURL_POLL_OUT || what == CURL_POLL_INOUT;

    (void)easy;
    if (events->ended)
        return 0;
    if (what == CURL_POLL_REMOVE) {
        events->connect_aborted |= assigned == &events->connecting;
        poller_forget(events->poller, fd);
        return 0;
    }
    curl_multi_assign(events->multi, fd, assigned ? &events->connected : &events->connecting);

    /* An error ends the transfer at once. If the socket were not polled, the transfer would hang
     * until its timeout. */
    return assigned ? poller_change(events->poller, fd, read, write)
                    : poller_add(events->poller, fd, read, write);
}

static int on_timer(CURLM *multi, long ms, void *context)
{
    struct events *events = context;

    (void)multi;
    events->due_ms = ms < 0 ? -1 : clock_monotonic() + ms;
    return 0;
}

int events_open(struct events *events)
{
    *events = (struct events){.poller = -1, .wake = {-1, -1}, .due_ms = -1};
    events->multi = curl_multi_init();
    if (!events->multi)
        return ENOMEM;
    curl_multi_setopt(events->multi, CURLMOPT_SOCKETFUNCTION, on_interest);
    curl_multi_setopt(events->multi, CURLMOPT_SOCKETDATA, events);
    curl_multi_setopt(events->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(events->multi, CURLMOPT_TIMERDATA, events);
    events->poller = poller_open();
    if (events->poller < 0 || file_open_pipe(events->wake) ||
        poller_add(events->poller, events->wake[0], true, false))
        return errno;
    return 0;
}

void events_close(struct events *events)
{
    if (!events->multi)
        return;
    curl_multi_cleanup(events->multi);
    for (int i = 0; i < 2; i++) {
        if (events->wake[i] >= 0)
            close(events->wake[i]);
    }
    if (events->poller >= 0)
        close(events->poller);
    events->multi = NULL;
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
    int running;

    for (int i = 0; i < n; i++) {
        int what = (ready[i].read ? CURL_CSELECT_IN : 0) | (ready[i].write ? CURL_CSELECT_OUT : 0);

        if (ready[i].fd == events->wake[0]) {
            empty_pipe(ready[i].fd);
            continue;
        }
        curl_multi_socket_action(events->multi, ready[i].fd, what, &running);
        any = true;
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

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    curl_multi_socket_all(events->multi, &running);
#pragma GCC diagnostic pop
}

bool events_wait(struct events *events, int64_t ms)
{
    struct poller_event ready[EVENTS_AT_ONCE];
    int64_t due = events->due_ms < 0 ? ms : events->due_ms - clock_monotonic();
    int running, n;
    bool any;

    assert(ms >= 0 && !events->ended);
    due = due < 0 ? 0 : due;
    n = poller_wait(events->poller, due < ms ? due : ms, ready, EVENTS_AT_ONCE);
    any = process_sockets(events, ready, n);
    if (events->due_ms >= 0 && events->due_ms <= clock_monotonic()) {
        events->due_ms = -1;
        curl_multi_socket_action(events->multi, CURL_SOCKET_TIMEOUT, 0, &running);
        any = true;
    }
    if (events->connect_aborted) {
        events->connect_aborted = false;
        try_next_address(events);
    }
    return any;
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
