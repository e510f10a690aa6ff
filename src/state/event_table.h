#ifndef STATE_EVENT_TABLE_H
#define STATE_EVENT_TABLE_H

#include "model/event.h"
#include "state/storage.h"

#include <stdbool.h>

/*
 * Table event: what the files of the event log have, for the pages and for a rebuild. An event that
 * is not in the log yet is staged (conditions.h). The same change of the same condition at the same
 * moment is the same event, so a line that is in two files is in the table once. Events of messages
 * (event.h) are in a table of their own; there, the detail must be the same too.
 */

/* Events that are being added, within an open transaction. */
struct event_table_adding {
    struct storage *storage;
    int64_t before, last; /* numbers of the last event: before, and now */
    bool has_change;      /* one that is not of a message was added */
};

int event_table_begin(struct event_table_adding *adding, struct storage *storage,
                      struct error *error);

/* Adds a valid event after all others. *is_new is false if it was there already. The subject of a
 * changed condition is marked to be decided (alert_table.h). */
int event_table_add(struct event_table_adding *adding, const struct event *event, bool *is_new,
                    struct error *error);

/* Ends the adding: stores the number of the last event; or takes back what was added. */
int event_table_end(const struct event_table_adding *adding, struct error *error);
int event_table_take_back(const struct event_table_adding *adding, struct error *error);

/* Called for each event. Its texts are valid only during the call. Anything but 0 ends the list,
 * and is its result. */
typedef int event_table_each_one(void *context, const struct event *event, struct error *error);

/*
 * Lists all events of the conditions that are open, or have an event at from_ms or later, and
 * perhaps of some that ended before: by scope, then by kind of check, then by began_ms; the events
 * of a condition are in the order of its parts (schema.sql), then of their times.
 */
int event_table_each_since(struct storage *storage, int64_t from_ms, event_table_each_one *each,
                           void *context, struct error *error);

/* The same, only of conditions that this kind of check shows. */
int event_table_each_of_check(struct storage *storage, int64_t from_ms, enum event_check check,
                              event_table_each_one *each, void *context, struct error *error);

/* The moment at which the last outage of this scope that began before a moment was closed, because
 * its checks were good again; INT64_MIN: there is none. */
int event_table_find_end(struct storage *storage, enum event_check check, const char *scope,
                         int64_t before_ms, int64_t *ended_ms, struct error *error);

/* Lists the n newest events of messages, the newest first. */
int event_table_each_of_messages(struct storage *storage, int n, event_table_each_one *each,
                                 void *context, struct error *error);

/* Lists the staged events, in the order of staging; deletes them. */
int event_table_each_staged(struct storage *storage, event_table_each_one *each, void *context,
                            struct error *error);
int event_table_delete_staged(struct storage *storage, struct error *error);

/* Deletes the events before this moment, apart from those of open conditions; then, what was
 * reported about subjects that have none any more. */
int event_table_delete_before(struct storage *storage, int64_t before_ms, struct error *error);

#endif
