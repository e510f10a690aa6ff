#include "dashboard/print.h"

#include "dashboard/json_text.h"

#include <string.h>

/* Of two fields of one name a template sees the first. */
static bool is_hidden(const struct value *object, size_t i)
{
    for (size_t before = 0; before < i; before++) {
        if (strcmp(object->object.fields[before].name, object->object.fields[i].name) == 0)
            return true;
    }
    return false;
}

static int print_object(struct buffer *into, const struct value *object)
{
    for (size_t i = 0; i < object->object.n; i++) {
        const struct field *field = &object->object.fields[i];

        if (is_hidden(object, i))
            continue;
        buffer_puts(into, i ? ", " : "{");
        json_put_text(into, field->name);
        buffer_puts(into, ": ");
        if (print_value(into, &field->value))
            return -1;
    }
    return buffer_puts(into, object->object.n ? "}" : "{}");
}

static int print_list(struct buffer *into, const struct value *list)
{
    buffer_puts(into, "[");
    for (size_t i = 0; i < list->list.n; i++) {
        const struct value *item = list->list.item(list->list.context, i);

        buffer_puts(into, i ? ",\n" : "\n");
        if (!item || print_value(into, item) || buffer_flush(into))
            return -1;
    }
    return buffer_puts(into, "]");
}

static int print_row(struct buffer *into, const struct value *row)
{
    buffer_puts(into, "[");
    for (size_t i = 0; i < row->row.n; i++) {
        if (i)
            buffer_puts(into, ", ");
        if (print_value(into, &row->row.items[row->row.bytes[i]]))
            return -1;
    }
    return buffer_puts(into, "]");
}

int print_value(struct buffer *into, const struct value *value)
{
    switch (value->kind) {
    case VALUE_NOTHING:
        return buffer_puts(into, "null");
    case VALUE_BOOL:
        return buffer_puts(into, value->yes ? "true" : "false");
    case VALUE_TEXT:
        json_put_bytes(into, value->text.data, value->text.size);
        return into->failed ? -1 : 0;
    case VALUE_OBJECT:
        return print_object(into, value);
    case VALUE_LIST:
        return print_list(into, value);
    case VALUE_ROW:
        return print_row(into, value);
    }
    return -1;
}
