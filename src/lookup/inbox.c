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

void inbox_put(struct question *question, const struct answer *answer, int64_t begun_us)
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

void inbox_drop(struct question *question)
{
    struct inbox *inbox = question->inbox;

    pthread_mutex_lock(&inbox->mutex);
    if (question->shared.is_news)
        TAILQ_REMOVE(&inbox->news, question, shared.news);
    question->shared.is_news = false;
    pthread_mutex_unlock(&inbox->mutex);
}
