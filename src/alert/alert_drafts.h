#ifndef ALERT_ALERT_DRAFTS_H
#define ALERT_ALERT_DRAFTS_H

#include "alert/alert_scopes.h"
#include "alert/alert_subjects.h"
#include "alert/message.h"
#include "base/arena.h"
#include "state/storage.h"

/* What a target has to be sent about several subjects, until it is stored as messages. All zero,
 * apart from the first three, is an empty list. */
struct alert_drafts {
    const struct alert_target *target;
    const struct alert_scopes *scopes;
    struct arena *arena; /* outlives the drafts; alert_drafts_free does not free it */
    struct alert_draft **list;
    size_t n, capacity;
};

/* Adds what was decided about a subject. before is what it takes over from a message that was
 * withdrawn. up_since_ms is the end of the outage before that of the part; INT64_MIN: the state is
 * searched for it. The subject must outlive the drafts. Returns 0 or -1. */
int alert_drafts_add(struct alert_drafts *drafts, const struct alert_subject *subject,
                     const struct subject_target *before, const struct alert_part *part,
                     int64_t up_since_ms, struct error *error);

/* Stores the drafts as messages that are due, within the caller's transaction: one, or one
 * for each subject, as the target wants. Returns 0 or -1. */
int alert_drafts_store(const struct alert_drafts *drafts, int64_t now_ms, struct error *error);

void alert_drafts_free(struct alert_drafts *drafts);

#endif
