#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include "base/error.h"

#include <stdbool.h>

/*
 * The lock of a data_dir. The kernel releases it (flock) when the process ends, even if it is
 * killed. It is on a file of its own, so it cannot interfere with SQLite's locks on state.db.
 */

/*
 * Locks the file "lock" in data_dir, and creates it if needed. If another process holds the lock:
 * if busy is NULL, waits for it until a signal comes; else sets *busy and returns -1. Returns a
 * descriptor for lock_release, or -1 with the error.
 */
int lock_acquire(const char *data_dir, bool *busy, struct error *error);

/*
 * Locks a folder itself, which must exist, in the same way. If its file system has no such locks,
 * the folder counts as locked.
 */
int lock_acquire_folder(const char *folder, bool *busy, struct error *error);

/* Releases the lock. -1 is allowed. */
void lock_release(int fd);

#endif
