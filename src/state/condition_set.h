#ifndef STATE_CONDITION_SET_H
#define STATE_CONDITION_SET_H

#include "model/confirm.h"

/*
 * Open conditions in memory, by their kind of check and their scope. One that was closed stays in
 * the set, as EVENT_UP.
 */
struct condition_set;

struct open_condition {
    struct open_condition *next; /* in no special order */
    struct condition condition;
    enum event_check check;
    bool is_configured; /* only monitor_conditions_close_removed uses it */
    char scope[];
};

/* Returns an empty set; NULL: out of memory. */
struct condition_set *condition_set_new(void);

/* NULL is allowed. */
void condition_set_free(struct condition_set *set);

/* NULL: the set does not have it. */
struct open_condition *condition_set_find(const struct condition_set *set, enum event_check check,
                                          const char *scope);

/* Adds or replaces a condition. Returns 0, or -1 if out of memory. */
int condition_set_put(struct condition_set *set, enum event_check check, const char *scope,
                      const struct condition *condition);

/* Whether the set has any of this kind. */
bool condition_set_has(const struct condition_set *set, enum event_check check);

/* The first of all; the others follow by `next`. NULL: none. */
struct open_condition *condition_set_first(const struct condition_set *set);

#endif
