/* syncfs */
#define _GNU_SOURCE
#include "renderer/publish.h"

#include "base/file.h"
#include "renderer/sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FILE_MODE = 0644,
    FOLDER_MODE = 0755,
    FEW = 16 /* up to so many files are brought to disk one by one, more by one syncfs */
};

/* A file that was written aside: ".index.html.uptick". */
struct aside {
    enum publish_folder folder;
    char *name;
};

struct publication {
    const char *path[PUBLISH_FOLDERS]; /* for messages: "public", "public/site" */
    int fd[PUBLISH_FOLDERS];
    char *site_path;
    struct aside *aside;
    size_t n_aside, n_reserved;
};

static void aside_name(char into[NAME_MAX + 1], const char *name)
{
    snprintf(into, NAME_MAX + 1, ".%s.uptick", name);
}

static int open_folders(struct publication *publication, struct error *error)
{
    const char *folder = publication->path[PUBLISH_ROOT];

    if (file_make_folder(folder, FOLDER_MODE, error))
        return -1;
    publication->fd[PUBLISH_ROOT] = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (publication->fd[PUBLISH_ROOT] < 0)
        return error_errno(error, "%s", folder);
    publication->fd[PUBLISH_SITE] =
        file_open_folder(publication->fd[PUBLISH_ROOT], "site", FOLDER_MODE);
    if (publication->fd[PUBLISH_SITE] >= 0)
        return 0;
    if (errno == ENOTDIR || errno == ELOOP)
        return error_set(error, EXIT_IO, "%s: must be a folder, and no symbolic link to one",
                         publication->path[PUBLISH_SITE]);
    return error_errno(error, "%s", publication->path[PUBLISH_SITE]);
}

int publish_open(struct publication **publication, const char *folder, struct error *error)
{
    struct publication *opened = calloc(1, sizeof *opened);
    size_t size = strlen(folder) + sizeof "/site";

    *publication = NULL;
    if (!opened || !(opened->site_path = malloc(size))) {
        free(opened);
        return error_set(error, EXIT_IO, "%s: out of memory", folder);
    }
    snprintf(opened->site_path, size, "%s/site", folder);
    opened->path[PUBLISH_ROOT] = folder;
    opened->path[PUBLISH_SITE] = opened->site_path;
    opened->fd[PUBLISH_ROOT] = opened->fd[PUBLISH_SITE] = -1;
    if (open_folders(opened, error) ||
        sweep_leftovers(opened->fd[PUBLISH_ROOT], opened->path[PUBLISH_ROOT], error) ||
        sweep_leftovers(opened->fd[PUBLISH_SITE], opened->path[PUBLISH_SITE], error)) {
        publish_close(opened);
        return -1;
    }
    *publication = opened;
    return 0;
}

void publish_close(struct publication *publication)
{
    if (!publication)
        return;
    for (size_t i = 0; i < publication->n_aside; i++) {
        struct aside *aside = &publication->aside[i];
        char name[NAME_MAX + 1];

        aside_name(name, aside->name);
        unlinkat(publication->fd[aside->folder], name, 0);
        free(aside->name);
    }
    for (int folder = 0; folder < PUBLISH_FOLDERS; folder++) {
        if (publication->fd[folder] >= 0)
            close(publication->fd[folder]);
    }
    free(publication->aside);
    free(publication->site_path);
    free(publication);
}

/* Whether the rest of the file holds exactly these bytes. */
static bool holds(int fd, const char *bytes, size_t size)
{
    char part[16384];
    off_t at = 0;

    while (size > 0) {
        size_t n = size < sizeof part ? size : sizeof part;

        if (file_read_at(fd, part, n, at) || memcmp(part, bytes, n) != 0)
            return false;
        bytes += n;
        size -= n;
        at += (off_t)n;
    }
    return true;
}

/* Whether the file stands already as it is to be; one that cannot be read does not. */
static bool stands(int folder, const char *name, const char *bytes, size_t size)
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat status;
    bool same;

    if (fd < 0)
        return false;
    same = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && (size_t)status.st_size == size &&
           holds(fd, bytes, size);
    close(fd);
    return same;
}

/* Writes a new file and, of few, brings it to disk. Returns 0, or -1 with errno. */
static int write_file(int folder, const char *name, const char *bytes, size_t size, bool sync)
{
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    int result, cause;

    if (fd < 0)
        return -1;
    result = file_write_at(fd, bytes, size, 0) || (sync && fsync(fd)) ? -1 : 0;
    cause = errno;
    if (close(fd) && !result)
        return -1;
    errno = cause;
    return result;
}

/* Notes a file that is about to be written, so that it is removed whatever happens. */
static int note_aside(struct publication *publication, enum publish_folder folder, const char *name)
{
    char *copy = strdup(name);

    if (!copy)
        return -1;
    if (publication->n_aside == publication->n_reserved) {
        size_t n = publication->n_reserved ? publication->n_reserved * 2 : FEW;
        struct aside *grown = realloc(publication->aside, n * sizeof *grown);

        if (!grown) {
            free(copy);
            return -1;
        }
        publication->aside = grown;
        publication->n_reserved = n;
    }
    publication->aside[publication->n_aside++] = (struct aside){folder, copy};
    return 0;
}

int publish_add(struct publication *publication, enum publish_folder folder, const char *name,
                const char *bytes, size_t size, struct error *error)
{
    char temporary[NAME_MAX + 1];
    struct stat status;
    int fd = publication->fd[folder];

    if (stands(fd, name, bytes, size))
        return 0;

    /* A folder in its place would make the rename fail, when others are renamed already. */
    if (fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return error_errno(error, "%s/%s", publication->path[folder], name);
    }
    aside_name(temporary, name);
    if (note_aside(publication, folder, name) ||
        write_file(fd, temporary, bytes, size, publication->n_aside <= FEW))
        return error_errno(error, "%s/%s", publication->path[folder], name);
    return 0;
}

/* Brings to disk what publish_add did not. */
static int sync_aside(const struct publication *publication, struct error *error)
{
    if (publication->n_aside <= FEW)
        return 0;
    for (int folder = 0; folder < PUBLISH_FOLDERS; folder++) {
        if (syncfs(publication->fd[folder]))
            return error_errno(error, "%s", publication->path[folder]);
    }
    return 0;
}

int publish_commit(struct publication *publication, struct error *error)
{
    if (sync_aside(publication, error))
        return -1;
    while (publication->n_aside) {
        struct aside *aside = &publication->aside[publication->n_aside - 1];
        int fd = publication->fd[aside->folder];
        char temporary[NAME_MAX + 1];

        aside_name(temporary, aside->name);
        if (renameat(fd, temporary, fd, aside->name))
            return error_errno(error, "%s/%s", publication->path[aside->folder], aside->name);
        free(aside->name);
        publication->n_aside--;
    }
    return 0;
}

int publish_prune(struct publication *publication, bool (*wanted)(void *context, const char *id),
                  void *context, struct error *error)
{
    return sweep_pages(publication->fd[PUBLISH_SITE], publication->path[PUBLISH_SITE], wanted,
                       context, error);
}
