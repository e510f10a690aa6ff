/* Makes the open conditions from rows and the event log, and finds the events that are missing. */
#include "state/follower.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/table.h"
#include "model/reach.h"
#include "state/column.h"
#include "state/conditions.h"
#include "state/logged_events.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A condition, or the last one of its scope and kind of check. */
struct followed {
    struct followed *next;
    enum event_check check;
    struct condition condition;
    int64_t order_ms; /* the latest at_ms of its events */
    int64_t number;   /* of the last applied event of the condition; 0: none */
    int64_t applied;  /* the highest number of an applied event of any condition; 0: none */

    /* A condition that was open when the log opened the next one, and its last applied event. Then
     * the rows are not in the order in which they were recorded. */
    struct condition replaced;
    int64_t replaced_number; /* 0: none */

    /* What the log has of the condition that began at known_ms; found when it is needed. */
    int64_t known_ms;    /* INT64_MIN: nothing is known */
    int64_t last_number; /* of its last event in the log; 0: none; INT64_MAX: the log has its end */
    bool has_confirmed;  /* the log has this event of it */
    int64_t removed_ms;  /* when its monitor was removed; INT64_MAX: that did not end it */
    char scope[];
};

/* An event that is to be staged. */
struct found_event {
    struct event event;
    int64_t order_ms; /* never before that of an earlier event of its scope and check */
    size_t index;
};

/* The file whose rows are being added. */
struct followed_file {
    bool is_followed; /* its monitor is configured */
    bool is_open;     /* one of its conditions */
    size_t domain;
    struct followed *conditions[CONFIRM_CHECKS]; /* NULL: it had none yet */
    struct logged_span logged[CONFIRM_CHECKS];
};

struct follower {
    struct storage *storage;
    int64_t now_ms;
    bool is_rebuild;
    int64_t last_number; /* of the log: later numbers were staged by the old state */
    int64_t first_ms;    /* an event before this moment is too old for the log */
    int64_t n_missing;
    bool has_staged; /* the old state had staged events */
    struct logged_events logged;
    struct table by_scope[EVENT_CHECKS];
    struct followed *first; /* all conditions, open or not */
    struct followed_file file;
    struct found_event *events; /* that are to be staged at the end of the folder */
    size_t n_events, capacity;
};

struct follower *follower_new(struct storage *storage, int64_t now_ms, bool is_rebuild,
                              struct error *error)
{
    struct follower *follower = calloc(1, sizeof *follower);
    int64_t today = clock_floor_div(now_ms, MS_PER_DAY);

    if (!follower) {
        database_no_memory(storage, error);
        return NULL;
    }
    follower->storage = storage;
    follower->now_ms = now_ms;
    follower->is_rebuild = is_rebuild;
    follower->first_ms = (today - EVENT_DAYS) * MS_PER_DAY;
    logged_events_begin(&follower->logged, storage);
    if (conditions_load(storage, error) == 0 &&
        storage_get_setting(storage, SETTING_LAST_EVENT, &follower->last_number, error) == 0)
        return follower;
    follower_free(follower);
    return NULL;
}

void follower_free(struct follower *follower)
{
    struct followed *next;

    if (!follower)
        return;
    for (struct followed *one = follower->first; one; one = next) {
        next = one->next;
        free(one);
    }
    for (int i = 0; i < EVENT_CHECKS; i++)
        table_free(&follower->by_scope[i]);
    logged_events_free(&follower->logged);
    free(follower->events);
    free(follower);
}

bool follower_has_log(const struct follower *follower)
{
    return follower->last_number > 0;
}

int64_t follower_missing(const struct follower *follower)
{
    return follower->n_missing;
}

/* Finds what is known about a scope and check, or begins it. NULL: out of memory. */
static struct followed *find_or_add(struct follower *follower, enum event_check check,
                                    const char *scope, struct error *error)
{
    struct followed *one = table_find(&follower->by_scope[check], scope);
    size_t size = strlen(scope) + 1;

    if (one)
        return one;
    one = calloc(1, sizeof *one + size);
    if (one) {
        memcpy(one->scope, scope, size);
        one->check = check;
        one->condition.changed_ms = one->order_ms = one->known_ms = INT64_MIN;
    }
    if (!one || table_set(&follower->by_scope[check], one->scope, one)) {
        free(one);
        database_no_memory(follower->storage, error);
        return NULL;
    }
    one->next = follower->first;
    follower->first = one;
    return one;
}

/* Adds an event to those that are to be staged. Its texts are copied, apart from the scope. */
static int add_found(struct follower *follower, struct followed *one, const struct event *event,
                     struct error *error)
{
    struct arena *arena = follower->logged.arena;
    struct found_event *found =
        memory_grow(follower->events, &follower->capacity, follower->n_events + 1, sizeof *found);

    if (!found)
        return database_no_memory(follower->storage, error);
    follower->events = found;
    found += follower->n_events;
    if (event->at_ms > one->order_ms)
        one->order_ms = event->at_ms;
    *found = (struct found_event){*event, one->order_ms, follower->n_events};
    found->event.scope = one->scope;
    found->event.code = arena_copy(arena, event->code, strlen(event->code));
    found->event.detail = arena_copy(arena, event->detail, strlen(event->detail));
    if (!found->event.code || !found->event.detail)
        return database_no_memory(follower->storage, error);
    follower->n_events++;
    return 0;
}

/* Marks an event that was applied. If only the old state had it, it is staged again. */
static int mark_applied(struct follower *follower, struct followed *one,
                        struct logged_event *logged, struct error *error)
{
    logged->is_applied = true;
    if (one->condition.began_ms == logged->event.began_ms)
        one->number = logged->number;
    if (logged->number > one->applied)
        one->applied = logged->number;
    if (logged->number <= follower->last_number)
        return 0;
    follower->has_staged = true;
    return add_found(follower, one, &logged->event, error);
}

static bool is_open(const struct followed *one)
{
    return one && one->condition.state != EVENT_UP;
}

static void set_condition(struct followed *one, const struct condition *after)
{
    if (is_open(one) && after->state != EVENT_UP && one->condition.began_ms != after->began_ms) {
        one->replaced = one->condition;
        one->replaced_number = one->number;
    }
    one->condition = *after;
}

/* Applies an event whose row does not come. */
static int apply_alone(struct follower *follower, struct logged_event *logged, struct error *error)
{
    struct followed *one = find_or_add(follower, logged->event.check, logged->event.scope, error);
    struct condition after;

    if (!one)
        return -1;
    after = one->condition;
    follow_apply(&after, &logged->event);
    set_condition(one, &after);
    return mark_applied(follower, one, logged, error);
}

static bool is_end(const struct logged_last *last)
{
    return last->logged.number && last->logged.event.change == EVENT_CLOSED;
}

/* Ends a condition whose end came before its beginning. If it replaced one, and the log has no
 * later event of that one, that one is open. */
static int settle_condition(struct follower *follower, struct followed *one, struct error *error)
{
    struct logged_last last;

    if (is_open(one) && logged_events_last(follower->storage, one->scope, one->check,
                                           one->condition.began_ms, INT64_MAX, &last, error))
        return -1;
    if (is_open(one) && is_end(&last) && last.logged.number <= one->applied)
        one->condition.state = EVENT_UP;
    if (is_open(one) || one->replaced_number == 0)
        return 0;
    if (logged_events_last(follower->storage, one->scope, one->check, one->replaced.began_ms,
                           INT64_MAX, &last, error))
        return -1;
    if (last.logged.number == one->replaced_number) {
        one->condition = one->replaced;
        one->number = one->replaced_number;
    }
    one->replaced_number = 0;
    return 0;
}

/*
 * The archives are read. If the clock was set back, their rows and events were not in the order in
 * which they were recorded; the next rows are. So the conditions become those that were open when
 * these rows came.
 */
static int settle_conditions(struct follower *follower, struct error *error)
{
    for (struct followed *one = follower->first; one; one = one->next) {
        if (settle_condition(follower, one, error))
            return -1;
    }
    return 0;
}

int follower_begin_folder(struct follower *follower, int64_t first_ms, int64_t end_ms,
                          struct error *error)
{
    struct logged_events *logged = &follower->logged;
    bool is_after_archives = end_ms == INT64_MAX;

    if (!follower->is_rebuild && end_ms > follower->now_ms)
        end_ms = follower->now_ms + 1;
    if (logged_events_load(logged, end_ms, error))
        return -1;

    /* The rows of events that only the old state has may be staged too, so they come last. */
    for (size_t i = 0; i < logged->n; i++) {
        if (logged->items[i].event.at_ms < first_ms &&
            logged->items[i].number <= follower->last_number &&
            apply_alone(follower, &logged->items[i], error))
            return -1;
    }
    logged_events_sort(logged);
    return is_after_archives ? settle_conditions(follower, error) : 0;
}

static void find_open(struct followed_file *file)
{
    file->is_open = false;
    for (int i = 0; i < CONFIRM_CHECKS; i++)
        file->is_open |= is_open(file->conditions[i]);
}

void follower_begin_file(struct follower *follower, int64_t monitor)
{
    const struct owner *owner = owners_find(&follower->storage->monitors, monitor);
    struct followed_file *file = &follower->file;
    char scope[CONFIG_MONITOR_MAX];

    *file = (struct followed_file){.is_followed = owner != NULL};
    if (!owner)
        return;
    file->domain = owner->index;
    config_monitor_name(follower->storage->config, owner->index, scope);
    for (int i = 0; i < CONFIRM_CHECKS; i++) {
        file->conditions[i] = table_find(&follower->by_scope[i], scope);
        file->logged[i] = logged_events_find(&follower->logged, scope, (enum event_check)i);
    }
    find_open(file);
}

/* Finds what the log has of the condition that began at this moment. */
static int know_condition(struct follower *follower, struct followed *one, int64_t began_ms,
                          struct error *error)
{
    struct logged_last last;

    if (logged_events_last(follower->storage, one->scope, one->check, began_ms, INT64_MAX, &last,
                           error))
        return -1;
    one->known_ms = began_ms;
    one->last_number = is_end(&last) ? INT64_MAX : last.logged.number;
    one->has_confirmed = last.has_confirmed;
    one->removed_ms = last.is_removed ? last.logged.event.at_ms : INT64_MAX;
    return 0;
}

/*
 * Whether the log has more of the condition, or of the one that this row would begin. Ends a
 * condition that the log closed without a row: its monitor was removed.
 */
static int find_more(struct follower *follower, struct followed *one, const struct check *row,
                     struct follow_log *log, struct error *error)
{
    int64_t began_ms = is_open(one) ? one->condition.began_ms : row->start_ms;

    if (one->known_ms != began_ms && know_condition(follower, one, began_ms, error))
        return -1;
    if (is_open(one) && one->removed_ms < row->start_ms) {
        one->condition.state = EVENT_UP;
        return find_more(follower, one, row, log, error);
    }
    if (!is_open(one))
        one->number = 0;
    log->has_more = one->number < one->last_number;
    log->is_begun = one->number > 0;
    log->has_confirmed = one->has_confirmed;
    return 0;
}

static int mark_all(struct follower *follower, struct followed *one, const struct logged_span *span,
                    struct error *error)
{
    for (size_t i = 0; i < span->n; i++) {
        if (mark_applied(follower, one, &span->items[i], error))
            return -1;
    }
    return 0;
}

/* Adds the events that the log lacks, apart from those that it would not keep. */
static int add_missing(struct follower *follower, struct followed *one, const struct event *events,
                       size_t n, struct error *error)
{
    for (size_t i = 0; i < n; i++) {
        if (events[i].at_ms < follower->first_ms)
            continue;
        follower->n_missing++;
        if (add_found(follower, one, &events[i], error))
            return -1;
    }
    return 0;
}

/* Steps one condition of a monitor, as monitor_conditions_add_check does, but as the log has it. */
static int follow_check(struct follower *follower, struct followed *one, const struct check *row,
                        struct error *error)
{
    const struct followed_file *file = &follower->file;
    const struct domain *domain = &follower->storage->config->domains[file->domain];
    struct logged_span span = logged_events_at(&file->logged[one->check], row->start_ms);
    struct event events[CONFIRM_EVENTS_MAX];
    struct follow_log log = {.n = 0};
    struct condition after;
    bool is_inverted;
    size_t n;

    if (span.n && !span.items[0].is_applied)
        log = (struct follow_log){.events = span.items, .n = span.n};
    else if (find_more(follower, one, row, &log, error))
        return -1;
    if (!is_open(one))
        one->condition = (struct condition){.state = EVENT_UP, .changed_ms = INT64_MIN};
    after = one->condition;
    n = follow_step(&after, one->check, row, &domain->confirm, reach_ms(domain->interval_seconds),
                    &log, events);
    if (n && !is_open(one)) {
        if (logged_events_have_inverted(follower->storage, one->scope, one->check, row->start_ms,
                                        one->applied, &is_inverted, error))
            return -1;
        if (is_inverted)
            return 0;
    }
    if (confirm_is_changed(&one->condition, &after))
        set_condition(one, &after);
    if (log.n)
        return mark_all(follower, one, &span, error);
    return add_missing(follower, one, events, n, error);
}

static int follow_row(struct follower *follower, const struct check *row, struct error *error)
{
    struct followed_file *file = &follower->file;
    char scope[CONFIG_MONITOR_MAX];

    config_monitor_name(follower->storage->config, file->domain, scope);
    for (int i = 0; i < CONFIRM_CHECKS; i++) {
        enum event_check kind = (enum event_check)i;

        if (!is_open(file->conditions[i]) && confirm_is_idle(kind, row))
            continue;
        if (!file->conditions[i])
            file->conditions[i] = find_or_add(follower, kind, scope, error);
        if (!file->conditions[i] || follow_check(follower, file->conditions[i], row, error))
            return -1;
    }
    find_open(file);
    return 0;
}

int follower_add(struct follower *follower, const struct check *row, struct error *error)
{
    const struct followed_file *file = &follower->file;

    /* Most rows are UP and not slow. */
    if (!file->is_followed ||
        (!file->is_open && row->status == STATUS_UP && row->failure[0] == '\0'))
        return 0;
    return follow_row(follower, row, error);
}

static int compare_found(const void *a, const void *b)
{
    const struct found_event *one = a, *other = b;

    if (one->order_ms != other->order_ms)
        return one->order_ms < other->order_ms ? -1 : 1;
    return one->index < other->index ? -1 : one->index > other->index;
}

int follower_end_folder(struct follower *follower, struct error *error)
{
    int result = 0;

    if (follower->n_events)
        qsort(follower->events, follower->n_events, sizeof *follower->events, compare_found);
    for (size_t i = 0; i < follower->n_events && result == 0; i++)
        result = conditions_stage_event(follower->storage, &follower->events[i].event, error);
    follower->n_events = 0;
    return result;
}

/* If the last event of a condition was applied before another one of it, because the clock was set
 * back between two folders, the last one decides. */
static int end_condition(struct follower *follower, struct followed *one, struct error *error)
{
    int64_t until_ms = follower->is_rebuild ? INT64_MAX : follower->now_ms;
    struct logged_last last;

    if (!is_open(one))
        return 0;
    if (logged_events_last(follower->storage, one->scope, one->check, one->condition.began_ms,
                           until_ms, &last, error))
        return -1;
    if (is_end(&last) || last.logged.number > one->number)
        follow_apply(&one->condition, &last.logged.event);
    return is_open(one)
               ? conditions_put(follower->storage, one->check, one->scope, &one->condition, error)
               : 0;
}

/* Makes the table `event` that of the log. If the state shows a moment that is past, the log is
 * that of this moment, and what it lacks is added to it. */
static int end_log(struct follower *follower, struct error *error)
{
    struct storage *storage = follower->storage;

    if (follower->is_rebuild && !follower->has_staged)
        return 0;
    if (follower->is_rebuild)
        return database_run(
            storage, database_bind(storage, SQL_DELETE_EVENTS_AFTER, follower->last_number), error);
    if (database_run(storage, database_bind(storage, SQL_DELETE_LATER_EVENTS, follower->now_ms),
                     error) ||
        database_run(
            storage,
            database_bind(storage, SQL_LOG_STAGED_EVENTS, follower->last_number, EVENT_SENT),
            error))
        return -1;
    return database_run(storage, database_statement(storage, SQL_DELETE_STAGED_EVENTS), error);
}

int follower_end(struct follower *follower, struct error *error)
{
    struct logged_events *logged = &follower->logged;

    if (follower_begin_folder(follower, INT64_MAX, INT64_MAX, error) ||
        logged_events_load(logged, INT64_MIN, error))
        return -1;
    for (size_t i = 0; i < logged->n; i++) {
        if (apply_alone(follower, &logged->items[i], error))
            return -1;
    }
    if (follower_end_folder(follower, error))
        return -1;
    for (struct followed *one = follower->first; one; one = one->next) {
        if (end_condition(follower, one, error))
            return -1;
    }
    return end_log(follower, error);
}
