#include "dashboard/sections.h"

#include <stdlib.h>
#include <string.h>

static bool is_troubled(const struct site_view *view)
{
    return status_severity(view->status) >= status_severity(STATUS_DEGRADED);
}

static bool is_of(const struct section *section, const struct site_view *view)
{
    const char *a = section->group, *b = view->site->group;

    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* The section of a site; it is added where it is missing. Those without a group have the first. */
static struct section *section_of(struct sections *sections, const struct site_view *view)
{
    size_t i = 0;

    while (i < sections->n && !is_of(&sections->sections[i], view))
        i++;
    if (i == sections->n)
        sections->sections[sections->n++] =
            (struct section){.group = view->site->group, .well = true};
    return &sections->sections[i];
}

static void count(struct sections *sections, const struct snapshot *snapshot, size_t *section)
{
    static const struct site no_group = {.id = ""};

    section_of(sections, &(struct site_view){.site = &no_group});
    for (size_t i = 0; i < snapshot->n_sites; i++) {
        const struct site_view *view = &snapshot->sites[i];
        struct section *of = section_of(sections, view);

        section[i] = (size_t)(of - sections->sections);
        of->well = of->well && view->status == STATUS_UP;
        if (is_troubled(view))
            of->n_troubled++;
        else
            of->n++;
    }
}

/* Puts each site into the place that its section has left for it. */
static void put_in_order(struct sections *sections, const struct snapshot *snapshot,
                         const size_t *section)
{
    size_t next = 0;

    for (size_t i = 0; i < snapshot->n_sites; i++) {
        if (is_troubled(&snapshot->sites[i]))
            sections->order[next++] = i;
    }
    sections->n_troubled = next;
    for (size_t i = 0; i < sections->n; i++) {
        sections->sections[i].first = next;
        next += sections->sections[i].n;
        sections->sections[i].n = 0;
    }
    for (size_t i = 0; i < snapshot->n_sites; i++) {
        struct section *of = &sections->sections[section[i]];

        if (!is_troubled(&snapshot->sites[i]))
            sections->order[of->first + of->n++] = i;
    }
}

int sections_make(struct sections *sections, const struct snapshot *snapshot)
{
    size_t *section = calloc(snapshot->n_sites + 1, sizeof *section);
    int result = -1;

    *sections = (struct sections){
        .order = calloc(snapshot->n_sites + 1, sizeof *sections->order),
        .sections = calloc(snapshot->n_sites + 1, sizeof *sections->sections),
    };
    if (section && sections->order && sections->sections) {
        count(sections, snapshot, section);
        put_in_order(sections, snapshot, section);
        result = 0;
    }
    free(section);
    return result;
}

void sections_free(struct sections *sections)
{
    free(sections->order);
    free(sections->sections);
    *sections = (struct sections){0};
}
