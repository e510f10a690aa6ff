/* Going through the folders below data_dir; no symbolic link is followed. */
#include "base/clock.h"
#include "base/id.h"
#include "records/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Opens a folder to be listed. Returns NULL with errno; ENOENT and what is no folder alike. */
static DIR *open_listing(int folder_fd, const char *path)
{
    int fd = openat(folder_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *listing = fd < 0 ? NULL : fdopendir(fd);

    if (fd >= 0 && !listing)
        close(fd);
    return listing;
}

/* The next name; NULL with errno 0 at the end. */
static const char *next_name(DIR *listing)
{
    struct dirent *entry;

    do {
        errno = 0;
        entry = readdir(listing);
    } while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
    return entry ? entry->d_name : NULL;
}

/* What a record may be: the file itself, or a pack of it, which only an archive has. */
static const char *const endings[] = {".log", ".log.gz", ".log.zst"};
enum { ENDINGS = sizeof endings / sizeof endings[0] };

/* Whether a name is that of a record, and which of its domain's it is. */
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

/* Whether a domain has a file with an ending before this one, so that it is visited for that. */
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

static int walk_site(const struct journal *journal, const char *folder, DIR *sites,
                     const char *site, walk_record *visit, void *context, struct error *error)
{
    const char *data_dir = journal->config->data_dir;
    bool packs = strncmp(folder, "archive/", strlen("archive/")) == 0;
    DIR *records = open_listing(dirfd(sites), site);
    const char *name;
    int result = 0;

    /* What is no folder is not ours. */
    if (!records && (errno == ENOTDIR || errno == ELOOP))
        return 0;
    if (!records) {
        error_errno(error, "%s/%s/%s", data_dir, folder, site);
        return visit(context, site, NULL, error);
    }
    while (result == 0 && (name = next_name(records)) != NULL) {
        char domain[ID_MAX + 1];
        size_t ending;

        if (!is_record(name, domain, &ending) ||
            (ending > 0 && (!packs || has_earlier(records, domain, ending))))
            continue;
        result = visit(context, site, domain, error);
    }
    if (result == 0 && errno)
        result = error_errno(error, "%s/%s/%s", data_dir, folder, site);
    closedir(records);
    return result;
}

int walk_records(const struct journal *journal, const char *folder, walk_record *visit,
                 void *context, struct error *error)
{
    DIR *sites = open_listing(journal->data_fd, folder);
    const char *name;
    int result = 0;

    if (!sites && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
        return 0;
    if (!sites) {
        error_errno(error, "%s/%s", journal->config->data_dir, folder);
        return visit(context, NULL, NULL, error);
    }
    while (result == 0 && (name = next_name(sites)) != NULL) {
        char site[ID_MAX + 1];
        size_t length = strlen(name);

        if (!id_is_valid(name, length))
            continue;
        memcpy(site, name, length + 1);
        result = walk_site(journal, folder, sites, site, visit, context, error);
    }
    if (result == 0 && errno)
        result = error_errno(error, "%s/%s", journal->config->data_dir, folder);
    closedir(sites);
    return result;
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* Adds a name to the days, where it is that of a day's folder. Returns 0, or -1 with errno. */
static int add_day(DIR *listing, const char *name, int64_t **days, size_t *n, size_t *room)
{
    struct stat status;
    int64_t day;

    if (clock_read_day(name, strlen(name), &day))
        return 0;
    if (fstatat(dirfd(listing), name, &status, AT_SYMLINK_NOFOLLOW))
        return errno == ENOENT ? 0 : -1;
    if (!S_ISDIR(status.st_mode))
        return 0;
    if (*n == *room) {
        int64_t *grown = realloc(*days, (*room ? 2 * *room : 64) * sizeof *grown);

        if (!grown)
            return -1;
        *days = grown;
        *room = *room ? 2 * *room : 64;
    }
    (*days)[(*n)++] = day;
    return 0;
}

int walk_days(const struct journal *journal, int64_t **days, size_t *n, struct error *error)
{
    DIR *listing = open_listing(journal->data_fd, "archive");
    size_t room = 0;
    const char *name;
    int result = 0;

    *days = NULL;
    *n = 0;
    if (!listing)
        return errno == ENOENT || errno == ENOTDIR || errno == ELOOP
                   ? 0
                   : error_errno(error, "%s/archive", journal->config->data_dir);
    while (result == 0 && (name = next_name(listing)) != NULL)
        result = add_day(listing, name, days, n, &room);
    if (result || errno)
        result = error_errno(error, "%s/archive", journal->config->data_dir);
    closedir(listing);
    if (*n)
        qsort(*days, *n, sizeof **days, ascending);
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
    listing = open_listing(folder_fd, name);
    if (!listing)
        return -1;
    while (result == 0 && (below = next_name(listing)) != NULL)
        result = walk_delete(dirfd(listing), below);
    closedir(listing);
    return result ? -1 : unlinkat(folder_fd, name, AT_REMOVEDIR);
}
