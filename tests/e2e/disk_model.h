#ifndef DISK_MODEL_H
#define DISK_MODEL_H

#include "disk_image.h"

/*
 * A disk that loses its power: its contents at the start, the operations since, and what it may
 * hold after some of them. The rules are those of POSIX, which promise less than any real file
 * system:
 *
 * - A sync of a file makes its bytes and its length durable, but not its name. A sync of a folder
 *   makes the names in it durable. syncfs makes everything on its file
 *   system durable.
 * - Any other write to a file may reach the disk or not: complete, cut short, in pieces in any
 *   order, or as a length without bytes (zeros).
 * - The changes of names in a folder reach the disk in order, up to some point that differs for
 *   each folder. But a rename from one folder to another, or an exchange, is one step in both.
 */

enum disk_kind { DISK_WRITE, DISK_LENGTH, DISK_NAMES, DISK_SYNC, DISK_SYNC_ALL };

/* Each name is stored with the inode that it leads to afterwards, so an operation means the same
 * whatever was lost before it. */
struct disk_operation {
    enum disk_kind kind;
    int inode; /* of a write, a length or a sync; of a sync of all: any one on that file system */
    int64_t offset; /* of a write; or the new length */
    char *bytes;
    size_t size;
    struct disk_name names[2];
    int n_names;
};

struct disk {
    struct disk_image start, now; /* before and after all operations, with the same inode numbers */
    struct disk_operation *operations;
    size_t n_operations;
};

/* Starts with an image, all of it durable. The disk owns it. */
void disk_begin(struct disk *disk, struct disk_image start);
void disk_free(struct disk *disk);

/* The operations. Paths are those of the current image. An operation that is impossible, such as
 * removing a missing file, is neither done nor recorded. */
void disk_write(struct disk *disk, int inode, int64_t offset, const char *bytes, size_t size);
void disk_set_length(struct disk *disk, int inode, int64_t length);
void disk_sync(struct disk *disk, int inode);
void disk_sync_all(struct disk *disk, int inode);
int disk_make(struct disk *disk, const char *path, bool folder, mode_t mode);
void disk_remove(struct disk *disk, const char *path, bool folder);
void disk_link(struct disk *disk, const char *path, const char *to);
void disk_rename(struct disk *disk, const char *path, const char *to, bool exchange);

enum disk_end {
    DISK_LOST,
    DISK_DONE,
    DISK_CUT,    /* the first `size` bytes of a write */
    DISK_PIECES, /* some of the pieces of `size` bytes of a write, chosen by the seed */
    DISK_ZEROED, /* only the length of a write */
};

/* What became of an operation when the power was cut. */
struct disk_fate {
    enum disk_end how;
    bool durable; /* it was synced, so it was done */
    size_t size;
    unsigned long seed;
};

/* Of the first `cut` operations, does those that are durable and loses the others. */
void disk_do_durable(const struct disk *disk, size_t cut, struct disk_fate *fates);

/* In each folder, does the changes of names up to the operation until[folder], and the changes that
 * those need. */
void disk_do_names(const struct disk *disk, size_t cut, const size_t *until,
                   struct disk_fate *fates);

/* The contents of the disk afterwards. */
struct disk_image disk_after(const struct disk *disk, size_t cut, const struct disk_fate *fates);

#endif
