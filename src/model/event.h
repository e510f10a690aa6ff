#ifndef MODEL_EVENT_H
#define MODEL_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Events: what began, changed or ended, as a row of the event log records it. Pure.
 *
 * A condition is what events are about: an outage, a certificate that ends soon, a local fault of
 * the network. It is identified by its scope, the kind of check that shows it, and the moment at
 * which it began: "shop/www/http@2026-11-23T09:30:00.123Z". At most one condition of a scope and a
 * kind of check is open.
 */

/* The event log below data/live and in the archive of each day. No site has this id. */
#define EVENT_LOG_NAME "events.log"

/* Events are kept for this many days; in state.db, those of an open condition for as long as it is
 * open. */
enum { EVENT_DAYS = 400 };

/* The numbers of these enums are stored in state.db: only append. */

/* What shows a condition. */
enum event_check {
    EVENT_HTTP,          /* failed checks of a monitor: the condition is an outage */
    EVENT_SLOW,          /* slow checks of a monitor */
    EVENT_BOT,           /* checks of a monitor that met a bot wall */
    EVENT_CERTIFICATE,   /* a certificate; the scope is "host:port" */
    EVENT_LOCAL_NETWORK, /* a local fault of the network; the scope is "ipv4-public", … */
    EVENT_ALERT,         /* messages that could not be delivered; the scope is the id of the target.
                            Or a time without a tick; the scope is EVENT_TICKS */
    EVENT_CHECKS
};

enum event_change {
    EVENT_OPENED,
    EVENT_CONFIRMED,
    EVENT_REASON_CHANGED, /* another code, or it failed again while it seemed to recover */
    EVENT_RECOVERING,
    EVENT_CLOSED, /* the detail is the reason */
    /* What became of a message about it (alert.h). The detail begins with the id of its target, the
     * number of the message and its change: "ops 2 began", "ops 2 began (HTTP 503)". The state is
     * what the message reports. These never change a condition. */
    EVENT_SENT,
    EVENT_FAILED,       /* the first attempt failed */
    EVENT_EXPIRED,      /* it was given up */
    EVENT_ACKNOWLEDGED, /* a person wants no more reminders; the detail is empty */
    EVENT_CHANGES
};

/* The state of a condition after an event. */
enum event_state {
    EVENT_UP, /* there is no condition any more */
    EVENT_SUSPECT,
    EVENT_DOWN,
    EVENT_RECOVERING_STATE,
    EVENT_WARN, /* of certificates only, as the next one */
    EVENT_CRITICAL,
    EVENT_STATES
};

/* Why a condition was closed: the detail of an event EVENT_CLOSED. */
#define EVENT_RECOVERED "recovered" /* an outage ended */
#define EVENT_BLIP      "blip"      /* it was never confirmed */
#define EVENT_UNSEEN    "unseen"    /* it was not confirmed, and then checks stopped */
#define EVENT_REMOVED   "removed"   /* its monitor left the configuration */
#define EVENT_RENEWED   "renewed"   /* the certificate was replaced */
#define EVENT_ENDED     "ended"     /* the local fault is over */

/* The longest scope, "host:port" of a long host name, and the longest code. */
enum { EVENT_SCOPE_MAX = 300, EVENT_CODE_MAX = 32 };

/* The scope of the time without a tick. No target has this id. */
#define EVENT_TICKS "~ticks"

/* The size of an id as text, with its NUL. */
enum { EVENT_ID_MAX = EVENT_SCOPE_MAX + 64 };

/* One event. The texts belong to whoever made it. */
struct event {
    int64_t at_ms; /* start of the check that caused it */
    const char *scope;
    enum event_check check;
    int64_t began_ms; /* of the condition: start of the first check that showed it */
    enum event_change change;
    enum event_state state;
    const char *code;   /* of the failure (code.h), or "" */
    const char *detail; /* the failure text, the reason of a close, or "" */
};

/* "http", "opened", "SUSPECT": as in the event log. */
const char *event_check_name(enum event_check check);
const char *event_change_name(enum event_change change);
const char *event_state_name(enum event_state state);

/* Read these names, of this many bytes. Return 0, or -1 if it is no such name. */
int event_read_check(const char *name, size_t size, enum event_check *check);
int event_read_change(const char *name, size_t size, enum event_change *change);
int event_read_state(const char *name, size_t size, enum event_state *state);

/* Whether it is about a message, not a change of the condition: EVENT_SENT and the following. */
bool event_is_of_message(enum event_change change);

/*
 * Whether uptick can have recorded this event: its scope fits its check, its code and its detail
 * are not too long, and its state is EVENT_UP if it is closed, and only then. If it is about a
 * message, it may have any state, and its detail begins as above; that of EVENT_ACKNOWLEDGED is
 * empty. The enums of the event must be valid.
 */
bool event_is_valid(const struct event *event);

/* Writes the id of a condition: "shop/www/http@2026-11-23T09:30:00.123Z". Returns id. */
const char *event_write_id(const char *scope, enum event_check check, int64_t began_ms,
                           char id[EVENT_ID_MAX]);

/* Reads an id of this scope. Returns 0; or -1: it is none. */
int event_read_id(const char *id, const char *scope, enum event_check *check, int64_t *began_ms);

#endif
