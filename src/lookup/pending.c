#include "lookup/pending.h"

#include <stddef.h>
#include <time.h>

int64_t pending_now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void pending_join(struct pending *name, struct question *question)
{
    question->own.next = name->waiting;
    question->own.link = &name->waiting;
    if (question->own.next)
        question->own.next->own.link = &question->own.next;
    name->waiting = question;
}

void pending_leave(struct question *question)
{
    if (!question->own.link)
        return;
    *question->own.link = question->own.next;
    if (question->own.next)
        question->own.next->own.link = question->own.link;
    question->own.link = NULL;
}

void pending_answer(struct pending *name, const struct answer *answer)
{
    struct question *question;

    name->state = PENDING_ANSWERED;
    name->answer = answer;
    name->answered_us = pending_now_us();
    while ((question = name->waiting)) {
        int64_t begun_us = question->own.begun_us ? question->own.begun_us : name->answered_us;

        pending_leave(question);
        inbox_put(question, answer, begun_us);
    }
}

void pending_begin(struct pending *name)
{
    if (name->begun_us)
        return;
    name->begun_us = pending_now_us();
    for (struct question *question = name->waiting; question; question = question->own.next) {
        if (!question->own.begun_us)
            inbox_put(question, NULL, name->begun_us);
    }
}
