#ifndef TEMPLATE_CONTEXT_H
#define TEMPLATE_CONTEXT_H

#include "template/lex.h"
#include "template/values.h"

/* Finds the value of a name in a template. */

/* A name of a tag, made ready for many searches. */
struct tag_name {
    struct slice text;
    size_t first; /* bytes before the first dot */
    uint64_t bit; /* of that part (values_name_bit) */
    bool is_self; /* ".": the innermost value */
};

struct tag_name context_name(struct slice text);

/* A field that was found for a tag, and one in it for the part after the first dot. The next object
 * often has the same constants as names there. */
struct hint {
    const struct tag_name *tag;
    const char *name, *inner_name;
    uint32_t index, inner_index;
};

/* A hint for each tag of a set of templates; if there are more tags, some share one. */
enum { CONTEXT_HINTS = 2048 };

/* The values in which names are searched, the innermost first. */
struct context {
    const struct value *value;
    const struct context *outer; /* the next one that is an object: others have no names */
    int depth;                   /* the number of values around it, objects or not */
};

/* The context of a value inside another. outer NULL: it is the root. */
static inline struct context context_inside(const struct value *value, const struct context *outer)
{
    if (!outer)
        return (struct context){value, NULL, 0};
    return (struct context){value, outer->value->kind == VALUE_OBJECT ? outer : outer->outer,
                            outer->depth + 1};
}

/* Finds the first part of a name in an object, and sets the hint; NULL: it does not have the name.
 */
const struct value *context_search(const struct value *object, const struct tag_name *name,
                                   struct hint *hint);

/* Finds the other parts of a name, each in the value of the one before; NULL: there is none. The
 * hint is that of the first part. */
const struct value *context_find_rest(const struct value *found, const struct tag_name *name,
                                      struct hint *hint);

/*
 * Finds the value of a dotted name. The first part is searched from the innermost value outwards,
 * the other parts only in the value found. "." is the innermost value. Never NULL: an unknown name
 * is VALUE_NOTHING. *depth becomes the depth of the value that has the name; -1: none. *hint
 * is what was found last for this tag or another one, or all zero. Inline, because most tags need
 * nothing but the hint.
 */
static inline const struct value *context_find(const struct context *context,
                                               const struct tag_name *name, struct hint *hint,
                                               int *depth)
{
    static const struct value nothing = {.kind = VALUE_NOTHING};
    const struct value *found = NULL;

    *depth = context->depth;
    if (name->is_self)
        return context->value;
    for (; context; context = context->outer) {
        const struct value *value = context->value;

        if (value->kind != VALUE_OBJECT || (value->object.lacks & name->bit))
            continue;
        if (hint->tag == name && hint->index < value->object.n &&
            value->object.fields[hint->index].name == hint->name)
            found = &value->object.fields[hint->index].value;
        else
            found = context_search(value, name, hint);
        if (found)
            break;
    }
    *depth = found ? context->depth : -1;
    if (found && name->first < name->text.size)
        found = context_find_rest(found, name, hint);
    return found ? found : &nothing;
}

#endif
