/* syncfs is Linux's own. */
#define _GNU_SOURCE
#include "base/sync.h"

#include <unistd.h>

int sync_all(int fd)
{
#ifdef __linux__
    return syncfs(fd);
#else
    (void)fd;
    sync();
    return 0;
#endif
}
