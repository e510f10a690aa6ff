/* Finds names in values. */
#include "template/context.h"

#include <string.h>

/* Most names differ in their first byte, so this is faster than two calls of strlen and memcmp. */
static bool is_name(struct slice word, const char *name)
{
    for (size_t i = 0; i < word.size; i++) {
        if (name[i] != word.data[i] || name[i] == '\0')
            return false;
    }
    return name[word.size] == '\0';
}

static const struct value *find_field(const struct value *value, struct slice name,
                                      unsigned long long bit)
{
    if (value->kind != VALUE_OBJECT || (value->object.names && !(value->object.names & bit)))
        return NULL;
    for (size_t i = 0; i < value->object.n; i++) {
        if (is_name(name, value->object.fields[i].name))
            return &value->object.fields[i].value;
    }
    return NULL;
}

/* Bytes before the first dot. */
static size_t first_size(struct slice text)
{
    const char *dot = memchr(text.data, '.', text.size);

    return dot ? (size_t)(dot - text.data) : text.size;
}

struct tag_name context_name(struct slice text)
{
    struct tag_name name = {text, first_size(text), 0};

    name.bit = values_name_bit(text.data, name.first);
    return name;
}

struct context context_inside(const struct value *value, const struct context *outer)
{
    if (!outer)
        return (struct context){value, NULL, 0};
    return (struct context){value, outer->value->kind == VALUE_OBJECT ? outer : outer->outer,
                            outer->depth + 1};
}

/* Searches the parts after the first one, each in the value of the one before. */
static const struct value *find_rest(const struct value *found, struct slice text, size_t size)
{
    while (found && size + 1 < text.size) {
        struct slice part = {text.data + size + 1, text.size - size - 1};

        part.size = first_size(part);
        found = find_field(found, part, VALUE_ANY_NAME);
        size += 1 + part.size;
    }
    return found;
}

const struct value *context_find(const struct context *context, const struct tag_name *name,
                                 int *depth)
{
    static const struct value nothing = {.kind = VALUE_NOTHING};
    struct slice first = {name->text.data, name->first};
    const struct value *found = NULL;

    *depth = context->depth;
    if (name->text.size == 1 && name->text.data[0] == '.')
        return context->value;
    while (!(found = find_field(context->value, first, name->bit)) && context->outer)
        context = context->outer;
    *depth = found ? context->depth : -1;
    found = find_rest(found, name->text, name->first);
    return found ? found : &nothing;
}
