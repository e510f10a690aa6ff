/* The set of templates, sorted by name. */
#include "template/template.h"

#include "base/memory.h"
#include "template/parse.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct template_set {
    struct template **templates; /* sorted; also those that are only named in tags */
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
    free(template);
}

void template_set_free(struct template_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->n; i++)
        free_template(set->templates[i]);
    free(set->templates);
    free(set);
}

/* Negative, 0 or positive: the template's name is before, equal to or after the other. */
static int compare_name(const struct template *template, struct slice name)
{
    size_t size = strlen(template->name);
    int order = memcmp(template->name, name.data, size < name.size ? size : name.size);

    return order ? order : (size > name.size) - (size < name.size);
}

/* The index of the first template whose name is not before this one. */
static size_t find_index(const struct template_set *set, struct slice name)
{
    size_t from = 0, to = set->n;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (compare_name(set->templates[middle], name) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

const struct template *template_find(const struct template_set *set, const char *name)
{
    size_t i = find_index(set, (struct slice){name, strlen(name)});

    return i < set->n && strcmp(set->templates[i]->name, name) == 0 && set->templates[i]->text
               ? set->templates[i]
               : NULL;
}

/* Inserts the name of a template that may be added later. Returns NULL if out of memory. */
static struct template *insert_name(struct template_set *set, size_t index, struct slice name)
{
    struct template **grown =
        memory_grow(set->templates, &set->capacity, set->n + 1, sizeof *set->templates);
    struct template *template;

    if (!grown)
        return NULL;
    set->templates = grown;
    template = calloc(1, sizeof *template);
    if (!template || !(template->name = strndup(name.data, name.size))) {
        free(template);
        return NULL;
    }
    assert(index <= set->n && set->n < set->capacity);
    memmove(&set->templates[index + 1], &set->templates[index],
            (set->n++ - index) * sizeof *set->templates);
    return set->templates[index] = template;
}

/* Finds or inserts the template of this name, whether it is added already or not. */
static struct template *find_name(struct template_set *set, struct slice name)
{
    size_t index = find_index(set, name);

    if (index < set->n && compare_name(set->templates[index], name) == 0)
        return set->templates[index];
    return insert_name(set, index, name);
}

/* Finds the templates that the tags name, so that a run need not search them. */
static int link_tags(struct template_set *set, struct template *template)
{
    for (size_t i = 0; i < template->n_ops; i++) {
        struct op *op = &template->ops[i];

        if (op->kind != OP_PARTIAL && op->kind != OP_PARENT)
            continue;
        op->other = find_name(set, op->name.text);
        if (!op->other)
            return -1;
    }
    return 0;
}

/* Leaves only the name of a template. */
static int forget(struct template *template)
{
    free(template->text);
    free(template->ops);
    *template = (struct template){.name = template->name};
    return -1;
}

int template_add(struct template_set *set, const char *name, const char *text, size_t size,
                 struct error *error)
{
    struct template *template = find_name(set, (struct slice){name, strlen(name)});
    char *copy = template ? malloc(size + 1) : NULL;

    if (!copy)
        return error_set(error, EXIT_IO, "%s: out of memory", name);
    memcpy(copy, text, size);
    forget(template);
    template->text = copy;
    if (parse_template(template, size, error))
        return forget(template);
    if (link_tags(set, template)) {
        forget(template);
        return error_set(error, EXIT_IO, "%s: out of memory", name);
    }
    return 0;
}
