/* Records the program's file calls (calls.h) on a modelled disk. */
#define _GNU_SOURCE
#include "disk_recording.h"
#include "cmocka_all.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The path below the world's folder; "" is that folder. */
static const char *below(const struct disk_recording *recording, const char *path)
{
    size_t length = strlen(recording->world->folder);

    return path + length + (path[length] == '/');
}

/* Only the files in "data" and "public" are modelled. */
static bool is_modelled(const char *path)
{
    return strncmp(path, "data", 4) == 0 || strncmp(path, "public", 6) == 0;
}

static int inode_of(struct disk_recording *recording, const struct call *call)
{
    int inode = disk_image_find(&recording->disk.now, below(recording, call->path));

    if (inode == DISK_NONE)
        fail_msg("%s of %s, which is not in the model", call->name, call->path);
    return inode;
}

static mode_t permitted(uint64_t mode)
{
    mode_t mask = umask(0);

    umask(mask);
    return (mode_t)mode & ~mask & 07777;
}

static void open_file(struct disk_recording *recording, const struct call *call)
{
    int first = strcmp(call->name, "openat") == 0 ? 2 : 1;
    const char *path = below(recording, call->path);
    uint64_t flags = call->args[first];
    int inode = disk_image_find(&recording->disk.now, path);

    if (inode == DISK_NONE && flags & O_CREAT)
        disk_make(&recording->disk, path, false, permitted(call->args[first + 1]));
    else if (inode != DISK_NONE && flags & O_TRUNC && !(flags & O_EXCL))
        disk_set_length(&recording->disk, inode, 0);
}

static void write_file(struct disk_recording *recording, const struct call *call)
{
    size_t size = (size_t)call->args[2];
    char *bytes = malloc(size + 1);

    if (!bytes || calls_peek(call, call->args[1], bytes, size))
        fail_msg("%s of %s: its bytes cannot be read", call->name, call->path);
    disk_write(&recording->disk, inode_of(recording, call), calls_offset(call), bytes, size);
    free(bytes);
}

static void set_length(struct disk_recording *recording, const struct call *call)
{
    disk_set_length(&recording->disk, inode_of(recording, call), (int64_t)call->args[1]);
}

/* Extends a file; with FALLOC_FL_KEEP_SIZE and similar flags nothing visible changes. */
static void allocate(struct disk_recording *recording, const struct call *call)
{
    int inode = inode_of(recording, call);
    int64_t end = (int64_t)(call->args[2] + call->args[3]);

    if (call->args[1] == 0 && end > (int64_t)recording->disk.now.inodes[inode].size)
        disk_set_length(&recording->disk, inode, end);
}

static void add_synced_folder(struct disk_recording *recording)
{
    recording->synced = recording->ended;
    recording->ended = false;
}

static void sync_one(struct disk_recording *recording, const struct call *call)
{
    int inode = inode_of(recording, call);

    disk_sync(&recording->disk, inode);
    if (strcmp(below(recording, call->path), "data") == 0)
        add_synced_folder(recording);
}

static void sync_all(struct disk_recording *recording, const struct call *call)
{
    struct disk_image *now = &recording->disk.now;
    int inode = inode_of(recording, call), data = disk_image_find(now, "data");

    disk_sync_all(&recording->disk, inode);
    if (data != DISK_NONE && now->inodes[inode].device == now->inodes[data].device)
        add_synced_folder(recording);
}

static bool is_folder_call(const struct call *call)
{
    return strcmp(call->name, "rmdir") == 0 ||
           (strcmp(call->name, "unlinkat") == 0 && call->args[2] & AT_REMOVEDIR);
}

static void remove_name(struct disk_recording *recording, const struct call *call)
{
    const char *path = below(recording, call->path);

    disk_remove(&recording->disk, path, is_folder_call(call));

    /* A rebuild changes the records before it replaces the state, so until then the old state does
     * not show what is committed. */
    if (strcmp(path, "data/state.db-journal") == 0 &&
        disk_image_find(&recording->disk.now, "data/state.db.new") == DISK_NONE)
        recording->ended = true;
}

static bool is_page(const char *path)
{
    const char *slash = strrchr(path, '/');

    return strncmp(path, "public/", 7) == 0 && slash[1] != '.';
}

static void add_page(void *context, const char *path, int inode)
{
    struct disk_recording *recording = context;
    size_t n = recording->n_pages;

    if (!is_page(path) || recording->disk.now.inodes[inode].folder)
        return;
    if ((n & (n - 1)) == 0)
        recording->pages = realloc(recording->pages, (n ? 2 * n : 1) * sizeof *recording->pages);
    if (!recording->pages)
        fail_msg("out of memory");
    recording->pages[recording->n_pages++] =
        (struct disk_page){strdup(path), disk_image_hash_file(&recording->disk.now, inode)};
}

static void rename_one(struct disk_recording *recording, const struct call *call)
{
    uint64_t flags = strcmp(call->name, "renameat2") == 0 ? call->args[4] : 0;
    const char *path = below(recording, call->path), *to = below(recording, call->to);

    disk_rename(&recording->disk, path, to, flags & RENAME_EXCHANGE);
    recording->ended = recording->ended || strcmp(to, "data/state.db") == 0;
    if (disk_image_find(&recording->disk.now, to) != DISK_NONE)
        add_page(recording, to, disk_image_find(&recording->disk.now, to));
}

static void link_one(struct disk_recording *recording, const struct call *call)
{
    disk_link(&recording->disk, below(recording, call->path), below(recording, call->to));
}

static void make_folder(struct disk_recording *recording, const struct call *call)
{
    const char *path = below(recording, call->path);
    uint64_t mode = call->args[strcmp(call->name, "mkdirat") == 0 ? 2 : 1];

    if (disk_image_find(&recording->disk.now, path) == DISK_NONE)
        disk_make(&recording->disk, path, true, permitted(mode));
}

static void pass(struct disk_recording *recording, const struct call *call)
{
    (void)recording;
    (void)call;
}

/* A call that is not listed here is one that the model does not know. */
static const struct {
    const char *name;
    void (*record)(struct disk_recording *recording, const struct call *call);
} records[] = {
    {"open", open_file},       {"openat", open_file},     {"write", write_file},
    {"pwrite64", write_file},  {"ftruncate", set_length}, {"fallocate", allocate},
    {"fsync", sync_one},       {"fdatasync", sync_one},   {"syncfs", sync_all},
    {"sync_file_range", pass}, /* it promises nothing */
    {"rename", rename_one},    {"renameat", rename_one},  {"renameat2", rename_one},
    {"link", link_one},        {"linkat", link_one},      {"unlink", remove_name},
    {"unlinkat", remove_name}, {"rmdir", remove_name},    {"mkdir", make_folder},
    {"mkdirat", make_folder},  {"fchmod", pass},          {"fchown", pass},
};

static void add_commit(struct disk_recording *recording, struct account rows)
{
    size_t n = recording->n_commits + 1;

    recording->commits = realloc(recording->commits, n * sizeof *recording->commits);
    if (!recording->commits)
        fail_msg("out of memory");
    recording->commits[recording->n_commits++] =
        (struct disk_commit){recording->disk.n_operations, rows};
    recording->synced = false;
}

static struct judgement record(void *context, const struct call *call)
{
    struct disk_recording *recording = context;

    /* The program is held and has done everything that was recorded, so its files can be read. */
    if (recording->synced)
        add_commit(recording, account_of_committed(recording->world));
    if (++recording->seen == recording->kill_at)
        return (struct judgement){CALL_KILL, 0};
    if (*below(recording, call->path) && !is_modelled(below(recording, call->path)))
        return (struct judgement){CALL_LET, 0};
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
        if (strcmp(records[i].name, call->name) != 0)
            continue;
        records[i].record(recording, call);
        return (struct judgement){CALL_LET, 0};
    }
    fail_msg("the model does not know %s", call->name);
    return (struct judgement){CALL_LET, 0};
}

void disk_recording_begin(struct disk_recording *recording, struct e2e *world)
{
    *recording = (struct disk_recording){.world = world};
    disk_begin(&recording->disk, disk_image_load(world->folder));
    disk_image_walk(&recording->disk.start, add_page, recording);
    if (e2e_exists(world, "data"))
        add_commit(recording, account_of_files(world));
    else
        add_commit(recording, (struct account){NULL, 0, 0});
}

void disk_recording_free(struct disk_recording *recording)
{
    disk_free(&recording->disk);
    for (size_t i = 0; i < recording->n_commits; i++)
        account_free(&recording->commits[i].rows);
    free(recording->commits);
    for (size_t i = 0; i < recording->n_pages; i++)
        free(recording->pages[i].path);
    free(recording->pages);
}

void disk_record(struct disk_recording *recording, const char *clock, const char *command,
                 long kill_at)
{
    struct e2e *world = recording->world;
    struct calls calls = {
        .below = world->folder, .judge = record, .context = recording, .listener = -1};
    struct disk_image real;

    recording->seen = 0;
    recording->kill_at = kill_at;
    world->clock = clock;
    world->calls = &calls;
    e2e_uptick(world, command, NULL);
    world->calls = NULL;
    e2e_check(kill_at ? world->last.signal == SIGKILL : world->last.status == 0,
              "%s: exit status %d, signal %d", command, world->last.status, world->last.signal);
    if (recording->synced)
        add_commit(recording, account_of_committed(world));
    real = disk_image_load(world->folder);
    e2e_check(disk_image_hash(&real) == disk_image_hash(&recording->disk.now),
              "the files differ from the model");
    disk_image_free(&real);
}

const struct account *disk_committed(const struct disk_recording *recording, size_t operations)
{
    size_t i = recording->n_commits;

    while (i > 1 && recording->commits[i - 1].operation > operations)
        i--;
    return &recording->commits[i - 1].rows;
}

/* A disk as its readers see it. */
struct view {
    const struct disk_recording *recording;
    const struct disk_image *image;
};

static void check_page(void *context, const char *path, int inode)
{
    const struct view *view = context;
    uint64_t hash = disk_image_hash_file(view->image, inode);

    if (!is_page(path) || view->image->inodes[inode].folder)
        return;
    for (size_t i = 0; i < view->recording->n_pages; i++) {
        const struct disk_page *page = &view->recording->pages[i];

        if (page->hash == hash && strcmp(page->path, path) == 0)
            return;
    }
    fail_msg("a reader sees an incomplete page: %s", path);
}

static void check_presence(void *context, const char *path, int inode)
{
    const struct view *view = context;

    (void)inode;
    e2e_check(!is_page(path) || disk_image_find(view->image, path) != DISK_NONE,
              "a reader misses a page: %s", path);
}

void disk_check_readers(const struct disk_recording *recording, const struct disk_image *image)
{
    struct view view = {recording, image};

    disk_image_walk(image, check_page, &view);
    disk_image_walk(&recording->disk.start, check_presence, &view);
}
