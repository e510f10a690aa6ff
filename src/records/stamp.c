/* The clean-shutdown stamp of state.db. */
#include "records/stamp.h"

#include "base/file.h"
#include "base/table.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    TEXT_SIZE = 192,
    BLOCK_SIZE = 64 << 10,
    COMMITS_OFFSET = 24 /* the file change counter in SQLite's header */
};

static const char name[] = "state.db.stamp";
static const char damaged[] = "damaged\n";

/* How state.db looks. The first three fields are the same in a copy of the file. */
struct description {
    unsigned long commits;
    long long size;
    struct timespec written;
    long long inode;
    struct timespec changed;
};

/* The count of commits in the header of state.db; 0 if it cannot be read. */
static unsigned long read_commits(int data_fd)
{
    unsigned char count[4] = {0};
    int fd = openat(data_fd, "state.db", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        return 0;
    if (file_read_at(fd, count, sizeof count, COMMITS_OFFSET))
        memset(count, 0, sizeof count);
    close(fd);
    return (unsigned long)count[0] << 24 | (unsigned long)count[1] << 16 |
           (unsigned long)count[2] << 8 | count[3];
}

/* Returns 0, or -1 if there is no state. */
static int describe_state(int data_fd, struct description *state)
{
    struct stat status;

    if (fstatat(data_fd, "state.db", &status, AT_SYMLINK_NOFOLLOW))
        return -1;
    *state = (struct description){read_commits(data_fd), (long long)status.st_size, status.st_mtim,
                                  (long long)status.st_ino, status.st_ctim};
    return 0;
}

static void print_description(const struct description *state, char text[TEXT_SIZE])
{
    snprintf(text, TEXT_SIZE, "%lu %lld %lld.%09ld %lld %lld.%09ld\n", state->commits, state->size,
             (long long)state->written.tv_sec, state->written.tv_nsec, state->inode,
             (long long)state->changed.tv_sec, state->changed.tv_nsec);
}

static bool is_later(const struct timespec *time, long long seconds, long nanoseconds)
{
    return (long long)time->tv_sec > seconds ||
           ((long long)time->tv_sec == seconds && time->tv_nsec > nanoseconds);
}

/* FNV-1a by words, with a shift because its upper bits mix badly. */
static uint64_t add_word(uint64_t sum, uint64_t word)
{
    sum = (sum ^ word) * UINT64_C(0x100000001b3);
    return sum ^ sum >> 29;
}

/* Sums up the bytes of state.db, in four sums because each waits for its multiplications. Returns 0
 * if it cannot be read. */
static uint64_t sum_state(int data_fd)
{
    int fd = openat(data_fd, "state.db", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    uint64_t block[BLOCK_SIZE / sizeof(uint64_t)], sums[4] = {1, 2, 3, 4};
    ssize_t n = 0;

    while (fd >= 0 && (n = read(fd, block, sizeof block)) > 0) {
        memset((char *)block + n, 0, (size_t)-n % sizeof sums);
        for (size_t i = 0; i * sizeof *block < (size_t)n; i += 4) {
            sums[0] = add_word(sums[0], block[i]);
            sums[1] = add_word(sums[1], block[i + 1]);
            sums[2] = add_word(sums[2], block[i + 2]);
            sums[3] = add_word(sums[3], block[i + 3]);
        }
    }
    if (fd >= 0)
        close(fd);
    return n ? 0 : add_word(add_word(add_word(sums[0], sums[1]), sums[2]), sums[3]);
}

static void print_sum(int data_fd, char text[TEXT_SIZE])
{
    snprintf(text, TEXT_SIZE, "%016llx\n", (unsigned long long)sum_state(data_fd));
}

/* The last line of a stamp: a hash of the lines before it. */
static void print_hash(const char *text, size_t size, char line[TEXT_SIZE])
{
    snprintf(line, TEXT_SIZE, "%016llx\n", (unsigned long long)table_hash(text, size));
}

/* Whether the stamp was written to its end: a killed tick may have written a part of it over the
 * one before. */
static bool is_whole(const char *text)
{
    char line[TEXT_SIZE];
    size_t size = strlen(text), line_size;

    print_hash("", 0, line);
    line_size = strlen(line);
    if (size < line_size)
        return false;
    print_hash(text, size - line_size, line);
    return strcmp(text + size - line_size, line) == 0;
}

/* Whether a rollback journal is beside the state. A killed tick may leave it and no changed byte in
 * the state. Opening the state then writes to it, so even a stamp that matches is of no use. */
static bool has_journal(int data_fd)
{
    struct stat status;

    return fstatat(data_fd, "state.db-journal", &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(status.st_mode);
}

/*
 * Finds out why a state differs from its stamp. An earlier time of writing is nobody's work: syncs
 * of data do not keep a file's time, so a power failure may set it back.
 */
static enum stamp explain_difference(int data_fd, const char *text, const struct description *state)
{
    const char *sum_line = strchr(text, '\n');
    struct description stamped;
    char sum[TEXT_SIZE];
    long long written;

    if (!is_whole(text) || sscanf(text, "%lu %lld %lld.%ld %lld", &stamped.commits, &stamped.size,
                                  &written, &stamped.written.tv_nsec, &stamped.inode) != 5)
        return STAMP_UNCLEAN;
    if (stamped.inode != state->inode) {
        print_sum(data_fd, sum);
        return sum_line && strncmp(sum_line + 1, sum, strlen(sum)) == 0 && !has_journal(data_fd)
                   ? STAMP_MOVED
                   : STAMP_COPIED;
    }
    if (stamped.commits != state->commits)
        return STAMP_UNCLEAN;
    return is_later(&state->written, written, stamped.written.tv_nsec) ? STAMP_CHANGED
                                                                       : STAMP_UNCLEAN;
}

enum stamp stamp_read(int data_fd)
{
    char expected[TEXT_SIZE], text[3 * TEXT_SIZE] = "";
    struct description state;
    enum stamp difference;
    int fd = openat(data_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return STAMP_UNCLEAN;
    if (strcmp(text, damaged) == 0)
        return STAMP_DAMAGED;
    if (describe_state(data_fd, &state) || state.size == 0)
        return STAMP_UNCLEAN;
    print_description(&state, expected);
    if (strncmp(text, expected, strlen(expected)) == 0)
        return has_journal(data_fd) ? STAMP_UNCLEAN : STAMP_CLEAN;
    difference = explain_difference(data_fd, text, &state);
    return difference == STAMP_CHANGED && has_journal(data_fd) ? STAMP_UNCLEAN : difference;
}

void stamp_write(int data_fd, bool is_damaged)
{
    struct description state;
    char text[3 * TEXT_SIZE];
    int fd;

    if (is_damaged) {
        strcpy(text, damaged);
    } else if (stamp_read(data_fd) == STAMP_CLEAN || describe_state(data_fd, &state)) {
        return;
    } else {
        print_description(&state, text);
        print_sum(data_fd, strchr(text, '\0'));
        print_hash(text, strlen(text), strchr(text, '\0'));
    }

    /* If anything fails, the stamp does not match the state, which is safe. A backup that is made
     * now never finds it empty. */
    fd = openat(data_fd, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0640);
    if (fd < 0)
        return;
    if (!file_has_one_name(fd) || file_write_at(fd, text, strlen(text), 0) ||
        ftruncate(fd, (off_t)strlen(text)))
        stamp_remove(data_fd);
    close(fd);
}

void stamp_remove(int data_fd)
{
    unlinkat(data_fd, name, 0);
}
