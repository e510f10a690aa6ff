#include "check/results.h"

#include "base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int results_init(struct results *results, size_t n, struct error *error)
{
    *results = (struct results){.pipe = {-1, -1}};

    /* Pages that no result has come to yet cost nothing. */
    results->all = calloc(n ? n : 1, sizeof *results->all);
    if (!results->all)
        return error_errno(error, "results of %zu checks", n);
    if (file_open_pipe(results->pipe)) {
        error_errno(error, "pipe");
        free(results->all);
        return -1;
    }
    pthread_mutex_init(&results->mutex, NULL);
    return 0;
}

void results_free(struct results *results)
{
    pthread_mutex_destroy(&results->mutex);
    close(results->pipe[0]);
    close(results->pipe[1]);
    free(results->all);
}

/* Whoever takes results is woken for so many of them: one by one would be a wake-up for each. */
enum { MANY = 64 };

/* Whether the pipe is to be readable. Once all are done it stays so. */
static bool is_news(const struct results *results)
{
    return results->givers == 0 || results->put - results->taken >= MANY;
}

/* Makes the pipe readable. One byte in an empty pipe can always be written. */
static void raise_signal(struct results *results)
{
    ssize_t n;

    if (results->raised)
        return;
    do
        n = write(results->pipe[1], "", 1);
    while (n < 0 && errno == EINTR);
    results->raised = true;
}

static void lower_signal(struct results *results)
{
    char byte;
    ssize_t n;

    if (!results->raised)
        return;
    do
        n = read(results->pipe[0], &byte, 1);
    while (n < 0 && errno == EINTR);
    results->raised = false;
}

void results_join(struct results *results)
{
    pthread_mutex_lock(&results->mutex);
    results->givers++;
    pthread_mutex_unlock(&results->mutex);
}

void results_put(struct results *results, const struct result *result)
{
    pthread_mutex_lock(&results->mutex);
    results->all[results->put++] = *result;
    if (is_news(results))
        raise_signal(results);
    pthread_mutex_unlock(&results->mutex);
}

void results_leave(struct results *results)
{
    pthread_mutex_lock(&results->mutex);
    results->givers--;
    if (is_news(results))
        raise_signal(results);
    pthread_mutex_unlock(&results->mutex);
}

size_t results_take(struct results *results, struct result *into, size_t room, bool *finished)
{
    size_t n;

    pthread_mutex_lock(&results->mutex);
    n = results->put - results->taken;
    if (n > room)
        n = room;
    if (n > 0)
        memcpy(into, results->all + results->taken, n * sizeof *into);
    results->taken += n;
    *finished = results->givers == 0 && results->taken == results->put;
    if (!is_news(results))
        lower_signal(results);
    pthread_mutex_unlock(&results->mutex);
    return n;
}
