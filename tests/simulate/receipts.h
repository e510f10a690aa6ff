#ifndef RECEIPTS_H
#define RECEIPTS_H

#include "model/alert.h"
#include "simulation.h"

/* What the people and programs at the targets have received, in the order of acceptance. It is in
 * memory that killed ticks share. */

enum { RECEIPTS_MAX = 60000, RECEIPTS_KEY_MAX = EVENT_ID_MAX + 16 };

/* A part of a message: what it has about one subject. */
struct receipt {
    int delivery; /* number of the acceptance */
    int target;
    int64_t real_ms, wall_ms;
    int tick;
    bool is_answered; /* the program was given the answer "accepted" */
    bool is_recorded; /* … and its tick was not killed */
    uint64_t text;    /* a hash of the whole message */
    char key[RECEIPTS_KEY_MAX];
    char scope[EVENT_SCOPE_MAX];
    enum alert_change change;
    enum event_check check;
    enum event_state state; /* after it */
    int64_t series_ms, began_ms, first_missed_ms;
    int n, n_missed;
};

struct receipts {
    int n, deliveries;
    struct receipt list[RECEIPTS_MAX];
};

/* Makes memory that is shared with all later child processes. */
struct receipts *receipts_new(void);

/* A target has accepted a message. content is the JSON of message.h. */
void receipts_add(struct simulation *simulation, int target, const char *content, size_t size,
                  bool is_answered);

/* What a change is called in the story. */
const char *receipts_change_name(enum alert_change change);

#endif
