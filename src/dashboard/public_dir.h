#ifndef DASHBOARD_PUBLIC_DIR_H
#define DASHBOARD_PUBLIC_DIR_H

#include "base/error.h"

/* The folder of a dashboard and those in it. */

enum public_dir_folder { PUBLIC_DIR_ROOT, PUBLIC_DIR_SITE, PUBLIC_DIR_BADGE, PUBLIC_DIR_FOLDERS };

/* "", "site", "badge" */
extern const char *const public_dir_names[PUBLIC_DIR_FOLDERS];

struct public_dir {
    char *path[PUBLIC_DIR_FOLDERS]; /* for messages: "public", "public/site" */
    int fd[PUBLIC_DIR_FOLDERS];     /* -1: not open */
};

/*
 * Opens root and the folders in it, of which none may be a symbolic link, making them (0755) where
 * they are missing, and removes what a killed build left aside. Returns 0 or -1; public_dir_close
 * is to follow in either case.
 */
int public_dir_open(struct public_dir *folders, const char *root, struct error *error);
void public_dir_close(struct public_dir *folders);

#endif
