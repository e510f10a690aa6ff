#include "dashboard/public_dir.h"

#include "base/file.h"
#include "dashboard/sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FOLDER_MODE = 0755 };

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

static int open_root(struct public_dir *folders, struct error *error)
{
    const char *path = folders->path[PUBLIC_DIR_ROOT];

    if (file_make_folder(path, FOLDER_MODE, error))
        return -1;
    folders->fd[PUBLIC_DIR_ROOT] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folders->fd[PUBLIC_DIR_ROOT] < 0 ? error_errno(error, "%s", path) : 0;
}

static int open_below(struct public_dir *folders, int folder, struct error *error)
{
    int fd = file_open_folder(folders->fd[PUBLIC_DIR_ROOT], public_dir_names[folder], FOLDER_MODE);

    folders->fd[folder] = fd;
    if (fd >= 0)
        return 0;
    if (errno == ENOTDIR || errno == ELOOP)
        return error_set(error, EXIT_IO, "%s: must be a folder, and no symbolic link to one",
                         folders->path[folder]);
    return error_errno(error, "%s", folders->path[folder]);
}

int public_dir_open(struct public_dir *folders, const char *root, struct error *error)
{
    for (int i = 0; i < PUBLIC_DIR_FOLDERS; i++) {
        folders->path[i] = NULL;
        folders->fd[i] = -1;
    }
    for (int i = 0; i < PUBLIC_DIR_FOLDERS; i++) {
        folders->path[i] = path_below(root, public_dir_names[i]);
        if (!folders->path[i])
            return error_set(error, EXIT_IO, "%s: out of memory", root);
        if (i == PUBLIC_DIR_ROOT ? open_root(folders, error) : open_below(folders, i, error))
            return -1;
    }
    for (int i = 0; i < PUBLIC_DIR_FOLDERS; i++) {
        if (sweep_leftovers(folders->fd[i], folders->path[i], error))
            return -1;
    }
    return 0;
}

void public_dir_close(struct public_dir *folders)
{
    for (int i = 0; i < PUBLIC_DIR_FOLDERS; i++) {
        if (folders->fd[i] >= 0)
            close(folders->fd[i]);
        free(folders->path[i]);
    }
}
