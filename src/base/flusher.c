/* Syncs a file system while its caller writes more files. */
#include "base/flusher.h"

#include "base/file.h"
#include "base/thread.h"

#include <errno.h>

static void *sync_once(void *context)
{
    struct flusher *flusher = context;

    if (file_sync_all(flusher->fd) && flusher->os == 0)
        flusher->os = errno;
    atomic_store(&flusher->is_done, true);
    return NULL;
}

static void join(struct flusher *flusher)
{
    if (flusher->is_started)
        pthread_join(flusher->thread, NULL);
    flusher->is_started = false;
}

void flusher_start(struct flusher *flusher, int fd)
{
    if (flusher->is_started && !atomic_load(&flusher->is_done))
        return;
    join(flusher);
    flusher->fd = fd;
    atomic_store(&flusher->is_done, false);
    flusher->is_started = thread_start(&flusher->thread, sync_once, flusher) == 0;
}

int flusher_stop(struct flusher *flusher)
{
    join(flusher);
    if (flusher->os == 0)
        return 0;
    errno = flusher->os;
    flusher->os = 0;
    return -1;
}
