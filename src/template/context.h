#ifndef TEMPLATE_CONTEXT_H
#define TEMPLATE_CONTEXT_H

#include "template/lex.h"
#include "template/values.h"

/* Finds the value of a name in a template. */

/* A name of a tag, made ready for many searches. */
struct tag_name {
    struct slice text;
    size_t first;           /* bytes before the first dot */
    unsigned long long bit; /* of that part, as in the names of an object */
};

struct tag_name context_name(struct slice text);

/* A field that was found for a tag. The next object often has the same constant as name there. */
struct hint {
    const struct tag_name *tag;
    const char *name;
    size_t index;
};

/* The values in which names are searched, the innermost first. */
struct context {
    const struct value *value;
    const struct context *outer; /* the next one that is an object: others have no names */
    int depth;                   /* the number of values around it, objects or not */
};

/* The context of a value inside another. outer NULL: it is the root. */
struct context context_inside(const struct value *value, const struct context *outer);

/*
 * Finds the value of a dotted name. The first part is searched from the innermost value outwards,
 * the other parts only in the value found. "." is the innermost value. Never NULL: an unknown name
 * is VALUE_NOTHING. *depth becomes the depth of the value that has the name; -1: none. *hint
 * is what was found last for this tag or another one, or all zero.
 */
const struct value *context_find(const struct context *context, const struct tag_name *name,
                                 struct hint *hint, int *depth);

#endif
