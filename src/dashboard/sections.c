/* Sorts the sites of the index page into sections. */
#include "dashboard/sections.h"

#include "dashboard/problems.h"
#include "dashboard/snapshot.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool belongs_to(const struct section *section, const struct site_view *view)
{
    const char *a = section->group, *b = view->site->group;

    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Finds the section of a site, or adds it. */
static struct section *section_of(struct sections *sections, const struct site_view *view)
{
    size_t i = 0;

    while (i < sections->n && !belongs_to(&sections->sections[i], view))
        i++;
    if (i == sections->n)
        sections->sections[sections->n++] =
            (struct section){.group = view->site->group, .all_up = true};
    return &sections->sections[i];
}

/* Counts the sites of each section. Sites without a group get the first section, even if there are
 * none. section becomes the index of each site's section. */
static void count_sites(struct sections *sections, const struct snapshot *snapshot, size_t *section)
{
    static const struct site no_group = {.id = ""};

    section_of(sections, &(struct site_view){.site = &no_group});
    for (size_t i = 0; i < snapshot->n_sites; i++) {
        const struct site_view *view = &snapshot->sites[i];
        struct section *of = section_of(sections, view);

        section[i] = (size_t)(of - sections->sections);
        of->all_up = of->all_up && view->status == STATUS_UP;
        if (problems_is_problem(view->status))
            of->n_with_problems++;
        else
            of->n++;
    }
}

/* Fills sections->order: the sites with problems, then section after section. */
static void put_in_order(struct sections *sections, const struct snapshot *snapshot,
                         const size_t *section)
{
    size_t next = 0;

    for (size_t i = 0; i < snapshot->n_sites; i++) {
        if (problems_is_problem(snapshot->sites[i].status))
            sections->order[next++] = i;
    }
    sections->n_with_problems = next;
    for (size_t i = 0; i < sections->n; i++) {
        sections->sections[i].first = next;
        next += sections->sections[i].n;
        sections->sections[i].n = 0; /* counts up again below */
    }
    assert(next == snapshot->n_sites);
    for (size_t i = 0; i < snapshot->n_sites; i++) {
        struct section *of = &sections->sections[section[i]];

        if (!problems_is_problem(snapshot->sites[i].status))
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
        count_sites(sections, snapshot, section);
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
