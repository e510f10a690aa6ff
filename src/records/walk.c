/* Goes through the folders below data_dir. */
#include "records/walk.h"

#include "base/array.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

DIR *walk_open(int folder_fd, const char *path)
{
    int fd = openat(folder_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *listing = fd < 0 ? NULL : fdopendir(fd);

    if (fd >= 0 && !listing)
        close(fd);
    return listing;
}

/* Whether walk_open failed because something else, or nothing, has the name of the folder. */
static bool is_no_folder(int os)
{
    return os == ENOENT || os == ENOTDIR || os == ELOOP;
}

const char *walk_next(DIR *listing)
{
    struct dirent *entry;

    do {
        errno = 0;
        entry = readdir(listing);
    } while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
    return entry ? entry->d_name : NULL;
}

/* How the name of a record ends. Only an archive has compressed ones. */
static const char *const endings[] = {".log", ".log.gz", ".log.zst"};
enum { ENDINGS = sizeof endings / sizeof endings[0] };

/* Whether this is the name of a record; sets the domain and the number of the ending. */
static bool is_record(const char *name, char domain[ID_MAX + 1], size_t *ending)
{
    size_t length = strlen(name);

    for (*ending = 0; *ending < ENDINGS; (*ending)++) {
        size_t size = strlen(endings[*ending]);

        if (length <= size || strcmp(name + length - size, endings[*ending]) != 0 ||
            !id_is_valid(name, length - size))
            continue;
        memcpy(domain, name, length - size);
        domain[length - size] = '\0';
        return true;
    }
    return false;
}

/* Whether the domain also has a file with an earlier ending; it is visited for that one. */
static bool has_earlier(DIR *records, const char *domain, size_t ending)
{
    struct stat status;

    for (size_t i = 0; i < ending; i++) {
        char name[ID_MAX + 17];

        stpcpy(stpcpy(name, domain), endings[i]);
        if (fstatat(dirfd(records), name, &status, AT_SYMLINK_NOFOLLOW) == 0)
            return true;
    }
    return false;
}

struct walk {
    const struct journal *journal;
    int64_t day;
    char folder[CALL_PATH_MAX];
    walk_visit *visit;
    void *context;
};

static int walk_site(const struct walk *walk, DIR *sites, struct monitor_id *monitor,
                     struct error *error)
{
    const char *data_dir = walk->journal->config->data_dir;
    DIR *records = walk_open(dirfd(sites), monitor->site);
    const char *name;
    int result = 0;

    /* A missing folder was there a moment ago: that is an error. */
    if (!records && errno != ENOENT && is_no_folder(errno))
        return 0;
    if (!records) {
        error_errno(error, "%s/%s/%s", data_dir, walk->folder, monitor->site);
        return walk->visit(walk->context, NULL, error);
    }
    while (result == 0 && (name = walk_next(records)) != NULL) {
        size_t ending;

        if (is_record(name, monitor->domain, &ending) &&
            (ending == 0 ||
             (walk->day != RECORD_LIVE && !has_earlier(records, monitor->domain, ending))))
            result = walk->visit(walk->context, monitor, error);
    }
    if (result == 0 && errno)
        result = error_errno(error, "%s/%s/%s", data_dir, walk->folder, monitor->site);
    closedir(records);
    return result;
}

int walk_records(const struct journal *journal, int64_t day, walk_visit *visit, void *context,
                 struct error *error)
{
    struct walk walk = {.journal = journal, .day = day, .visit = visit, .context = context};
    struct monitor_id monitor = {.id = 0};
    DIR *sites;
    const char *name;
    int result = 0;

    record_name_folder(day, walk.folder);
    sites = walk_open(journal->data_fd, walk.folder);
    if (!sites && is_no_folder(errno))
        return 0;
    if (!sites) {
        error_errno(error, "%s/%s", journal->config->data_dir, walk.folder);
        return visit(context, NULL, error);
    }
    while (result == 0 && (name = walk_next(sites)) != NULL) {
        if (!id_is_valid(name, strlen(name)))
            continue;
        strcpy(monitor.site, name);
        result = walk_site(&walk, sites, &monitor, error);
    }
    if (result == 0 && errno)
        result = error_errno(error, "%s/%s", journal->config->data_dir, walk.folder);
    closedir(sites);
    return result;
}

static int compare_days(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* Adds the day if this is the name of a day's folder. Returns 0, or -1 with errno. */
static int add_day(DIR *listing, const char *name, int64_t **days, size_t *n, size_t *capacity)
{
    struct stat status;
    int64_t day, *grown;

    if (clock_read_day(name, strlen(name), &day))
        return 0;
    if (fstatat(dirfd(listing), name, &status, AT_SYMLINK_NOFOLLOW))
        return errno == ENOENT ? 0 : -1;
    if (!S_ISDIR(status.st_mode))
        return 0;
    grown = array_grow(*days, capacity, *n + 1, sizeof *grown);
    if (!grown)
        return -1;
    *days = grown;
    (*days)[(*n)++] = day;
    return 0;
}

int walk_days(const struct journal *journal, int64_t **days, size_t *n, struct error *error)
{
    DIR *listing = walk_open(journal->data_fd, "archive");
    size_t capacity = 0;
    const char *name;
    int result = 0;

    *days = NULL;
    *n = 0;
    if (!listing)
        return is_no_folder(errno) ? 0
                                   : error_errno(error, "%s/archive", journal->config->data_dir);
    while (result == 0 && (name = walk_next(listing)) != NULL)
        result = add_day(listing, name, days, n, &capacity);
    if (result || errno)
        result = error_errno(error, "%s/archive", journal->config->data_dir);
    closedir(listing);
    if (*n)
        qsort(*days, *n, sizeof **days, compare_days);
    return result;
}

int walk_delete(int folder_fd, const char *name)
{
    DIR *listing;
    const char *below;
    int result = 0;

    if (unlinkat(folder_fd, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        return -1;
    listing = walk_open(folder_fd, name);
    if (!listing)
        return -1;
    while (result == 0 && (below = walk_next(listing)) != NULL)
        result = walk_delete(dirfd(listing), below);
    closedir(listing);
    return result ? -1 : unlinkat(folder_fd, name, AT_REMOVEDIR);
}
