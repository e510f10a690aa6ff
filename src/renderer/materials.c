#include "renderer/materials.h"

#include "base/file.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* By its name it is told what a file is for. */
static const struct {
    const char *start, *end;
    enum material_kind kind;
} kinds[] = {
    {"", ".html", MATERIAL_TEMPLATE},      {"", ".css", MATERIAL_TEMPLATE},
    {"badge", ".svg", MATERIAL_TEMPLATE},  {"", ".xml", MATERIAL_TEMPLATE},
    {"", ".js", MATERIAL_STATIC},          {"icon-", ".svg", MATERIAL_STATIC},
    {"", ".schema.json", MATERIAL_STATIC},
};

static bool is_named(const char *name, const char *start, const char *end)
{
    size_t size = strlen(name), end_size = strlen(end);

    return strncmp(name, start, strlen(start)) == 0 && size >= end_size &&
           strcmp(name + size - end_size, end) == 0;
}

const char *material_name(const struct asset *asset, enum material_kind kind)
{
    static const char folder[] = "templates/";
    const char *name = asset->name + sizeof folder - 1;

    if (strncmp(asset->name, folder, sizeof folder - 1) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].kind == kind && is_named(name, kinds[i].start, kinds[i].end))
            return name;
    }
    return NULL;
}

int material_check(const struct config *config, struct error *error)
{
    const char *own = config->templates_dir;

    return own && access(own, X_OK) ? error_errno(error, "%s", own) : 0;
}

/* Appends the file of this name in the user's own folder. Returns 0, -1, or 1: there is none. */
static int read_own(const char *folder, const char *name, struct buffer *into, struct error *error)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_TEMPLATE);
    char path[PATH_MAX];
    int result;

    if (!folder)
        return 1;
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return error_errno(error, "%s", folder);
    }
    result = file_read(path, &text, error);
    if (result && error->os == ENOENT)
        result = 1;
    else if (result == 0 && buffer_append(into, text.data, text.size))
        result = error_set(error, EXIT_IO, "%s: out of memory", path);
    buffer_free(&text);
    return result;
}

int material_read(const struct config *config, const struct asset *asset, const char *name,
                  struct buffer *into, struct error *error)
{
    int result;

    buffer_reset(into);
    result = read_own(config->templates_dir, name, into, error);
    if (result <= 0)
        return result;
    if (buffer_append(into, asset->data, asset->size))
        return error_set(error, EXIT_IO, "%s: out of memory", name);
    return 0;
}
