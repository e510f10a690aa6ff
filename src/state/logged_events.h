#ifndef STATE_LOGGED_EVENTS_H
#define STATE_LOGGED_EVENTS_H

#include "base/arena.h"
#include "model/follow.h"
#include "state/storage.h"

/*
 * The events of the table `event`, loaded one span of time after the other, so that the memory
 * does not grow with the number of days. An event stays loaded until it is applied.
 */
struct logged_events {
    struct storage *storage;
    struct arena *arena; /* of the texts */
    struct logged_event *items;
    size_t n, capacity;
    int64_t until_ms; /* events before this moment were loaded */
};

/* The events of a condition's scope and kind of check, in the order of their times. */
struct logged_span {
    struct logged_event *items;
    size_t n;
};

/* Begins without events. In any case, call logged_events_free at the end. */
void logged_events_begin(struct logged_events *events, struct storage *storage);
void logged_events_free(struct logged_events *events);

/* Forgets the applied events and loads those before end_ms. After that, the items are in the order
 * of the log. */
int logged_events_load(struct logged_events *events, int64_t end_ms, struct error *error);

/* Prepares for logged_events_find, until the next load. */
void logged_events_sort(struct logged_events *events);
struct logged_span logged_events_find(const struct logged_events *events, const char *scope,
                                      enum event_check check);

/* The events of a span at this moment, in the order of the log. */
struct logged_span logged_events_at(const struct logged_span *span, int64_t at_ms);

/* The last event of a condition that is not later than until_ms: its end, if the log has that, or
 * the one with the highest number. Its texts are empty. */
struct logged_last {
    struct logged_event logged; /* number 0: there is none */
    bool is_removed;            /* it shows that the monitor was removed */
    bool has_confirmed;         /* the log has EVENT_CONFIRMED of this condition, at any time */
};
int logged_events_last(struct storage *storage, const char *scope, enum event_check check,
                       int64_t began_ms, int64_t until_ms, struct logged_last *last,
                       struct error *error);

/*
 * For a check that would begin a condition at start_ms, although the log has no event for it:
 * whether a check that started later was recorded before it. Then the rebuild reads this check too
 * early, because it is in the archive of an earlier day. Either both checks ran at the same time,
 * and the condition began with the other one. Or the clock was set back: then the log has an event
 * that is earlier than the beginning of its condition.
 * A condition with an event up to the number `applied` does not count: the rows have come to it, so
 * they are in order.
 */
int logged_events_have_inverted(struct storage *storage, const char *scope, enum event_check check,
                                int64_t start_ms, int64_t applied, bool *is_inverted,
                                struct error *error);

#endif
