#include "dashboard/json_text.h"
#include "dashboard/outputs.h"
#include "dashboard/print.h"
#include "dashboard/renderer.h"

/* Whether an output of a row before this one is made from the same. */
static bool is_printed(size_t row)
{
    for (size_t i = 0; i < row; i++) {
        if (outputs[i].root == outputs[row].root)
            return true;
    }
    return false;
}

/* "site/shop.html" and what it is made from. */
static int print_file(struct contents *contents, const struct output *output, size_t site,
                      struct buffer *into)
{
    const char *folder = public_dir_names[output->folder];
    const struct value *root;
    char name[NAME_MAX + 1];

    if (!output_name(output, contents, site, name))
        return 0;
    root = output->root(contents, site);
    buffer_puts(into, output == outputs ? "{\"" : ",\n\"");
    if (folder[0])
        json_put_pieces(into, folder, "/", "");
    json_put_pieces(into, name, "\": ", "");
    return root ? print_value(into, root) : -1;
}

static int print_files(struct contents *contents, struct buffer *into)
{
    for (size_t i = 0; i < n_outputs; i++) {
        size_t n = outputs[i].each_site ? contents->snapshot->n_sites : 1;

        if (!outputs[i].root || is_printed(i))
            continue;
        for (size_t site = 0; site < n; site++) {
            if (print_file(contents, &outputs[i], site, into) || buffer_flush(into))
                return -1;
        }
    }
    return buffer_puts(into, "}\n");
}

int print_model(const struct snapshot *snapshot, struct buffer *into, struct error *error)
{
    struct contents contents;
    int result = contents_open(&contents, snapshot, error);

    if (result == 0 && print_files(&contents, into))
        result = error_set(error, EXIT_IO, "dashboard: out of memory");
    contents_close(&contents);
    return result;
}
