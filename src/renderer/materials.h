#ifndef RENDERER_MATERIALS_H
#define RENDERER_MATERIALS_H

#include "asset.h"
#include "base/buffer.h"
#include "base/error.h"
#include "config/config.h"

#include <limits.h>

/*
 * The files of templates/ that pages are made from: the user's own of a name, from templates_dir,
 * or the built-in one.
 */

enum material_kind {
    MATERIAL_TEMPLATE, /* run through Mustache */
    MATERIAL_STATIC    /* published as it is, under its own name */
};

/* The name of an asset that is of this kind; NULL: it is not. */
const char *material_name(const struct asset *asset, enum material_kind kind);

/* Whether templates_dir, where there is one, can be read from. Returns 0 or -1. */
int material_check(const struct config *config, struct error *error);

/*
 * Reads the user's own file of this name into a buffer whose ceiling is BUFFER_MAX_TEMPLATE; path
 * becomes where it is looked for. Returns 0, -1, or 1: there is none.
 */
int material_read_own(const struct config *config, const char *name, char path[PATH_MAX],
                      struct buffer *into, struct error *error);

/* Fills the buffer with the file of this name. Returns 0 or -1. */
int material_read(const struct config *config, const struct asset *asset, const char *name,
                  struct buffer *into, struct error *error);

#endif
