#ifndef MODEL_OUTAGE_H
#define MODEL_OUTAGE_H

#include "model/check.h"
#include "model/event.h"
#include "model/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An outage of a domain, computed from the events of one condition (event.h): failed checks, or
 * checks that met a bot wall. Pure. */

enum outage_end {
    OUTAGE_ONGOING, /* not closed, and its latest check still counts now */
    OUTAGE_ENDED,   /* by the check that started at to_ms */
    OUTAGE_REMOVED, /* its monitor left the configuration at to_ms */
    OUTAGE_UNSEEN   /* to_ms is the last that is known of it; a gap follows */
};

/* Why it failed from a moment on. */
struct outage_reason {
    int64_t since_ms;
    const char *code;    /* of the failure (code.h), or "" */
    const char *failure; /* its text, or "" */
};

/* At most this many reasons of an outage are kept: the first, and the newest ones. */
enum { OUTAGE_REASONS_MAX = 20 };

struct outage {
    enum event_check check;
    int64_t began_ms; /* as in its id */
    int64_t from_ms;  /* the same, unless the clock was set back then: never ahead of now */
    int64_t to_ms;    /* see outage_end; never before from_ms; if ongoing, its latest check */
    enum outage_end end;
    const char *end_reason; /* why it was closed (event.h), a constant; NULL: it is not closed */
    enum event_state state; /* after its last event */
    bool confirmed;
    int64_t changed_ms; /* when it was last confirmed, got another reason, or was closed */
    enum status status; /* of its first check, like the fields below; by its code */
    int http_status;    /* 0: none in the failure text */
    const struct outage_reason *reasons; /* ascending; the first is that of the first check */
    size_t n_reasons, n_omitted;         /* those that are kept, and those after the first one
                                            that are not */
};

/* What follows from the domain and from now, not from the events. */
struct outage_scope {
    int64_t reach_ms;  /* of the domain (reach.h) */
    int64_t latest_ms; /* start of its latest check that is not ahead of now */
    int64_t now_ms;
};

/* The events of one condition, while they are read one by one. It keeps the texts of the reasons.
 */
struct outage_reading {
    struct outage outage;
    struct {
        int64_t since_ms;
        char code[EVENT_CODE_MAX], failure[FAILURE_MAX];
    } kept[OUTAGE_REASONS_MAX];
    int64_t newest_ms;     /* of the events that did not close it */
    int64_t recovering_ms; /* when it began to recover the last time; INT64_MIN: it failed since */
    int64_t closed_ms;
    int64_t now_ms;
    bool began;           /* it has an event that is not ahead of now */
    bool is_closed_ahead; /* it was closed at a moment ahead of now */
};

/* Begins to read a condition. */
void outage_begin(struct outage_reading *reading, int64_t now_ms);

/* Adds its next event, in the order of the table `event`. Any events are allowed, also those that
 * contradict each other. One that is ahead of now, because the clock was set back, changes the
 * state of the condition; but its time is not shown. */
void outage_add(struct outage_reading *reading, const struct event *event);

/* Makes the outage. Returns false if there was no event, or only those that close it. Its texts
 * belong to the reading, and its reasons are in the array. */
bool outage_finish(struct outage_reading *reading, const struct outage_scope *scope,
                   struct outage *outage, struct outage_reason reasons[OUTAGE_REASONS_MAX]);

/* Whether it lasted until this moment or later. */
bool outage_touches(const struct outage *outage, int64_t from_ms);

/* The HTTP status that a failure text has: "http_status: expected 200, got 503". 0: none. */
int outage_http_status(const char *failure);

#endif
