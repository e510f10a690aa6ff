/* Sorts the sites of the index page into sections, one for each group. */
#include "dashboard/sections.h"

#include "dashboard/snapshot.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool belongs_to(const struct section *section, const struct site_view *view)
{
    const char *a = section->group, *b = view->site->group;

    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Finds the section of a site, or adds it. It is often that of the site before, *last. */
static struct section *section_of(struct sections *sections, const struct site_view *view,
                                  size_t *last)
{
    size_t i = 0;

    if (*last < sections->n && belongs_to(&sections->sections[*last], view))
        return &sections->sections[*last];
    while (i < sections->n && !belongs_to(&sections->sections[i], view))
        i++;
    if (i == sections->n)
        sections->sections[sections->n++] =
            (struct section){.group = view->site->group, .status = STATUS_UP};
    *last = i;
    return &sections->sections[i];
}

/* Counts the sites of each section. Sites without a group get the first section, even if there are
 * none. */
static void count_sites(struct sections *sections, const struct snapshot *snapshot)
{
    size_t last = 0;

    sections->sections[sections->n++] = (struct section){.status = STATUS_UP};
    for (size_t i = 0; i < snapshot->n_sites; i++) {
        const struct site_view *view = &snapshot->sites[i];
        struct section *section = section_of(sections, view, &last);

        section->n++;
        section->n_of[view->status]++;
        sections->n_of[view->status]++;
        if (status_severity(view->status) > status_severity(section->status))
            section->status = view->status;
    }
}

/* Fills sections->order, section after section. */
static void put_in_order(struct sections *sections, const struct snapshot *snapshot)
{
    size_t next = 0, last = 0;

    for (size_t i = 0; i < sections->n; i++) {
        sections->sections[i].first = next;
        next += sections->sections[i].n;
        sections->sections[i].n = 0; /* counts up again below */
    }
    assert(next == snapshot->n_sites);
    for (size_t i = 0; i < snapshot->n_sites; i++) {
        struct section *section = section_of(sections, &snapshot->sites[i], &last);

        sections->order[section->first + section->n++] = i;
    }
}

int sections_make(struct sections *sections, const struct snapshot *snapshot)
{
    *sections = (struct sections){
        .order = calloc(snapshot->n_sites + 1, sizeof *sections->order),
        .sections = calloc(snapshot->n_sites + 1, sizeof *sections->sections),
    };
    if (!sections->order || !sections->sections)
        return -1;
    count_sites(sections, snapshot);
    put_in_order(sections, snapshot);
    return 0;
}

void sections_free(struct sections *sections)
{
    free(sections->order);
    free(sections->sections);
    *sections = (struct sections){0};
}
