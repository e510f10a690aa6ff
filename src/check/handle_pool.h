#ifndef CHECK_HANDLE_POOL_H
#define CHECK_HANDLE_POOL_H

#include "check/request.h"

#include <curl/curl.h>
#include <stddef.h>

enum { HANDLE_POOL_MAX = 64 };

/* An easy handle, and what it sends. */
struct pooled_handle {
    CURL *easy;             /* NULL: there is none */
    struct request request; /* its options, all zero if they are not set */
    unsigned shape;         /* handle_shape of the domain whose options are set; 0: none are */
};

/*
 * Easy handles of one worker that wait for their next check. To make a new one and to set its
 * options takes a fifth of the user time of a check over HTTP. All zero: empty.
 */
struct handle_pool {
    struct pooled_handle all[HANDLE_POOL_MAX];
    size_t n;
};

/* Returns a handle without cookies. Its options are those of a domain of this shape, or none are
 * set (shape 0). Its easy handle is NULL if out of memory. */
struct pooled_handle handle_pool_take(struct handle_pool *pool, unsigned shape);

/* Keeps the handle, or frees it if the pool is full or if an error of the system is left in it. It
 * must not be in a multi handle, and no request of it may have failed. It may have no easy handle.
 */
void handle_pool_give(struct handle_pool *pool, struct pooled_handle handle);

/* Frees all handles. */
void handle_pool_close(struct handle_pool *pool);

#endif
