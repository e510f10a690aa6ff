#ifndef BASE_FLUSHER_H
#define BASE_FLUSHER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/*
 * Brings a file system to disk on a thread of its own while more files are written there, so that
 * the sync that a caller waits for in the end has less left to do. A flusher whose members are all
 * zero is at rest.
 */
struct flusher {
    pthread_t thread;
    atomic_bool is_done; /* the thread has ended its sync */
    bool is_started;
    int fd;
    int os; /* errno of the first sync that failed; 0: none */
};

/* Begins to sync the file system of this file or folder, which must stay open until flusher_stop.
 * Does nothing if a sync is under way or no thread can be started. */
void flusher_start(struct flusher *flusher, int fd);

/* Waits for the sync that is under way. Returns 0, or -1 with errno if one has failed since the
 * last stop: what the system could not write then, a later sync may not report again. */
int flusher_stop(struct flusher *flusher);

#endif
