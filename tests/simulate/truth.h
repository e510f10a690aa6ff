#ifndef TRUTH_H
#define TRUTH_H

#include "simulation.h"

/* What has truly happened, as the event log has it: the outages of each subject. */

enum { TRUTH_SUBJECTS_MAX = 64, TRUTH_OUTAGES_MAX = 4000, TRUTH_SENT_MAX = 8 };

/* A confirmed outage, or another condition that is reported. */
struct happening {
    int64_t began_ms, ended_ms;      /* wall clock; INT64_MIN: it lasts */
    int confirmed_tick, closed_tick; /* the ticks that exported it; 0: it lasts */
    enum event_state state;          /* as in the last event with one; EVENT_UP: it is over */
    int number;                      /* in its series */
    bool is_acknowledged;
    /* By target: */
    bool is_covered[TARGETS]; /* the target received it, or a count of missed ones with it */
    bool is_excused[TARGETS]; /* it need not be sent */
};

/* A scope and a kind of check. */
struct matter {
    char scope[EVENT_SCOPE_MAX];
    enum event_check check;
    bool is_open, is_reported;       /* a condition is open; and it is confirmed */
    enum event_state state;          /* of the open condition */
    int64_t began_ms, recovering_ms; /* of the open condition; INT64_MIN: it does not recover */
    int64_t changed_real;            /* when a begin or an end was exported */
    int changed_tick;
    bool is_given_up[TARGETS];         /* a message about it expired, and none was received since */
    int sent[TARGETS][TRUTH_SENT_MAX]; /* numbers in the last events `sent`, newest first */
    struct happening *outages;
    int n, capacity;
};

struct truth {
    struct matter matters[TRUTH_SUBJECTS_MAX];
    int n;
    uint64_t *lines; /* hashes of the lines that were read; 0: free */
    int n_lines, capacity;
    int changes;            /* begins and ends */
    int sent_tick[TARGETS]; /* of the last event `sent` of a target; 0: none */
};

struct truth *truth_new(void);
void truth_free(struct truth *truth);

/* Reads what is new in the live event log. */
void truth_read(struct simulation *simulation);

/* Whether the log says that a target has accepted the message of this number about a subject. */
bool truth_is_sent(const struct matter *matter, int target, int n);

/* The subject; NULL: nothing has happened there. */
struct matter *truth_find(struct truth *truth, enum event_check check, const char *scope);

/* The reported outage that lasts; or NULL. */
struct happening *truth_lasting(const struct matter *matter);

/* The outage that began at this moment; or NULL. */
struct happening *truth_outage(const struct matter *matter, int64_t began_ms);

#endif
