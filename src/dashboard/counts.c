/* Counts by status for the templates: "6 down · 9 degraded · 15 up". */
#include "dashboard/counts.h"

#include "dashboard/messages.h"

#include <string.h>

static const struct {
    enum status status;
    const char *message; /* goes after the number */
} order[] = {{STATUS_DOWN, "count_down"},        {STATUS_TIMEOUT, "count_timeout"},
             {STATUS_BOT_DETECTED, "count_bot"}, {STATUS_DEGRADED, "count_degraded"},
             {STATUS_UNKNOWN, "count_unknown"},  {STATUS_UP, "count_up"}};

_Static_assert(sizeof order / sizeof order[0] == STATUS_COUNT, "each status is counted");

static const struct value *count_item(void *context, size_t i)
{
    struct counts *counts = context;
    enum status status = counts->listed[i];
    struct object *object = &counts->object;
    size_t place = 0;

    while (order[place].status != status)
        place++;
    object_clear(object);
    object_add(object, "status", messages_status(counts->messages, status));
    object_grouped(object, "n", counts->n_of[status]);
    object_text(object, "word", messages_get(counts->messages, order[place].message));
    object_flag(object, "is_up", status == STATUS_UP);
    object_flag(object, "more", i + 1 < counts->n && counts->listed[i + 1] != STATUS_UP);
    return &object->value;
}

void counts_add(struct counts *counts, const size_t n_of[STATUS_COUNT],
                const struct messages *messages, struct object *into)
{
    counts->messages = messages;
    counts->n = 0;
    memcpy(counts->n_of, n_of, sizeof counts->n_of);
    for (size_t i = 0; i < STATUS_COUNT; i++) {
        if (n_of[order[i].status])
            counts->listed[counts->n++] = order[i].status;
    }
    object_list(into, "counts", counts->n, count_item, counts);
}
