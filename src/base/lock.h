#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include "base/error.h"

#include <stdbool.h>

/*
 * The kernel's lock (flock) on a file of its own, so that a killed process leaves none behind and
 * SQLite's locks on its own file are not touched.
 */

/*
 * Takes the lock of this data_dir: the file "lock" in it, made where missing. With wait false and
 * the lock held by another process, sets *busy and returns 0. Returns 0 with the descriptor in *fd,
 * or -1. lock_release takes -1 as nothing to do.
 */
int lock_acquire(const char *data_dir, bool wait, int *fd, bool *busy, struct error *error);
void lock_release(int fd);

#endif
