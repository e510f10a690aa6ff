#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include "base/error.h"

#include <stddef.h>

/*
 * Gives up, for the rest of the process and for good, what it does not need: to write, make, rename
 * and remove files anywhere but below these folders, and to start programs. Links to the folders
 * are followed; one that is not there is left out. Reading stays free, as does writing to what is
 * open. Needs no privilege and binds root as well. To be called before any thread starts, since it
 * holds for the calling thread and those that it starts.
 *
 * Returns 0, or -1 with what the system lacks: nothing is then refused. By Landlock of Linux 5.13
 * and later, of which the parts that a kernel does not have are left out.
 */
int sandbox_enter(const char *const *folders, size_t n, struct error *error);

#endif
