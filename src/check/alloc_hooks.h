#ifndef CHECK_ALLOC_HOOKS_H
#define CHECK_ALLOC_HOOKS_H

/*
 * Counts failed allocations in OpenSSL and libcurl, because both often hide them: OpenSSL may end a
 * handshake, or let it hang, as if the server had done it, even if the allocation failed long ago.
 */

/* Starts to count in OpenSSL. Must be called before anything uses OpenSSL. Returns 0, or -1 if
 * OpenSSL has allocated before: a bug. */
int alloc_hooks_install(void);

/* Initialises both libraries, and starts to count in libcurl. Returns 0, or -1 if one of them
 * cannot be initialised; then neither may be used. curl_global_cleanup undoes it. */
int alloc_hooks_init_libraries(void);

/* The number of allocations that have failed in OpenSSL or libcurl since the start, in all threads.
 * After the first, no failure can be blamed on the server: one-time initialisation may be
 * incomplete. */
unsigned alloc_hooks_failed(void);

#endif
