#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include "base/error.h"
#include "base/log.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The lock of a data_dir. The kernel releases it (flock) when the process ends, even if it is
 * killed. It is on a file of its own, so it cannot interfere with SQLite's locks on state.db.
 */

/*
 * Locks the file "lock" in data_dir, creates it if needed, and writes into it who holds it. If
 * another process holds the lock: if busy is NULL, waits for it until a signal comes; else sets
 * *busy and returns -1. If the file is removed or replaced before it is locked, locks the new one.
 * Returns a descriptor for lock_release, or -1 with the error.
 */
int lock_acquire(const char *data_dir, bool *busy, struct error *error);

/*
 * Locks a folder itself, which must exist, in the same way. If its file system has no such locks,
 * the folder counts as locked.
 */
int lock_acquire_folder(const char *folder, bool *busy, struct error *error);

/* The same, but several processes may hold this lock at once: none that lock_acquire_folder or
 * another exclusive lock (flock) keeps out. */
int lock_share_folder(const char *folder, bool *busy, struct error *error);

/* One of the three functions above. */
typedef int lock_take(const char *path, bool *busy, struct error *error);

/*
 * Takes a lock and waits while another process has it, until a signal comes. If that takes longer
 * than a second, prints one line first: "PATH: DOING; waiting until it has finished". Returns a
 * descriptor for lock_release, or -1 with the error.
 */
int lock_wait(lock_take *take, const char *path, const char *doing, const struct log *log,
              struct error *error);

/* Who holds the lock of a data_dir. */
struct lock_owner {
    long process;    /* its id; 0: unknown */
    int64_t held_ms; /* for how long */
};

/* Reads who holds the lock, from the lock's file. If the wall clock was set back, the clock that is
 * never set counts. */
void lock_read_owner(const char *data_dir, struct lock_owner *owner);

/* Releases the lock. -1 is allowed. */
void lock_release(int fd);

#endif
