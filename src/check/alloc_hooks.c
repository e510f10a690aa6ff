#include "check/alloc_hooks.h"

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* The libraries have one allocator a process, and give it no context. */
static atomic_uint refusals;

static void *counted(void *block, size_t size)
{
    if (!block && size)
        atomic_fetch_add(&refusals, 1);
    return block;
}

static void *watch_malloc(size_t size)
{
    return counted(malloc(size), size);
}

static void *watch_calloc(size_t n, size_t size)
{
    return counted(calloc(n, size), n ? size : 0);
}

static void *watch_realloc(void *block, size_t size)
{
    return counted(realloc(block, size), size);
}

static char *watch_strdup(const char *text)
{
    return counted(strdup(text), 1);
}

/* OpenSSL's own functions give NULL for no bytes, and that is no failure. */
static void *openssl_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return size ? watch_malloc(size) : NULL;
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
        return watch_realloc(block, size);
    openssl_free(block, file, line);
    return NULL;
}

int alloc_hooks_install(void)
{
    /* Fails where OpenSSL has allocated something already: by us, then, the time before. */
    CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free);

    /* OpenSSL 3.0 uses what it could not initialize, and dies of it: so all of that is made here,
     * and asking for the default context makes it. */
    OPENSSL_init_crypto(0, NULL);
    OSSL_LIB_CTX_set0_default(NULL);
    if (alloc_hooks_refused() || curl_global_init_mem(CURL_GLOBAL_DEFAULT, watch_malloc, free,
                                                      watch_realloc, watch_strdup, watch_calloc))
        return -1;
    if (alloc_hooks_refused() == 0)
        return 0;
    curl_global_cleanup();
    return -1;
}

unsigned alloc_hooks_refused(void)
{
    return atomic_load(&refusals);
}
