#include "lookup/inbox.h"

#include <stdbool.h>
#include <stddef.h>

void inbox_init(struct inbox *inbox, void (*wake)(void *context), void *context)
{
    *inbox = (struct inbox){.wake = wake, .context = context};
    inbox->end = &inbox->first;
    pthread_mutex_init(&inbox->mutex, NULL);
}

void inbox_free(struct inbox *inbox)
{
    pthread_mutex_destroy(&inbox->mutex);
}

static void unlink_news(struct inbox *inbox, struct question *question)
{
    *question->own.news_link = question->own.next_news;
    if (question->own.next_news)
        question->own.next_news->own.news_link = question->own.news_link;
    else
        inbox->end = question->own.news_link;
    question->own.news_link = NULL;
}

struct question *inbox_take(struct inbox *inbox)
{
    struct question *question;

    pthread_mutex_lock(&inbox->mutex);
    question = inbox->first;
    if (question) {
        unlink_news(inbox, question);
        question->answer = question->own.answer;
        question->begun_us = question->own.begun_us;
    }
    pthread_mutex_unlock(&inbox->mutex);
    return question;
}

/* Who empties an inbox takes all there is, so that only the first to come need wake it. */
void inbox_put(struct question *question, const struct answer *answer, int64_t begun_us)
{
    struct inbox *inbox = question->inbox;
    bool was_empty;

    pthread_mutex_lock(&inbox->mutex);
    was_empty = !inbox->first;
    question->own.answer = answer;
    question->own.begun_us = begun_us;
    if (!question->own.news_link) {
        question->own.next_news = NULL;
        question->own.news_link = inbox->end;
        *inbox->end = question;
        inbox->end = &question->own.next_news;
    }
    if (was_empty)
        inbox->wake(inbox->context);
    pthread_mutex_unlock(&inbox->mutex);
}

void inbox_drop(struct question *question)
{
    struct inbox *inbox = question->inbox;

    pthread_mutex_lock(&inbox->mutex);
    if (question->own.news_link)
        unlink_news(inbox, question);
    pthread_mutex_unlock(&inbox->mutex);
}
