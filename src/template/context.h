#ifndef TEMPLATE_CONTEXT_H
#define TEMPLATE_CONTEXT_H

#include "template/lex.h"
#include "template/template.h"

/* Finds the value of a name in a template. */

/* The values in which names are searched, the innermost first. */
struct context {
    const struct value *value;
    const struct context *outer;
};

/*
 * Finds the value of a dotted name. The first part is searched from the innermost value outwards,
 * the other parts only in the value found. "." is the innermost value. Never NULL: an unknown name
 * is VALUE_NOTHING.
 */
const struct value *context_find(const struct context *context, struct slice name);

/* Whether a section of this value is run. */
bool context_is_true(const struct value *value);

#endif
