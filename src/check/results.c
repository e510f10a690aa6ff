/* Collects the results of all workers; a pipe wakes the main thread. */
#include "check/results.h"

#include "base/file.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The main thread is woken for this many results. To wake it for each one would cost too much. */
enum { RESULTS_PER_WAKE = 64 };

int results_init(struct results *results, size_t n, struct error *error)
{
    /* All the space at once, so that a worker can always put its result. The kernel adds memory
     * only for the part that is used. */
    *results = (struct results){
        .capacity = n, .all = calloc(n ? n : 1, sizeof *results->all), .pipe = {-1, -1}};
    pthread_mutex_init(&results->mutex, NULL);
    if (!results->all || file_open_pipe(results->pipe))
        return error_errno(error, "cannot start the checks");
    return 0;
}

void results_free(struct results *results)
{
    pthread_mutex_destroy(&results->mutex);
    for (int i = 0; i < 2; i++) {
        if (results->pipe[i] >= 0)
            close(results->pipe[i]);
    }
    free(results->all);
}

/* Whether the pipe should be readable. Once all workers have left, it always is. */
static bool has_news(const struct results *results)
{
    return results->n_workers == 0 || results->n_put - results->n_taken >= RESULTS_PER_WAKE;
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

size_t results_take(struct results *results, struct result *into, size_t max, bool *finished)
{
    size_t n;

    pthread_mutex_lock(&results->mutex);
    n = results->n_put - results->n_taken;
    if (n > max)
        n = max;
    if (n > 0)
        memcpy(into, results->all + results->n_taken, n * sizeof *into);
    results->n_taken += n;
    *finished = results->n_workers == 0 && results->n_taken == results->n_put;
    update_pipe(results);
    pthread_mutex_unlock(&results->mutex);
    return n;
}
