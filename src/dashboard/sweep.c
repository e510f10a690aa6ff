#include "dashboard/sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum { MARK_WITHIN = 1024 /* bytes of the front of a page */ };

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), end_size = strlen(end);

    return size > end_size && strcmp(text + size - end_size, end) == 0;
}

/* Opens a folder to be listed; the listing has a place of its own in it. */
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

int sweep_leftovers(int folder, const char *shown, struct error *error)
{
    DIR *list = list_folder(folder, shown, error);
    const struct dirent *entry;
    int result = 0;

    if (!list)
        return -1;
    while (!result && (entry = readdir(list))) {
        if (entry->d_name[0] != '.' || !ends_with(entry->d_name, ".uptick"))
            continue;
        if (unlinkat(folder, entry->d_name, 0) && errno != ENOENT && errno != EISDIR)
            result = error_errno(error, "%s/%s", shown, entry->d_name);
    }
    closedir(list);
    return result;
}

static bool bears_mark(int folder, const char *name, const char *mark)
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    char front[MARK_WITHIN + 1] = "";
    ssize_t n;

    if (fd < 0)
        return false;
    n = read(fd, front, MARK_WITHIN);
    close(fd);
    return n > 0 && strstr(front, mark) != NULL;
}

int sweep_pages(int folder, const char *shown,
                const char *(*mark_of)(void *context, const char *name), void *context,
                struct error *error)
{
    DIR *list = list_folder(folder, shown, error);
    const struct dirent *entry;
    int result = 0;

    if (!list)
        return -1;
    while (!result && (entry = readdir(list))) {
        const char *mark = mark_of(context, entry->d_name);

        if (!mark || !bears_mark(folder, entry->d_name, mark))
            continue;
        if (unlinkat(folder, entry->d_name, 0) && errno != ENOENT)
            result = error_errno(error, "%s/%s", shown, entry->d_name);
    }
    closedir(list);
    return result;
}
