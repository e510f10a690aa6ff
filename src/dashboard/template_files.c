/* Reads the files that pages and alerts are made from: a user's, or the built-in one. */
#include "dashboard/template_files.h"

#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What a file is for follows from its name. */
static const struct {
    const char *start, *end;
    enum template_files_kind kind;
} kinds[] = {
    {"", ".html", TEMPLATE_FILES_TEMPLATE},      {"", ".css", TEMPLATE_FILES_TEMPLATE},
    {"badge", ".svg", TEMPLATE_FILES_TEMPLATE},  {"", ".xml", TEMPLATE_FILES_TEMPLATE},
    {"", ".js", TEMPLATE_FILES_STATIC},          {"icon-", ".svg", TEMPLATE_FILES_STATIC},
    {"", ".schema.json", TEMPLATE_FILES_STATIC}, {"alert.", ".mustache", TEMPLATE_FILES_ALERT},
};

const char *template_files_name(const struct asset *asset, enum template_files_kind kind)
{
    static const char folder[] = "templates/";
    const char *name = asset->name + sizeof folder - 1;

    if (strncmp(asset->name, folder, sizeof folder - 1) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].kind == kind && strncmp(name, kinds[i].start, strlen(kinds[i].start)) == 0 &&
            text_ends_with(name, kinds[i].end))
            return name;
    }
    return NULL;
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
    char path[PATH_MAX];
    int result;

    buffer_reset(into);
    result = template_files_read_user(config, name, path, into, error);
    if (result <= 0)
        return result;
    if (buffer_append(into, asset->data, asset->size))
        return error_set(error, EXIT_IO, "%s: out of memory", name);
    return 0;
}

static int add_template(const struct config *config, struct template_set *templates,
                        const char *name, const struct buffer *text, struct error *error)
{
    char mistake[ERROR_TEXT_MAX];

    if (template_add(templates, name, text->data, text->size, error) == 0)
        return 0;

    /* The built-in templates have no mistakes, so it is in a user's file. */
    memcpy(mistake, error->text, sizeof mistake);
    return error_set(error, error->code, "%s/%s",
                     config->templates_dir ? config->templates_dir : "templates", mistake);
}

int template_files_load(const struct config *config, enum template_files_kind kind,
                        struct template_set *templates, struct error *error)
{
    const char *folder = config->templates_dir;
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_TEMPLATE);
    int result = folder && access(folder, X_OK) ? error_errno(error, "%s", folder) : 0;

    for (size_t i = 0; i < n_assets && result == 0; i++) {
        const char *name = template_files_name(&assets[i], kind);

        if (name && (template_files_read(config, &assets[i], name, &text, error) ||
                     add_template(config, templates, name, &text, error)))
            result = -1;
    }
    buffer_free(&text);
    return result;
}
