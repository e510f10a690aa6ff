#ifndef TEMPLATE_LOOKUP_H
#define TEMPLATE_LOOKUP_H

#include "template/parse.h"
#include "template/template.h"

/* How a name in a template finds its value. */

/* Values in which names are looked up, the innermost first. */
struct context {
    const struct value *value;
    const struct context *outer;
};

/* The value of a dotted name, VALUE_NOTHING where there is none: its first part is looked for
 * outwards, the others only in what was found. "." is the innermost value. */
const struct value *lookup_value(const struct context *context, struct slice name);

/* Whether a section over this value is run. */
bool lookup_is_true(const struct value *value);

/* Whether a piece of a template is this word. */
bool lookup_is(struct slice word, const char *name);

#endif
