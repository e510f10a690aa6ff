#ifndef MODEL_ALERT_STORY_H
#define MODEL_ALERT_STORY_H

#include "model/check.h"
#include "model/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the events of a subject show. A subject is what messages are about: a scope and a kind of
 * check. Pure.
 *
 * Only confirmed outages are in a story. A condition that needs no confirmation (certificates,
 * local faults, undelivered messages, time without a tick) counts as confirmed when it is opened.
 *
 * Series: an outage belongs to the series of the outage before it if it began at most 15 minutes
 * after the end of that one; 30 minutes, if that one was the third of its series or a later one.
 * If the clock was set back, it may have begun before that end: the distance counts. Else it begins
 * a series. The id of a series is that of its first outage.
 */

enum {
    ALERT_SERIES_MS = 15 * 60 * 1000,
    ALERT_FLAPPING_MS = 30 * 60 * 1000,
    ALERT_FLAPPING_FROM = 3, /* from this outage of a series on, the subject is flapping */
    ALERT_OUTAGES_KEPT = 20  /* of a story: the newest ones */
};

/* A confirmed outage, or another condition that is reported. */
struct alert_outage {
    int64_t began_ms;     /* as in its id */
    int64_t confirmed_ms; /* start of the check that confirmed it */
    int64_t ended_ms;     /* start of the first of the good checks that ended it, if the log has it;
                             else of the close; "unseen": of the last event before the close; never
                             before began_ms. INT64_MIN: it lasts */
    int64_t opened;       /* the smallest number of its events that are not before began_ms */
    int64_t number;       /* the greatest number of its events, in the table `event` */
    int64_t series_ms;    /* began_ms of the first outage of its series */
    int ordinal;          /* of the outage in its series: 1, 2, … */
    enum event_state state; /* EVENT_DOWN, also while it seems to recover; EVENT_WARN or
                               EVENT_CRITICAL of a certificate */
    bool is_acknowledged;
    char code[EVENT_CODE_MAX], detail[FAILURE_MAX]; /* of its newest reason */
    char end[16]; /* the reason of the close, as in event.h; EVENT_UNSEEN, if the log lacks its end;
                     "": it lasts */
};

struct alert_story {
    const char *scope;
    enum event_check check;
    struct alert_outage outages[ALERT_OUTAGES_KEPT]; /* in the order of the log; only the last one
                                                        may last */
    size_t n_outages;
    int64_t changed_ms; /* of the newest outage: its end, or if it lasts, when it was confirmed;
                           INT64_MIN: there is none */
    /* Private: the newest condition, confirmed or not, by its smallest number; and the one that is
     * being read. */
    int64_t newest;
    struct {
        struct alert_outage outage;
        int64_t newest_ms;     /* its last event */
        int64_t recovering_ms; /* INT64_MIN: it failed since it last recovered */
        bool is_any, is_open, is_confirmed;
    } reading;
};

/* Begins to read a subject. The scope must outlive the story. */
void alert_story_begin(struct alert_story *story, const char *scope, enum event_check check);

/*
 * Adds an event with its number, which is in the order of the log. Those of a condition are in
 * their order, but conditions may be in any order: the number of its first event decides which one
 * is newer, because the clock may have been set back. Any events are allowed, also those that
 * contradict each other. A condition that is not closed has ended if there is a newer one. Ignored
 * are a close alone, and impossible moments.
 */
void alert_story_add(struct alert_story *story, const struct event *event, int64_t number);

/* After the last event. */
void alert_story_end(struct alert_story *story);

/* Whether moments can be added and compared without an overflow: not those of a damaged state.db.
 */
bool alert_story_is_moment(int64_t ms);

/* The newest outage; NULL: there is none. */
const struct alert_outage *alert_story_newest(const struct alert_story *story);

/* Whether an outage lasts, also while it seems to recover. */
bool alert_story_is_down(const struct alert_story *story);

#endif
