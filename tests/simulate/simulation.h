#ifndef SIMULATION_H
#define SIMULATION_H

#include "config/config.h"
#include "model/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "records.h"

/*
 * One seed: a month of a few monitors and targets. Real ticks without the network: real files, a
 * real state.db, the real alerts. Checks, the services of the targets, the clock and the kills come
 * from the seed.
 *
 * Two clocks: the real one, which only goes forward; and the wall clock, which is sometimes set.
 * The program sees only the latter.
 */

enum { MONITORS = 6, TARGETS = 6, SETTLE_DAYS = 3 };

/* How the service of a target answers. */
enum service_mood {
    SERVICE_ACCEPTS,
    SERVICE_FAILS,
    SERVICE_REFUSES,
    SERVICE_WAITS, /* it answers 429 with Retry-After */
    SERVICE_HANGS, /* it accepts, but the answer is lost */
    SERVICE_MIXED, /* one of these each time */
    SERVICE_MOODS
};

struct service {
    enum service_mood mood;
    int64_t until_ms;   /* real time of the next change */
    int64_t calm_at_ms; /* real time at which no failed attempt can delay a message any more */
};

/* What changes now and then, apart from monitors and services. */
enum timer {
    TIMER_CLOCK,
    TIMER_STATE,
    TIMER_TARGETS,
    TIMER_MONITORS,
    TIMER_CERTIFICATE,
    TIMER_NETWORK,
    TIMER_ACKNOWLEDGE,
    TIMER_KILLS,
    TIMERS
};

/* A monitor: what its checks find now, and until when. */
struct monitor {
    enum status mood;
    int64_t until_ms;
    int left; /* changes of a burst that are still to come */
};

struct receipts;
struct truth;
struct oracle;

struct simulation {
    uint64_t seed, number; /* the state of the dice; the seed as given */
    int64_t real_ms, offset_ms, began_ms;
    struct world *world;
    struct alert_target targets[TARGETS]; /* all; config has those that are configured now */
    struct alert_target configured[TARGETS];
    bool is_configured[TARGETS];
    struct service *services; /* of all targets; shared with ticks that are killed */

    struct monitor monitors[MONITORS];
    int64_t timers[TIMERS];              /* real time of the next change */
    enum event_state certificate, fault; /* what the next tick will see; EVENT_UP: none */
    bool acknowledges;                   /* a person acknowledges the outages that last */
    int deadly;                          /* ticks of this many are killed one; 0: none */

    int64_t last_hour;
    bool is_eventful;      /* the last tick recorded or sent something */
    int64_t busy_until_ms; /* ticks are frequent until then */
    int64_t due_ms;        /* wall clock: when the program has something to do, as it sees it */
    int tick;              /* the number of the tick */
    bool is_settling;      /* the last days: nothing changes any more, and each service accepts */
    bool was_completed;    /* the last tick was not killed */
    bool was_completed_before; /* nor the one before it */
    bool was_set_back;         /* over midnight, once */
    int64_t lost_ms;           /* wall clock: when the state was last lost; 0: never */
    int64_t clock_set_real;    /* when the clock was last set */
    struct journal *journal;   /* open from one tick to another; NULL: it is closed */
    struct storage *storage;   /* of the tick that runs */
    bool has_lost_state;       /* since the last completed tick */

    struct receipts *receipts; /* shared with ticks that are killed */
    struct truth *truth;
    struct oracle *oracle;
    int story;  /* a descriptor */
    int report; /* standard error as it was */
};

/* The wall clock now. */
static inline int64_t simulation_wall_ms(const struct simulation *simulation)
{
    return simulation->real_ms + simulation->offset_ms;
}

#endif
