#ifndef TESTS_TEMPLATES_H
#define TESTS_TEMPLATES_H

/* Shared by the tests of template/. Include after cmocka.h. */
#include "template/run.h"

#include <string.h>

/* Runs the template "main". templates are names and texts in turn, ended by NULL. */
static inline int run_templates(const char *const *templates, const struct value *root,
                                struct buffer *into, struct error *error)
{
    struct template_set *set = template_set_new();
    int result = 0;

    for (; !result && *templates; templates += 2)
        result = template_add(set, templates[0], templates[1], strlen(templates[1]), error);
    if (!result)
        result = run_template(set, "main", root, NULL, into, error);
    template_set_free(set);
    return result;
}

#endif
