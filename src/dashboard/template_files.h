#ifndef DASHBOARD_TEMPLATE_FILES_H
#define DASHBOARD_TEMPLATE_FILES_H

#include "base/asset.h"
#include "base/buffer.h"
#include "base/error.h"
#include "config/config.h"

#include <limits.h>

/* The files that pages are made from. A file of the same name in templates_dir replaces a built-in
 * one. */

enum template_files_kind {
    TEMPLATE_FILES_TEMPLATE, /* a Mustache template */
    TEMPLATE_FILES_STATIC    /* published unchanged under its own name */
};

/* The name of an asset, if it is of this kind; else NULL. */
const char *template_files_name(const struct asset *asset, enum template_files_kind kind);

/* Checks that templates_dir, if configured, can be entered. Returns 0 or -1. */
int template_files_check(const struct config *config, struct error *error);

/*
 * Reads the file of this name in templates_dir. into has the ceiling BUFFER_MAX_TEMPLATE; path
 * becomes the path of the file. Returns 0, -1, or 1 if there is no such file.
 */
int template_files_read_user(const struct config *config, const char *name, char path[PATH_MAX],
                             struct buffer *into, struct error *error);

/* Replaces the content of the buffer by the user's file of this name, or by the asset. Returns 0 or
 * -1. */
int template_files_read(const struct config *config, const struct asset *asset, const char *name,
                        struct buffer *into, struct error *error);

#endif
