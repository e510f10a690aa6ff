#ifndef DASHBOARD_TEMPLATE_FILES_H
#define DASHBOARD_TEMPLATE_FILES_H

#include "base/asset.h"
#include "base/buffer.h"
#include "base/error.h"
#include "config/config.h"

#include <limits.h>

/*
 * The files of templates/ that pages are made from: the user's own of a name, from templates_dir,
 * or the built-in one.
 */

enum template_files_kind {
    TEMPLATE_FILES_TEMPLATE, /* run through Mustache */
    TEMPLATE_FILES_STATIC    /* published as it is, under its own name */
};

/* The name of an asset that is of this kind; NULL: it is not. */
const char *template_files_name(const struct asset *asset, enum template_files_kind kind);

/* Whether templates_dir, where there is one, can be read from. Returns 0 or -1. */
int template_files_check(const struct config *config, struct error *error);

/*
 * Reads the user's own file of this name into a buffer whose ceiling is BUFFER_MAX_TEMPLATE; path
 * becomes where it is looked for. Returns 0, -1, or 1: there is none.
 */
int template_files_read_user(const struct config *config, const char *name, char path[PATH_MAX],
                             struct buffer *into, struct error *error);

/* Fills the buffer with the file of this name. Returns 0 or -1. */
int template_files_read(const struct config *config, const struct asset *asset, const char *name,
                        struct buffer *into, struct error *error);

#endif
