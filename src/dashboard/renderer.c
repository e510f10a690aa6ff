#include "dashboard/renderer.h"

#include "base/asset.h"
#include "base/file.h"
#include "dashboard/outputs.h"
#include "dashboard/template_files.h"
#include "template/run.h"

#include <string.h>

/* Everything that one build holds. */
struct build {
    struct contents contents;
    struct template_set *templates;
    struct publication *publication;
    const struct output *output; /* of which a file is being made, and its name */
    char name[NAME_MAX + 1];
    struct buffer page; /* the file, or as much of it as was not written yet */
    bool begun;         /* its front was written */
    bool unwritten;     /* it could not be, as the error says */
    struct error error;
};

static int add_template(struct build *build, const struct asset *asset, const char *name,
                        struct error *error)
{
    const struct config *config = build->contents.snapshot->config;
    char text[ERROR_TEXT_MAX];

    if (template_files_read(config, asset, name, &build->page, error))
        return -1;
    if (template_add(build->templates, name, build->page.data, build->page.size, error) == 0)
        return 0;

    /* A mistake is in the user's file, since the built-in ones have none. */
    memcpy(text, error->text, sizeof text);
    return error_set(error, error->code, "%s/%s",
                     config->templates_dir ? config->templates_dir : "templates", text);
}

static int load_templates(struct build *build, struct error *error)
{
    if (template_files_check(build->contents.snapshot->config, error))
        return -1;
    for (size_t i = 0; i < n_assets; i++) {
        const char *name = template_files_name(&assets[i], TEMPLATE_FILES_TEMPLATE);

        if (name && add_template(build, &assets[i], name, error))
            return -1;
    }
    return messages_add(build->contents.words, build->templates, error);
}

/* A page goes to its file by the piece, so that one of ten thousand domains needs little memory. */
static int write_piece(void *context, const char *bytes, size_t size)
{
    struct build *build = context;

    if (!build->begun)
        build->unwritten =
            publish_begin(build->publication, build->output->folder, build->name, &build->error);
    build->begun = true;
    if (!build->unwritten)
        build->unwritten = publish_write(build->publication, bytes, size, &build->error);
    return build->unwritten ? -1 : 0;
}

static int make_page(struct build *build, size_t site, struct error *error)
{
    const struct output *output = build->output;
    const struct value *root;

    if (output->write)
        return output->write(&build->contents, site, &build->page, error);
    root = output->root(&build->contents, site);
    if (!root)
        return error_set(error, EXIT_IO, "%s: out of memory", build->name);
    return run_template(build->templates, output->template, root, &build->page, error);
}

static int build_page(struct build *build, size_t site, struct error *error)
{
    struct buffer *page = &build->page;

    if (!output_name(build->output, &build->contents, site, build->name))
        return 0;
    buffer_reset(page);
    build->begun = false;
    if (make_page(build, site, error)) {
        if (build->unwritten)
            *error = build->error;
        return -1;
    }
    if (!build->begun)
        return publish_add(build->publication, build->output->folder, build->name, page->data,
                           page->size, error);
    if (publish_write(build->publication, page->data, page->size, error))
        return -1;
    return publish_end(build->publication, error);
}

static int build_outputs(struct build *build, struct error *error)
{
    build->page.sink = write_piece;
    build->page.sink_context = build;
    for (size_t i = 0; i < n_outputs; i++) {
        size_t n = outputs[i].each_site ? build->contents.snapshot->n_sites : 1;

        build->output = &outputs[i];
        for (size_t site = 0; site < n; site++) {
            if (build_page(build, site, error))
                return -1;
        }
    }
    return 0;
}

/* The script, the icons and the schemas, as they are. */
static int build_static(struct build *build, struct error *error)
{
    struct buffer *page = &build->page;

    for (size_t i = 0; i < n_assets; i++) {
        const char *name = template_files_name(&assets[i], TEMPLATE_FILES_STATIC);

        if (name &&
            (template_files_read(build->contents.snapshot->config, &assets[i], name, page, error) ||
             publish_add(build->publication, PUBLIC_DIR_ROOT, name, page->data, page->size, error)))
            return -1;
    }
    return 0;
}

/* A file of the user's, as it is; path NULL: none. */
static int build_copy(struct build *build, const char *path, const char *name, struct error *error)
{
    struct buffer copy = BUFFER_WITH_CEILING(BUFFER_MAX_ASSET + 1);
    int result;

    if (!path)
        return 0;
    result = file_read(path, &copy, error);
    if (result == 0)
        result =
            publish_add(build->publication, PUBLIC_DIR_ROOT, name, copy.data, copy.size, error);
    buffer_free(&copy);
    return result;
}

static int build_copies(struct build *build, struct error *error)
{
    const struct config *config = build->contents.snapshot->config;
    char logo[MODEL_LOGO_MAX] = "";

    if (config->logo)
        model_logo_name(config->logo, logo);
    if (build_copy(build, config->logo, logo, error))
        return -1;
    return build_copy(build, config->style_sheet, OUTPUT_STYLE_SHEET, error);
}

struct prune {
    const struct ids *ids;
    enum public_dir_folder folder;
};

static const char *mark_of(void *context, const char *name)
{
    const struct prune *prune = context;

    return output_mark_to_remove(prune->ids, prune->folder, name);
}

/* Removes what was made for sites that the configuration no longer has. */
static int prune_folders(struct build *build, struct error *error)
{
    for (int folder = PUBLIC_DIR_ROOT + 1; folder < PUBLIC_DIR_FOLDERS; folder++) {
        struct prune prune = {&build->contents.ids, (enum public_dir_folder)folder};

        if (publish_prune(build->publication, prune.folder, mark_of, &prune, error))
            return -1;
    }
    return 0;
}

static int build_all(struct build *build, const char *folder, const char *spares,
                     struct error *error)
{
    /* Pages, JSON and metrics tell when they were built; the other files seldom change. */
    size_t n_pages = 2 * build->contents.snapshot->n_sites + 3;

    if (load_templates(build, error) ||
        publish_open(&build->publication, folder, spares, n_pages, error) ||
        build_outputs(build, error) || build_static(build, error) || build_copies(build, error) ||
        publish_commit(build->publication, error))
        return -1;
    return prune_folders(build, error);
}

int renderer_build(const struct snapshot *snapshot, const char *folder, const char *spares,
                   struct error *error)
{
    struct build build = {.templates = template_set_new(),
                          .page = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE)};
    int result = -1;

    if (!build.templates)
        error_set(error, EXIT_IO, "%s: out of memory", folder);
    else if (contents_open(&build.contents, snapshot, error) == 0)
        result = build_all(&build, folder, spares, error);
    publish_close(build.publication);
    template_set_free(build.templates);
    contents_close(&build.contents);
    buffer_free(&build.page);
    return result;
}
