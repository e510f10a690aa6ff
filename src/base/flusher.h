#ifndef BASE_FLUSHER_H
#define BASE_FLUSHER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/*
 * Brings a file system to disk on a thread of its own while more files are written there. So the
 * last sync, for which the caller waits, has less to do. All zero: no sync is under way.
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

/* Waits for the sync that is under way. Returns 0, or -1 with errno if any sync since the last stop
 * has failed: a later sync may not report that failure again. */
int flusher_stop(struct flusher *flusher);

#endif
