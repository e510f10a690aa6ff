/*
 * The seal: a small file beside state.db that says how the last process to write the state left it.
 * A state whose file looks otherwise was written by a process that was killed, and is looked over
 * before it is trusted; that would cost too much each minute. Or it was written by someone else,
 * and a look would not tell of a byte that is wrong within a value. The two are told apart by
 * SQLite's count of what was committed, which stands in the file: a killed process has raised it,
 * or left a rollback journal. Losing the seal costs one look, so it is never brought to disk by
 * force.
 */
#include "base/file.h"
#include "records/internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STAMP_ROOM = 160, COMMITS_AT = 24 /* SQLite's file change counter */ };

static const char name[] = "state.db.seal";
static const char damaged[] = "damaged\n";

/* What is told of a state. What a copy keeps comes first. */
struct description {
    unsigned long commits;
    long long size, inode;
    struct timespec written, changed;
};

/* How often the state was committed to, as its header has it. */
static unsigned long read_commits(int data_fd)
{
    unsigned char count[4] = {0};
    int fd = openat(data_fd, "state.db", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        return 0;
    if (file_read_at(fd, count, sizeof count, COMMITS_AT))
        memset(count, 0, sizeof count);
    close(fd);
    return (unsigned long)count[0] << 24 | (unsigned long)count[1] << 16 |
           (unsigned long)count[2] << 8 | count[3];
}

/* Returns 0, or -1 where there is no state. */
static int describe(int data_fd, struct description *state)
{
    struct stat status;

    if (fstatat(data_fd, "state.db", &status, AT_SYMLINK_NOFOLLOW))
        return -1;
    *state = (struct description){read_commits(data_fd), (long long)status.st_size,
                                  (long long)status.st_ino, status.st_mtim, status.st_ctim};
    return 0;
}

static void write_description(const struct description *state, char text[STAMP_ROOM])
{
    snprintf(text, STAMP_ROOM, "%lu %lld %lld.%09ld %lld %lld.%09ld\n", state->commits, state->size,
             (long long)state->written.tv_sec, state->written.tv_nsec, state->inode,
             (long long)state->changed.tv_sec, state->changed.tv_nsec);
}

static bool is_later(const struct timespec *time, long long seconds, long nanoseconds)
{
    return (long long)time->tv_sec > seconds ||
           ((long long)time->tv_sec == seconds && time->tv_nsec > nanoseconds);
}

/* A state that is not as this seal says. One with an earlier time is no one's work: a power cut may
 * take a file's time, which no sync of its data keeps. */
static enum seal tell_apart(int data_fd, const char *text, const struct description *state)
{
    struct description sealed;
    long long written;
    struct stat journal;

    if (sscanf(text, "%lu %lld %lld.%ld", &sealed.commits, &sealed.size, &written,
               &sealed.written.tv_nsec) != 4)
        return STAMP_BROKEN;
    if (sealed.commits != state->commits ||
        fstatat(data_fd, "state.db-journal", &journal, AT_SYMLINK_NOFOLLOW) == 0)
        return STAMP_BROKEN;
    return is_later(&state->written, written, sealed.written.tv_nsec) ? STAMP_FOREIGN
                                                                      : STAMP_BROKEN;
}

enum seal stamp_read(int data_fd)
{
    char expected[STAMP_ROOM], text[STAMP_ROOM] = "";
    struct description state;
    int fd = openat(data_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return STAMP_BROKEN;
    if (strcmp(text, damaged) == 0)
        return STAMP_DAMAGED;
    if (describe(data_fd, &state))
        return STAMP_BROKEN;
    write_description(&state, expected);
    return strcmp(text, expected) == 0 ? STAMP_WHOLE : tell_apart(data_fd, text, &state);
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

void stamp_write(int data_fd)
{
    struct description state;
    char text[STAMP_ROOM];

    if (stamp_read(data_fd) == STAMP_WHOLE || describe(data_fd, &state))
        return;
    write_description(&state, text);
    write_text(data_fd, text);
}

void stamp_write_damaged(int data_fd)
{
    write_text(data_fd, damaged);
}
