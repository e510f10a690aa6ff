#include "dashboard/model.h"

#include "base/clock.h"
#include "dashboard/entry.h"
#include "dashboard/sections.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct model {
    const struct snapshot *snapshot;
    const struct messages *words;
    const struct site_view *site;  /* of a site's page */
    const struct section *section; /* the one whose sites are being shown */
    struct object root, built, holds, status, link, section_form;
    struct view_ticks ticks; /* the same on every page: filled once */
    struct view_axis axis;
    struct entry_site entry_site;
    struct entry_domain entry_domain;
    struct problem_list problem_list;
    struct sections sections;
};

static const struct value *site_value(struct model *model, size_t place)
{
    size_t site = model->sections.order[place];

    return entry_fill_site(&model->entry_site, &model->snapshot->sites[site], false);
}

static const struct value *troubled_item(void *context, size_t i)
{
    return site_value(context, i);
}

static const struct value *section_site_item(void *context, size_t i)
{
    struct model *model = context;

    return site_value(model, model->section->first + i);
}

enum {
    UNFOLDED = 10, /* more sites than these of a group that is wholly well are folded */
    FEW_ROWS = 100 /* of a table with more than these a browser may leave out those out of sight */
};

static const struct value *section_item(void *context, size_t i)
{
    struct model *model = context;
    const struct section *section = model->section = &model->sections.sections[i];
    struct value sites = {.kind = VALUE_LIST, .list = {section->n, section_site_item, model}};
    struct object *object = &model->section_form;

    object_clear(object);
    object_clean(object, "group", section->group ? section->group : "");
    object_add(object, "sites", sites);
    view_count(object, "n_sites", section->n);
    object_flag(object, "one_site", section->n == 1);
    view_count(object, "n_troubled", section->n_troubled);
    object_flag(object, "well", section->well);
    object_flag(object, "folded", section->well && section->n > UNFOLDED);
    object_flag(object, "many", section->n > FEW_ROWS);
    return &object->value;
}

static const struct value *domain_item(void *context, size_t i)
{
    struct model *model = context;

    return entry_fill_domain(&model->entry_domain, &model->site->domains[i]);
}

static const struct value *link_item(void *context, size_t i)
{
    struct model *model = context;
    const struct link *link = &model->snapshot->config->links[i];

    object_clear(&model->link);
    object_clean(&model->link, "text", link->text);
    object_clean(&model->link, "url", link->url);
    object_flag(&model->link, "relative", link->relative);
    return &model->link.value;
}

void model_logo_name(const char *path, char name[MODEL_LOGO_MAX])
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');
    size_t size = 0;

    while (dot && isalnum((unsigned char)dot[1 + size]))
        size++;
    if (size == 0 || dot[1 + size] || sizeof "logo." + size > MODEL_LOGO_MAX)
        dot = NULL;
    snprintf(name, MODEL_LOGO_MAX, "logo%s", dot ? dot : "");
}

/* What makes the dashboard somebody's own. */
static void add_own(struct model *model)
{
    const struct config *config = model->snapshot->config;
    struct value links = {.kind = VALUE_LIST, .list = {config->n_links, link_item, model}};
    struct object *root = &model->root;
    char logo[MODEL_LOGO_MAX];

    object_clean(root, "title", config->title);
    object_add(root, "links", links);
    view_count(root, "n_links", config->n_links);
    if (config->logo) {
        model_logo_name(config->logo, logo);
        object_bytes(root, "logo", logo, strlen(logo));
    }
    object_flag(root, "own_style", config->style_sheet != NULL);
    if (config->accent_colour)
        object_text(root, "accent", config->accent_colour);
    if (config->footer)
        object_clean(root, "footer", config->footer);
}

static void add_moments(struct model *model)
{
    const struct snapshot *snapshot = model->snapshot;
    struct object *root = &model->root;
    int64_t lasts_ms = snapshot->valid_until_ms - snapshot->at_ms;

    view_moment(&model->built, snapshot->at_ms, false);
    view_moment(&model->holds, snapshot->valid_until_ms, false);
    object_flag(&model->holds, "same_day",
                clock_floor_div(snapshot->at_ms, MS_PER_DAY) ==
                    clock_floor_div(snapshot->valid_until_ms, MS_PER_DAY));
    object_inner(root, "built", &model->built);
    object_inner(root, "valid_until", &model->holds);
    object_number(root, "lasts_seconds", lasts_ms > MS_PER_MINUTE ? lasts_ms / MS_PER_SECOND : 60);
}

/* What every page says; page is its own path, and to_root leads from it to the folder of
 * index.html. */
static void fill_root(struct model *model, const char *page, const char *to_root,
                      enum status status)
{
    const struct snapshot *snapshot = model->snapshot;
    struct object *root = &model->root;

    object_clear(root);
    object_text(root, "root", to_root);
    if (snapshot->config->public_url)
        object_print(root, "page_url", "%s%s", snapshot->config->public_url, page);
    add_own(model);
    add_moments(model);
    object_number(root, "hours", snapshot->config->history_hours);
    object_add(root, "axis", view_axis(&model->axis, snapshot->config->history_hours));
    view_status(&model->status, status, model->words);
    object_inner(root, "status", &model->status);
    if (snapshot->ticks.known)
        object_inner(root, "tick", &model->ticks.object);
}

struct model *model_new(const struct snapshot *snapshot, const struct messages *words)
{
    struct model *model = calloc(1, sizeof *model);

    if (!model)
        return NULL;
    model->snapshot = snapshot;
    model->words = words;
    model->entry_site.entry.snapshot = model->entry_domain.entry.snapshot = snapshot;
    model->entry_site.entry.words = model->entry_domain.entry.words = words;
    view_ticks(&model->ticks, &snapshot->ticks, snapshot->at_ms);
    if (sections_make(&model->sections, snapshot) == 0)
        return model;
    model_free(model);
    return NULL;
}

void model_free(struct model *model)
{
    if (!model)
        return;
    sections_free(&model->sections);
    free(model);
}

const struct value *model_index(struct model *model)
{
    const struct sections *sections = &model->sections;
    struct value troubled = {.kind = VALUE_LIST,
                             .list = {sections->n_troubled, troubled_item, model}};
    struct value list = {.kind = VALUE_LIST, .list = {sections->n, section_item, model}};

    fill_root(model, "", "", model->snapshot->status);
    object_add(&model->root, "troubled", troubled);
    object_flag(&model->root, "many", sections->n_troubled > FEW_ROWS);
    object_add(&model->root, "sections", list);
    problems_of_sites(&model->problem_list, model->snapshot, model->words);
    problems_add(&model->problem_list, &model->root);
    return &model->root.value;
}

const struct value *model_site(struct model *model, size_t site)
{
    const struct site_view *view = &model->snapshot->sites[site];
    struct value domains = {.kind = VALUE_LIST, .list = {view->n_domains, domain_item, model}};
    char page[NAME_MAX + 1];

    model->site = view;
    snprintf(page, sizeof page, "site/%s.html", view->site->id);
    fill_root(model, page, "../", view->status);
    entry_fill_site(&model->entry_site, view, true);
    object_inner(&model->root, "site", &model->entry_site.entry.object);
    object_add(&model->root, "domains", domains);
    return &model->root.value;
}
