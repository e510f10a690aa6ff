/* Gives OpenSSL and libcurl an allocator that counts what fails. */
#include "check/alloc_hooks.h"

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Global, because an allocator is set for the whole process and is called without a context. */
static atomic_uint n_failed;

static void *count_failed(void *block, size_t size)
{
    if (!block && size)
        atomic_fetch_add(&n_failed, 1);
    return block;
}

static void *counting_malloc(size_t size)
{
    return count_failed(malloc(size), size);
}

static void *counting_calloc(size_t n, size_t size)
{
    return count_failed(calloc(n, size), n ? size : 0);
}

static void *counting_realloc(void *block, size_t size)
{
    return count_failed(realloc(block, size), size);
}

static char *counting_strdup(const char *text)
{
    return count_failed(strdup(text), 1);
}

/* As OpenSSL's own function does, returns NULL for 0 bytes; that is no failure. */
static void *openssl_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return size ? counting_malloc(size) : NULL;
}

static void openssl_free(void *block, const char *file, int line)
{
    (void)file;
    (void)line;
    free(block);
}

static void *openssl_realloc(void *block, size_t size, const char *file, int line)
{
    if (size)
        return counting_realloc(block, size);
    openssl_free(block, file, line);
    return NULL;
}

int alloc_hooks_install(void)
{
    return CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) ? 0 : -1;
}

int alloc_hooks_init_libraries(void)
{
    /* OpenSSL 3.0 crashes later if it could not initialise something, so everything is initialised
     * here. Asking for the default context creates it. */
    OPENSSL_init_crypto(0, NULL);
    OSSL_LIB_CTX_set0_default(NULL);
    if (alloc_hooks_failed() ||
        curl_global_init_mem(CURL_GLOBAL_DEFAULT, counting_malloc, free, counting_realloc,
                             counting_strdup, counting_calloc))
        return -1;
    if (alloc_hooks_failed() == 0)
        return 0;
    curl_global_cleanup();
    return -1;
}

unsigned alloc_hooks_failed(void)
{
    return atomic_load(&n_failed);
}
