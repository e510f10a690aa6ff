#include "dashboard/publish.h"

#include "base/file.h"
#include "dashboard/page_pool.h"
#include "dashboard/sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FILE_MODE = 0644,
    FEW = 16,   /* up to so many files are brought to disk one by one, more by one syncfs */
    MANY = 100, /* of more pages than these, those replaced are kept as spares */
    PART = 16 << 10
};

/* A file that was written aside: ".index.html.uptick". */
struct aside {
    enum public_dir_folder folder;
    bool replaces; /* one that stands under its name */
    char *name;
};

/* The file that is being added. */
struct file {
    enum public_dir_folder folder;
    const char *name;
    bool replaces;
    int old; /* the one that stands, while its bytes are those added so far; else -1 */
    off_t old_size;
    int fd;    /* the one aside, from where they differ; else -1 */
    off_t at;  /* how many bytes were added */
    off_t end; /* the size of a spare that is written over */
};

struct publication {
    struct public_dir folders;
    int spares;
    size_t n_pages;
    struct file file;
    struct aside *aside;
    size_t n_aside, n_reserved;
};

static void aside_name(char into[NAME_MAX + 1], const char *name)
{
    snprintf(into, NAME_MAX + 1, ".%s.uptick", name);
}

/* Closes a descriptor, if it is one. Returns 0, or -1 with errno. */
static int drop(int *fd)
{
    int result = *fd >= 0 ? close(*fd) : 0;

    *fd = -1;
    return result;
}

/*
 * A spare was a page until the last build took its name away. On disk it may still have that name,
 * and is not to be written over before it has lost it there too; where that cannot be had, files
 * are made new.
 */
static void settle_spares(struct publication *publication)
{
    for (int folder = 0; folder < PUBLIC_DIR_FOLDERS && publication->spares >= 0; folder++) {
        if (fsync(publication->folders.fd[folder]))
            drop(&publication->spares);
    }
}

int publish_open(struct publication **publication, const char *folder, const char *spares,
                 size_t n_pages, struct error *error)
{
    struct publication *opened = calloc(1, sizeof *opened);

    *publication = NULL;
    if (!opened)
        return error_set(error, EXIT_IO, "%s: out of memory", folder);
    opened->file.old = opened->file.fd = opened->spares = -1;
    opened->n_pages = n_pages;
    if (public_dir_open(&opened->folders, folder, error)) {
        publish_close(opened);
        return -1;
    }
    if (spares && n_pages > MANY)
        opened->spares = page_pool_open(spares);
    settle_spares(opened);
    *publication = opened;
    return 0;
}

void publish_close(struct publication *publication)
{
    if (!publication)
        return;
    drop(&publication->file.old);
    drop(&publication->file.fd);
    for (size_t i = 0; i < publication->n_aside; i++) {
        struct aside *aside = &publication->aside[i];
        char name[NAME_MAX + 1];

        aside_name(name, aside->name);
        unlinkat(publication->folders.fd[aside->folder], name, 0);
        free(aside->name);
    }
    public_dir_close(&publication->folders);
    drop(&publication->spares);
    free(publication->aside);
    free(publication);
}

static int fail(const struct publication *publication, struct error *error)
{
    const struct file *file = &publication->file;

    return error_errno(error, "%s/%s", publication->folders.path[file->folder], file->name);
}

int publish_begin(struct publication *publication, enum public_dir_folder folder, const char *name,
                  struct error *error)
{
    struct file *file = &publication->file;
    struct stat status = {0};
    int found;

    *file = (struct file){.folder = folder, .name = name, .fd = -1};
    file->old = openat(publication->folders.fd[folder], name,
                       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file->old >= 0)
        found = fstat(file->old, &status);
    else if (errno == ENOENT)
        found = -1;
    else
        found = fstatat(publication->folders.fd[folder], name, &status, AT_SYMLINK_NOFOLLOW);
    file->replaces = found == 0;
    file->old_size = status.st_size;

    /* A folder in its place would make the rename fail, when others are renamed already. */
    if (file->replaces && S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return fail(publication, error);
    }
    if (!S_ISREG(status.st_mode))
        drop(&file->old);
    return 0;
}

/* Notes the file that is about to be written, so that it is removed whatever happens. */
static int note_aside(struct publication *publication)
{
    struct file *file = &publication->file;
    char *copy = strdup(file->name);

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
    publication->aside[publication->n_aside++] = (struct aside){file->folder, file->replaces, copy};
    return 0;
}

/* Whether the old file goes on with exactly these bytes; one that cannot be read does not. */
static bool goes_on(const struct file *file, const char *bytes, size_t size)
{
    char part[PART];
    off_t at = file->at;

    if (file->old < 0)
        return false;
    while (size > 0) {
        size_t n = size < sizeof part ? size : sizeof part;

        if (file_read_at(file->old, part, n, at) || memcmp(part, bytes, n) != 0)
            return false;
        bytes += n;
        size -= n;
        at += (off_t)n;
    }
    return true;
}

/* Writes what the old file and the new one have in common. Returns 0, or -1 with errno. */
static int copy_front(const struct file *file)
{
    char part[PART];
    off_t at = 0;

    while (at < file->at) {
        size_t n = file->at - at < PART ? (size_t)(file->at - at) : PART;

        if (file_read_at(file->old, part, n, at) || file_write_at(file->fd, part, n, at))
            return -1;
        at += (off_t)n;
    }
    return 0;
}

/* Begins the file aside, with what was added so far. Returns 0, or -1 with errno. */
static int begin_aside(struct publication *publication)
{
    struct file *file = &publication->file;
    int folder = publication->folders.fd[file->folder];
    char name[NAME_MAX + 1];

    aside_name(name, file->name);
    if (note_aside(publication))
        return -1;
    file->fd = page_pool_take(publication->spares, publication->n_aside - 1, folder, name,
                              FILE_MODE, &file->end);
    if (file->fd < 0)
        file->fd =
            openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    if (file->fd < 0 || copy_front(file))
        return -1;
    drop(&file->old);
    return 0;
}

int publish_write(struct publication *publication, const char *bytes, size_t size,
                  struct error *error)
{
    struct file *file = &publication->file;

    if (file->fd < 0 && !goes_on(file, bytes, size) && begin_aside(publication))
        return fail(publication, error);
    if (file->fd >= 0 && file_write_at(file->fd, bytes, size, file->at))
        return fail(publication, error);
    file->at += (off_t)size;
    return 0;
}

int publish_end(struct publication *publication, struct error *error)
{
    struct file *file = &publication->file;

    if (file->fd < 0) {
        if (file->old >= 0 && file->old_size == file->at) {
            drop(&file->old);
            return 0;
        }
        if (begin_aside(publication))
            return fail(publication, error);
    }
    if ((file->end > file->at && ftruncate(file->fd, file->at)) ||
        (publication->n_pages <= FEW && fsync(file->fd)) || drop(&file->fd))
        return fail(publication, error);
    return 0;
}

int publish_add(struct publication *publication, enum public_dir_folder folder, const char *name,
                const char *bytes, size_t size, struct error *error)
{
    if (publish_begin(publication, folder, name, error) ||
        publish_write(publication, bytes, size, error) || publish_end(publication, error))
        return -1;
    return 0;
}

/* Brings to disk what publish_end did not: by one call where both folders lie on one disk. */
static int sync_aside(const struct publication *publication, struct error *error)
{
    dev_t device[PUBLIC_DIR_FOLDERS];
    struct stat status;

    if (publication->n_pages <= FEW || publication->n_aside == 0)
        return 0;
    for (int folder = 0; folder < PUBLIC_DIR_FOLDERS; folder++) {
        if (fstat(publication->folders.fd[folder], &status))
            return error_errno(error, "%s", publication->folders.path[folder]);
        device[folder] = status.st_dev;
        if (folder > 0 && device[folder] == device[0])
            continue;
        if (file_sync_all(publication->folders.fd[folder]))
            return error_errno(error, "%s", publication->folders.path[folder]);
    }
    return 0;
}

/* Puts a file that lies aside into its place. Returns 0, or -1 with errno. */
static int place(const struct publication *publication, const struct aside *aside, size_t number)
{
    int fd = publication->folders.fd[aside->folder];
    char temporary[NAME_MAX + 1];

    aside_name(temporary, aside->name);
    if (aside->replaces &&
        page_pool_swap(publication->spares, number, fd, temporary, aside->name) == 0)
        return 0;
    return renameat(fd, temporary, fd, aside->name);
}

int publish_commit(struct publication *publication, struct error *error)
{
    if (sync_aside(publication, error))
        return -1;
    while (publication->n_aside) {
        size_t last = publication->n_aside - 1;
        struct aside *aside = &publication->aside[last];

        if (place(publication, aside, last))
            return error_errno(error, "%s/%s", publication->folders.path[aside->folder],
                               aside->name);
        free(aside->name);
        publication->n_aside--;
    }
    page_pool_trim(publication->spares, publication->n_pages);
    return 0;
}

int publish_prune(struct publication *publication, enum public_dir_folder folder,
                  const char *(*mark_of)(void *context, const char *name), void *context,
                  struct error *error)
{
    return sweep_pages(publication->folders.fd[folder], publication->folders.path[folder], mark_of,
                       context, error);
}
