#ifndef DISK_IMAGE_H
#define DISK_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The contents of a disk at one moment: inodes by their numbers, and the names that lead to them.
 * Inode 0 is the root. A function that cannot do its work fails the test. */

enum { DISK_ROOT = 0, DISK_NONE = -1 };

struct disk_inode {
    bool folder;
    mode_t mode;
    dev_t device; /* a number for each file system */
    char *bytes;  /* of a file */
    size_t size, capacity;
};

/* A name in a folder, and the inode that it leads to. */
struct disk_name {
    int folder;
    char *name; /* owned by the image */
    int inode;
};

struct disk_image {
    struct disk_inode *inodes;
    int n_inodes;
    struct disk_name *names;
    size_t n_names, names_capacity;
};

void disk_image_free(struct disk_image *image);
struct disk_image disk_image_copy(const struct disk_image *image);

/* Adds an inode that no name leads to yet. Returns its number. */
int disk_image_add(struct disk_image *image, bool folder, mode_t mode);

/* Makes a name lead to an inode; DISK_NONE: removes the name. */
void disk_image_name(struct disk_image *image, int folder, const char *name, int inode);

/* Writes bytes into a file, or sets its length; the bytes of a gap are zeros. */
void disk_image_write(struct disk_image *image, int inode, int64_t offset, const char *bytes,
                      size_t size);
void disk_image_set_length(struct disk_image *image, int inode, int64_t length);

/* The inode that a path below the root leads to ("data/state.db"; "" is the root), or DISK_NONE. */
int disk_image_find(const struct disk_image *image, const char *path);

/* Visits everything below the root; folders come before their contents. */
void disk_image_walk(const struct disk_image *image,
                     void (*visit)(void *context, const char *path, int inode), void *context);

/* Equal for images with the same names and bytes below the root. */
uint64_t disk_image_hash(const struct disk_image *image);

uint64_t disk_image_hash_file(const struct disk_image *image, int inode);

/* Reads the subfolders "data" and "public" of a folder into an image, or writes them from it. */
struct disk_image disk_image_load(const char *folder);
void disk_image_store(const struct disk_image *image, const char *folder);

#endif
