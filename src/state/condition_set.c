/* Keeps open conditions in memory. */
#include "state/condition_set.h"

#include "base/table.h"

#include <stdlib.h>
#include <string.h>

struct condition_set {
    struct table by_scope[EVENT_CHECKS];
    struct open_condition *first;
};

struct condition_set *condition_set_new(void)
{
    return calloc(1, sizeof(struct condition_set));
}

void condition_set_free(struct condition_set *set)
{
    struct open_condition *next;

    if (!set)
        return;
    for (struct open_condition *one = set->first; one; one = next) {
        next = one->next;
        free(one);
    }
    for (int i = 0; i < EVENT_CHECKS; i++)
        table_free(&set->by_scope[i]);
    free(set);
}

struct open_condition *condition_set_find(const struct condition_set *set, enum event_check check,
                                          const char *scope)
{
    return table_find(&set->by_scope[check], scope);
}

static struct open_condition *add_new(struct condition_set *set, enum event_check check,
                                      const char *scope)
{
    size_t size = strlen(scope) + 1;
    struct open_condition *one = calloc(1, sizeof *one + size);

    if (!one)
        return NULL;
    memcpy(one->scope, scope, size);
    one->check = check;
    if (table_set(&set->by_scope[check], one->scope, one)) {
        free(one);
        return NULL;
    }
    one->next = set->first;
    set->first = one;
    return one;
}

int condition_set_put(struct condition_set *set, enum event_check check, const char *scope,
                      const struct condition *condition)
{
    struct open_condition *one = condition_set_find(set, check, scope);

    if (!one)
        one = add_new(set, check, scope);
    if (!one)
        return -1;
    one->condition = *condition;
    return 0;
}

bool condition_set_has(const struct condition_set *set, enum event_check check)
{
    return set->by_scope[check].n > 0;
}

struct open_condition *condition_set_first(const struct condition_set *set)
{
    return set->first;
}
