/* Keeps libcurl's easy handles from one check to the next. Connections and sessions are not kept.
 */
#include "check/handle_pool.h"

/* Makes a handle like a new one. Returns 0, or -1 if out of memory. */
static int forget_options(struct pooled_handle *handle)
{
    /* curl_easy_reset loses the memory of the list of cookie files. */
    if (curl_easy_setopt(handle->easy, CURLOPT_COOKIEFILE, NULL))
        return -1;
    curl_easy_reset(handle->easy);
    request_free(&handle->request);
    handle->shape = 0;
    return 0;
}

static void free_handle(struct pooled_handle *handle)
{
    curl_easy_cleanup(handle->easy);
    request_free(&handle->request);
}

struct pooled_handle handle_pool_take(struct handle_pool *pool, uint64_t shape)
{
    struct pooled_handle handle = {.shape = 0};

    if (pool->n == 0) {
        handle.easy = curl_easy_init();
        return handle;
    }
    handle = pool->all[--pool->n];
    if (handle.shape && handle.shape != shape && forget_options(&handle)) {
        free_handle(&handle);
        handle = (struct pooled_handle){.shape = 0};
    }
    return handle;
}

void handle_pool_give(struct handle_pool *pool, struct pooled_handle handle)
{
    long error = 0;

    if (!handle.easy)
        return;
    curl_easy_getinfo(handle.easy, CURLINFO_OS_ERRNO, &error);

    /* The memory for messages is that of the check which is over. */
    curl_easy_setopt(handle.easy, CURLOPT_ERRORBUFFER, NULL);
    if (pool->n == HANDLE_POOL_MAX || error ||
        curl_easy_setopt(handle.easy, CURLOPT_COOKIELIST, "ALL") ||
        (handle.shape == 0 && forget_options(&handle)))
        free_handle(&handle);
    else
        pool->all[pool->n++] = handle;
}

void handle_pool_close(struct handle_pool *pool)
{
    while (pool->n > 0)
        free_handle(&pool->all[--pool->n]);
}
