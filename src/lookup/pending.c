/* A name that is being looked up, and the questions that wait for it. */
#include "lookup/pending.h"

#include "base/clock.h"

#include <assert.h>
#include <stddef.h>

void pending_join(struct pending *name, struct question *question)
{
    assert(!question->shared.is_waiting);
    LIST_INSERT_HEAD(&name->waiting, question, shared.waiting);
    question->shared.is_waiting = true;
}

void pending_leave(struct question *question)
{
    if (question->shared.is_waiting)
        LIST_REMOVE(question, shared.waiting);
    question->shared.is_waiting = false;
}

void pending_answer(struct pending *name, const struct answer *answer)
{
    struct question *question;

    name->state = PENDING_ANSWERED;
    name->answer = answer;
    name->answered_us = clock_monotonic_us();
    while ((question = LIST_FIRST(&name->waiting))) {
        int64_t begun_us = question->shared.begun_us;

        pending_leave(question);
        inbox_put(question, answer, begun_us ? begun_us : name->answered_us);
    }
}

void pending_begin(struct pending *name)
{
    struct question *question;

    if (name->begun_us)
        return;
    name->begun_us = clock_monotonic_us();
    question = LIST_FIRST(&name->waiting);
    for (; question; question = LIST_NEXT(question, shared.waiting)) {
        if (!question->shared.begun_us)
            inbox_put(question, NULL, name->begun_us);
    }
}

bool pending_is_abandoned(const struct pending *name)
{
    return name->state == PENDING_ASKED && LIST_EMPTY(&name->waiting) && name->begun_us > 0 &&
           name->window_entry.state != WINDOW_WAITS &&
           clock_monotonic_us() - name->begun_us >= PENDING_FAILURE_US;
}
