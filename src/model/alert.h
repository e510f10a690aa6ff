#ifndef MODEL_ALERT_H
#define MODEL_ALERT_H

#include "config/config.h"
#include "model/alert_story.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Decides what a target has to be sent. Pure.
 *
 * A decision compares the story of a subject (alert_story.h) with its reports: what the target was
 * sent before. So it does not matter when it is made, or how often, or which events came between. A
 * held message, a lost state or a killed tick only delay it, and the last message always has the
 * present state.
 *
 * Flapping: from the third outage of a series on, the subject is flapping. Its third outage is
 * reported at once. From then on, there is at most one message in 30 minutes. When nothing has
 * changed for 30 minutes, there is a last message, always, which ends this.
 *
 * Quiet hours hold all messages whose kind is not an exception. While another monitor that this one
 * depends on is DOWN, all are held but those that a reported outage has ended. What began and ended
 * meanwhile is not reported.
 */

/* What a target was sent about a subject. Reports change when a message was delivered or given up;
 * while one waits, it does not count. ALERT_NO_REPORTS: nothing. */
struct alert_reported {
    enum event_state state; /* EVENT_UP: nothing, or that it is UP */
    int64_t series_ms;      /* the id in the last message */
    int64_t outage_ms;      /* began_ms of the last outage that was reported, or needs no report */
    int n;                  /* number of the last message about the subject, delivered or not */
    int64_t down_ms;        /* when the begin was delivered: reminders count from here */
    int64_t last_ms;        /* when the last message was delivered */
    bool is_flapping;       /* a last message is to come */
    int64_t tried_ms;       /* began_ms of an outage whose begin is in a message that may have been
                               delivered: its end is never dropped */
    int64_t given_up_ms;    /* began_ms of the outage in a message that expired */
    enum event_state given_up; /* the state in that message */
};

#define ALERT_NO_REPORTS                                                                           \
    ((struct alert_reported){.series_ms = INT64_MIN,                                               \
                             .outage_ms = INT64_MIN,                                               \
                             .down_ms = INT64_MIN,                                                 \
                             .last_ms = INT64_MIN,                                                 \
                             .tried_ms = INT64_MIN,                                                \
                             .given_up_ms = INT64_MIN})

enum alert_change {
    ALERT_NONE,     /* no message */
    ALERT_BEGAN,    /* an outage began, or a certificate has another state. The target may have been
                       sent an earlier outage, but not its end */
    ALERT_ENDED,    /* the reported outage ended */
    ALERT_WAS,      /* an outage began and ended; the target was sent neither */
    ALERT_REMINDER, /* it is still DOWN */
    ALERT_SETTLED,  /* the last message after flapping; the state may be any */
    ALERT_CHANGES
};

/* "began": as in the details of events. */
const char *alert_change_name(enum alert_change change);

/* What a message has about one subject. */
struct alert_part {
    enum alert_change change;
    enum event_check check;
    enum event_state state; /* that the message reports: EVENT_UP, EVENT_DOWN, EVENT_WARN or
                               EVENT_CRITICAL */
    int64_t series_ms;      /* its id: if the target was sent a begin, the id of that message until
                               the end is sent, even if newer outages are of another series. The
                               same holds for a message that this one replaces */
    int n;                  /* of the message; its key is "{id}.{n}" */
    struct alert_outage outage; /* the newest one. If the log has none any more, only began_ms and
                                   ended_ms are right, and its end is EVENT_UNSEEN */
    int n_missed;               /* outages that the target was not sent, with this one; at most
                                   ALERT_OUTAGES_KEPT. 0: it was sent this one */
    int64_t first_missed_ms;    /* began_ms of the first of these; INT64_MIN: there is none */
    bool is_flapping;
};

/* What holds at the moment of a decision. */
struct alert_moment {
    int64_t now_ms;
    int64_t first;        /* number of the last event before the target was there: outages that
                             had ended by then are not reported; 0: it was always there */
    int64_t held_from_ms; /* when the first of the next two began, which hold messages; 0: unknown.
                             What began and ended after that needs no report */
    bool is_quiet;        /* quiet hours of the target */
    bool dependency_is_down; /* another monitor that this one depends on is DOWN or undecided */
};

/* Returns which kinds of messages that the target wants a part is. Of the part, check, change, state
 * and is_flapping are read. */
unsigned alert_wanted(const struct alert_target *target, const char *scope,
                      const struct alert_part *part);

/*
 * Decides what the target has to be sent about the subject. Returns the part of a message. If its
 * change is ALERT_NONE, there is none now.
 *
 * The caller stores *reported. It changes in these ways: n becomes that of the part; what needs no
 * report counts as reported; moments ahead of now become now, because the clock was set back. Any
 * values are allowed in it.
 *
 * *look_ms becomes the moment after now at which the subject has to be decided again, even if no
 * event comes; INT64_MAX: there is none. If there is a part, decide again as soon as its message
 * was delivered or given up. The caller knows when quiet hours and outages of other monitors end.
 */
struct alert_part alert_decide(const struct alert_target *target, const struct alert_story *story,
                               const struct alert_moment *moment, struct alert_reported *reported,
                               int64_t *look_ms);

/*
 * The message with this part was delivered, or given up, at this moment; its minute counts.
 * Of the part, these fields are read: change, state, series_ms, n, outage.began_ms, is_flapping.
 *
 * If a begin or an end is given up, it is not tried again: that outage is reported with the next
 * change.
 */
void alert_deliver(struct alert_reported *reported, const struct alert_part *part, int64_t now_ms);
void alert_give_up(struct alert_reported *reported, const struct alert_part *part, int64_t now_ms);

/*
 * Writes the fields that alert_deliver reads as the detail of an event about a message (EVENT_SENT,
 * EVENT_FAILED, EVENT_EXPIRED): "ops 3 began flapping 2026-11-23T09:30:00.000Z". The moment is the
 * id of the series; it is omitted if it is the began_ms. The state and the began_ms of that event
 * are those of the part and of its outage. Returns text.
 */
enum { ALERT_DETAIL_MAX = 200 };
const char *alert_write_detail(const char *target, const struct alert_part *part,
                               char text[ALERT_DETAIL_MAX]);

/*
 * Reads an event with such a detail into the fields that alert_deliver reads, and check. More words
 * may follow. *target_size becomes the number of bytes of the target's id, which is at the start of
 * the detail. Returns 0; or -1: the detail is another one.
 */
int alert_read_detail(const struct event *event, size_t *target_size, struct alert_part *part);

/* Changes *reported as an event EVENT_SENT, EVENT_FAILED or EVENT_EXPIRED shows it: for a rebuild,
 * which calls it for each one in the order of the log. */
void alert_restore(struct alert_reported *reported, const struct event *event,
                   const struct alert_part *part);

#endif
