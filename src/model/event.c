/* The names of events, and the ids of conditions. */
#include "model/event.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

static const char *const checks[EVENT_CHECKS] = {[EVENT_HTTP] = "http",
                                                 [EVENT_SLOW] = "slow",
                                                 [EVENT_BOT] = "bot",
                                                 [EVENT_CERTIFICATE] = "certificate",
                                                 [EVENT_LOCAL_NETWORK] = "local_network"};

static const char *const changes[EVENT_CHANGES] = {[EVENT_OPENED] = "opened",
                                                   [EVENT_CONFIRMED] = "confirmed",
                                                   [EVENT_REASON_CHANGED] = "reason_changed",
                                                   [EVENT_RECOVERING] = "recovering",
                                                   [EVENT_CLOSED] = "closed"};

static const char *const states[EVENT_STATES] = {
    [EVENT_UP] = "UP",     [EVENT_SUSPECT] = "SUSPECT",
    [EVENT_DOWN] = "DOWN", [EVENT_RECOVERING_STATE] = "RECOVERING",
    [EVENT_WARN] = "WARN", [EVENT_CRITICAL] = "CRITICAL"};

const char *event_check_name(enum event_check check)
{
    return checks[check];
}

const char *event_change_name(enum event_change change)
{
    return changes[change];
}

const char *event_state_name(enum event_state state)
{
    return states[state];
}

/* The index of a name in a list of n; -1: it is not there. */
static int find_name(const char *const *names, int n, const char *name, size_t size)
{
    for (int i = 0; i < n; i++) {
        if (strlen(names[i]) == size && memcmp(names[i], name, size) == 0)
            return i;
    }
    return -1;
}

int event_read_check(const char *name, size_t size, enum event_check *check)
{
    int found = find_name(checks, EVENT_CHECKS, name, size);

    *check = found < 0 ? EVENT_HTTP : (enum event_check)found;
    return found < 0 ? -1 : 0;
}

int event_read_change(const char *name, size_t size, enum event_change *change)
{
    int found = find_name(changes, EVENT_CHANGES, name, size);

    *change = found < 0 ? EVENT_OPENED : (enum event_change)found;
    return found < 0 ? -1 : 0;
}

int event_read_state(const char *name, size_t size, enum event_state *state)
{
    int found = find_name(states, EVENT_STATES, name, size);

    *state = found < 0 ? EVENT_UP : (enum event_state)found;
    return found < 0 ? -1 : 0;
}

const char *event_write_id(const char *scope, enum event_check check, int64_t began_ms,
                           char id[EVENT_ID_MAX])
{
    char began[CLOCK_TEXT_MAX];

    clock_write_ms(began_ms, began);
    snprintf(id, EVENT_ID_MAX, "%s/%s@%s", scope, checks[check], began);
    return id;
}
