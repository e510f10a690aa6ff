/* Publishes files by rename. Unchanged files keep their inode and time, so caches stay valid. */
#include "dashboard/publish.h"

#include "base/file.h"
#include "base/flusher.h"
#include "dashboard/page_pool.h"

#include <assert.h>
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
    FSYNC_MAX = 16,  /* up to this many files get an fsync each; for more, one syncfs is faster */
    POOL_FROM = 100, /* with more pages than this, replaced pages go to the pool */
    BLOCK = 16 << 10
};

#define TMP_NAME_OF_POOL ".0.uptick"

/* A file that is not renamed yet: ".index.html.uptick", or a page of the pool. */
struct tmp_file {
    char *name; /* its name after the rename; NULL: there is no such file */
    enum public_dir_folder folder;
    bool replaces; /* another file has its name */
    bool in_pool;
};

/* Threads that add files share it, and change only the members of their own files' numbers. */
struct publication {
    const struct public_dir *dir;
    int pool;   /* -1: none */
    bool reuse; /* pages of the pool may be overwritten */
    size_t n_files, n_pages;
    struct tmp_file *tmp_files; /* by the number of the file */
    struct flusher flusher;     /* of the first folder's disk */
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
 * Whether pages of the pool may be overwritten. The last build renamed the pages that are now in
 * the pool. On disk these renames may not have happened yet: after a power failure, an overwritten
 * page could have its old name again. So the folders are flushed first.
 */
static bool may_reuse(const struct publication *publication)
{
    for (int folder = 0; folder < PUBLIC_DIR_FOLDERS; folder++) {
        int fd = publication->dir->fd[folder];

        if (!page_pool_reaches(publication->pool, fd, TMP_NAME_OF_POOL) || fsync(fd))
            return false;
    }
    return true;
}

int publish_open(struct publication **publication, const struct public_dir *dir, const char *pool,
                 size_t n_files, size_t n_pages, struct error *error)
{
    struct publication *opened = calloc(1, sizeof *opened);

    *publication = NULL;
    if (opened)
        opened->tmp_files = calloc(n_files, sizeof *opened->tmp_files);
    if (!opened || !opened->tmp_files) {
        free(opened);
        return error_set(error, EXIT_IO, "%s: out of memory", dir->path[PUBLIC_DIR_ROOT]);
    }
    opened->dir = dir;
    opened->n_files = n_files;
    opened->n_pages = n_pages;
    opened->pool = pool && n_pages > POOL_FROM ? page_pool_open(pool) : -1;
    opened->reuse = opened->pool >= 0 && may_reuse(opened);
    *publication = opened;
    return 0;
}

void publish_close(struct publication *publication)
{
    if (!publication)
        return;
    flusher_stop(&publication->flusher);
    for (size_t i = 0; i < publication->n_files; i++) {
        struct tmp_file *tmp = &publication->tmp_files[i];
        char name[NAME_MAX + 1];

        if (!tmp->name)
            continue;
        write_tmp_name(name, tmp->name);
        if (!tmp->in_pool)
            unlinkat(publication->dir->fd[tmp->folder], name, 0);
        free(tmp->name);
    }
    close_fd(&publication->pool);
    free(publication->tmp_files);
    free(publication);
}

void publish_abandon(struct publish_file *file)
{
    close_fd(&file->old);
    close_fd(&file->fd);
}

/* Sets the error from errno, and abandons the file. Returns -1. */
static int file_error(struct publish_file *file, struct error *error)
{
    error_errno(error, "%s/%s", file->publication->dir->path[file->folder], file->name);
    publish_abandon(file);
    return -1;
}

int publish_begin(struct publish_file *file, struct publication *publication, size_t number,
                  enum public_dir_folder folder, const char *name, struct error *error)
{
    int folder_fd = publication->dir->fd[folder];
    struct stat status = {0};
    int found;

    assert(number < publication->n_files && !publication->tmp_files[number].name);
    *file = (struct publish_file){
        .publication = publication, .folder = folder, .number = number, .name = name, .fd = -1};
    file->old = openat(folder_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file->old >= 0)
        found = fstat(file->old, &status);
    else if (errno == ENOENT)
        found = -1;
    else
        found = fstatat(folder_fd, name, &status, AT_SYMLINK_NOFOLLOW);
    file->replaces = found == 0;
    file->old_size = status.st_size;

    /* A folder of this name would make the rename fail when other files are already renamed. */
    if (file->replaces && S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return file_error(file, error);
    }
    if (!S_ISREG(status.st_mode))
        close_fd(&file->old);
    return 0;
}

/* Whether the next bytes of the published file are these. */
static bool is_unchanged(const struct publish_file *file, const char *bytes, size_t size)
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
static int copy_start(const struct publish_file *file)
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

/* Opens a page of the pool, or creates the temporary file. Returns 0, or -1 with errno. */
static int open_tmp_file(struct publish_file *file)
{
    const struct publication *publication = file->publication;
    struct tmp_file *tmp = &publication->tmp_files[file->number];
    char name[NAME_MAX + 1];

    /* Remembered before it is created, so that publish_close removes it. */
    *tmp = (struct tmp_file){strdup(file->name), file->folder, file->replaces, false};
    if (!tmp->name)
        return -1;
    if (publication->reuse && file->number < publication->n_pages)
        file->fd = page_pool_take(publication->pool, file->number, FILE_MODE, &file->page_size);
    tmp->in_pool = file->fd >= 0;
    if (tmp->in_pool)
        return 0;
    write_tmp_name(name, file->name);
    file->fd = openat(publication->dir->fd[file->folder], name,
                      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    return file->fd < 0 ? -1 : 0;
}

/* Begins the temporary file with the bytes added so far. Returns 0, or -1 with errno. */
static int begin_tmp_file(struct publish_file *file)
{
    if (open_tmp_file(file) || copy_start(file))
        return -1;
    close_fd(&file->old);
    return 0;
}

int publish_write(struct publish_file *file, const char *bytes, size_t size, struct error *error)
{
    if (file->fd < 0 && !is_unchanged(file, bytes, size) && begin_tmp_file(file))
        return file_error(file, error);
    if (file->fd >= 0 && file_write_at(file->fd, bytes, size, file->at))
        return file_error(file, error);
    file->at += (off_t)size;
    return 0;
}

int publish_end(struct publish_file *file, struct error *error)
{
    if (file->fd < 0) {
        if (file->old >= 0 && file->old_size == file->at) {
            close_fd(&file->old);
            return 0;
        }
        if (begin_tmp_file(file))
            return file_error(file, error);
    }
    if ((file->page_size > file->at && ftruncate(file->fd, file->at)) ||
        (file->publication->n_pages <= FSYNC_MAX && fsync(file->fd)) || close_fd(&file->fd))
        return file_error(file, error);
    return 0;
}

int publish_add(struct publication *publication, size_t number, enum public_dir_folder folder,
                const char *name, const char *bytes, size_t size, struct error *error)
{
    struct publish_file file;

    if (publish_begin(&file, publication, number, folder, name, error))
        return -1;

    /* A file of another size has changed, so it need not be read. */
    if (file.old_size != (off_t)size)
        close_fd(&file.old);
    return publish_write(&file, bytes, size, error) || publish_end(&file, error) ? -1 : 0;
}

void publish_sync_early(struct publication *publication)
{
    if (publication->n_pages > FSYNC_MAX)
        flusher_start(&publication->flusher, publication->dir->fd[PUBLIC_DIR_ROOT]);
}

/* Flushes the files that publish_end did not: with one call for all folders on one disk. The pool
 * is on the disk of the folders, or none of its pages is used. */
static int sync_tmp_files(const struct publication *publication, struct error *error)
{
    dev_t device[PUBLIC_DIR_FOLDERS];
    struct stat status;

    if (publication->n_pages <= FSYNC_MAX)
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
static int rename_tmp_file(const struct publication *publication, size_t number)
{
    const struct tmp_file *tmp = &publication->tmp_files[number];
    int fd = publication->dir->fd[tmp->folder], pool = publication->pool;
    char tmp_name[NAME_MAX + 1];

    if (tmp->in_pool)
        return page_pool_publish(pool, number, fd, tmp->name, tmp->replaces);
    write_tmp_name(tmp_name, tmp->name);
    if (tmp->replaces && number < publication->n_pages &&
        page_pool_swap(pool, number, fd, tmp_name, tmp->name) == 0)
        return 0;
    return renameat(fd, tmp_name, fd, tmp->name);
}

static bool has_tmp_files(const struct publication *publication)
{
    for (size_t i = 0; i < publication->n_files; i++) {
        if (publication->tmp_files[i].name)
            return true;
    }
    return false;
}

int publish_commit(struct publication *publication, struct error *error)
{
    if (has_tmp_files(publication) && sync_tmp_files(publication, error))
        return -1;
    if (flusher_stop(&publication->flusher))
        return error_errno(error, "%s", publication->dir->path[PUBLIC_DIR_ROOT]);
    for (size_t i = publication->n_files; i-- > 0;) {
        struct tmp_file *tmp = &publication->tmp_files[i];

        if (!tmp->name)
            continue;
        if (rename_tmp_file(publication, i))
            return error_errno(error, "%s/%s", publication->dir->path[tmp->folder], tmp->name);
        free(tmp->name);
        tmp->name = NULL;
    }
    page_pool_trim(publication->pool, publication->n_pages);
    return 0;
}
