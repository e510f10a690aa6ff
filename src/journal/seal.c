/*
 * The seal: a small file beside state.db that says how the last process to write the state left it.
 * A state whose file looks otherwise was touched by someone else, or by a process that was killed,
 * and is looked over before it is trusted; that would cost too much each minute. Losing the seal
 * costs one look, so it is never brought to disk by force.
 */
#include "base/file.h"
#include "journal/internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SEAL_ROOM = 128 };

static const char name[] = "state.db.seal";
static const char damaged[] = "damaged\n";

/* What a whole state's seal says; empty where there is no state. */
static void describe(int data_fd, char text[SEAL_ROOM])
{
    struct stat status;

    memset(text, 0, SEAL_ROOM);
    if (fstatat(data_fd, "state.db", &status, AT_SYMLINK_NOFOLLOW) == 0)
        snprintf(text, SEAL_ROOM, "%lld %lld %lld.%09ld %lld.%09ld\n", (long long)status.st_ino,
                 (long long)status.st_size, (long long)status.st_mtim.tv_sec,
                 status.st_mtim.tv_nsec, (long long)status.st_ctim.tv_sec, status.st_ctim.tv_nsec);
}

enum seal seal_read(int data_fd)
{
    char expected[SEAL_ROOM], text[SEAL_ROOM] = "";
    int fd = openat(data_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return SEAL_BROKEN;
    if (strcmp(text, damaged) == 0)
        return SEAL_DAMAGED;
    describe(data_fd, expected);
    return strcmp(text, expected) == 0 ? SEAL_WHOLE : SEAL_BROKEN;
}

/* Whatever goes wrong here, the seal is then broken, which is the safe side. */
static void write_text(int data_fd, const char *text)
{
    int fd = openat(data_fd, name,
                    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0640);

    if (fd < 0)
        return;
    if (file_write_at(fd, text, strlen(text), 0))
        unlinkat(data_fd, name, 0);
    close(fd);
}

void seal_write(int data_fd)
{
    char text[SEAL_ROOM];

    if (seal_read(data_fd) == SEAL_WHOLE)
        return;
    describe(data_fd, text);
    write_text(data_fd, text);
}

void seal_write_damaged(int data_fd)
{
    write_text(data_fd, damaged);
}
