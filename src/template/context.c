/* Finds names in values. */
#include "template/context.h"

#include <string.h>

static bool is_name(struct slice word, const char *name)
{
    return name[0] == word.data[0] && strncmp(name, word.data, word.size) == 0 &&
           name[word.size] == '\0';
}

static const struct field *search_field(const struct value *value, struct slice name)
{
    for (size_t i = 0; value->kind == VALUE_OBJECT && name.size && i < value->object.n; i++) {
        if (is_name(name, value->object.fields[i].name))
            return &value->object.fields[i];
    }
    return NULL;
}

/* Finds the first part of a name in one value. */
static inline const struct value *find_first(const struct value *value, const struct tag_name *name,
                                             struct hint *hint)
{
    const struct field *fields = value->object.fields, *found;

    if (value->kind != VALUE_OBJECT || (value->object.names && !(value->object.names & name->bit)))
        return NULL;
    if (hint->tag == name && hint->index < value->object.n &&
        fields[hint->index].name == hint->name)
        return &fields[hint->index].value;
    found = search_field(value, (struct slice){name->text.data, name->first});
    if (!found)
        return NULL;
    *hint = (struct hint){name, found->name, (size_t)(found - fields)};
    return &found->value;
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
        const struct field *field;

        part.size = first_size(part);
        field = search_field(found, part);
        found = field ? &field->value : NULL;
        size += 1 + part.size;
    }
    return found;
}

const struct value *context_find(const struct context *context, const struct tag_name *name,
                                 struct hint *hint, int *depth)
{
    static const struct value nothing = {.kind = VALUE_NOTHING};
    const struct value *found;

    *depth = context->depth;
    if (name->text.size == 1 && name->text.data[0] == '.')
        return context->value;
    while (!(found = find_first(context->value, name, hint)) && context->outer)
        context = context->outer;
    *depth = found ? context->depth : -1;
    if (found && name->first < name->text.size)
        found = find_rest(found, name->text, name->first);
    return found ? found : &nothing;
}
