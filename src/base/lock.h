#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include "base/error.h"

#include <stdbool.h>

/*
 * The lock of a data_dir. The kernel releases it (flock) when the process ends, even if it is
 * killed. It is on a file of its own, so it cannot interfere with SQLite's locks on state.db.
 */

/*
 * Locks the file "lock" in data_dir, which is created if needed. If another process holds the lock:
 * with wait, waits for it until a signal comes; without, sets *busy and returns 0. Returns 0 with
 * the descriptor in *fd, or -1; *fd is -1 without the lock.
 */
int lock_acquire(const char *data_dir, bool wait, int *fd, bool *busy, struct error *error);

/* Releases the lock. -1 is allowed. */
void lock_release(int fd);

#endif
