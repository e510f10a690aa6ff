#include "lookup/asked.h"

#include <stddef.h>
#include <time.h>

int64_t asked_now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void asked_join(struct asked *name, struct question *question)
{
    question->own.next = name->waiting;
    question->own.link = &name->waiting;
    if (question->own.next)
        question->own.next->own.link = &question->own.next;
    name->waiting = question;
}

void asked_leave(struct question *question)
{
    if (!question->own.link)
        return;
    *question->own.link = question->own.next;
    if (question->own.next)
        question->own.next->own.link = question->own.link;
    question->own.link = NULL;
}

void asked_answer(struct asked *name, const struct answer *answer)
{
    struct question *question;

    name->state = ASKED_AND_ANSWERED;
    name->answer = answer;
    name->answered_us = asked_now_us();
    while ((question = name->waiting)) {
        int64_t begun_us = question->own.begun_us ? question->own.begun_us : name->answered_us;

        asked_leave(question);
        inbox_put(question, answer, begun_us);
    }
}

void asked_begin(struct asked *name)
{
    if (name->begun_us)
        return;
    name->begun_us = asked_now_us();
    for (struct question *question = name->waiting; question; question = question->own.next) {
        if (!question->own.begun_us)
            inbox_put(question, NULL, name->begun_us);
    }
}
