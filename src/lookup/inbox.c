/* Hands answers over from the threads that look names up to the workers that asked. */
#include "lookup/inbox.h"

#include <assert.h>
#include <stddef.h>

void inbox_init(struct inbox *inbox, void (*wake)(void *context), void *context)
{
    *inbox = (struct inbox){.wake = wake, .context = context};
    TAILQ_INIT(&inbox->news);
    pthread_mutex_init(&inbox->mutex, NULL);
}

void inbox_free(struct inbox *inbox)
{
    assert(TAILQ_EMPTY(&inbox->news));
    pthread_mutex_destroy(&inbox->mutex);
}

struct question *inbox_take(struct inbox *inbox)
{
    struct question *question;

    pthread_mutex_lock(&inbox->mutex);
    question = TAILQ_FIRST(&inbox->news);
    if (question) {
        TAILQ_REMOVE(&inbox->news, question, shared.news);
        question->shared.is_news = false;
        question->answer = question->shared.answer;
        question->begun_us = question->shared.begun_us;
    }
    pthread_mutex_unlock(&inbox->mutex);
    return question;
}

static void put_news(struct question *question, const struct answer *answer, int64_t begun_us)
{
    struct inbox *inbox = question->inbox;
    bool was_empty;

    pthread_mutex_lock(&inbox->mutex);
    was_empty = TAILQ_EMPTY(&inbox->news);
    question->shared.answer = answer;
    question->shared.begun_us = begun_us;
    if (!question->shared.is_news)
        TAILQ_INSERT_TAIL(&inbox->news, question, shared.news);
    question->shared.is_news = true;

    /* A worker empties the inbox whenever it wakes, so only the first question needs to wake it. */
    if (was_empty)
        inbox->wake(inbox->context);
    pthread_mutex_unlock(&inbox->mutex);
}

void inbox_wait(struct waiting *waiting, struct question *question)
{
    assert(!question->shared.is_waiting);
    LIST_INSERT_HEAD(waiting, question, shared.waiting);
    question->shared.is_waiting = true;
}

void inbox_leave(struct question *question)
{
    if (question->shared.is_waiting)
        LIST_REMOVE(question, shared.waiting);
    question->shared.is_waiting = false;
}

void inbox_begin_all(struct waiting *waiting, int64_t begun_us)
{
    struct question *question = LIST_FIRST(waiting);

    for (; question; question = LIST_NEXT(question, shared.waiting)) {
        if (!question->shared.begun_us)
            put_news(question, NULL, begun_us);
    }
}

void inbox_answer_all(struct waiting *waiting, const struct answer *answer, int64_t answered_us)
{
    struct question *question;

    while ((question = LIST_FIRST(waiting))) {
        int64_t begun_us = question->shared.begun_us;

        inbox_leave(question);
        put_news(question, answer, begun_us ? begun_us : answered_us);
    }
}

void inbox_drop(struct question *question)
{
    struct inbox *inbox = question->inbox;

    pthread_mutex_lock(&inbox->mutex);
    if (question->shared.is_news)
        TAILQ_REMOVE(&inbox->news, question, shared.news);
    question->shared.is_news = false;
    pthread_mutex_unlock(&inbox->mutex);
}
