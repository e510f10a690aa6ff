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

const struct value *context_search(const struct value *object, const struct tag_name *name,
                                   struct hint *hint)
{
    const struct field *found = search_field(object, (struct slice){name->text.data, name->first});

    if (!found)
        return NULL;
    *hint = (struct hint){name, found->name, NULL, (uint32_t)(found - object->object.fields), 0};
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
    struct tag_name name = {.text = text, .first = first_size(text)};

    name.bit = values_name_bit(text.data, name.first);
    name.is_self = text.size == 1 && text.data[0] == '.';
    return name;
}

const struct value *context_find_rest(const struct value *found, const struct tag_name *name,
                                      struct hint *hint)
{
    const struct slice text = name->text;
    size_t size = name->first;

    if (found->kind == VALUE_OBJECT && hint->inner_index < found->object.n &&
        found->object.fields[hint->inner_index].name == hint->inner_name)
        return &found->object.fields[hint->inner_index].value;
    while (size + 1 < text.size) {
        struct slice part = {text.data + size + 1, text.size - size - 1};
        const struct field *field;

        part.size = first_size(part);
        field = search_field(found, part);
        if (!field)
            return NULL;
        size += 1 + part.size;
        if (size == text.size && part.data == text.data + name->first + 1) {
            hint->inner_name = field->name;
            hint->inner_index = (uint32_t)(field - found->object.fields);
        }
        found = &field->value;
    }
    return found;
}
