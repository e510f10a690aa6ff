/* Opens the folders of a dashboard and removes files that are no longer wanted. */
#include "dashboard/public_dir.h"

#include "base/file.h"
#include "base/text.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FOLDER_MODE = 0755, SIGNATURE_WITHIN = 1024 /* bytes at the start of a file */ };

const char *const public_dir_names[PUBLIC_DIR_FOLDERS] = {
    [PUBLIC_DIR_ROOT] = "",
    [PUBLIC_DIR_SITE] = "site",
    [PUBLIC_DIR_BADGE] = "badge",
};

static char *path_below(const char *root, const char *name)
{
    size_t size = strlen(root) + strlen(name) + 2;
    char *path = malloc(size);

    if (path)
        snprintf(path, size, "%s%s%s", root, *name ? "/" : "", name);
    return path;
}

static int open_root(struct public_dir *dir, struct error *error)
{
    const char *path = dir->path[PUBLIC_DIR_ROOT];

    if (file_make_folder(path, FOLDER_MODE, error))
        return -1;
    dir->fd[PUBLIC_DIR_ROOT] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return dir->fd[PUBLIC_DIR_ROOT] < 0 ? error_errno(error, "%s", path) : 0;
}

static int open_below(struct public_dir *dir, int folder, struct error *error)
{
    int fd = file_open_folder(dir->fd[PUBLIC_DIR_ROOT], public_dir_names[folder], FOLDER_MODE);

    dir->fd[folder] = fd;
    if (fd >= 0)
        return 0;
    if (errno == ENOTDIR || errno == ELOOP)
        return error_set(error, EXIT_IO, "%s: must be a folder, not a symbolic link",
                         dir->path[folder]);
    return error_errno(error, "%s", dir->path[folder]);
}

/* Opens a folder again, so that listing it does not move the position of its descriptor. */
static DIR *list_folder(int folder, const char *shown, struct error *error)
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);

    if (!list) {
        error_errno(error, "%s", shown);
        if (fd >= 0)
            close(fd);
    }
    return list;
}

/* Removes what a killed build left: ".NAME.uptick". */
static int remove_tmp_files(int folder, const char *shown, struct error *error)
{
    DIR *list = list_folder(folder, shown, error);
    const struct dirent *entry;
    int result = 0;

    if (!list)
        return -1;
    while (!result && (entry = readdir(list))) {
        if (entry->d_name[0] != '.' || !text_ends_with(entry->d_name + 1, ".uptick"))
            continue;
        if (unlinkat(folder, entry->d_name, 0) && errno != ENOENT && errno != EISDIR)
            result = error_errno(error, "%s/%s", shown, entry->d_name);
    }
    closedir(list);
    return result;
}

int public_dir_open(struct public_dir *dir, const char *root, struct error *error)
{
    for (int i = 0; i < PUBLIC_DIR_FOLDERS; i++) {
        dir->path[i] = NULL;
        dir->fd[i] = -1;
    }
    for (int i = 0; i < PUBLIC_DIR_FOLDERS; i++) {
        dir->path[i] = path_below(root, public_dir_names[i]);
        if (!dir->path[i])
            return error_set(error, EXIT_IO, "%s: out of memory", root);
        if (i == PUBLIC_DIR_ROOT ? open_root(dir, error) : open_below(dir, i, error))
            return -1;
    }
    for (int i = 0; i < PUBLIC_DIR_FOLDERS; i++) {
        if (remove_tmp_files(dir->fd[i], dir->path[i], error))
            return -1;
    }
    return 0;
}

void public_dir_close(struct public_dir *dir)
{
    for (int i = 0; i < PUBLIC_DIR_FOLDERS; i++) {
        if (dir->fd[i] >= 0)
            close(dir->fd[i]);
        free(dir->path[i]);
    }
}

static bool has_signature(int folder, const char *name, const char *signature)
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    char front[SIGNATURE_WITHIN + 1] = "";
    ssize_t n;

    if (fd < 0)
        return false;
    n = read(fd, front, SIGNATURE_WITHIN);
    close(fd);
    return n > 0 && strstr(front, signature) != NULL;
}

int public_dir_prune(const struct public_dir *dir, enum public_dir_folder folder,
                     const char *(*signature_of)(void *context, const char *name), void *context,
                     struct error *error)
{
    int fd = dir->fd[folder];
    DIR *list = list_folder(fd, dir->path[folder], error);
    const struct dirent *entry;
    int result = 0;

    assert(folder != PUBLIC_DIR_ROOT);
    if (!list)
        return -1;
    while (!result && (entry = readdir(list))) {
        const char *signature = signature_of(context, entry->d_name);

        if (!signature || !has_signature(fd, entry->d_name, signature))
            continue;
        if (unlinkat(fd, entry->d_name, 0) && errno != ENOENT)
            result = error_errno(error, "%s/%s", dir->path[folder], entry->d_name);
    }
    closedir(list);
    return result;
}
