#ifndef DISK_MODEL_H
#define DISK_MODEL_H

#include "disk_image.h"

/*
 * A disk whose power goes: how it began, what was done to it since, and what it may hold after the
 * first so many operations. The rules are those that POSIX leaves, which are harder than any one
 * file system's:
 *
 * - A sync of a file makes its bytes and its length durable, and not its name; a sync of a folder
 *   the names in it; syncfs all.
 * - Of a file's other writes, any may be on the disk and any not, whole, cut short, by pieces in no
 *   order, or as a length without bytes (zeros).
 * - Of the changes of names in a folder the first so many are on the disk, in each folder another
 *   number; but a rename from one into another, or an exchange, is one step in both.
 */

enum disk_kind { DISK_WRITE, DISK_LENGTH, DISK_NAMES, DISK_SYNC, DISK_SYNC_ALL };

/* Names are what they lead to afterwards, so that an operation means the same whatever was lost
 * before it. */
struct disk_operation {
    enum disk_kind kind;
    int inode;      /* of a write, a length, a sync */
    int64_t offset; /* of a write; or the new length */
    char *bytes;
    size_t size;
    struct disk_name names[2];
    int n_names;
};

struct disk {
    struct disk_image start, now; /* before and after all operations; inodes of both are alike */
    struct disk_operation *operations;
    size_t n_operations;
};

/* Begins with an image, all of it durable. The disk owns it. */
void disk_begin(struct disk *disk, struct disk_image start);
void disk_free(struct disk *disk);

/* The operations. Paths are those of now; what cannot be done (as to remove what is not there) is
 * not done, and not noted. */
void disk_write(struct disk *disk, int inode, int64_t offset, const char *bytes, size_t size);
void disk_set_length(struct disk *disk, int inode, int64_t length);
void disk_sync(struct disk *disk, int inode);
void disk_sync_all(struct disk *disk);
int disk_make(struct disk *disk, const char *path, bool folder, mode_t mode);
void disk_remove(struct disk *disk, const char *path, bool folder);
void disk_link(struct disk *disk, const char *path, const char *to);
void disk_rename(struct disk *disk, const char *path, const char *to, bool exchange);

enum disk_end {
    DISK_LOST,
    DISK_DONE,
    DISK_CUT,    /* of a write, the first `size` bytes */
    DISK_PIECES, /* of a write, some of the pieces of `size` bytes, as the seed says */
    DISK_ZEROED, /* of a write, the length */
};

/* What became of an operation when the power went. */
struct disk_fate {
    enum disk_end how;
    bool durable; /* it was synced, and so was done */
    size_t size;
    unsigned long seed;
};

/* Of the first `cut` operations, does what is durable, and loses the others. */
void disk_settle(const struct disk *disk, size_t cut, struct disk_fate *fates);

/* In each folder, does the changes of names up to the operation until[folder], and what those need.
 */
void disk_do_names(const struct disk *disk, size_t cut, const size_t *until,
                   struct disk_fate *fates);

/* What the disk then holds. */
struct disk_image disk_after(const struct disk *disk, size_t cut, const struct disk_fate *fates);

#endif
