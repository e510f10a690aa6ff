#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include "base/error.h"

#include <stddef.h>

/*
 * Gives up for good, for this process, the rights to start programs and to write, create, rename
 * and remove files anywhere but below these n folders. Links to the folders are followed; a folder
 * that does not exist is left out. Reading is not restricted, nor is writing to open files. Needs
 * no privilege, and restricts root too. Call it before any thread starts: it applies to the calling
 * thread and the threads that it starts.
 *
 * Uses Landlock (Linux 5.13 and later), and as much of it as the kernel has. Returns 0; or -1 and
 * the reason, and then nothing is restricted.
 */
int sandbox_enter(const char *const *folders, size_t n, struct error *error);

#endif
