#ifndef DASHBOARD_PUBLIC_DIR_H
#define DASHBOARD_PUBLIC_DIR_H

#include "base/error.h"

/* The folder of a dashboard and the folders in it. */

enum public_dir_folder { PUBLIC_DIR_ROOT, PUBLIC_DIR_SITE, PUBLIC_DIR_BADGE, PUBLIC_DIR_FOLDERS };

/* "", "site", "badge" */
extern const char *const public_dir_names[PUBLIC_DIR_FOLDERS];

struct public_dir {
    char *path[PUBLIC_DIR_FOLDERS]; /* for messages: "public", "public/site" */
    int fd[PUBLIC_DIR_FOLDERS];     /* -1: not open */
};

/*
 * Opens root and the folders in it, creates missing ones (0755), and removes the temporary files
 * (".NAME.uptick") that a killed build left. root may be a symbolic link, the folders in it may
 * not. Returns 0 or -1. In both cases the caller calls public_dir_close.
 */
int public_dir_open(struct public_dir *dir, const char *root, struct error *error);
void public_dir_close(struct public_dir *dir);

/*
 * Returns the text that a file of a folder must contain in its first 1024 bytes to be removed; "":
 * any text; NULL: the file stays.
 */
typedef const char *public_dir_signature(const void *context, enum public_dir_folder folder,
                                         const char *name);

/* Removes such files of the folders in root. Symbolic links are not followed. Returns 0 or -1. */
int public_dir_prune(const struct public_dir *dir, public_dir_signature *signature_of,
                     const void *context, struct error *error);

#endif
