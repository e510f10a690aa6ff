/* One file of records: its name, and how it is opened. */
#define _GNU_SOURCE /* O_NOATIME */
#include "records/record.h"

#include "base/clock.h"
#include "base/file.h"
#include "state/ledger.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The longest path of a record, with room for the longest suffixes. */
static_assert(sizeof "archive/2026-11-23/" + 2 * TEXT_ID_MAX + sizeof ".log.zst.new.quarantine" <
                  CALL_PATH_MAX,
              "a path of two ids fits");

void record_name_folder(int64_t day, char folder[CALL_PATH_MAX])
{
    if (day == RECORD_LIVE)
        strcpy(folder, "live");
    else
        clock_write_day(day, stpcpy(folder, "archive/"));
}

void record_name_file(char name[CALL_PATH_MAX], const char *domain)
{
    stpcpy(stpcpy(name, domain), ".log");
}

void record_name(struct record *record, int64_t day, const struct monitor_id *monitor)
{
    record_name_folder(day, record->folder);
    if (!ledger_is_event_log(monitor))
        stpcpy(stpcpy(strchr(record->folder, '\0'), "/"), monitor->site);
    record_name_file(record->name, monitor->domain);
}

/* Whether the folder is that of all live files, or of a day: only the event log is there. */
static bool is_of_no_site(const struct record *record)
{
    const char *slash = strchr(record->folder, '/');

    return !slash || (record->folder[0] == 'a' && !strchr(slash + 1, '/'));
}

void record_monitor(const struct record *record, struct monitor_id *monitor)
{
    if (is_of_no_site(record)) {
        *monitor = ledger_event_log;
        return;
    }
    monitor->id = 0;
    snprintf(monitor->site, sizeof monitor->site, "%s", strrchr(record->folder, '/') + 1);
    snprintf(monitor->domain, sizeof monitor->domain, "%.*s",
             (int)(strlen(record->name) - strlen(".log")), record->name);
}

/*
 * Explains an errno from opening a file that means: something else has its name. NULL: another
 * errno. The system's own words, such as "No such device or address", would puzzle a person.
 */
static const char *obstacle_text(int os)
{
    if (os == ELOOP)
        return "is a symbolic link; uptick does not follow links";
    if (os == EMLINK)
        return "has another name (a hard link), so uptick does not write to it; replace it by a "
               "copy";
    return os == EINVAL || os == ENXIO || os == EISDIR ? "not a regular file" : NULL;
}

int record_set_name_error(const struct journal *journal, const char *folder, const char *name,
                          struct error *error)
{
    const char *data_dir = journal->config->data_dir;
    int os = errno;
    const char *text = obstacle_text(os);

    error_errno(error, "%s/%s/%s", data_dir, folder, name);
    if (text)
        error_set(error, EXIT_IO, "%s/%s/%s: %s", data_dir, folder, name, text);
    error->os = os;
    return -1;
}

int record_set_error(const struct journal *journal, const struct record *record,
                     struct error *error)
{
    return record_set_name_error(journal, record->folder, record->name, error);
}

bool record_is_obstacle(const struct error *error)
{
    return obstacle_text(error->os) != NULL;
}

bool record_is_absent(const struct error *error)
{
    return error->os == ENOENT || record_is_obstacle(error);
}

/* Opens the folder `name` below parent_fd, unless it is the one that is open already. */
static int open_folder(struct open_folder *folder, int parent_fd, const char *path,
                       const char *name, bool create)
{
    if (folder->fd >= 0 && strcmp(folder->path, path) == 0)
        return folder->fd;
    if (folder->fd >= 0)
        close(folder->fd);
    folder->fd = file_open_folder(parent_fd, name, create ? RECORD_FOLDER_MODE : 0);
    strcpy(folder->path, path);
    return folder->fd;
}

/* Opens the folder of the record. Returns its descriptor, or -1 with errno. */
static int open_folder_of(struct journal *journal, const struct record *record, bool create)
{
    const char *slash = strrchr(record->folder, '/');
    char parent[CALL_PATH_MAX];
    int parent_fd = journal->data_fd;

    if (journal->folder.fd >= 0 && strcmp(journal->folder.path, record->folder) == 0)
        return journal->folder.fd;
    if (slash) {
        memcpy(parent, record->folder, (size_t)(slash - record->folder));
        parent[slash - record->folder] = '\0';
        parent_fd = open_folder(&journal->parent, parent_fd, parent, parent, create);
    }
    return parent_fd < 0 ? -1
                         : open_folder(&journal->folder, parent_fd, record->folder,
                                       slash ? slash + 1 : record->folder, create);
}

/* Remembers another file system by the folder of the file: the file may be deleted before the sync.
 */
static int add_disk(struct journal *journal, int folder_fd, int fd, dev_t device)
{
    struct stat folder;

    if (device == journal->device)
        return 0;
    if (fstat(folder_fd, &folder) == 0 && folder.st_dev == device)
        fd = folder_fd;
    return call_add_disk(journal, fd, device);
}

int record_open_quietly(int folder_fd, const char *name, int flags, struct stat *status)
{
#ifdef O_NOATIME
    /* Only the owner of a file may do that. */
    int fd = file_open_unshared(folder_fd, name, flags | O_NOATIME, RECORD_FILE_MODE, status);

    if (fd >= 0 || errno != EPERM)
        return fd;
#endif
    return file_open_unshared(folder_fd, name, flags, RECORD_FILE_MODE, status);
}

static int open_regular(struct journal *journal, int folder_fd, const char *name, int flags,
                        int64_t *size)
{
    struct stat status;
    int fd = record_open_quietly(folder_fd, name, flags & ~O_TRUNC, &status);
    int os = 0;

    if (fd < 0)
        return -1;
    if (add_disk(journal, folder_fd, fd, status.st_dev) ||
        ((flags & O_TRUNC) && ftruncate(fd, status.st_size = 0)))
        os = errno;
    if (os) {
        close(fd);
        errno = os;
        return -1;
    }
    *size = status.st_size;
    return fd;
}

int record_open(struct journal *journal, const struct record *record, int flags, int64_t *size,
                struct error *error)
{
    int folder_fd = open_folder_of(journal, record, flags & O_CREAT);
    int fd = folder_fd < 0 ? -1 : open_regular(journal, folder_fd, record->name, flags, size);

    return fd < 0 ? record_set_error(journal, record, error) : fd;
}

int record_rename(struct journal *journal, const struct record *from, const struct record *to,
                  struct error *error)
{
    int folder_fd = open_folder_of(journal, from, false);

    assert(strcmp(from->folder, to->folder) == 0);
    if (folder_fd < 0 || renameat(folder_fd, from->name, folder_fd, to->name))
        return record_set_error(journal, to, error);
    return 0;
}
