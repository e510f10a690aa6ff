/* An image of a disk, in memory and in a real folder. */
#define _GNU_SOURCE
#include "disk_image.h"
#include "cmocka_all.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void *need(void *memory)
{
    if (!memory)
        fail_msg("out of memory");
    return memory;
}

static void fail_on(const char *path)
{
    fail_msg("%s: %s", path, strerror(errno));
}

void disk_image_free(struct disk_image *image)
{
    for (int i = 0; i < image->n_inodes; i++)
        free(image->inodes[i].bytes);
    for (size_t i = 0; i < image->n_names; i++)
        free(image->names[i].name);
    free(image->inodes);
    free(image->names);
    *image = (struct disk_image){.n_inodes = 0};
}

int disk_image_add(struct disk_image *image, bool folder, mode_t mode)
{
    size_t n = (size_t)image->n_inodes;

    /* Memory grows at each power of two. */
    if ((n & (n - 1)) == 0)
        image->inodes = need(realloc(image->inodes, (n ? 2 * n : 1) * sizeof *image->inodes));
    image->inodes[n] = (struct disk_inode){.folder = folder, .mode = mode};
    return image->n_inodes++;
}

static void add_name(struct disk_image *image, int folder, const char *name, int inode)
{
    if (image->n_names == image->names_capacity) {
        image->names_capacity = image->names_capacity * 2 + 64;
        image->names = need(realloc(image->names, image->names_capacity * sizeof *image->names));
    }
    image->names[image->n_names++] = (struct disk_name){folder, need(strdup(name)), inode};
}

void disk_image_name(struct disk_image *image, int folder, const char *name, int inode)
{
    size_t i = 0;

    while (i < image->n_names &&
           (image->names[i].folder != folder || strcmp(image->names[i].name, name) != 0))
        i++;
    if (i == image->n_names) {
        if (inode != DISK_NONE)
            add_name(image, folder, name, inode);
    } else if (inode == DISK_NONE) {
        free(image->names[i].name);
        image->names[i] = image->names[--image->n_names];
    } else {
        image->names[i].inode = inode;
    }
}

void disk_image_set_length(struct disk_image *image, int inode, int64_t length)
{
    struct disk_inode *file = &image->inodes[inode];
    size_t size = (size_t)length;

    if (size > file->capacity) {
        file->capacity = size + size / 2;
        file->bytes = need(realloc(file->bytes, file->capacity));
    }
    if (size > file->size)
        memset(file->bytes + file->size, 0, size - file->size);
    file->size = size;
}

void disk_image_write(struct disk_image *image, int inode, int64_t offset, const char *bytes,
                      size_t size)
{
    struct disk_inode *file = &image->inodes[inode];
    size_t end = (size_t)offset + size;

    if (size == 0)
        return;
    if (end > file->size)
        disk_image_set_length(image, inode, (int64_t)end);
    if (bytes)
        memcpy(file->bytes + offset, bytes, size);
}

struct disk_image disk_image_copy(const struct disk_image *image)
{
    struct disk_image copy = {.n_inodes = 0};

    for (int i = 0; i < image->n_inodes; i++) {
        const struct disk_inode *from = &image->inodes[i];

        disk_image_add(&copy, from->folder, from->mode);
        copy.inodes[i].device = from->device;
        disk_image_write(&copy, i, 0, from->bytes, from->size);
    }
    for (size_t i = 0; i < image->n_names; i++)
        disk_image_name(&copy, image->names[i].folder, image->names[i].name, image->names[i].inode);
    return copy;
}

int disk_image_find(const struct disk_image *image, const char *path)
{
    int inode = DISK_ROOT;

    while (*path && inode != DISK_NONE) {
        size_t length = strcspn(path, "/");
        int folder = inode;

        if (length > 0 && (length > 1 || *path != '.')) {
            inode = DISK_NONE;
            for (size_t i = 0; i < image->n_names; i++) {
                const struct disk_name *name = &image->names[i];

                if (name->folder == folder && strncmp(name->name, path, length) == 0 &&
                    !name->name[length])
                    inode = name->inode;
            }
        }
        path += length + (path[length] == '/');
    }
    return inode;
}

static void walk(const struct disk_image *image, int folder, const char *above,
                 void (*visit)(void *context, const char *path, int inode), void *context)
{
    for (size_t i = 0; i < image->n_names; i++) {
        const struct disk_name *name = &image->names[i];
        char path[PATH_MAX];

        if (name->folder != folder)
            continue;
        snprintf(path, sizeof path, "%s%s%s", above, *above ? "/" : "", name->name);
        visit(context, path, name->inode);
        if (image->inodes[name->inode].folder)
            walk(image, name->inode, path, visit, context);
    }
}

void disk_image_walk(const struct disk_image *image,
                     void (*visit)(void *context, const char *path, int inode), void *context)
{
    walk(image, DISK_ROOT, "", visit, context);
}

/* FNV-1a by words, since thousands of images are hashed. */
static uint64_t table_hash(uint64_t hash, const char *bytes, size_t size)
{
    static const uint64_t prime = 0x100000001b3;
    uint64_t word;

    for (; size >= sizeof word; bytes += sizeof word, size -= sizeof word) {
        memcpy(&word, bytes, sizeof word);
        hash = (hash ^ word) * prime;
        hash ^= hash >> 29;
    }
    for (; size > 0; bytes++, size--)
        hash = (hash ^ (unsigned char)*bytes) * prime;
    return hash;
}

static const uint64_t fnv_basis = 0xcbf29ce484222325;

uint64_t disk_image_hash_file(const struct disk_image *image, int inode)
{
    const struct disk_inode *file = &image->inodes[inode];

    return table_hash(fnv_basis ^ file->size << 1 ^ file->folder, file->bytes, file->size);
}

struct hashing {
    const struct disk_image *image;
    uint64_t sum; /* of the hashes of all entries, so their order does not matter */
};

static void hash_one(void *context, const char *path, int inode)
{
    struct hashing *hashing = context;
    uint64_t path_hash = table_hash(fnv_basis, path, strlen(path) + 1);

    hashing->sum += path_hash * (disk_image_hash_file(hashing->image, inode) | 1);
}

uint64_t disk_image_hash(const struct disk_image *image)
{
    struct hashing hashing = {.image = image};

    disk_image_walk(image, hash_one, &hashing);
    return hashing.sum;
}

static void load_file(struct disk_image *image, int inode, const char *path, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    disk_image_set_length(image, inode, (int64_t)size);
    if (fd < 0 || read(fd, image->inodes[inode].bytes, size) != (ssize_t)size)
        fail_on(path);
    close(fd);
}

static void load_into(struct disk_image *image, int folder, const char *path, const char *name)
{
    char below[PATH_MAX];
    struct stat status;
    struct dirent *entry;
    DIR *list;
    int inode;

    snprintf(below, sizeof below, "%s/%s", path, name);
    if (lstat(below, &status))
        fail_on(below);
    inode = disk_image_add(image, S_ISDIR(status.st_mode), status.st_mode & 07777);
    image->inodes[inode].device = status.st_dev;
    disk_image_name(image, folder, name, inode);
    if (!S_ISDIR(status.st_mode)) {
        load_file(image, inode, below, (size_t)status.st_size);
        return;
    }
    list = need(opendir(below));
    while ((entry = readdir(list))) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            load_into(image, inode, below, entry->d_name);
    }
    closedir(list);
}

static const char *const tops[] = {"data", "public"};

struct disk_image disk_image_load(const char *folder)
{
    struct disk_image image = {.n_inodes = 0};
    struct stat status;
    char path[PATH_MAX];

    disk_image_add(&image, true, 0755);
    if (lstat(folder, &status))
        fail_on(folder);
    image.inodes[DISK_ROOT].device = status.st_dev;
    for (size_t i = 0; i < sizeof tops / sizeof tops[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, tops[i]);
        if (access(path, F_OK) == 0)
            load_into(&image, DISK_ROOT, folder, tops[i]);
    }
    return image;
}

struct storing {
    const struct disk_image *image;
    const char *folder;
};

static void store_one(void *context, const char *path, int inode)
{
    static const struct timespec long_ago[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    const struct storing *storing = context;
    const struct disk_inode *file = &storing->image->inodes[inode];
    char full[PATH_MAX];
    int fd;

    if (snprintf(full, sizeof full, "%s/%s", storing->folder, path) >= (int)sizeof full)
        fail_msg("%s: too long", path);
    if (file->folder) {
        if (mkdir(full, file->mode))
            fail_on(full);
        return;
    }
    fd = open(full, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, file->mode);
    if (fd < 0 || write(fd, file->bytes, file->size) != (ssize_t)file->size ||
        futimens(fd, long_ago)) /* a power cut loses times too: no file is newer than before */
        fail_on(full);
    close(fd);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    (void)status;
    (void)type;
    (void)ftw;
    return remove(path);
}

void disk_image_store(const struct disk_image *image, const char *folder)
{
    struct storing storing = {image, folder};
    char path[PATH_MAX];

    for (size_t i = 0; i < sizeof tops / sizeof tops[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, tops[i]);
        if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) && errno != ENOENT)
            fail_on(path);
    }
    disk_image_walk(image, store_one, &storing);
}
