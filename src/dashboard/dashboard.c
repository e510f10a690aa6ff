/* Decides when the dashboard is due, makes every file of it and publishes them together. */
#include "dashboard/dashboard.h"

#include "base/asset.h"
#include "base/clock.h"
#include "base/file.h"
#include "dashboard/builders.h"
#include "dashboard/messages.h"
#include "dashboard/outputs.h"
#include "dashboard/print.h"
#include "dashboard/publish.h"
#include "dashboard/snapshot.h"
#include "dashboard/template_files.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
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

enum { COPIES_MAX = 2 /* of the user's files */ };

struct build {
    struct snapshot *snapshot; /* its sites are loaded from storage */
    struct storage *storage;   /* NULL: they are loaded already */
    const struct config *config;
    struct outputs outputs;
    struct template_set *templates;
    struct public_dir dir;
    struct publication *publication;
    size_t next_number; /* of the next file that is not in the table of outputs */
};

static int out_of_memory(struct error *error)
{
    return error_set(error, EXIT_IO, "uptick: out of memory while preparing the dashboard");
}

static int add_file(struct build *build, const char *name, const struct buffer *bytes,
                    struct error *error)
{
    return publish_add(build->publication, build->next_number++, PUBLIC_DIR_ROOT, name, bytes->data,
                       bytes->size, error);
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
        result = template_files_read(build->config, &assets[i], name, &text, error);
        if (result == 0)
            result = add_file(build, name, &text, error);
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
        result = add_file(build, name, &copy, error);
    buffer_free(&copy);
    return result;
}

static int build_copies(struct build *build, struct error *error)
{
    const struct config *config = build->config;
    char logo[PAGE_VALUES_LOGO_MAX] = "";

    if (config->logo)
        page_values_logo_name(config->logo, logo);
    if (build_copy(build, config->logo, logo, error))
        return -1;
    return build_copy(build, config->style_sheet, OUTPUTS_STYLE_SHEET, error);
}

/* Makes all files of a snapshot that is complete. */
static int build_loaded(const struct build *build, struct builders *builders, struct error *error)
{
    size_t n = build->outputs.snapshot->n_sites, *sites = malloc((n + 1) * sizeof *sites);
    int result;

    if (!sites)
        return out_of_memory(error);
    for (size_t i = 0; i < n; i++)
        sites[i] = i;
    result = builders_add(builders, sites, n, true, error);
    if (result == 0)
        result = builders_finish(builders, error);
    free(sites);
    return result;
}

/* Makes all files, portion by portion. While the other threads make those of one, this one loads
 * the next, and then helps them. */
static int build_portions(const struct build *build, struct builders *builders, struct error *error)
{
    const size_t *sites;
    size_t n;

    do {
        if (snapshot_next(build->snapshot, build->storage, &sites, &n, error)) {
            builders_stop(builders);
            return -1;
        }
        if (builders_add(builders, sites, n, snapshot_is_complete(build->snapshot), error))
            return -1;
        publish_sync_early(build->publication);
    } while (!snapshot_is_complete(build->snapshot));
    return builders_finish(builders, error);
}

static int build_outputs(struct build *build, struct error *error)
{
    struct builders *builders = builders_new(&build->outputs, build->templates, build->publication);
    int result = -1;

    if (!builders)
        out_of_memory(error);
    else
        result = (build->storage ? build_portions : build_loaded)(build, builders, error);
    builders_free(builders);
    return result;
}

static int build_all(struct build *build, const char *pool, struct error *error)
{
    const struct outputs *outputs = &build->outputs;
    size_t n = outputs_count(outputs);

    build->next_number = n;
    if (publish_open(&build->publication, &build->dir, pool, n + n_assets + COPIES_MAX,
                     outputs_count_dated(outputs), error) ||
        build_outputs(build, error) || build_static(build, error) || build_copies(build, error) ||
        publish_commit(build->publication, error))
        return -1;

    /* Remove the files of sites that are no longer configured. */
    return public_dir_prune(&build->dir, outputs_signature_to_remove, outputs, error);
}

/* Builds in a folder. The caller has set the snapshot, and perhaps the storage. */
static int render(struct build *build, const struct snapshot *snapshot, const char *folder,
                  const char *pool, struct error *error)
{
    int result = -1;

    build->config = snapshot->config;
    build->templates = template_set_new();
    if (!build->templates)
        return error_set(error, EXIT_IO, "%s: out of memory", folder);
    if (outputs_open(&build->outputs, snapshot, error) == 0 &&
        template_files_load(snapshot->config, TEMPLATE_FILES_TEMPLATE, build->templates, error) ==
            0 &&
        messages_add(build->outputs.messages, build->templates, error) == 0) {
        if (public_dir_open(&build->dir, folder, error) == 0)
            result = build_all(build, pool, error);
        publish_close(build->publication);
        public_dir_close(&build->dir);
    }
    template_set_free(build->templates);
    outputs_close(&build->outputs);
    return result;
}

int dashboard_render(const struct snapshot *snapshot, const char *folder, const char *pool,
                     struct error *error)
{
    struct build build = {0};

    return render(&build, snapshot, folder, pool, error);
}

/* Sets what is not in the state. */
static void set_moment(struct snapshot *snapshot, const struct dashboard_moment *moment)
{
    snapshot->past = moment->past;
    if (moment->ticks)
        snapshot->ticks = *moment->ticks;
}

int dashboard_build(struct storage *storage, const struct config *config,
                    const struct dashboard_moment *moment, const char *folder, struct error *error)
{
    struct snapshot *snapshot =
        snapshot_open(storage, config, moment->at_ms, HISTORY_PORTION, error);
    struct build build = {.snapshot = snapshot, .storage = storage};
    char pool[PATH_MAX];
    int result;

    assert(folder || !moment->past);
    if (!snapshot)
        return -1;
    set_moment(snapshot, moment);
    if (folder) {
        result = render(&build, snapshot, folder, NULL, error);
    } else {
        snprintf(pool, sizeof pool, "%s/page-pool", config->data_dir);
        result = render(&build, snapshot, config->public_dir, pool, error);
        if (result == 0)
            result = storage_set_built(storage, moment->at_ms, snapshot->stale_at_ms, config->hash,
                                       error);
    }
    snapshot_free(snapshot);
    return result;
}

int dashboard_print_model(struct storage *storage, const struct config *config,
                          const struct dashboard_moment *moment, struct buffer *into,
                          struct error *error)
{
    struct snapshot *snapshot = snapshot_take(storage, config, moment->at_ms, error);
    int result;

    if (!snapshot)
        return -1;
    set_moment(snapshot, moment);
    result = print_model(snapshot, into, error);
    snapshot_free(snapshot);
    return result;
}
