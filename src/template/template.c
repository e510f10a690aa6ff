/* The set of templates, sorted by name. */
#include "template/template.h"

#include "base/memory.h"
#include "template/parse.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct template_set {
    struct template *templates; /* sorted, because pages find ten thousands of texts in it */
    size_t n, capacity;
};

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

/* Negative, 0 or positive: the template's name is before, equal to or after the other. */
static int compare_name(const struct template *template, const char *name, size_t name_size)
{
    size_t size = strlen(template->name);
    int order = memcmp(template->name, name, size < name_size ? size : name_size);

    return order ? order : (size > name_size) - (size < name_size);
}

/* The index of the first template whose name is not before this one. */
static size_t find_index(const struct template_set *set, const char *name, size_t size)
{
    size_t from = 0, to = set->n;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (compare_name(&set->templates[middle], name, size) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

const struct template *template_find(const struct template_set *set, const char *name, size_t size)
{
    size_t i = find_index(set, name, size);

    return i < set->n && compare_name(&set->templates[i], name, size) == 0 ? &set->templates[i]
                                                                           : NULL;
}

int template_add(struct template_set *set, const char *name, const char *text, size_t size,
                 struct error *error)
{
    struct template template = {.name = strdup(name), .text = malloc(size + 1)};
    struct template *grown =
        memory_grow(set->templates, &set->capacity, set->n + 1, sizeof *set->templates);
    size_t index;

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
    index = find_index(set, name, strlen(name));
    assert(index <= set->n && set->n < set->capacity);
    memmove(&set->templates[index + 1], &set->templates[index],
            (set->n++ - index) * sizeof template);
    set->templates[index] = template;
    return 0;
}
