#ifndef RUNNER_MEMORY_H
#define RUNNER_MEMORY_H

/*
 * Allocations that OpenSSL and libcurl were refused. Many do not say so when one was: OpenSSL lets
 * a handshake end, or hang, as if the server had done it.
 */

/*
 * Initializes both, and counts from now on; before anything else that uses OpenSSL. Returns 0, or
 * -1 where one of them could not be initialized, and then neither may be used. curl_global_cleanup
 * undoes it.
 */
int memory_watch(void);

/* How many there were so far, in all threads. */
unsigned memory_refusals(void);

#endif
