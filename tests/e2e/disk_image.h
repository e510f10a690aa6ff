#ifndef DISK_IMAGE_H
#define DISK_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * What a disk holds at one moment: inodes by their numbers, and the names that lead to them. Inode
 * 0 is the root. A function that cannot do its work fails the test.
 */

enum { DISK_ROOT = 0, DISK_NONE = -1 };

struct disk_inode {
    bool folder;
    mode_t mode;
    char *bytes; /* of a file */
    size_t size, room;
};

/* Where a name in a folder leads. */
struct disk_name {
    int folder;
    char *name; /* the image's own */
    int inode;
};

struct disk_image {
    struct disk_inode *inodes;
    int n_inodes;
    struct disk_name *names;
    size_t n_names, names_room;
};

void disk_image_free(struct disk_image *image);
struct disk_image disk_image_copy(const struct disk_image *image);

/* A new inode that no name leads to yet. Returns its number. */
int disk_image_add(struct disk_image *image, bool folder, mode_t mode);

/* Makes a name lead to an inode; DISK_NONE: to none. */
void disk_image_name(struct disk_image *image, int folder, const char *name, int inode);

/* Writes bytes into a file (NULL: makes it that long, with zeros where nothing was). */
void disk_image_write(struct disk_image *image, int inode, int64_t offset, const char *bytes,
                      size_t size);
void disk_image_set_length(struct disk_image *image, int inode, int64_t length);

/* The inode that a path below the root leads to ("data/state.db"; "" is the root), or DISK_NONE. */
int disk_image_find(const struct disk_image *image, const char *path);

/* Visits all that the root leads to, folders before what is in them. */
void disk_image_walk(const struct disk_image *image,
                     void (*visit)(void *context, const char *path, int inode), void *context);

/* Alike for images of which the root leads to the same names and bytes. */
uint64_t disk_image_hash(const struct disk_image *image);

uint64_t disk_image_hash_file(const struct disk_image *image, int inode);

/* Reads the folder's "data" and "public" into an image, and the other way round. */
struct disk_image disk_image_load(const char *folder);
void disk_image_store(const struct disk_image *image, const char *folder);

#endif
