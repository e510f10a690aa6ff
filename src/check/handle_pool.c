/* Keeps libcurl's easy handles from one check to the next. Connections and sessions are not kept.
 */
#include "check/handle_pool.h"

CURL *handle_pool_take(struct handle_pool *pool)
{
    return pool->n > 0 ? pool->all[--pool->n] : curl_easy_init();
}

void handle_pool_give(struct handle_pool *pool, CURL *easy)
{
    long error = 0;

    if (!easy)
        return;
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &error);

    /* curl_easy_reset keeps the cookies, and loses the memory of the list of cookie files. */
    if (pool->n == HANDLE_POOL_MAX || error || curl_easy_setopt(easy, CURLOPT_COOKIELIST, "ALL") ||
        curl_easy_setopt(easy, CURLOPT_COOKIEFILE, NULL)) {
        curl_easy_cleanup(easy);
        return;
    }
    curl_easy_reset(easy);
    pool->all[pool->n++] = easy;
}

void handle_pool_close(struct handle_pool *pool)
{
    while (pool->n > 0)
        curl_easy_cleanup(pool->all[--pool->n]);
}
