#ifndef DASHBOARD_TEMPLATE_FILES_H
#define DASHBOARD_TEMPLATE_FILES_H

#include "base/asset.h"
#include "base/buffer.h"
#include "base/error.h"
#include "config/config.h"
#include "template/template.h"

#include <limits.h>

/* The files that pages and alerts are made from. A file of the same name in templates_dir replaces
 * a built-in one. */

enum template_files_kind {
    TEMPLATE_FILES_TEMPLATE, /* a Mustache template of pages */
    TEMPLATE_FILES_STATIC,   /* published unchanged under its own name */
    TEMPLATE_FILES_ALERT     /* a Mustache template of alerts */
};

/* The name of an asset, if it is of this kind; else NULL. */
const char *template_files_name(const struct asset *asset, enum template_files_kind kind);

/*
 * Reads the file of this name in templates_dir into a buffer with the ceiling BUFFER_MAX_TEMPLATE.
 * path becomes the path of the file. Returns 0, -1, or 1 if there is no such file.
 */
int template_files_read_user(const struct config *config, const char *name, char path[PATH_MAX],
                             struct buffer *into, struct error *error);

/* Replaces the content of such a buffer by the user's file of this name, or by the asset. Returns 0
 * or -1. */
int template_files_read(const struct config *config, const struct asset *asset, const char *name,
                        struct buffer *into, struct error *error);

/* Reads all templates of this kind into a set. Returns 0; or -1, also if templates_dir cannot be
 * entered. */
int template_files_load(const struct config *config, enum template_files_kind kind,
                        struct template_set *templates, struct error *error);

#endif
