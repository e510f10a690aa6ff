#ifndef TEMPLATE_TEMPLATE_H
#define TEMPLATE_TEMPLATE_H

#include "template/values.h"

struct error;

/*
 * Mustache: comments, delimiters, interpolation, sections, inverted sections, partials and
 * inheritance of its specification, but no lambdas. Templates are parsed once and run often
 * (run.h). Pure: no file.
 */

/* A set of templates that refer to each other as partials and parents. */
struct template_set;
struct template;

/* NULL: out of memory. */
struct template_set *template_set_new(void);

/* NULL is allowed. */
void template_set_free(struct template_set *set);

/*
 * What {{name}} is escaped for follows from the name of the template: for JSON if it ends with
 * ".mustache" and not with ".html.mustache"; else for HTML.
 *
 * Parses a template and adds it; name (at most NAME_MAX bytes) and text are copied. Its partials
 * and parents may be added later, or never: then they are empty, as the specification requires. An
 * earlier template of this name is removed. Returns 0; or -1 with "NAME:LINE: mistake", and nothing
 * is added.
 */
int template_add(struct template_set *set, const char *name, const char *text, size_t size,
                 struct error *error);

/* Finds a template by its name; NULL: there is none. */
const struct template *template_find(const struct template_set *set, const char *name);

#endif
