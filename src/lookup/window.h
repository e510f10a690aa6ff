#ifndef LOOKUP_WINDOW_H
#define LOOKUP_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Which names may be asked for now. A name server is not asked for all names at once, lest it drop
 * or refuse what is too much for it; a small one (dnsmasq) takes no more than 150 questions. Yet
 * names that nobody answers must not hold up the others: they give up their places after a while.
 * Pure.
 */
enum {
    WINDOW_MAX = 256, /* names at once */
    WINDOW_MIN = 32,  /* at first, and where the name server refuses more */
    WINDOW_ALL_MAX =
        8192, /* and with those that gave up their places; two ids of 65,536 for each */
    WINDOW_PATIENCE_US = 250 * 1000,
};

/* One name's place. All zero: neither waits nor has one. */
struct window_entry {
    void *owner;
    struct window_entry *next, **link;
    int64_t since_us;
    enum { WINDOW_NONE, WINDOW_WAITS, WINDOW_HELD, WINDOW_GIVEN_UP } state;
};

struct window_line {
    struct window_entry *first, **end;
};

struct window {
    struct window_line waiting, held; /* in the order in which they came */
    size_t n_held, n_all;             /* all: and those given up */
    size_t most;
    size_t grows;    /* after so many answers */
    size_t answered; /* since it changed */
};

void window_init(struct window *window);

/* Gets in line. */
void window_wait(struct window *window, struct window_entry *window_entry);

/* Takes the first in line out where there is a place for it, and gives it that. NULL: none. */
struct window_entry *window_next(struct window *window, int64_t now_us);

/* Those who have had their places for long give them up: no refusal, and no more room needed. */
void window_review(struct window *window, int64_t now_us);

/* Leaves the line, or its place. */
void window_leave(struct window *window, struct window_entry *window_entry);

/* The name server answered; or it refused, and true: so many were asked that this may be why. */
void window_answered(struct window *window);
bool window_refused(struct window *window);

#endif
