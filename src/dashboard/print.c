/* Prints the values that templates see as JSON. */
#include "dashboard/print.h"

#include "base/json_put.h"
#include "dashboard/outputs.h"
#include "dashboard/snapshot.h"

#include <string.h>

/* Whether an earlier field has the same name: templates see only the first. */
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
        json_put_text(into, i ? ", " : "{", field->name);
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
        json_put_bytes(into, "", value->text.data, value->text.size);
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

/* Whether an output of an earlier row has the same values. */
static bool is_printed(size_t row)
{
    for (size_t i = 0; i < row; i++) {
        if (outputs_table[i].root == outputs_table[row].root)
            return true;
    }
    return false;
}

/* Prints a file's path, such as "site/shop.html", and its values. */
static int print_file(struct outputs_values *values, const struct output *output, size_t site,
                      struct buffer *into)
{
    const char *folder = public_dir_names[output->folder];
    const struct value *root;
    char name[NAME_MAX + 1];

    if (!outputs_name(values->outputs, output, site, name))
        return 0;
    root = output->root(values, site);
    buffer_printf(into, "%s\"%s%s%s\": ", output == outputs_table ? "{" : ",\n", folder,
                  folder[0] ? "/" : "", name);
    return root ? print_value(into, root) : -1;
}

static int print_files(struct outputs_values *values, struct buffer *into)
{
    for (size_t i = 0; i < outputs_table_size; i++) {
        size_t n = outputs_table[i].each_site ? values->outputs->snapshot->n_sites : 1;

        if (!outputs_table[i].root || is_printed(i))
            continue;
        for (size_t site = 0; site < n; site++) {
            if (print_file(values, &outputs_table[i], site, into) || buffer_flush(into))
                return -1;
        }
    }
    return buffer_puts(into, "}\n");
}

int print_model(const struct snapshot *snapshot, struct buffer *into, struct error *error)
{
    struct outputs outputs;
    struct outputs_values *values = NULL;
    int result = outputs_open(&outputs, snapshot, error);

    if (result == 0) {
        values = outputs_values_new(&outputs);
        if (!values || print_files(values, into))
            result =
                error_set(error, EXIT_IO, "uptick: out of memory while preparing the dashboard");
    }
    outputs_values_free(values);
    outputs_close(&outputs);
    return result;
}
