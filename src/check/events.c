#include "check/events.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/poller.h"

#include <errno.h>
#include <unistd.h>

enum { NEWS_AT_ONCE = 64 };

/* What libcurl wants to know of a socket; its mark is NULL until it is watched. */
static int on_interest(CURL *easy, curl_socket_t fd, int what, void *context, void *mark)
{
    struct events *events = context;
    bool read = what == CURL_POLL_IN || what == CURL_POLL_INOUT;
    bool write = what == CURL_POLL_OUT || what == CURL_POLL_INOUT;

    (void)easy;
    if (events->over)
        return 0;
    if (what == CURL_POLL_REMOVE) {
        events->connect_aborted |= mark == &events->connecting;
        poller_forget(events->watch, fd);
        return 0;
    }
    curl_multi_assign(events->multi, fd, mark ? &events->connected : &events->connecting);

    /* A socket that cannot be watched would hang until its timeout; so libcurl fails it. */
    return mark ? poller_change(events->watch, fd, read, write)
                : poller_add(events->watch, fd, read, write);
}

static int on_timer(CURLM *multi, long ms, void *context)
{
    struct events *events = context;

    (void)multi;
    events->due_ms = ms < 0 ? -1 : clock_monotonic() + ms;
    return 0;
}

static int open_wake(struct events *events)
{
    return file_open_pipe(events->wake) || poller_add(events->watch, events->wake[0], true, false)
               ? -1
               : 0;
}

int events_open(struct events *events)
{
    *events = (struct events){.watch = -1, .wake = {-1, -1}, .due_ms = -1};
    events->multi = curl_multi_init();
    if (!events->multi)
        return ENOMEM;
    curl_multi_setopt(events->multi, CURLMOPT_SOCKETFUNCTION, on_interest);
    curl_multi_setopt(events->multi, CURLMOPT_SOCKETDATA, events);
    curl_multi_setopt(events->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(events->multi, CURLMOPT_TIMERDATA, events);
    events->watch = poller_open();
    return events->watch < 0 || open_wake(events) ? errno : 0;
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
    if (events->watch >= 0)
        close(events->watch);
    events->multi = NULL;
}

static void empty_pipe(int fd)
{
    char bytes[64];

    while (read(fd, bytes, sizeof bytes) > 0)
        continue;
}

/* Tells libcurl what came. Returns whether any of it was about one of its sockets. */
static bool tell(struct events *events, const struct poller_event *news, int n)
{
    bool any = false;
    int running;

    for (int i = 0; i < n; i++) {
        int what = (news[i].read ? CURL_CSELECT_IN : 0) | (news[i].write ? CURL_CSELECT_OUT : 0);

        if (news[i].fd == events->wake[0]) {
            empty_pipe(news[i].fd);
            continue;
        }
        curl_multi_socket_action(events->multi, news[i].fd, what, &running);
        any = true;
    }
    return any;
}

/*
 * libcurl 7.88 goes on to a host's next address only when it is called for another reason, which
 * may be half a timeout away: no socket and no timer calls it. To look at all transfers once is
 * what is left, and has no other function than a deprecated one.
 */
static void go_on_to_next_address(struct events *events)
{
    int running;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    curl_multi_socket_all(events->multi, &running);
#pragma GCC diagnostic pop
}

bool events_wait(struct events *events, int64_t ms)
{
    struct poller_event news[NEWS_AT_ONCE];
    int64_t due = events->due_ms < 0 ? ms : events->due_ms - clock_monotonic();
    int running, n;
    bool any;

    due = due < 0 ? 0 : due;
    n = poller_wait(events->watch, due < ms ? due : ms, news, NEWS_AT_ONCE);
    any = tell(events, news, n);
    if (events->due_ms >= 0 && events->due_ms <= clock_monotonic()) {
        events->due_ms = -1;
        curl_multi_socket_action(events->multi, CURL_SOCKET_TIMEOUT, 0, &running);
        any = true;
    }
    if (events->connect_aborted) {
        events->connect_aborted = false;
        go_on_to_next_address(events);
    }
    return any;
}

void events_end(struct events *events)
{
    events->over = true;
}

void events_wake(struct events *events)
{
    ssize_t n;

    /* A full pipe wakes as well. */
    do
        n = write(events->wake[1], "", 1);
    while (n < 0 && errno == EINTR);
}
