/* The conditions of monitors, which nothing but their checks changes. */
#include "state/monitor_conditions.h"

#include "model/reach.h"
#include "state/condition_set.h"
#include "state/conditions.h"
#include "state/database.h"

#include <string.h>

static bool is_undecided_outage(const struct open_condition *entry)
{
    return entry->check == EVENT_HTTP && confirm_is_undecided(&entry->condition);
}

int monitor_conditions_find_undecided(struct storage *storage, bool *undecided, struct error *error)
{
    const struct open_condition *entry;

    memset(undecided, 0, storage->config->n_domains * sizeof *undecided);
    if (conditions_load(storage, error))
        return -1;
    for (entry = condition_set_first(storage->conditions); entry && !is_undecided_outage(entry);)
        entry = entry->next;

    /* Most outages are decided, so that most ticks need not look for each domain. */
    for (size_t i = 0; entry && i < storage->config->n_domains; i++) {
        const struct condition *condition = conditions_of(storage, EVENT_HTTP, i);

        undecided[i] = condition && confirm_is_undecided(condition);
    }
    return 0;
}

/* Steps one condition of a domain. */
static int step_condition(struct storage *storage, size_t domain, enum event_check kind,
                          const struct check *check, struct error *error)
{
    const struct domain *d = &storage->config->domains[domain];
    struct condition before = {.state = EVENT_UP, .changed_ms = INT64_MIN}, after;
    struct event events[CONFIRM_EVENTS_MAX];
    char scope[CONFIG_MONITOR_MAX];
    const struct condition *open;
    size_t n;

    config_monitor_name(storage->config, domain, scope);
    open = conditions_find(storage, kind, scope);
    if (open)
        before = *open;
    after = before;
    n = confirm_step(&after, kind, check, &d->confirm, reach_ms(d->interval_seconds), events);
    for (size_t i = 0; i < n; i++) {
        events[i].scope = scope;
        if (conditions_stage_event(storage, &events[i], error))
            return -1;
    }
    return confirm_is_changed(&before, &after) ? conditions_put(storage, kind, scope, &after, error)
                                               : 0;
}

int monitor_conditions_add_check(struct storage *storage, size_t domain, const struct check *check,
                                 struct error *error)
{
    if (conditions_load(storage, error))
        return -1;
    for (int i = 0; i < CONFIRM_CHECKS; i++) {
        enum event_check kind = (enum event_check)i;

        if (confirm_is_idle(kind, check) && !condition_set_has(storage->conditions, kind))
            continue;
        if (step_condition(storage, domain, kind, check, error))
            return -1;
    }
    return 0;
}

/* Whether its monitor may have been removed: nothing but a check of the monitor closes it. */
static bool is_of_monitor(const struct open_condition *entry)
{
    return (int)entry->check < CONFIRM_CHECKS && entry->condition.state != EVENT_UP;
}

/* Marks the conditions of configured monitors. Returns how many other conditions of
 * monitors there are. */
static size_t count_removed(const struct storage *storage)
{
    struct open_condition *entry;
    char scope[CONFIG_MONITOR_MAX];
    size_t n = 0;

    for (entry = condition_set_first(storage->conditions); entry; entry = entry->next) {
        entry->is_configured = false;
        n += is_of_monitor(entry);
    }
    for (size_t i = 0; n > 0 && i < storage->config->n_domains; i++) {
        config_monitor_name(storage->config, i, scope);
        for (int kind = 0; kind < CONFIRM_CHECKS; kind++) {
            if (!condition_set_has(storage->conditions, (enum event_check)kind))
                continue;
            entry = condition_set_find(storage->conditions, (enum event_check)kind, scope);
            if (!entry || !is_of_monitor(entry))
                continue;
            entry->is_configured = true;
            n--;
        }
    }
    return n;
}

static int close_removed(struct storage *storage, int64_t at_ms, struct error *error)
{
    for (const struct open_condition *entry = condition_set_first(storage->conditions); entry;
         entry = entry->next) {
        struct event event = {.at_ms = at_ms,
                              .scope = entry->scope,
                              .check = entry->check,
                              .began_ms = entry->condition.began_ms,
                              .change = EVENT_CLOSED,
                              .state = EVENT_UP,
                              .code = "",
                              .detail = EVENT_REMOVED};

        if (is_of_monitor(entry) && !entry->is_configured &&
            conditions_record(storage, &event, error))
            return -1;
    }
    return 0;
}

int monitor_conditions_close_removed(struct storage *storage, int64_t at_ms, struct error *error)
{
    if (conditions_load(storage, error))
        return -1;
    if (count_removed(storage) == 0)
        return 0;
    if (storage_begin(storage, error))
        return -1;
    return storage_end(storage, close_removed(storage, at_ms, error), error);
}
