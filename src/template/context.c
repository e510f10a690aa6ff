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

static const struct value *find_field(const struct value *value, struct slice name)
{
    if (value->kind != VALUE_OBJECT)
        return NULL;
    for (size_t i = 0; i < value->object.n; i++) {
        if (is_name(name, value->object.fields[i].name))
            return &value->object.fields[i].value;
    }
    return NULL;
}

/* Splits off the first part of a dotted name; the rest is empty at the end. */
static struct slice split_name(struct slice name, struct slice *rest)
{
    const char *dot = memchr(name.data, '.', name.size);
    size_t size = dot ? (size_t)(dot - name.data) : name.size;

    *rest = (struct slice){name.data + size, name.size - size};
    if (dot) {
        rest->data++;
        rest->size--;
    }
    return (struct slice){name.data, size};
}

const struct value *context_find(const struct context *context, struct slice name)
{
    static const struct value nothing = {.kind = VALUE_NOTHING};
    const struct value *found = NULL;
    struct slice rest;

    if (name.size == 1 && name.data[0] == '.')
        return context->value;
    name = split_name(name, &rest);
    for (; context && !found; context = context->outer)
        found = find_field(context->value, name);
    while (found && rest.size) {
        name = split_name(rest, &rest);
        found = find_field(found, name);
    }
    return found ? found : &nothing;
}

bool context_is_true(const struct value *value)
{
    switch (value->kind) {
    case VALUE_BOOL:
        return value->yes;
    case VALUE_TEXT:
        return value->text.size > 0;
    case VALUE_OBJECT:
        return true;
    case VALUE_LIST:
        return value->list.n > 0;
    case VALUE_ROW:
        return value->row.n > 0;
    default:
        return false;
    }
}
