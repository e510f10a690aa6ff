/* Decides when the dashboard is due, makes every file of it and publishes them together. */
#include "dashboard/dashboard.h"

#include "base/asset.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "dashboard/outputs.h"
#include "dashboard/print.h"
#include "dashboard/publish.h"
#include "dashboard/snapshot.h"
#include "dashboard/template_files.h"
#include "template/run.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

int dashboard_is_due(struct storage *storage, const struct config *config, int64_t now_ms,
                     bool *due, struct error *error)
{
    int64_t setting[SETTINGS];
    int64_t pause = (int64_t)config->render_interval_seconds * MS_PER_SECOND;
    char index[PATH_MAX];

    for (int i = 0; i < SETTINGS; i++) {
        if (storage_get_setting(storage, (enum storage_setting)i, &setting[i], error))
            return -1;
    }

    snprintf(index, sizeof index, "%s/index.html", config->public_dir);

    /* If the last build is in the future, the clock has been set back: do not wait for it, and do
     * not leave it. */
    *due = !(setting[SETTING_BUILT_MS] <= now_ms && now_ms - setting[SETTING_BUILT_MS] < pause) &&
           (setting[SETTING_PENDING] || setting[SETTING_BUILT_MS] > now_ms ||
            setting[SETTING_CONFIG_HASH] != config->hash || access(index, F_OK) ||
            (setting[SETTING_STALE_AT_MS] && now_ms >= setting[SETTING_STALE_AT_MS]));
    return 0;
}

struct build {
    struct outputs outputs;
    struct template_set *templates;
    struct item_cache *cache; /* NULL: out of memory, so it is slower */
    struct public_dir dir;
    struct publication *publication;
    const struct output *output; /* the file being made, and its name */
    char name[NAME_MAX + 1];
    struct buffer page; /* the part of the file that is not written yet */
    bool begun;         /* its start has been written */
    bool failed;        /* writing it failed; why: error */
    struct error error;
};

/* Writes a piece of the page, so that a page of ten thousand domains needs little memory. */
static int write_piece(void *context, const char *bytes, size_t size)
{
    struct build *build = context;

    if (!build->begun)
        build->failed =
            publish_begin(build->publication, build->output->folder, build->name, &build->error);
    build->begun = true;
    if (!build->failed)
        build->failed = publish_write(build->publication, bytes, size, &build->error);
    return build->failed ? -1 : 0;
}

static int make_page(struct build *build, size_t site, struct error *error)
{
    const struct output *output = build->output;
    const struct value *root;

    if (output->write)
        return output->write(build->outputs.snapshot, site, &build->page, error);
    root = output->root(&build->outputs, site);
    if (!root)
        return error_set(error, EXIT_IO, "%s: out of memory", build->name);
    return run_template(build->templates, output->template, root, build->cache, &build->page,
                        error);
}

static int build_page(struct build *build, size_t site, struct error *error)
{
    struct buffer *page = &build->page;

    if (!outputs_name(&build->outputs, build->output, site, build->name))
        return 0;
    buffer_reset(page);
    build->begun = false;
    if (make_page(build, site, error)) {
        if (build->failed)
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

/* A signal came: nothing of this build is published. */
static int set_interrupted(const struct build *build, struct error *error)
{
    error_set(error, EXIT_IO, "%s: interrupted", build->dir.path[PUBLIC_DIR_ROOT]);
    error->os = EINTR;
    return -1;
}

static int build_outputs(struct build *build, struct error *error)
{
    build->page.sink = write_piece;
    build->page.sink_context = build;
    for (size_t i = 0; i < outputs_table_size; i++) {
        size_t n = outputs_table[i].each_site ? build->outputs.snapshot->n_sites : 1;

        build->output = &outputs_table[i];
        for (size_t site = 0; site < n; site++) {
            if (interrupt_is_urgent())
                return set_interrupted(build, error);
            if (build_page(build, site, error))
                return -1;
        }
    }
    return 0;
}

/* Adds the script, the icons and the schemas. */
static int build_static(struct build *build, struct error *error)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_TEMPLATE);
    int result = 0;

    for (size_t i = 0; i < n_assets && result == 0; i++) {
        const char *name = template_files_name(&assets[i], TEMPLATE_FILES_STATIC);

        if (!name)
            continue;
        result =
            template_files_read(build->outputs.snapshot->config, &assets[i], name, &text, error);
        if (result == 0)
            result =
                publish_add(build->publication, PUBLIC_DIR_ROOT, name, text.data, text.size, error);
    }
    buffer_free(&text);
    return result;
}

/* Adds a user's file unchanged. path NULL: none. */
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
    const struct config *config = build->outputs.snapshot->config;
    char logo[PAGE_VALUES_LOGO_MAX] = "";

    if (config->logo)
        page_values_logo_name(config->logo, logo);
    if (build_copy(build, config->logo, logo, error))
        return -1;
    return build_copy(build, config->style_sheet, OUTPUTS_STYLE_SHEET, error);
}

static int build_all(struct build *build, const char *pool, struct error *error)
{
    /* Pages, JSON and metrics show when they were built; the other files seldom change. */
    size_t n_pages = 2 * build->outputs.snapshot->n_sites + 3;

    if (publish_open(&build->publication, &build->dir, pool, n_pages, error) ||
        build_outputs(build, error) || build_static(build, error) || build_copies(build, error) ||
        publish_commit(build->publication, error))
        return -1;

    /* Remove the files of sites that are no longer configured. */
    return public_dir_prune(&build->dir, outputs_signature_to_remove, &build->outputs, error);
}

int dashboard_render(const struct snapshot *snapshot, const char *folder, const char *pool,
                     struct error *error)
{
    struct build build = {.templates = template_set_new(),
                          .cache = item_cache_new(),
                          .page = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE)};
    int result = -1;

    if (!build.templates) {
        item_cache_free(build.cache);
        return error_set(error, EXIT_IO, "%s: out of memory", folder);
    }
    if (outputs_open(&build.outputs, snapshot, error) == 0 &&
        template_files_load(snapshot->config, build.templates, error) == 0 &&
        messages_add(build.outputs.messages, build.templates, error) == 0) {
        if (public_dir_open(&build.dir, folder, error) == 0)
            result = build_all(&build, pool, error);
        publish_close(build.publication);
        public_dir_close(&build.dir);
    }
    template_set_free(build.templates);
    item_cache_free(build.cache);
    outputs_close(&build.outputs);
    buffer_free(&build.page);
    return result;
}

/* Takes a snapshot and adds the ticks. Returns NULL on failure. */
static struct snapshot *take_snapshot(struct storage *storage, const struct config *config,
                                      const struct ticks *ticks, int64_t now_ms,
                                      struct error *error)
{
    struct snapshot *snapshot = snapshot_take(storage, config, now_ms, error);

    if (snapshot && ticks)
        snapshot->ticks = *ticks;
    return snapshot;
}

int dashboard_build(struct storage *storage, const struct config *config, const struct ticks *ticks,
                    int64_t now_ms, const char *folder, struct error *error)
{
    struct snapshot *snapshot = take_snapshot(storage, config, ticks, now_ms, error);
    char pool[PATH_MAX];
    int result;

    if (!snapshot)
        return -1;
    if (folder) {
        result = dashboard_render(snapshot, folder, NULL, error);
    } else {
        snprintf(pool, sizeof pool, "%s/page-pool", config->data_dir);
        result = dashboard_render(snapshot, config->public_dir, pool, error);
        if (result == 0)
            result = storage_set_built(storage, now_ms, snapshot->stale_at_ms, config->hash, error);
    }
    snapshot_free(snapshot);
    return result;
}

int dashboard_print_model(struct storage *storage, const struct config *config,
                          const struct ticks *ticks, int64_t now_ms, struct buffer *into,
                          struct error *error)
{
    struct snapshot *snapshot = take_snapshot(storage, config, ticks, now_ms, error);
    int result;

    if (!snapshot)
        return -1;
    result = print_model(snapshot, into, error);
    snapshot_free(snapshot);
    return result;
}
