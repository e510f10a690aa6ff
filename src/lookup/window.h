#ifndef LOOKUP_WINDOW_H
#define LOOKUP_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

/*
 * Limits how many names the name servers are asked for at once: a server may drop or refuse too
 * many queries, and a small one (dnsmasq) takes at most 150. Each answer lets the window grow, and
 * a refusal makes it smaller. A name that nobody answers soon no longer counts, so 5,000 dead names
 * delay the others by five seconds and not by minutes. Pure.
 */
enum {
    WINDOW_MAX = 256,      /* names at once */
    WINDOW_MIN = 32,       /* at first, and after the name server refused more */
    WINDOW_ALL_MAX = 8192, /* including the silent ones; each needs two of 65,536 query ids */
    WINDOW_PATIENCE_US = 250 * 1000, /* after this time without an answer a name is silent */
};

/* One name in the window. All zero: not in it. */
struct window_entry {
    void *owner;
    TAILQ_ENTRY(window_entry) next;
    int64_t since_us;
    enum { WINDOW_OUTSIDE, WINDOW_WAITS, WINDOW_ACTIVE, WINDOW_SILENT } state;
};

TAILQ_HEAD(window_line, window_entry);

struct window {
    struct window_line waiting, active; /* in the order in which they came */
    size_t n_active, n_all;             /* n_all counts the silent names too */
    size_t max;                         /* active names at once */
    size_t answers_to_grow;             /* max grows by one after this many answers */
    size_t answers;                     /* since max changed */
};

/* The window must not be moved afterwards. */
void window_init(struct window *window);

/* Adds a name that is not in the window to the end of the line. */
void window_wait(struct window *window, struct window_entry *entry);

/* Returns the name that is first in line and makes it active; NULL if none waits or may begin. */
struct window_entry *window_next(struct window *window, int64_t now_us);

/* Makes names silent that have had no answer for WINDOW_PATIENCE_US. They count as answers: the
 * server did not refuse them. */
void window_review(struct window *window, int64_t now_us);

/* Takes a name out of the window; does nothing if it is not in it. */
void window_leave(struct window *window, struct window_entry *entry);

/* The name server has answered a query. */
void window_answered(struct window *window);

/* The name server has refused a query. Returns true if the number of queries may be the reason; the
 * window is smaller then, and it is worth asking again. */
bool window_refused(struct window *window);

#endif
