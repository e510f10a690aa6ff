#ifndef ALERT_ALERT_SUBJECTS_H
#define ALERT_ALERT_SUBJECTS_H

#include "base/arena.h"
#include "base/error.h"
#include "base/table.h"
#include "model/event.h"

#include <stdbool.h>
#include <stddef.h>

/* The subjects that are decided together, each once, and which targets are decided for them. */

enum subject_progress {
    SUBJECT_OPEN,    /* to be decided */
    SUBJECT_WAITING, /* a message that waits has its news */
    SUBJECT_DECIDED
};

/* A subject for one target. */
struct subject_target {
    enum subject_progress progress;
    int64_t created_ms; /* of the message that was withdrawn; only if attempts > 0 */
    int attempts;       /* of that message; 0: there was none, or it was not tried yet */
};

struct alert_subject {
    enum event_check check;
    const char *scope;
    struct subject_target *targets; /* one for each of config->alerts */
};

struct alert_subjects {
    struct arena *arena;
    struct table by_name;
    struct alert_subject **list;
    size_t n, capacity, n_targets;
};

/* Makes an empty list. The caller ends with alert_subjects_close in any case. Returns 0 or -1. */
int alert_subjects_open(struct alert_subjects *subjects, size_t n_targets, struct error *error);
void alert_subjects_close(struct alert_subjects *subjects);

/* Finds a subject in the list, or adds it as open for all targets; the scope is copied. NULL: out
 * of memory, with the error. */
struct alert_subject *alert_subjects_add(struct alert_subjects *subjects, enum event_check check,
                                         const char *scope, struct error *error);

#endif
