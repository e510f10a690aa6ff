/* Publishes files by rename. Unchanged files keep their inode and time, so caches stay valid. */
#include "dashboard/publish.h"

#include "base/file.h"
#include "base/memory.h"
#include "dashboard/page_pool.h"

#include <assert.h>
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
    FSYNC_MAX = 16,  /* up to this many files get an fsync each; for more, one syncfs is faster */
    POOL_FROM = 100, /* with more pages than this, replaced pages go to the pool */
    BLOCK = 16 << 10
};

/* A file that is not renamed yet: ".index.html.uptick". */
struct tmp_file {
    enum public_dir_folder folder;
    bool replaces; /* another file has its name */
    char *name;    /* its name after the rename */
};

/* The file that is being added. */
struct added_file {
    enum public_dir_folder folder;
    const char *name;
    bool replaces;
    int old; /* the published file, as long as the bytes added so far equal it; else -1 */
    off_t old_size;
    int fd;          /* the temporary file, once they differ; else -1 */
    off_t at;        /* bytes added so far */
    off_t page_size; /* of the page from the pool that is being overwritten; else 0 */
};

struct publication {
    const struct public_dir *dir;
    int pool; /* -1: none */
    size_t n_pages;
    struct added_file file;
    struct tmp_file *tmp_files;
    size_t n_tmp_files, capacity;
};

static void write_tmp_name(char into[NAME_MAX + 1], const char *name)
{
    snprintf(into, NAME_MAX + 1, ".%s.uptick", name);
}

/* Closes *fd unless it is -1. Returns 0, or -1 with errno. */
static int close_fd(int *fd)
{
    int result = *fd >= 0 ? close(*fd) : 0;

    *fd = -1;
    return result;
}

/*
 * The last build renamed the pages that are now in the pool. On disk these renames may not have
 * happened yet: after a power failure, an overwritten page could have its old name again. So the
 * folders are flushed first. If that fails, the pool is not used.
 */
static void flush_renames(struct publication *publication)
{
    for (int folder = 0; folder < PUBLIC_DIR_FOLDERS && publication->pool >= 0; folder++) {
        if (fsync(publication->dir->fd[folder]))
            close_fd(&publication->pool);
    }
}

int publish_open(struct publication **publication, const struct public_dir *dir, const char *pool,
                 size_t n_pages, struct error *error)
{
    struct publication *opened = calloc(1, sizeof *opened);

    *publication = NULL;
    if (!opened)
        return error_set(error, EXIT_IO, "%s: out of memory", dir->path[PUBLIC_DIR_ROOT]);
    opened->file.old = opened->file.fd = opened->pool = -1;
    opened->dir = dir;
    opened->n_pages = n_pages;
    if (pool && n_pages > POOL_FROM)
        opened->pool = page_pool_open(pool);
    flush_renames(opened);
    *publication = opened;
    return 0;
}

void publish_close(struct publication *publication)
{
    if (!publication)
        return;
    close_fd(&publication->file.old);
    close_fd(&publication->file.fd);
    for (size_t i = 0; i < publication->n_tmp_files; i++) {
        struct tmp_file *tmp = &publication->tmp_files[i];
        char name[NAME_MAX + 1];

        write_tmp_name(name, tmp->name);
        unlinkat(publication->dir->fd[tmp->folder], name, 0);
        free(tmp->name);
    }
    close_fd(&publication->pool);
    free(publication->tmp_files);
    free(publication);
}

/* Sets the error from errno, for the file that is being added. Returns -1. */
static int file_error(const struct publication *publication, struct error *error)
{
    const struct added_file *file = &publication->file;

    return error_errno(error, "%s/%s", publication->dir->path[file->folder], file->name);
}

int publish_begin(struct publication *publication, enum public_dir_folder folder, const char *name,
                  struct error *error)
{
    struct added_file *file = &publication->file;
    struct stat status = {0};
    int found;

    assert(file->old < 0 && file->fd < 0);
    *file = (struct added_file){.folder = folder, .name = name, .fd = -1};
    file->old =
        openat(publication->dir->fd[folder], name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file->old >= 0)
        found = fstat(file->old, &status);
    else if (errno == ENOENT)
        found = -1;
    else
        found = fstatat(publication->dir->fd[folder], name, &status, AT_SYMLINK_NOFOLLOW);
    file->replaces = found == 0;
    file->old_size = status.st_size;

    /* A folder of this name would make the rename fail when other files are already renamed. */
    if (file->replaces && S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return file_error(publication, error);
    }
    if (!S_ISREG(status.st_mode))
        close_fd(&file->old);
    return 0;
}

/* Remembers the temporary file before it is created, so that publish_close removes it. */
static int remember_tmp_file(struct publication *publication)
{
    struct added_file *file = &publication->file;
    struct tmp_file *grown = memory_grow(publication->tmp_files, &publication->capacity,
                                         publication->n_tmp_files + 1, sizeof *grown);
    char *name = strdup(file->name);

    if (grown)
        publication->tmp_files = grown;
    if (!grown || !name) {
        free(name);
        return -1;
    }
    grown[publication->n_tmp_files++] = (struct tmp_file){file->folder, file->replaces, name};
    return 0;
}

/* Whether the next bytes of the published file are these. */
static bool is_unchanged(const struct added_file *file, const char *bytes, size_t size)
{
    char block[BLOCK];
    off_t at = file->at;

    if (file->old < 0)
        return false;
    while (size > 0) {
        size_t n = size < sizeof block ? size : sizeof block;

        if (file_read_at(file->old, block, n, at) || memcmp(block, bytes, n) != 0)
            return false;
        bytes += n;
        size -= n;
        at += (off_t)n;
    }
    return true;
}

/* Copies the bytes that the published and the new file have in common. Returns 0, or -1 with errno.
 */
static int copy_start(const struct added_file *file)
{
    char block[BLOCK];
    off_t at = 0;

    while (at < file->at) {
        size_t n = file->at - at < BLOCK ? (size_t)(file->at - at) : BLOCK;

        if (file_read_at(file->old, block, n, at) || file_write_at(file->fd, block, n, at))
            return -1;
        at += (off_t)n;
    }
    return 0;
}

/* Creates the temporary file, with the bytes added so far. Returns 0, or -1 with errno. */
static int begin_tmp_file(struct publication *publication)
{
    struct added_file *file = &publication->file;
    int folder = publication->dir->fd[file->folder];
    char name[NAME_MAX + 1];

    write_tmp_name(name, file->name);
    if (remember_tmp_file(publication))
        return -1;
    file->fd = page_pool_take(publication->pool, publication->n_tmp_files - 1, folder, name,
                              FILE_MODE, &file->page_size);
    if (file->fd < 0)
        file->fd =
            openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    if (file->fd < 0 || copy_start(file))
        return -1;
    close_fd(&file->old);
    return 0;
}

int publish_write(struct publication *publication, const char *bytes, size_t size,
                  struct error *error)
{
    struct added_file *file = &publication->file;

    if (file->fd < 0 && !is_unchanged(file, bytes, size) && begin_tmp_file(publication))
        return file_error(publication, error);
    if (file->fd >= 0 && file_write_at(file->fd, bytes, size, file->at))
        return file_error(publication, error);
    file->at += (off_t)size;
    return 0;
}

int publish_end(struct publication *publication, struct error *error)
{
    struct added_file *file = &publication->file;

    if (file->fd < 0) {
        if (file->old >= 0 && file->old_size == file->at) {
            close_fd(&file->old);
            return 0;
        }
        if (begin_tmp_file(publication))
            return file_error(publication, error);
    }
    if ((file->page_size > file->at && ftruncate(file->fd, file->at)) ||
        (publication->n_pages <= FSYNC_MAX && fsync(file->fd)) || close_fd(&file->fd))
        return file_error(publication, error);
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

/* Flushes the files that publish_end did not: with one call for all folders on one disk. */
static int sync_tmp_files(const struct publication *publication, struct error *error)
{
    dev_t device[PUBLIC_DIR_FOLDERS];
    struct stat status;

    if (publication->n_pages <= FSYNC_MAX || publication->n_tmp_files == 0)
        return 0;
    for (int folder = 0; folder < PUBLIC_DIR_FOLDERS; folder++) {
        if (fstat(publication->dir->fd[folder], &status))
            return error_errno(error, "%s", publication->dir->path[folder]);
        device[folder] = status.st_dev;
        if (folder > 0 && device[folder] == device[0])
            continue;
        if (file_sync_all(publication->dir->fd[folder]))
            return error_errno(error, "%s", publication->dir->path[folder]);
    }
    return 0;
}

/* Gives a temporary file its name. Returns 0, or -1 with errno. */
static int rename_tmp_file(const struct publication *publication, const struct tmp_file *tmp,
                           size_t number)
{
    int fd = publication->dir->fd[tmp->folder];
    char tmp_name[NAME_MAX + 1];

    write_tmp_name(tmp_name, tmp->name);
    if (tmp->replaces && page_pool_swap(publication->pool, number, fd, tmp_name, tmp->name) == 0)
        return 0;
    return renameat(fd, tmp_name, fd, tmp->name);
}

int publish_commit(struct publication *publication, struct error *error)
{
    assert(publication->file.fd < 0);
    if (sync_tmp_files(publication, error))
        return -1;
    while (publication->n_tmp_files) {
        size_t last = publication->n_tmp_files - 1;
        struct tmp_file *tmp = &publication->tmp_files[last];

        if (rename_tmp_file(publication, tmp, last))
            return error_errno(error, "%s/%s", publication->dir->path[tmp->folder], tmp->name);
        free(tmp->name);
        publication->n_tmp_files--;
    }
    page_pool_trim(publication->pool, publication->n_pages);
    return 0;
}
