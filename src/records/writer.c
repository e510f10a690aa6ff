/* Keeps two processes from writing the records at once. */
#include "records/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

int writer_claim(int data_fd, const char *data_dir, struct error *error)
{
    int fd;

    if (mkdirat(data_fd, "live", 0750) && errno != EEXIST)
        return error_errno(error, "%s/live", data_dir);
    fd = openat(data_fd, "live", O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return error_errno(error, "%s/live", data_dir);

    /* A file system without such locks has the lock of data_dir/lock or none. */
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return fd;
    close(fd);
    error_set(
        error, EXIT_IO,
        "%s/live: another uptick still writes the records; %s/lock was removed; try again later",
        data_dir, data_dir);
    error->os = EWOULDBLOCK;
    return -1;
}
