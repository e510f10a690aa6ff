/* The names of events, and the ids of conditions. */
#include "model/event.h"

#include "base/clock.h"
#include "base/text.h"
#include "model/check.h"

#include <string.h>

static const char *const checks[EVENT_CHECKS] = {[EVENT_HTTP] = "http",
                                                 [EVENT_SLOW] = "slow",
                                                 [EVENT_BOT] = "bot",
                                                 [EVENT_CERTIFICATE] = "certificate",
                                                 [EVENT_LOCAL_NETWORK] = "local_network",
                                                 [EVENT_ALERT] = "alert"};

static const char *const changes[EVENT_CHANGES] = {[EVENT_OPENED] = "opened",
                                                   [EVENT_CONFIRMED] = "confirmed",
                                                   [EVENT_REASON_CHANGED] = "reason_changed",
                                                   [EVENT_RECOVERING] = "recovering",
                                                   [EVENT_CLOSED] = "closed",
                                                   [EVENT_SENT] = "sent",
                                                   [EVENT_FAILED] = "failed",
                                                   [EVENT_EXPIRED] = "expired",
                                                   [EVENT_ACKNOWLEDGED] = "acknowledged"};

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

/* Whether a scope is "site/domain". */
static bool is_monitor_name(const char *scope)
{
    const char *slash = strchr(scope, '/');

    return slash && text_is_id(scope, (size_t)(slash - scope)) &&
           text_is_id(slash + 1, strlen(slash + 1));
}

/* Whether a scope can be "host:port" (server_scope.h): one line, with a name or an address of any
 * kind, or with the name of a variable or a file in their place: "${file:/run/host}:443". */
static bool is_host_and_port(const char *scope)
{
    char line[EVENT_SCOPE_MAX];

    text_one_line(line, sizeof line, scope, strlen(scope));
    if (!*scope || strcmp(line, scope) != 0)
        return false;
    for (const char *at = scope; *at; at++) {
        const char *brace = strncmp(at, "${", 2) == 0 ? strchr(at, '}') : NULL;

        if (brace)
            at = brace;
        else if ((unsigned char)*at < 0x80 && !strchr(TEXT_LETTERS_AND_DIGITS ".:_-[]%", *at))
            return false;
    }
    return true;
}

static bool is_scope(enum event_check check, const char *scope)
{
    if (strlen(scope) >= EVENT_SCOPE_MAX)
        return false;
    switch (check) {
    case EVENT_CERTIFICATE:
        return is_host_and_port(scope);
    case EVENT_LOCAL_NETWORK:
        return text_is_id(scope, strlen(scope));
    case EVENT_ALERT:
        return strcmp(scope, EVENT_TICKS) == 0 || text_is_id(scope, strlen(scope));
    default:
        return is_monitor_name(scope);
    }
}

bool event_is_of_message(enum event_change change)
{
    return change >= EVENT_SENT;
}

/* Whether a detail begins with an id and a number: "ops 2". */
static bool has_target(const char *detail)
{
    size_t size = strcspn(detail, " ");

    return text_is_id(detail, size) && detail[size] == ' ' &&
           strspn(detail + size + 1, "0123456789") > 0;
}

/* Whether the state and the detail fit the change. */
static bool fits_change(const struct event *event)
{
    if (!event_is_of_message(event->change))
        return (event->change == EVENT_CLOSED) == (event->state == EVENT_UP);
    return event->change == EVENT_ACKNOWLEDGED ? !*event->detail : has_target(event->detail);
}

bool event_is_valid(const struct event *event)
{
    const char *code = event->code;

    return is_scope(event->check, event->scope) && strlen(code) < EVENT_CODE_MAX &&
           !code[strspn(code, TEXT_LETTERS_AND_DIGITS "._-")] &&
           strlen(event->detail) < FAILURE_MAX && fits_change(event);
}

const char *event_write_id(const char *scope, enum event_check check, int64_t began_ms,
                           char id[EVENT_ID_MAX])
{
    size_t size = strnlen(scope, EVENT_SCOPE_MAX - 1);
    char *at = id + size;

    /* A dashboard has several ids for each outage, and snprintf takes five times as long. */
    memcpy(id, scope, size);
    *at++ = '/';
    at = stpcpy(at, checks[check]);
    *at++ = '@';
    clock_write_ms(began_ms, at);
    return id;
}

int event_read_id(const char *id, const char *scope, enum event_check *check, int64_t *began_ms)
{
    size_t size = strlen(scope);
    const char *name = id + size + 1, *at;

    if (strncmp(id, scope, size) != 0 || id[size] != '/')
        return -1;
    at = strchr(name, '@');
    if (!at || event_read_check(name, (size_t)(at - name), check))
        return -1;
    return clock_read_ms(at + 1, strlen(at + 1), began_ms);
}
