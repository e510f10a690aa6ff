#include "dashboard/template_files.h"

#include "base/file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* By its name it is told what a file is for. */
static const struct {
    const char *start, *end;
    enum template_files_kind kind;
} kinds[] = {
    {"", ".html", TEMPLATE_FILES_TEMPLATE},      {"", ".css", TEMPLATE_FILES_TEMPLATE},
    {"badge", ".svg", TEMPLATE_FILES_TEMPLATE},  {"", ".xml", TEMPLATE_FILES_TEMPLATE},
    {"", ".js", TEMPLATE_FILES_STATIC},          {"icon-", ".svg", TEMPLATE_FILES_STATIC},
    {"", ".schema.json", TEMPLATE_FILES_STATIC},
};

static bool is_named(const char *name, const char *start, const char *end)
{
    size_t size = strlen(name), end_size = strlen(end);

    return strncmp(name, start, strlen(start)) == 0 && size >= end_size &&
           strcmp(name + size - end_size, end) == 0;
}

const char *template_files_name(const struct asset *asset, enum template_files_kind kind)
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

int template_files_check(const struct config *config, struct error *error)
{
    const char *own = config->templates_dir;

    return own && access(own, X_OK) ? error_errno(error, "%s", own) : 0;
}

int template_files_read_user(const struct config *config, const char *name, char path[PATH_MAX],
                             struct buffer *into, struct error *error)
{
    const char *folder = config->templates_dir;

    if (!folder)
        return 1;
    if (snprintf(path, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return error_errno(error, "%s", folder);
    }
    if (file_read(path, into, error) == 0)
        return 0;
    return error->os == ENOENT ? 1 : -1;
}

int template_files_read(const struct config *config, const struct asset *asset, const char *name,
                        struct buffer *into, struct error *error)
{
    struct buffer own = BUFFER_WITH_CEILING(BUFFER_MAX_TEMPLATE);
    char path[PATH_MAX];
    int result = template_files_read_user(config, name, path, &own, error);

    buffer_reset(into);
    if (result == 0 && buffer_append(into, own.data, own.size))
        result = error_set(error, EXIT_IO, "%s: out of memory", path);
    buffer_free(&own);
    if (result <= 0)
        return result;
    if (buffer_append(into, asset->data, asset->size))
        return error_set(error, EXIT_IO, "%s: out of memory", name);
    return 0;
}
