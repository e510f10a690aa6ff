#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>

/*
 * Starts a thread in which all signals are blocked, so that they reach the main thread. Returns 0
 * or an errno. The caller joins or detaches the thread; context must live as long as run uses it.
 */
int thread_start(pthread_t *thread, void *(*run)(void *context), void *context);

#endif
