/* The operations on a disk, and what a power cut leaves of them. */
#define _GNU_SOURCE
#include "disk_model.h"
#include "cmocka_all.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void disk_begin(struct disk *disk, struct disk_image start)
{
    *disk = (struct disk){.start = start, .now = disk_image_copy(&start)};
}

void disk_free(struct disk *disk)
{
    for (size_t i = 0; i < disk->n_operations; i++) {
        free(disk->operations[i].bytes);
        for (int j = 0; j < disk->operations[i].n_names; j++)
            free(disk->operations[i].names[j].name);
    }
    free(disk->operations);
    disk_image_free(&disk->start);
    disk_image_free(&disk->now);
    *disk = (struct disk){.n_operations = 0};
}

/* The bytes [from, to) of a write. */
static void write_part(struct disk_image *image, const struct disk_operation *operation,
                       size_t from, size_t to)
{
    disk_image_write(image, operation->inode, operation->offset + (int64_t)from,
                     operation->bytes + from, to - from);
}

/* Pieces are aligned like pages, at multiples of their size. */
static void write_pieces(struct disk_image *image, const struct disk_operation *operation,
                         size_t size, unsigned long seed)
{
    for (size_t from = 0, to; from < operation->size; from = to) {
        to = from + size - ((size_t)operation->offset + from) % size;
        if (to > operation->size)
            to = operation->size;
        seed = seed * 6364136223846793005 + 1442695040888963407;
        if (seed >> 63)
            write_part(image, operation, from, to);
    }
}

static void write_as(struct disk_image *image, const struct disk_operation *operation,
                     const struct disk_fate *fate)
{
    switch (fate->how) {
    case DISK_LOST:
        return;
    case DISK_DONE:
        write_part(image, operation, 0, operation->size);
        return;
    case DISK_CUT:
        write_part(image, operation, 0,
                   fate->size < operation->size ? fate->size : operation->size);
        return;
    case DISK_PIECES:
        write_pieces(image, operation, fate->size, fate->seed);
        return;
    case DISK_ZEROED:
        disk_image_write(image, operation->inode, operation->offset, NULL, operation->size);
        return;
    }
}

static void apply(struct disk_image *image, const struct disk_operation *operation,
                  const struct disk_fate *fate)
{
    switch (operation->kind) {
    case DISK_WRITE:
        write_as(image, operation, fate);
        return;
    case DISK_LENGTH:
        if (fate->how != DISK_LOST)
            disk_image_set_length(image, operation->inode, operation->offset);
        return;
    case DISK_NAMES:
        for (int i = 0; i < operation->n_names && fate->how != DISK_LOST; i++)
            disk_image_name(image, operation->names[i].folder, operation->names[i].name,
                            operation->names[i].inode);
        return;
    case DISK_SYNC:
    case DISK_SYNC_ALL:
        return;
    }
}

static void add_operation(struct disk *disk, struct disk_operation operation)
{
    static const struct disk_fate done = {.how = DISK_DONE};
    size_t n = disk->n_operations;

    if ((n & (n - 1)) == 0)
        disk->operations = realloc(disk->operations, (n ? 2 * n : 1) * sizeof operation);
    if (!disk->operations)
        fail_msg("out of memory");
    disk->operations[disk->n_operations++] = operation;
    apply(&disk->now, &operation, &done);
}

void disk_write(struct disk *disk, int inode, int64_t offset, const char *bytes, size_t size)
{
    char *copy = malloc(size + 1);

    if (!copy)
        fail_msg("out of memory");
    memcpy(copy, bytes, size);
    add_operation(
        disk,
        (struct disk_operation){
            .kind = DISK_WRITE, .inode = inode, .offset = offset, .bytes = copy, .size = size});
}

void disk_set_length(struct disk *disk, int inode, int64_t length)
{
    add_operation(disk,
                  (struct disk_operation){.kind = DISK_LENGTH, .inode = inode, .offset = length});
}

void disk_sync(struct disk *disk, int inode)
{
    add_operation(disk, (struct disk_operation){.kind = DISK_SYNC, .inode = inode});
}

void disk_sync_all(struct disk *disk, int inode)
{
    add_operation(disk, (struct disk_operation){.kind = DISK_SYNC_ALL, .inode = inode});
}

/* Splits a path into folder and name, which leads to this inode. Returns false if the folder does
 * not exist. */
static bool name_of(const struct disk *disk, const char *path, int inode, struct disk_name *name)
{
    const char *slash = strrchr(path, '/');
    char above[PATH_MAX];

    snprintf(above, sizeof above, "%.*s", slash ? (int)(slash - path) : 0, path);
    *name = (struct disk_name){.folder = disk_image_find(&disk->now, above), .inode = inode};
    if (name->folder == DISK_NONE)
        return false;
    name->name = strdup(slash ? slash + 1 : path);
    if (!name->name)
        fail_msg("out of memory");
    return true;
}

static void add_name_change(struct disk *disk, const char *path, int inode, const char *to,
                            int to_inode)
{
    struct disk_operation operation = {.kind = DISK_NAMES, .inode = DISK_NONE};

    if (path)
        operation.n_names += name_of(disk, path, inode, &operation.names[0]);
    if (to)
        operation.n_names += name_of(disk, to, to_inode, &operation.names[operation.n_names]);
    add_operation(disk, operation);
}

/* A new file is on the file system of its folder. */
static dev_t device_above(const struct disk *disk, const char *path)
{
    const char *slash = strrchr(path, '/');
    char above[PATH_MAX];
    int folder;

    snprintf(above, sizeof above, "%.*s", slash ? (int)(slash - path) : 0, path);
    folder = disk_image_find(&disk->now, above);
    return folder == DISK_NONE ? 0 : disk->now.inodes[folder].device;
}

int disk_make(struct disk *disk, const char *path, bool folder, mode_t mode)
{
    int inode = disk_image_add(&disk->now, folder, mode);

    disk_image_add(&disk->start, folder, mode);
    disk->now.inodes[inode].device = device_above(disk, path);
    add_name_change(disk, path, inode, NULL, DISK_NONE);
    return inode;
}

static bool is_empty(const struct disk_image *image, int folder)
{
    for (size_t i = 0; i < image->n_names; i++) {
        if (image->names[i].folder == folder)
            return false;
    }
    return true;
}

void disk_remove(struct disk *disk, const char *path, bool folder)
{
    int inode = disk_image_find(&disk->now, path);

    if (inode != DISK_NONE && disk->now.inodes[inode].folder == folder &&
        (!folder || is_empty(&disk->now, inode)))
        add_name_change(disk, path, DISK_NONE, NULL, DISK_NONE);
}

void disk_link(struct disk *disk, const char *path, const char *to)
{
    int inode = disk_image_find(&disk->now, path);

    if (inode != DISK_NONE && disk_image_find(&disk->now, to) == DISK_NONE)
        add_name_change(disk, NULL, DISK_NONE, to, inode);
}

void disk_rename(struct disk *disk, const char *path, const char *to, bool exchange)
{
    int inode = disk_image_find(&disk->now, path), other = disk_image_find(&disk->now, to);

    if (inode != DISK_NONE && (!exchange || other != DISK_NONE))
        add_name_change(disk, path, exchange ? other : DISK_NONE, to, inode);
}

/* Whether an operation changes names in one of the marked folders. */
static bool touches(const struct disk_operation *operation, const bool *marked)
{
    for (int i = 0; i < operation->n_names; i++) {
        if (marked[operation->names[i].folder])
            return true;
    }
    return false;
}

static void sample(const struct disk_operation *operation, bool *marked)
{
    for (int i = 0; i < operation->n_names; i++)
        marked[operation->names[i].folder] = true;
}

/* The file systems that were synced as a whole. */
struct synced_devices {
    dev_t devices[8];
    int n;
};

static bool is_on(const struct disk *disk, const struct synced_devices *synced,
                  const struct disk_operation *operation)
{
    int inode = operation->n_names ? operation->names[0].folder : operation->inode;

    for (int i = 0; i < synced->n; i++) {
        if (synced->devices[i] == disk->now.inodes[inode].device)
            return true;
    }
    return false;
}

/* From the last to the first: a sync covers everything before it. */
void disk_do_durable(const struct disk *disk, size_t cut, struct disk_fate *fates)
{
    bool *synced = calloc((size_t)disk->now.n_inodes, sizeof *synced);
    struct synced_devices all = {.n = 0};

    if (!synced)
        fail_msg("out of memory");
    for (size_t i = cut; i-- > 0;) {
        const struct disk_operation *operation = &disk->operations[i];
        bool on_synced = is_on(disk, &all, operation);
        bool durable = on_synced || touches(operation, synced);

        if (operation->kind == DISK_SYNC)
            synced[operation->inode] = true;
        else if (operation->kind == DISK_SYNC_ALL && !on_synced && all.n < 8)
            all.devices[all.n++] = disk->now.inodes[operation->inode].device;
        else if (operation->kind != DISK_NAMES && operation->kind != DISK_SYNC_ALL)
            durable = durable || synced[operation->inode];
        if (durable)
            sample(operation, synced);
        fates[i] = (struct disk_fate){.how = durable ? DISK_DONE : DISK_LOST, .durable = durable};
    }
    free(synced);
}

void disk_do_names(const struct disk *disk, size_t cut, const size_t *until,
                   struct disk_fate *fates)
{
    bool *needed = calloc((size_t)disk->now.n_inodes, sizeof *needed);

    if (!needed)
        fail_msg("out of memory");
    for (size_t i = cut; i-- > 0;) {
        const struct disk_operation *operation = &disk->operations[i];
        bool done = fates[i].how == DISK_DONE || touches(operation, needed);

        if (operation->kind != DISK_NAMES)
            continue;
        for (int j = 0; j < operation->n_names; j++)
            done = done || i < until[operation->names[j].folder];
        if (!done)
            continue;
        fates[i].how = DISK_DONE;
        sample(operation, needed);
    }
    free(needed);
}

struct disk_image disk_after(const struct disk *disk, size_t cut, const struct disk_fate *fates)
{
    struct disk_image image = disk_image_copy(&disk->start);

    for (size_t i = 0; i < cut; i++)
        apply(&image, &disk->operations[i], &fates[i]);
    return image;
}
