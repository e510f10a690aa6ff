#ifndef RENDERER_FOLDERS_H
#define RENDERER_FOLDERS_H

#include "base/error.h"

/* The folder of a dashboard and those in it. */

enum publish_folder { PUBLISH_ROOT, PUBLISH_SITE, PUBLISH_BADGE, PUBLISH_FOLDERS };

/* "", "site", "badge" */
extern const char *const publish_folder_names[PUBLISH_FOLDERS];

struct folders {
    char *path[PUBLISH_FOLDERS]; /* for messages: "public", "public/site" */
    int fd[PUBLISH_FOLDERS];     /* -1: not open */
};

/*
 * Opens root and the folders in it, of which none may be a symbolic link, making them (0755) where
 * they are missing, and removes what a killed build left aside. Returns 0 or -1; folders_close is
 * to follow in either case.
 */
int folders_open(struct folders *folders, const char *root, struct error *error);
void folders_close(struct folders *folders);

#endif
