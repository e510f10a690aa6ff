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

int template_add(struct template_set *set, const char *name, const char *text, size_t size,
                 struct error *error)
{
    struct template *grown = realloc(set->templates, (set->n + 1) * sizeof *grown);
    struct template template = {.name = strdup(name), .text = malloc(size + 1)};

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
    set->templates[set->n++] = template;
    return 0;
}
