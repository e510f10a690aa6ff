#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include "base/error.h"

#include <stddef.h>

/*
 * Gives up for good, for this process, the rights to start programs and to write, create, rename
 * and remove files anywhere but below these n folders. Links to the folders are followed; a folder
 * that does not exist is left out. Writing to open files is not restricted. Needs no privilege, and
 * restricts root too. Call it before any thread starts: it applies to the calling thread and the
 * threads that it starts.
 *
 * The restriction applies to the folders as they are now: if one is replaced, the new folder is not
 * writable. Reading and connecting stay free, because libraries read the files for name lookups and
 * certificates. Landlock does not restrict changes of mode, owner and times.
 *
 * Uses Landlock (Linux 5.13 and later), and as much of it as the kernel has. Returns 0; or -1 and
 * the reason, and then nothing is restricted.
 */
int sandbox_enter(const char *const *folders, size_t n, struct error *error);

#endif
