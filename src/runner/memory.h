#ifndef RUNNER_MEMORY_H
#define RUNNER_MEMORY_H

/*
 * Allocations that OpenSSL and libcurl were refused. Many do not say so when one was: OpenSSL lets
 * a handshake end, or hang, as if the server had done it.
 */

/* Counts them from now on. Before anything else that uses OpenSSL; again: does nothing. Returns 0,
 * or -1 where libcurl cannot be initialized. */
int memory_watch(void);

/* How many there were, in all threads. */
unsigned memory_refusals(void);

#endif
