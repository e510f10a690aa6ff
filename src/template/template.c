#include "template/template.h"

#include "template/set.h"

#include <stdlib.h>
#include <string.h>

struct template_set *template_set_new(void)
{
    return calloc(1, sizeof(struct template_set));
}

static void free_template(struct template *template)
{
    free(template->name);
    free(template->text);
    free(template->ops);
}

void template_set_free(struct template_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->n; i++)
        free_template(&set->templates[i]);
    free(set->templates);
    free(set);
}

/* Negative, 0 or positive, as the template's name stands before, at or behind the other. */
static int compare(const struct template *template, struct slice name)
{
    size_t size = strlen(template->name);
    int order = memcmp(template->name, name.data, size < name.size ? size : name.size);

    return order ? order : (size > name.size) - (size < name.size);
}

/* The index of the first template that does not stand before this name. */
static size_t find_place(const struct template_set *set, struct slice name)
{
    size_t from = 0, to = set->n;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (compare(&set->templates[middle], name) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

const struct template *template_find(const struct template_set *set, struct slice name)
{
    size_t i = find_place(set, name);

    return i < set->n && compare(&set->templates[i], name) == 0 ? &set->templates[i] : NULL;
}

int template_add(struct template_set *set, const char *name, const char *text, size_t size,
                 struct error *error)
{
    struct template *grown = realloc(set->templates, (set->n + 1) * sizeof *grown);
    struct template template = {.name = strdup(name), .text = malloc(size + 1)};
    size_t place;

    if (grown)
        set->templates = grown;
    if (!grown || !template.name || !template.text) {
        free_template(&template);
        return error_set(error, EXIT_IO, "%s: out of memory", name);
    }
    memcpy(template.text, text, size);
    if (parse_template(&template, size, error)) {
        free_template(&template);
        return -1;
    }
    place = find_place(set, (struct slice){name, strlen(name)});
    memmove(&set->templates[place + 1], &set->templates[place],
            (set->n++ - place) * sizeof template);
    set->templates[place] = template;
    return 0;
}
