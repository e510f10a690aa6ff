#include "lookup/window.h"

/* How many answers make room for one more, before and after the name server refused. */
enum { GROWS_BEFORE = 1, GROWS_AFTER = 8 };

static void append(struct window_line *line, struct window_entry *window_entry)
{
    window_entry->next = NULL;
    window_entry->link = line->end;
    *line->end = window_entry;
    line->end = &window_entry->next;
}

static void take_out(struct window_line *line, struct window_entry *window_entry)
{
    *window_entry->link = window_entry->next;
    if (window_entry->next)
        window_entry->next->link = window_entry->link;
    else
        line->end = window_entry->link;
}

void window_init(struct window *window)
{
    *window = (struct window){.most = WINDOW_MIN, .grows = GROWS_BEFORE};
    window->waiting.end = &window->waiting.first;
    window->held.end = &window->held.first;
}

void window_wait(struct window *window, struct window_entry *window_entry)
{
    append(&window->waiting, window_entry);
    window_entry->state = WINDOW_WAITS;
}

struct window_entry *window_next(struct window *window, int64_t now_us)
{
    struct window_entry *window_entry = window->waiting.first;

    if (!window_entry || window->n_held >= window->most || window->n_all >= WINDOW_ALL_MAX)
        return NULL;
    take_out(&window->waiting, window_entry);
    append(&window->held, window_entry);
    window_entry->state = WINDOW_HELD;
    window_entry->since_us = now_us;
    window->n_held++;
    window->n_all++;
    return window_entry;
}

static void give_up(struct window *window, struct window_entry *window_entry)
{
    take_out(&window->held, window_entry);
    window_entry->state = WINDOW_GIVEN_UP;
    window->n_held--;
}

void window_review(struct window *window, int64_t now_us)
{
    while (window->held.first && now_us - window->held.first->since_us >= WINDOW_PATIENCE_US) {
        give_up(window, window->held.first);
        window_answered(window);
    }
}

void window_leave(struct window *window, struct window_entry *window_entry)
{
    if (window_entry->state == WINDOW_WAITS)
        take_out(&window->waiting, window_entry);
    else if (window_entry->state == WINDOW_HELD)
        give_up(window, window_entry);
    if (window_entry->state == WINDOW_GIVEN_UP)
        window->n_all--;
    window_entry->state = WINDOW_NONE;
}

void window_answered(struct window *window)
{
    if (window->most == WINDOW_MAX || ++window->answered < window->grows)
        return;
    window->answered = 0;
    window->most++;
}

bool window_refused(struct window *window)
{
    if (window->n_all < WINDOW_MIN)
        return false;
    window->answered = 0;
    window->grows = GROWS_AFTER;
    window->most = window->most / 2 > WINDOW_MIN ? window->most / 2 : WINDOW_MIN;
    return true;
}
