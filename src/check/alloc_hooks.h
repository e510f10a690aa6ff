#ifndef CHECK_ALLOC_HOOKS_H
#define CHECK_ALLOC_HOOKS_H

/*
 * Allocations that OpenSSL and libcurl were refused. Many do not say so when one was: OpenSSL lets
 * a handshake end, or hang, as if the server had done it.
 */

/*
 * Initializes both, and counts from now on; before anything else that uses OpenSSL. Returns 0, or
 * -1 where one of them could not be initialized, and then neither may be used. curl_global_cleanup
 * undoes it.
 */
int alloc_hooks_install(void);

/* How many there were so far, in all threads. */
unsigned alloc_hooks_refused(void);

#endif
