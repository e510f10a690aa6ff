#ifndef MODEL_ALERT_H
#define MODEL_ALERT_H

#include "config/config.h"
#include "model/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Decides what a target has to be sent. Pure.
 *
 * A subject is what messages are about: a scope and a kind of check. Its story is what its events
 * show. A decision compares the story with what the target knows from earlier messages. So it does
 * not matter when it is made, or how often, or which events came between: a held message, a lost
 * state or a killed tick only delay it, and the last message always has the present state.
 *
 * Only confirmed outages are reported. A condition that needs no confirmation (certificates, local
 * faults, undelivered messages, time without a tick) counts as confirmed when it is opened.
 *
 * A series is several outages of a subject, each one began within 15 minutes of the end of the
 * one before it; 30 minutes from the third one on. It has the id of its first outage. From the
 * third outage of a series on, the subject is flapping: there is at most one message in 30 minutes,
 * and after 30 minutes without a change a last one.
 */

enum {
    ALERT_SERIES_MS = 15 * 60 * 1000, /* see above */
    ALERT_FLAPPING_MS = 30 * 60 * 1000,
    ALERT_FLAPPING_FROM = 3, /* outages of a series */
    ALERT_OUTAGES_KEPT = 20  /* newest outages of a story that are kept one by one */
};

/* A confirmed outage, or another condition that is reported. */
struct alert_outage {
    int64_t began_ms;
    int64_t confirmed_ms;   /* start of the check that confirmed it */
    int64_t ended_ms;       /* as outage.h has it; INT64_MIN: it lasts */
    int64_t series_ms;      /* began_ms of the first outage of its series */
    int number;             /* of the outage in its series: 1, 2, … */
    enum event_state state; /* EVENT_DOWN, also while it seems to recover; EVENT_WARN or
                               EVENT_CRITICAL of a certificate */
    bool is_acknowledged;
    char code[EVENT_CODE_MAX], detail[512]; /* of its newest reason */
    char end[16];                           /* the reason of the close (event.h); "": it lasts */
};

/* What the events of a subject show. */
struct alert_story {
    const char *scope;
    enum event_check check;
    struct alert_outage outages[ALERT_OUTAGES_KEPT]; /* the newest ones, ascending */
    size_t n_outages;                                /* those that are kept */
    bool is_undecided;                               /* a condition is open that is not confirmed */
    int64_t changed_ms; /* of the last change of the kept outages: a begin or an end */
    /* Private: the condition that is being read. */
    struct alert_outage reading;
    bool is_reading, is_confirmed;
};

/* Begins to read a subject; adds its next event, in the order of the table `event`. Any events are
 * allowed. */
void alert_story_begin(struct alert_story *story, const char *scope, enum event_check check);
void alert_story_add(struct alert_story *story, const struct event *event);
/* After the last event. */
void alert_story_end(struct alert_story *story);

/* What a target knows of a subject from its messages. All zero, with the moments INT64_MIN:
 * nothing. */
struct alert_reported {
    enum event_state state; /* EVENT_UP: nothing, or that it is up */
    int64_t series_ms;      /* the id in the last message */
    int64_t outage_ms; /* began_ms of the last outage that was reported, or is not to be reported */
    int n;             /* number of the last message about the subject, delivered or not */
    int64_t down_ms;   /* when the begin was delivered: reminders count from here */
    int64_t last_ms;   /* when the last message was delivered */
    int reminders;     /* delivered since down_ms */
    bool is_flapping;  /* a last message is to come */
    int64_t given_up_ms;       /* began_ms of an outage whose begin expired */
    enum event_state given_up; /* the state that could not be reported; EVENT_UP: none */
};

enum alert_change {
    ALERT_NONE,     /* no message */
    ALERT_BEGAN,    /* it is DOWN; or the certificate has another state than the target knows */
    ALERT_ENDED,    /* it is UP again */
    ALERT_WAS,      /* it began and ended; the target knows neither */
    ALERT_REMINDER, /* it is still DOWN */
    ALERT_SETTLED   /* the last message after flapping; the state may be any */
};

/* What a message has about one subject. */
struct alert_part {
    enum alert_change change;
    enum event_check check;
    enum event_state state;     /* that the target will know: EVENT_UP, EVENT_DOWN, … */
    int64_t series_ms;          /* its id: that of the reported state if the end is reported */
    int n;                      /* of the message; the key is "{id}.{n}" */
    struct alert_outage outage; /* the newest one */
    int n_missed;               /* outages that the target does not know, with this one */
    int64_t first_missed_ms;    /* began_ms of the first of these */
    bool is_flapping;
};

/* What holds at the moment of a decision. */
struct alert_moment {
    int64_t now_ms;
    bool is_quiet;           /* quiet hours of the target */
    bool dependency_is_down; /* or undecided: another monitor that this one depends on */
};

/*
 * Decides what the target has to be sent about the subject. Returns the part of a message (change
 * ALERT_NONE: nothing now). Updates *reported only for what is not to be reported (outages in quiet
 * hours and of dependents that are over, kinds that the target does not want). *look_ms becomes
 * when the subject has to be decided again even if no event comes: the end of quiet hours and of a
 * dependency are not in it; INT64_MAX: only when an event comes.
 */
struct alert_part alert_decide(const struct alert_target *target, const struct alert_story *story,
                               const struct alert_moment *moment, struct alert_reported *reported,
                               int64_t *look_ms);

/* The part was delivered, or given up, at this moment. */
void alert_deliver(struct alert_reported *reported, const struct alert_part *part, int64_t now_ms);
void alert_give_up(struct alert_reported *reported, const struct alert_part *part, int64_t now_ms);

/* Changes *reported as an event EVENT_SENT or EVENT_EXPIRED of the log shows it: for a rebuild. */
void alert_restore(struct alert_reported *reported, const struct event *event, int n);

#endif
