#include "renderer/renderer.h"

#include "asset.h"
#include "base/file.h"
#include "renderer/model.h"
#include "renderer/publish.h"
#include "renderer/words.h"
#include "template/template.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Everything that one build holds. */
struct build {
    const struct snapshot *snapshot;
    struct words *words;
    struct template_set *templates;
    struct model *model;
    struct publication *publication;
    struct buffer page; /* the file being made, or as much of it as was not written yet */
    bool unwritten;     /* it could not be written, as the error says */
    struct error error;
};

/* The name of an asset that is a file of templates/ and ends like this; else NULL. */
static const char *template_name(const struct asset *asset, const char *ending)
{
    static const char folder[] = "templates/";
    size_t size = strlen(asset->name);

    if (strncmp(asset->name, folder, sizeof folder - 1) != 0 || size < strlen(ending) ||
        strcmp(asset->name + size - strlen(ending), ending) != 0)
        return NULL;
    return asset->name + sizeof folder - 1;
}

/* Appends the file of this name in the user's own folder to the page. Returns 0, -1, or 1: there is
 * none. */
static int read_own(struct build *build, const char *name, struct error *error)
{
    const char *folder = build->snapshot->config->templates_dir;
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
    else if (result == 0 && buffer_append(&build->page, text.data, text.size))
        result = error_set(error, EXIT_IO, "%s: out of memory", path);
    buffer_free(&text);
    return result;
}

/* Fills the page with the file of this name: the user's own, or the built-in one. */
static int read_template(struct build *build, const struct asset *asset, const char *name,
                         struct error *error)
{
    int result;

    buffer_reset(&build->page);
    result = read_own(build, name, error);
    if (result <= 0)
        return result;
    if (buffer_append(&build->page, asset->data, asset->size))
        return error_set(error, EXIT_IO, "%s: out of memory", name);
    return 0;
}

static int add_template(struct build *build, const struct asset *asset, const char *name,
                        struct error *error)
{
    const char *own = build->snapshot->config->templates_dir;
    char text[ERROR_TEXT_MAX];

    if (read_template(build, asset, name, error))
        return -1;
    if (template_add(build->templates, name, build->page.data, build->page.size, error) == 0)
        return 0;

    /* A mistake is in the user's file, since the built-in ones have none. */
    memcpy(text, error->text, sizeof text);
    return error_set(error, error->code, "%s/%s", own ? own : "templates", text);
}

static int load_templates(struct build *build, struct error *error)
{
    const char *own = build->snapshot->config->templates_dir;

    if (own && access(own, X_OK))
        return error_errno(error, "%s", own);
    for (size_t i = 0; i < n_assets; i++) {
        const char *name = template_name(&assets[i], ".html");

        if (name && add_template(build, &assets[i], name, error))
            return -1;
    }
    if (words_load(&build->words, build->snapshot->config, error) ||
        words_add(build->words, build->templates, error))
        return -1;
    build->model = model_new(build->snapshot, build->words);
    return build->model ? 0 : error_set(error, EXIT_IO, "dashboard: out of memory");
}

/* A page goes to its file by the piece, so that one of ten thousand domains needs little memory. */
static int write_piece(void *context, const char *bytes, size_t size)
{
    struct build *build = context;

    build->unwritten = publish_write(build->publication, bytes, size, &build->error);
    return build->unwritten ? -1 : 0;
}

/* Makes the page; or says what made it fail. */
typedef int make_page(struct build *build, const void *what, struct error *error);

static int build_page(struct build *build, enum publish_folder folder, const char *name,
                      make_page *make, const void *what, struct error *error)
{
    if (publish_begin(build->publication, folder, name, error))
        return -1;
    buffer_reset(&build->page);
    if (make(build, what, error)) {
        if (build->unwritten)
            *error = build->error;
        return -1;
    }
    if (publish_write(build->publication, build->page.data, build->page.size, error))
        return -1;
    return publish_end(build->publication, error);
}

static int make_index(struct build *build, const void *what, struct error *error)
{
    (void)what;
    return template_run(build->templates, "index.html", model_index(build->model), &build->page,
                        error);
}

static int make_status(struct build *build, const void *what, struct error *error)
{
    return renderer_status_json(what, &build->page, error);
}

static int make_site(struct build *build, const void *what, struct error *error)
{
    const size_t *site = what;

    return template_run(build->templates, "site.html", model_site(build->model, *site),
                        &build->page, error);
}

static int build_site(struct build *build, size_t i, struct error *error)
{
    char name[NAME_MAX + 1];

    snprintf(name, sizeof name, "%s.html", build->snapshot->sites[i].site->id);
    return build_page(build, PUBLISH_SITE, name, make_site, &i, error);
}

/* The style sheet, the script and the icons, as they are. */
static int build_static(struct build *build, struct error *error)
{
    static const char *const endings[] = {".css", ".js", ".svg"};

    for (size_t i = 0; i < n_assets; i++) {
        for (size_t e = 0; e < sizeof endings / sizeof endings[0]; e++) {
            const char *name = template_name(&assets[i], endings[e]);

            if (name && (read_template(build, &assets[i], name, error) ||
                         publish_add(build->publication, PUBLISH_ROOT, name, build->page.data,
                                     build->page.size, error)))
                return -1;
        }
    }
    return 0;
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The ids of the sites, sorted. */
struct ids {
    const char **ids;
    size_t n;
};

static bool is_wanted(void *context, const char *id)
{
    const struct ids *ids = context;

    return bsearch(&id, ids->ids, ids->n, sizeof *ids->ids, compare_ids) != NULL;
}

/* Removes the pages of sites that the configuration no longer has. */
static int prune(struct build *build, struct error *error)
{
    size_t n = build->snapshot->n_sites;
    struct ids ids = {calloc(n + 1, sizeof *ids.ids), n};
    int result;

    if (!ids.ids)
        return error_set(error, EXIT_IO, "dashboard: out of memory");
    for (size_t i = 0; i < n; i++)
        ids.ids[i] = build->snapshot->sites[i].site->id;
    qsort(ids.ids, n, sizeof *ids.ids, compare_ids);
    result = publish_prune(build->publication, is_wanted, &ids, error);
    free(ids.ids);
    return result;
}

/* What is added last is renamed first, so index.html never leads to a page that is not there. */
static int build_pages(struct build *build, struct error *error)
{
    build->page.drain = write_piece;
    build->page.drain_context = build;
    if (build_page(build, PUBLISH_ROOT, "index.html", make_index, NULL, error) ||
        build_page(build, PUBLISH_ROOT, "status.json", make_status, build->snapshot, error))
        return -1;
    for (size_t i = 0; i < build->snapshot->n_sites; i++) {
        if (build_site(build, i, error))
            return -1;
    }
    return build_static(build, error);
}

int renderer_build(const struct snapshot *snapshot, const char *folder, const char *spares,
                   struct error *error)
{
    size_t n_pages = snapshot->n_sites + 2; /* index.html and status.json */
    struct build build = {.snapshot = snapshot,
                          .templates = template_set_new(),
                          .page = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE)};
    int result = -1;

    if (!build.templates) {
        error_set(error, EXIT_IO, "%s: out of memory", folder);
        goto out;
    }
    if (load_templates(&build, error) ||
        publish_open(&build.publication, folder, spares, n_pages, error) ||
        build_pages(&build, error) || publish_commit(build.publication, error) ||
        prune(&build, error))
        goto out;
    result = 0;
out:
    publish_close(build.publication);
    template_set_free(build.templates);
    model_free(build.model);
    words_free(build.words);
    buffer_free(&build.page);
    return result;
}
