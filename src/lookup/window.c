/* How many names may be looked up at once: more after answers, fewer after refusals. */
#include "lookup/window.h"

#include <assert.h>

/* How many answers let the window grow by one, before and after the name server refused. */
enum { ANSWERS_AT_FIRST = 1, ANSWERS_AFTER_REFUSAL = 8 };

void window_init(struct window *window)
{
    *window = (struct window){.max = WINDOW_MIN, .answers_to_grow = ANSWERS_AT_FIRST};
    TAILQ_INIT(&window->waiting);
    TAILQ_INIT(&window->active);
}

void window_wait(struct window *window, struct window_entry *entry)
{
    assert(entry->state == WINDOW_OUTSIDE);
    TAILQ_INSERT_TAIL(&window->waiting, entry, next);
    entry->state = WINDOW_WAITS;
}

struct window_entry *window_next(struct window *window, int64_t now_us)
{
    struct window_entry *entry = TAILQ_FIRST(&window->waiting);

    if (!entry || window->n_active >= window->max || window->n_all >= WINDOW_ALL_MAX)
        return NULL;
    TAILQ_REMOVE(&window->waiting, entry, next);
    TAILQ_INSERT_TAIL(&window->active, entry, next);
    entry->state = WINDOW_ACTIVE;
    entry->since_us = now_us;
    window->n_active++;
    window->n_all++;
    return entry;
}

static void end_active(struct window *window, struct window_entry *entry)
{
    assert(window->n_active > 0);
    TAILQ_REMOVE(&window->active, entry, next);
    entry->state = WINDOW_SILENT;
    window->n_active--;
}

void window_review(struct window *window, int64_t now_us)
{
    struct window_entry *entry;

    while ((entry = TAILQ_FIRST(&window->active)) &&
           now_us - entry->since_us >= WINDOW_PATIENCE_US) {
        end_active(window, entry);
        window_answered(window);
    }
}

void window_leave(struct window *window, struct window_entry *entry)
{
    if (entry->state == WINDOW_WAITS)
        TAILQ_REMOVE(&window->waiting, entry, next);
    else if (entry->state == WINDOW_ACTIVE)
        end_active(window, entry);
    if (entry->state == WINDOW_SILENT)
        window->n_all--;
    entry->state = WINDOW_OUTSIDE;
}

void window_answered(struct window *window)
{
    if (window->max == WINDOW_MAX || ++window->answers < window->answers_to_grow)
        return;
    window->answers = 0;
    window->max++;
}

bool window_refused(struct window *window)
{
    if (window->n_all < WINDOW_MIN)
        return false;
    window->answers = 0;
    window->answers_to_grow = ANSWERS_AFTER_REFUSAL;
    window->max = window->max / 2 > WINDOW_MIN ? window->max / 2 : WINDOW_MIN;
    return true;
}
