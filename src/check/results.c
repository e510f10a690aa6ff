/* Collects the results of all workers; a pipe wakes the main thread. */
#include "check/results.h"

#include "base/file.h"
#include "base/memory.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The main thread is woken for this many results. To wake it for each one would cost too much. */
enum { RESULTS_PER_WAKE = 64 };

int results_init(struct results *results, struct error *error)
{
    *results = (struct results){.pipe = {-1, -1}};
    pthread_mutex_init(&results->mutex, NULL);
    return file_open_pipe(results->pipe) ? error_errno(error, "cannot start the checks") : 0;
}

void results_free(struct results *results)
{
    pthread_mutex_destroy(&results->mutex);
    for (int i = 0; i < 2; i++) {
        if (results->pipe[i] >= 0)
            close(results->pipe[i]);
    }
    for (size_t i = results->n_taken; i < results->n_put; i++)
        results_free_result(&results->all[i]);
    free(results->all);
}

void results_free_result(struct result *result)
{
    free(result->explanation);
    result->explanation = NULL;
    for (int i = 0; i < CHAIN_SEEN_MAX; i++) {
        chain_release(result->chains[i]);
        result->chains[i] = NULL;
    }
}

void results_move(struct result *into, struct result *from)
{
    *into = *from;
    from->explanation = NULL;
    memset(from->chains, 0, sizeof from->chains);
}

int results_reserve(struct results *results, size_t n)
{
    struct result *grown;
    size_t waiting;

    pthread_mutex_lock(&results->mutex);
    waiting = results->n_put - results->n_taken;
    if (results->n_taken > 0)
        memmove(results->all, results->all + results->n_taken, waiting * sizeof *results->all);
    results->n_put = waiting;
    results->n_taken = 0;
    grown = memory_grow(results->all, &results->capacity, waiting + n, sizeof *results->all);
    if (grown)
        results->all = grown;
    pthread_mutex_unlock(&results->mutex);
    return grown ? 0 : -1;
}

/* Whether the pipe should be readable. Once all jobs are over or all workers have left, it always
 * is. */
static bool has_news(const struct results *results)
{
    return results->is_done || results->n_workers == 0 ||
           results->n_put - results->n_taken >= RESULTS_PER_WAKE;
}

/* Makes the pipe readable or not. One byte always fits into an empty pipe. */
static void update_pipe(struct results *results)
{
    bool readable = has_news(results);
    char byte = 0;
    ssize_t n;

    if (readable == results->is_readable)
        return;
    do
        n = readable ? write(results->pipe[1], &byte, 1) : read(results->pipe[0], &byte, 1);
    while (n < 0 && errno == EINTR);
    results->is_readable = readable;
}

void results_join(struct results *results)
{
    pthread_mutex_lock(&results->mutex);
    results->n_workers++;
    pthread_mutex_unlock(&results->mutex);
}

void results_leave(struct results *results)
{
    pthread_mutex_lock(&results->mutex);
    assert(results->n_workers > 0);
    results->n_workers--;
    update_pipe(results);
    pthread_mutex_unlock(&results->mutex);
}

void results_put(struct results *results, const struct result *result)
{
    pthread_mutex_lock(&results->mutex);
    assert(results->n_workers > 0 && results->n_put < results->capacity);
    results->all[results->n_put++] = *result;
    update_pipe(results);
    pthread_mutex_unlock(&results->mutex);
}

void results_set_done(struct results *results)
{
    pthread_mutex_lock(&results->mutex);
    results->is_done = true;
    update_pipe(results);
    pthread_mutex_unlock(&results->mutex);
}

size_t results_take(struct results *results, struct result *into, size_t max, bool is_done,
                    bool *finished)
{
    size_t n;

    pthread_mutex_lock(&results->mutex);
    n = results->n_put - results->n_taken;
    if (n > max)
        n = max;
    if (n > 0)
        memcpy(into, results->all + results->n_taken, n * sizeof *into);
    results->n_taken += n;

    /* Starts again at the front, so that less memory is used. */
    if (results->n_taken == results->n_put)
        results->n_taken = results->n_put = 0;
    results->is_done = is_done;
    *finished = (is_done || results->n_workers == 0) && results->n_put == 0;
    update_pipe(results);
    pthread_mutex_unlock(&results->mutex);
    return n;
}

size_t results_waiting(struct results *results)
{
    size_t n;

    pthread_mutex_lock(&results->mutex);
    n = results->n_put - results->n_taken;
    pthread_mutex_unlock(&results->mutex);
    return n;
}
