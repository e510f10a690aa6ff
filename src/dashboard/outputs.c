#include "dashboard/outputs.h"

#include "dashboard/metrics.h"
#include "dashboard/renderer.h"
#include "dashboard/site_json.h"

#include <stdio.h>
#include <string.h>

int contents_open(struct contents *contents, const struct snapshot *snapshot, struct error *error)
{
    *contents = (struct contents){.snapshot = snapshot};
    if (messages_load(&contents->words, snapshot->config, error))
        return -1;
    contents->model = model_new(snapshot, contents->words);
    if (!contents->model || ids_collect(&contents->ids, snapshot))
        return error_set(error, EXIT_IO, "dashboard: out of memory");
    return 0;
}

void contents_close(struct contents *contents)
{
    model_free(contents->model);
    messages_free(contents->words);
    ids_free(&contents->ids);
}

static const struct value *root_index(struct contents *contents, size_t site)
{
    (void)site;
    return model_index(contents->model);
}

static const struct value *root_site(struct contents *contents, size_t site)
{
    return model_site(contents->model, site);
}

static const struct value *root_state(struct contents *contents, size_t site)
{
    return badge_state(&contents->badge, contents->words, &contents->snapshot->sites[site]);
}

static const struct value *root_uptime(struct contents *contents, size_t site)
{
    return badge_uptime(&contents->badge, contents->words, &contents->snapshot->sites[site]);
}

static const struct value *root_feed(struct contents *contents, size_t site)
{
    (void)site;
    return feed_of_all(&contents->feed, contents->words, contents->snapshot);
}

static const struct value *root_site_feed(struct contents *contents, size_t site)
{
    return feed_of_site(&contents->feed, contents->words, contents->snapshot, site);
}

static int write_status(struct contents *contents, size_t site, struct buffer *into,
                        struct error *error)
{
    (void)site;
    return status_json(contents->snapshot, into, error);
}

static int write_metrics(struct contents *contents, size_t site, struct buffer *into,
                         struct error *error)
{
    (void)site;
    return metrics_write(contents->snapshot, into, error);
}

static int write_site(struct contents *contents, size_t site, struct buffer *into,
                      struct error *error)
{
    return site_json(contents->snapshot, site, into, error);
}

static const char badge_mark[] = "<!-- made by uptick -->";

/* What is added last is renamed first, so that index.html, the first, never leads to a file that is
 * not there. */
const struct output outputs[] = {
    {PUBLIC_DIR_ROOT, "index.html", .template = "index.html", .root = root_index},
    {PUBLIC_DIR_ROOT, "status.json", .write = write_status},
    {PUBLIC_DIR_SITE, ".html", true, "site.html", root_site,
     .mark = "name=\"generator\" content=\"uptick\""},
    {PUBLIC_DIR_SITE, ".json", true, .write = write_site, .mark = "\"generator\": \"uptick\""},
    {PUBLIC_DIR_ROOT, "metrics.prom", .write = write_metrics},
    {PUBLIC_DIR_ROOT, "feed.xml", .template = "feed.xml", .root = root_feed},
    {PUBLIC_DIR_SITE, ".xml", true, "feed.xml", root_site_feed, .mark = "<generator>uptick</"},
    {PUBLIC_DIR_BADGE, ".svg", true, "badge.svg", root_state, .mark = badge_mark},
    {PUBLIC_DIR_BADGE, "-uptime-30d.svg", true, "badge.svg", root_uptime, .mark = badge_mark},
    {PUBLIC_DIR_ROOT, "style.css", .template = "style.css", .root = root_index},
};
const size_t n_outputs = sizeof outputs / sizeof outputs[0];

/* The part of a file's name that stands before this ending; false: it ends otherwise. */
static bool cut_ending(const char *name, const char *ending, char into[NAME_MAX + 1])
{
    size_t size = strlen(name), end_size = strlen(ending);

    if (size <= end_size || size > NAME_MAX || strcmp(name + size - end_size, ending) != 0)
        return false;
    memcpy(into, name, size - end_size);
    into[size - end_size] = '\0';
    return true;
}

/* Whether the output of a site has the name that one of another site has by a row before: the badge
 * of the state of a site "a-uptime-30d" is not that of the uptime of a site "a". */
static bool is_taken(const struct output *output, const struct ids *ids, const char *name)
{
    for (const struct output *before = outputs; before < output; before++) {
        char id[NAME_MAX + 1];

        if (before->each_site && before->folder == output->folder &&
            cut_ending(name, before->name, id) && ids_find(ids, id))
            return true;
    }
    return false;
}

bool output_name(const struct output *output, const struct contents *contents, size_t site,
                 char name[NAME_MAX + 1])
{
    const char *id = output->each_site ? contents->snapshot->sites[site].site->id : "";

    snprintf(name, NAME_MAX + 1, "%s%s", id, output->name);
    return !output->each_site || !is_taken(output, &contents->ids, name);
}

const char *output_mark_to_remove(const struct ids *ids, enum public_dir_folder folder,
                                  const char *name)
{
    const char *mark = NULL;

    for (size_t i = 0; i < n_outputs; i++) {
        char id[NAME_MAX + 1];
        const char *configured;

        if (!outputs[i].each_site || outputs[i].folder != folder ||
            !cut_ending(name, outputs[i].name, id))
            continue;
        configured = ids_find(ids, id);
        if (configured && strcmp(configured, id) == 0)
            return NULL;
        mark = outputs[i].mark;
    }
    return mark;
}
