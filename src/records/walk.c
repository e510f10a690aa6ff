/* Goes through the folders below data_dir. */
#include "records/walk.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/memory.h"
#include "model/event.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static DIR *open_listing(int folder_fd, const char *path)
{
    int fd = openat(folder_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *listing = fd < 0 ? NULL : fdopendir(fd);

    if (fd >= 0 && !listing)
        close(fd);
    return listing;
}

/* Whether open_listing failed because something else, or nothing, has the name of the folder. */
static bool is_no_folder(int os)
{
    return os == ENOENT || os == ENOTDIR || os == ELOOP;
}

/* The next name, apart from "." and "..". NULL with errno; at the end of the folder, errno is 0. */
static const char *next_name(DIR *listing)
{
    struct dirent *entry;

    do {
        errno = 0;
        entry = readdir(listing);
    } while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
    return entry ? entry->d_name : NULL;
}

int walk_names(int parent_fd, const char *path, walk_name *each, void *context)
{
    DIR *listing = open_listing(parent_fd, path);
    const char *name;
    int result = 0;

    if (!listing)
        return -1;
    while (result == 0 && (name = next_name(listing)) != NULL)
        result = each(context, dirfd(listing), name);
    if (errno)
        result = -1;
    closedir(listing);
    return result;
}

/* How the name of a record ends. Only an archive has compressed ones. */
static const char *const endings[] = {".log", ".log.gz", ".log.zst"};
enum { ENDINGS = sizeof endings / sizeof endings[0] };

/* Whether this is the name of a record; sets the domain and the number of the ending. */
static bool is_record(const char *name, char domain[TEXT_ID_MAX + 1], size_t *ending)
{
    size_t length = strlen(name);

    for (*ending = 0; *ending < ENDINGS; (*ending)++) {
        size_t size = strlen(endings[*ending]);

        if (length <= size || strcmp(name + length - size, endings[*ending]) != 0 ||
            !text_is_id(name, length - size))
            continue;
        memcpy(domain, name, length - size);
        domain[length - size] = '\0';
        return true;
    }
    return false;
}

/* Whether the domain also has a file with an earlier ending; it is visited for that one. */
static bool has_earlier(int folder_fd, const char *domain, size_t ending)
{
    struct stat status;

    for (size_t i = 0; i < ending; i++) {
        char name[TEXT_ID_MAX + 17];

        stpcpy(stpcpy(name, domain), endings[i]);
        if (fstatat(folder_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0)
            return true;
    }
    return false;
}

struct walk {
    const struct journal *journal;
    int64_t day;
    walk_visit *visit;
    void *context;
    struct error *error;
    char folder[CALL_PATH_MAX]; /* the one being listed */
    struct monitor_id monitor;
};

/* Calls each, with the walk, for every name in walk->folder, which is `name` below parent_fd. */
static int list_folder(struct walk *walk, int parent_fd, const char *name, walk_name *each)
{
    const char *data_dir = walk->journal->config->data_dir, *entry;
    DIR *listing = open_listing(parent_fd, name);
    bool is_site = parent_fd != walk->journal->data_fd;
    int result = 0;

    /* A missing folder of a site was there a moment ago: that is an error. */
    if (!listing && is_no_folder(errno) && !(is_site && errno == ENOENT))
        return 0;
    if (!listing) {
        error_errno(walk->error, "%s/%s", data_dir, walk->folder);
        return walk->visit(walk->context, NULL, walk->error);
    }
    while (result == 0 && (entry = next_name(listing)) != NULL)
        result = each(walk, dirfd(listing), entry);
    if (result == 0 && errno)
        result = error_errno(walk->error, "%s/%s", data_dir, walk->folder);
    closedir(listing);
    return result;
}

static int visit_file(void *context, int folder_fd, const char *name)
{
    struct walk *walk = context;
    struct monitor_id *monitor = &walk->monitor;
    size_t ending;

    if (!is_record(name, monitor->domain, &ending) ||
        (ending > 0 &&
         (walk->day == RECORD_LIVE || has_earlier(folder_fd, monitor->domain, ending))))
        return 0;
    return walk->visit(walk->context, monitor, walk->error);
}

static int visit_site(void *context, int folder_fd, const char *name)
{
    struct walk *walk = context;
    char *end = strchr(walk->folder, '\0');
    int result;

    if (!text_is_id(name, strlen(name)) || strcmp(name, EVENT_LOG_NAME) == 0)
        return 0;
    strcpy(walk->monitor.site, name);
    stpcpy(stpcpy(end, "/"), name);
    result = list_folder(walk, folder_fd, name, visit_file);
    *end = '\0';
    return result;
}

int walk_records(const struct journal *journal, int64_t day, walk_visit *visit, void *context,
                 struct error *error)
{
    struct walk walk = {
        .journal = journal, .day = day, .visit = visit, .context = context, .error = error};

    record_name_folder(day, walk.folder);
    return list_folder(&walk, journal->data_fd, walk.folder, visit_site);
}

int walk_list_add(struct walk_list *list, int64_t item)
{
    int64_t *grown = memory_grow(list->items, &list->capacity, list->n + 1, sizeof *grown);

    if (!grown)
        return -1;
    list->items = grown;
    list->items[list->n++] = item;
    return 0;
}

static int compare_items(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

void walk_list_sort(struct walk_list *list)
{
    if (list->n)
        qsort(list->items, list->n, sizeof *list->items, compare_items);
}

/* Adds the day if this is the name of a day's folder. Returns 0, or -1 with errno. */
static int add_day(void *context, int folder_fd, const char *name)
{
    struct stat status;
    int64_t day;

    if (clock_read_day(name, strlen(name), &day))
        return 0;
    if (fstatat(folder_fd, name, &status, AT_SYMLINK_NOFOLLOW))
        return errno == ENOENT ? 0 : -1;
    return S_ISDIR(status.st_mode) ? walk_list_add(context, day) : 0;
}

int walk_days(const struct journal *journal, int64_t **days, size_t *n, struct error *error)
{
    struct walk_list found = {.items = NULL};
    int result = walk_names(journal->data_fd, "archive", add_day, &found);

    if (result)
        result =
            is_no_folder(errno) ? 0 : error_errno(error, "%s/archive", journal->config->data_dir);
    walk_list_sort(&found);
    *days = found.items;
    *n = found.n;
    return result;
}

/* Ends the walk, because one record is enough. */
static int visit_first(void *context, const struct monitor_id *monitor, struct error *error)
{
    (void)error;
    *(bool *)context = monitor != NULL;
    return monitor ? 1 : -1;
}

int walk_has_records(const struct journal *journal, int64_t day, bool *has, struct error *error)
{
    *has = false;
    return walk_records(journal, day, visit_first, has, error) < 0 ? -1 : 0;
}

int walk_delete(void *context, int folder_fd, const char *name)
{
    if (interrupt_is_urgent()) {
        errno = EINTR;
        return -1;
    }
    if (unlinkat(folder_fd, name, 0) == 0 || errno == ENOENT)
        return 0;
    if ((errno != EISDIR && errno != EPERM) || walk_names(folder_fd, name, walk_delete, context))
        return -1;
    return unlinkat(folder_fd, name, AT_REMOVEDIR);
}
