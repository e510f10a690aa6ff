/* Reads the files that the configuration is made of, and explains why one cannot be read. */
#include "config/user_file.h"

#include "base/file.h"
#include "base/table.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { USER_MAX = 64 };

static void write_user(uid_t uid, char text[USER_MAX])
{
    const struct passwd *user = getpwuid(uid);

    if (user)
        snprintf(text, USER_MAX, "%s", user->pw_name);
    else
        snprintf(text, USER_MAX, "%lu", (unsigned long)uid);
}

/* Reports a file that this user may not read. That mostly happens to people who run a command by
 * hand, but not as the user of cron; so the message names both users. status NULL: a folder above
 * the file is closed to this user. */
static int report_denied(const struct stat *status, struct error *error)
{
    char you[USER_MAX], owner[USER_MAX];
    const struct group *group = status ? getgrgid(status->st_gid) : NULL;

    write_user(geteuid(), you);
    if (!status)
        return error_set(error, EXIT_CONFIG,
                         "Permission denied (you are %s, who may not enter its folder)", you);
    write_user(status->st_uid, owner);
    return error_set(error, EXIT_CONFIG,
                     "Permission denied (you are %s; the file belongs to %s:%s, mode %04o)", you,
                     owner, group ? group->gr_name : "?", (unsigned)status->st_mode & 07777);
}

static int report_cause(int os, const struct stat *status, struct error *error)
{
    if (os == EACCES)
        report_denied(status, error);
    else
        error_set(error, EXIT_CONFIG, "%s", strerror(os));
    error->os = os;
    return -1;
}

/* Returns 0, or -1 after reporting that this cannot be such a file. */
static int check_status(const struct stat *status, size_t max, struct error *error)
{
    if (S_ISDIR(status->st_mode))
        return error_set(error, EXIT_CONFIG, "is a folder; expected a file");
    if (!S_ISREG(status->st_mode))
        return error_set(error, EXIT_CONFIG, "is not a regular file");
    if (status->st_size > (off_t)max)
        return error_set(error, EXIT_CONFIG, "%lld bytes; expected at most %zu",
                         (long long)status->st_size, max);
    return 0;
}

int user_file_read(const char *path, size_t max, struct buffer *into, struct stat *status,
                   struct error *error)
{
    /* One byte more than the maximum, so that a file of just the maximum is read to its end. */
    *into = BUFFER_WITH_CEILING(max + 1);
    if (stat(path, status))
        return report_cause(errno, NULL, error);

    /* Opening a device may already have an effect, so it is not even opened. */
    if (check_status(status, max, error))
        return -1;

    /* All room at once, so that no bytes move while it is read. */
    if (buffer_reserve(into, (size_t)status->st_size + 1))
        return report_cause(ENOMEM, status, error);
    if (file_read_regular(path, into, status) && errno != EFBIG)
        return report_cause(errno, status, error);
    if (into->size > max)
        return error_set(error, EXIT_CONFIG, "more than %zu bytes", max);
    return 0;
}

int64_t user_file_hash(const char *bytes, size_t size)
{
    uint64_t hash = size, word;
    size_t at = 0;

    for (; at + sizeof word <= size; at += sizeof word) {
        memcpy(&word, bytes + at, sizeof word);
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    return (int64_t)(hash ^ table_hash(bytes + at, size - at));
}
