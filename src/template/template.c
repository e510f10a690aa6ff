/* The set of templates, found by name. */
#include "template/template.h"

#include "base/buffer.h"
#include "base/table.h"
#include "base/text.h"
#include "template/parse.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct template_set {
    struct table names;     /* also of templates that are only named in tags */
    struct template *first; /* a list of all */
    unsigned n_ops;         /* of all */
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
    while (set->first) {
        struct template *template = set->first;

        set->first = template->next;
        free_template(template);
    }
    table_free(&set->names);
    free(set);
}

const struct template *template_find(const struct template_set *set, const char *name)
{
    const struct template *template = table_find(&set->names, name);

    return template && template->text ? template : NULL;
}

/* Finds the template of this name, whether it is added already or not. Returns NULL if out of
 * memory. */
static struct template *find_or_insert(struct template_set *set, const char *name)
{
    struct template *template = table_find(&set->names, name);

    if (template)
        return template;
    template = calloc(1, sizeof *template);
    if (!template || !(template->name = strdup(name)) ||
        table_set(&set->names, template->name, template)) {
        if (template)
            free_template(template);
        return NULL;
    }
    template->next = set->first;
    set->first = template;
    return template;
}

/* Numbers the operations, and finds the templates that the tags name, so that a run need not search
 * them. */
static int link_tags(struct template_set *set, struct template *template)
{
    for (size_t i = 0; i < template->n_ops; i++) {
        struct op *op = &template->ops[i];
        struct slice text = op->name.text;
        char name[NAME_MAX + 1];

        op->hint = set->n_ops++ % CONTEXT_HINTS;
        if ((op->kind != OP_PARTIAL && op->kind != OP_PARENT) || text.size > NAME_MAX ||
            memchr(text.data, '\0', text.size))
            continue;
        memcpy(name, text.data, text.size);
        name[text.size] = '\0';
        op->other = find_or_insert(set, name);
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
    *template = (struct template){.name = template->name, .next = template->next};
    return -1;
}

static bool makes_json(const char *name)
{
    return text_ends_with(name, ".mustache") && !text_ends_with(name, ".html.mustache");
}

int template_add(struct template_set *set, const char *name, const char *text, size_t size,
                 struct error *error)
{
    struct template *template = find_or_insert(set, name);
    char *copy = template ? calloc(1, size + BUFFER_PADDING) : NULL;

    if (!copy)
        return error_set(error, EXIT_IO, "%s: out of memory", name);
    memcpy(copy, text, size);
    forget(template);
    template->text = copy;
    template->makes_json = makes_json(name);
    if (parse_template(template, size, error))
        return forget(template);
    if (link_tags(set, template)) {
        forget(template);
        return error_set(error, EXIT_IO, "%s: out of memory", name);
    }
    return 0;
}
