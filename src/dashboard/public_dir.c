/* Opens the folders of a dashboard and removes files that are no longer wanted. */
#include "dashboard/public_dir.h"

#include "base/file.h"
#include "base/text.h"

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

static int prune_folder(const struct public_dir *dir, enum public_dir_folder folder,
                        public_dir_signature *signature_of, const void *context,
                        struct error *error)
{
    /* Opened again, so that the listing does not move the position of the first descriptor. */
    int fd = dir->fd[folder], list_fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = list_fd < 0 ? NULL : fdopendir(list_fd);
    const struct dirent *entry;
    int result = 0;

    if (!list) {
        error_errno(error, "%s", dir->path[folder]);
        if (list_fd >= 0)
            close(list_fd);
        return -1;
    }
    while (!result && (entry = readdir(list))) {
        const char *signature = signature_of(context, folder, entry->d_name);

        if (!signature || (*signature && !has_signature(fd, entry->d_name, signature)))
            continue;
        if (unlinkat(fd, entry->d_name, 0) && errno != ENOENT && errno != EISDIR)
            result = error_errno(error, "%s/%s", dir->path[folder], entry->d_name);
    }
    closedir(list);
    return result;
}

/* For the temporary files of a killed build: ".NAME.uptick". */
static const char *signature_of_tmp_file(const void *context, enum public_dir_folder folder,
                                         const char *name)
{
    (void)context, (void)folder;
    return name[0] == '.' && text_ends_with(name + 1, ".uptick") ? "" : NULL;
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
        if (prune_folder(dir, (enum public_dir_folder)i, signature_of_tmp_file, NULL, error))
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

int public_dir_prune(const struct public_dir *dir, public_dir_signature *signature_of,
                     const void *context, struct error *error)
{
    for (int i = PUBLIC_DIR_ROOT + 1; i < PUBLIC_DIR_FOLDERS; i++) {
        if (prune_folder(dir, (enum public_dir_folder)i, signature_of, context, error))
            return -1;
    }
    return 0;
}
