#ifndef CHECK_HANDLE_POOL_H
#define CHECK_HANDLE_POOL_H

#include <curl/curl.h>
#include <stddef.h>

enum { HANDLE_POOL_MAX = 64 };

/*
 * Easy handles of one worker that wait for their next check. To make a new one takes a tenth of the
 * instructions of a check over HTTP. All zero: empty.
 */
struct handle_pool {
    CURL *all[HANDLE_POOL_MAX];
    size_t n;
};

/* Returns a handle without any option or cookie; NULL: out of memory. */
CURL *handle_pool_take(struct handle_pool *pool);

/* Keeps the handle, or frees it if the pool is full or if an error of the system is left in it. It
 * must not be in a multi handle, and no request of it may have failed. NULL is allowed. */
void handle_pool_give(struct handle_pool *pool, CURL *easy);

/* Frees all handles. */
void handle_pool_close(struct handle_pool *pool);

#endif
