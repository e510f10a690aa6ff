/* The files of a dashboard: their names, and how each is made. */
#include "dashboard/outputs.h"

#include "base/text.h"
#include "dashboard/messages.h"
#include "dashboard/metrics.h"
#include "dashboard/snapshot.h"
#include "dashboard/status_json.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int compare_ids(const void *a, const void *b)
{
    return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorts the ids, because a build looks one up for each file in the folders. */
static int collect_ids(struct outputs *outputs)
{
    const struct snapshot *snapshot = outputs->snapshot;

    outputs->ids = calloc(snapshot->n_sites + 1, sizeof *outputs->ids);
    if (!outputs->ids)
        return -1;
    for (size_t i = 0; i < snapshot->n_sites; i++)
        outputs->ids[i] = snapshot->sites[i].site->id;
    qsort(outputs->ids, snapshot->n_sites, sizeof *outputs->ids, compare_ids);
    return 0;
}

/* The id of the site that equals text without regard to case; NULL: none. No two ids differ only in
 * case. */
static const char *find_id(const struct outputs *outputs, const char *text)
{
    const char **found =
        bsearch(&text, outputs->ids, outputs->snapshot->n_sites, sizeof *outputs->ids, compare_ids);

    return found ? *found : NULL;
}

int outputs_open(struct outputs *outputs, const struct snapshot *snapshot, struct error *error)
{
    *outputs = (struct outputs){.snapshot = snapshot};
    if (messages_load(&outputs->messages, snapshot->config, error))
        return -1;
    if (collect_ids(outputs))
        return error_set(error, EXIT_IO, "uptick: out of memory while preparing the dashboard");
    return 0;
}

void outputs_close(struct outputs *outputs)
{
    messages_free(outputs->messages);
    free(outputs->ids);
}

struct outputs_values *outputs_values_new(const struct outputs *outputs)
{
    struct outputs_values *values = calloc(1, sizeof *values);

    if (!values)
        return NULL;
    values->outputs = outputs;
    values->pages = page_values_new(outputs->snapshot, outputs->messages);
    if (values->pages)
        return values;
    free(values);
    return NULL;
}

void outputs_values_free(struct outputs_values *values)
{
    if (!values)
        return;
    page_values_free(values->pages);
    free(values);
}

static const struct site_view *site_of(const struct outputs_values *values, size_t site)
{
    return &values->outputs->snapshot->sites[site];
}

static const struct value *root_index(struct outputs_values *values, size_t site)
{
    (void)site;
    return page_values_index(values->pages);
}

static const struct value *root_site(struct outputs_values *values, size_t site)
{
    return page_values_site(values->pages, site);
}

static const struct value *root_state(struct outputs_values *values, size_t site)
{
    return badge_state(&values->badge, values->outputs->messages, site_of(values, site));
}

static const struct value *root_uptime(struct outputs_values *values, size_t site)
{
    return badge_uptime(&values->badge, values->outputs->messages, site_of(values, site));
}

static const struct value *root_feed(struct outputs_values *values, size_t site)
{
    (void)site;
    return feed_fill(&values->feed, values->outputs->messages, values->outputs->snapshot, NULL);
}

static const struct value *root_site_feed(struct outputs_values *values, size_t site)
{
    return feed_fill(&values->feed, values->outputs->messages, values->outputs->snapshot,
                     site_of(values, site));
}

static int write_status(const struct snapshot *snapshot, size_t site, struct buffer *into,
                        struct error *error)
{
    (void)site;
    return status_json_write(snapshot, into, error);
}

static int write_metrics(const struct snapshot *snapshot, size_t site, struct buffer *into,
                         struct error *error)
{
    (void)site;
    return metrics_write(snapshot, into, error);
}

static const char badge_signature[] = "<!-- made by uptick -->";

/* The last file is the first one renamed. index.html comes first, so it is renamed when all files
 * that it links to are there. */
const struct output outputs_table[] = {
    {PUBLIC_DIR_ROOT, "index.html", .dated = true, .template = "index.html", .root = root_index},
    {PUBLIC_DIR_ROOT, "status.json", .dated = true, .write = write_status},
    {PUBLIC_DIR_SITE, ".html", true, true, "site.html", root_site,
     .signature = "name=\"generator\" content=\"uptick\""},
    {PUBLIC_DIR_SITE, ".json", true, true, .write = status_json_write_site,
     .signature = "\"generator\": \"uptick\""},
    {PUBLIC_DIR_ROOT, "metrics.prom", .dated = true, .write = write_metrics},
    {PUBLIC_DIR_ROOT, "feed.xml", .template = "feed.xml", .root = root_feed},
    {PUBLIC_DIR_SITE, ".xml", true, false, "feed.xml", root_site_feed,
     .signature = "<generator>uptick</"},
    {PUBLIC_DIR_BADGE, ".svg", true, false, "badge.svg", root_state, .signature = badge_signature},
    {PUBLIC_DIR_BADGE, "-uptime-30d.svg", true, false, "badge.svg", root_uptime,
     .signature = badge_signature},
    {PUBLIC_DIR_ROOT, "style.css", .template = "style.css", .root = root_index},
};
const size_t outputs_table_size = sizeof outputs_table / sizeof outputs_table[0];

/* The number of the first file of an output. */
static size_t first_number(const struct outputs *outputs, const struct output *output)
{
    size_t n = 0;

    for (const struct output *earlier = outputs_table; earlier < output; earlier++)
        n += earlier->each_site ? outputs->snapshot->n_sites : 1;
    return n;
}

size_t outputs_number(const struct outputs *outputs, const struct output *output, size_t site)
{
    return first_number(outputs, output) + (output->each_site ? site : 0);
}

size_t outputs_count(const struct outputs *outputs)
{
    return first_number(outputs, outputs_table + outputs_table_size);
}

size_t outputs_count_dated(const struct outputs *outputs)
{
    const struct output *output = outputs_table;

    while (output->dated)
        output++;
    return first_number(outputs, output);
}

/* Copies the part of name before this ending. Returns false if it has another ending or nothing
 * before it. */
static bool cut_ending(const char *name, const char *ending, char into[NAME_MAX + 1])
{
    size_t size = strlen(name), end_size = strlen(ending);

    if (size <= end_size || size > NAME_MAX || !text_ends_with(name, ending))
        return false;
    memcpy(into, name, size - end_size);
    into[size - end_size] = '\0';
    return true;
}

/* Whether an output of an earlier row has this name for some site. The state badge of a site
 * "a-uptime-30d" has the name of the uptime badge of a site "a". */
static bool is_taken(const struct outputs *outputs, const struct output *output, const char *name)
{
    for (const struct output *earlier = outputs_table; earlier < output; earlier++) {
        char id[NAME_MAX + 1];

        if (earlier->each_site && earlier->folder == output->folder &&
            cut_ending(name, earlier->name, id) && find_id(outputs, id))
            return true;
    }
    return false;
}

bool outputs_name(const struct outputs *outputs, const struct output *output, size_t site,
                  char name[NAME_MAX + 1])
{
    const char *id = "";

    if (output->each_site) {
        assert(site < outputs->snapshot->n_sites);
        id = outputs->snapshot->sites[site].site->id;
    }
    snprintf(name, NAME_MAX + 1, "%s%s", id, output->name);
    return !output->each_site || !is_taken(outputs, output, name);
}

const char *outputs_signature_to_remove(const void *context, enum public_dir_folder folder,
                                        const char *name)
{
    const struct outputs *outputs = context;
    const char *signature = NULL;

    for (size_t i = 0; i < outputs_table_size; i++) {
        const struct output *output = &outputs_table[i];
        char id[NAME_MAX + 1];
        const char *configured;

        if (!output->each_site || output->folder != folder || !cut_ending(name, output->name, id))
            continue;
        configured = find_id(outputs, id);
        if (configured && strcmp(configured, id) == 0)
            return NULL;
        signature = output->signature;
    }
    return signature;
}
