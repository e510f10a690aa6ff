/* Loads the local faults of the network from their events. */
#include "dashboard/network_views.h"

#include "base/clock.h"
#include "state/event_table.h"

#include <stdlib.h>
#include <string.h>

struct network_loading {
    struct network_views *views;
    int64_t now_ms;
    struct network_view *view; /* of the event before; NULL: it is not kept */
};

/* Reads a number at *at, and moves *at after it and one space. Returns false if there is none, or
 * if it is too long. */
static bool read_number(const char **at, int64_t *number)
{
    enum { DIGITS_MAX = 9 };
    size_t digits = strspn(*at, "0123456789");

    if (digits == 0 || digits > DIGITS_MAX)
        return false;
    *number = strtol(*at, NULL, 10);
    *at += digits + ((*at)[digits] == ' ');
    return true;
}

/* Reads "143 of 150 hosts did not answer". Another text leaves the numbers unknown. */
static void read_detail(const char *detail, struct network_view *view)
{
    int64_t failed, hosts;

    if (!read_number(&detail, &failed) || strncmp(detail, "of ", 3) != 0)
        return;
    detail += 3;
    if (!read_number(&detail, &hosts) || failed > hosts)
        return;
    view->failed = failed;
    view->hosts = hosts;
}

/* Makes room for a fault that began at this moment: the newest ones are kept. Returns NULL if it is
 * older than those. */
static struct network_view *insert_view(struct network_views *views, int64_t began_ms)
{
    size_t at = 0, n = views->n < NETWORK_VIEWS_MAX ? views->n : NETWORK_VIEWS_MAX - 1;

    while (at < views->n && views->views[at].began_ms > began_ms)
        at++;
    if (at == NETWORK_VIEWS_MAX)
        return NULL;
    memmove(&views->views[at + 1], &views->views[at], (n - at) * sizeof views->views[0]);
    views->n = n + 1;
    return &views->views[at];
}

/* The events of a fault follow one another, and the first one opens it. */
static int add_event(void *context, const struct event *event, struct error *error)
{
    struct network_loading *loading = context;
    enum network_scope scope = suspicion_find_scope(event->scope);

    (void)error;
    if (scope == SCOPE_NONE || event->at_ms > loading->now_ms)
        return 0;
    if (event->change == EVENT_OPENED) {
        loading->view = insert_view(loading->views, event->began_ms);
        if (loading->view) {
            *loading->view = (struct network_view){.scope = scope, .began_ms = event->began_ms};
            read_detail(event->detail, loading->view);
        }
    } else if (event->change == EVENT_CLOSED && loading->view && loading->view->scope == scope &&
               loading->view->began_ms == event->began_ms) {
        loading->view->ended_ms = event->at_ms;
    }
    return 0;
}

int network_views_load(struct network_views *views, struct storage *storage, int64_t now_ms,
                       struct error *error)
{
    struct network_loading loading = {.views = views, .now_ms = now_ms};

    *views = (struct network_views){.n = 0};
    return event_table_each_of_check(storage, now_ms - MS_PER_DAY, EVENT_LOCAL_NETWORK, add_event,
                                     &loading, error);
}

bool network_views_lasts(const struct network_views *views, enum network_scope scope)
{
    for (size_t i = 0; i < views->n; i++) {
        if (views->views[i].scope == scope && views->views[i].ended_ms == 0)
            return true;
    }
    return false;
}
