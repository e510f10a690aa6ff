/* template/: any templates over any values end, within their limits; a row prints the same as a
 * list of the same items, and a run that copies equal items the same as one that makes each. */
#include "fuzz.h"

#include "template/run.h"

enum { VALUES_MAX = 128, DEPTH_MAX = 8, FIELDS_MAX = 4, ROW_ITEMS = 4, TEMPLATES_MAX = 6 };
enum { CEILING = 1 << 20 };

/* Values made from the input: the same tree twice, once with a list in place of each row. */
struct forest {
    struct input input;
    struct value values[VALUES_MAX];
    struct field fields[VALUES_MAX][FIELDS_MAX];
    size_t n_values, n_objects;
    bool rows_are_lists, has_keys;
};

/* The items of a row, as those of a list. */
static const struct value *item_of_row(void *context, size_t i)
{
    const struct value *row = context;

    return &row->row.items[row->row.bytes[i]];
}

static const struct value *item_of_list(void *context, size_t i)
{
    return (const struct value *)context + i;
}

/* An item is the same whenever it is at the same address. */
static size_t key_of_list(void *context, size_t i, uint64_t numbers[VALUE_KEY_MAX])
{
    numbers[0] = (uintptr_t)((const struct value *)context + i);
    return 1;
}

static void grow(struct forest *forest, struct value *value, int depth);

/* n adjacent values, or NULL if there is no memory for them. */
static struct value *grow_items(struct forest *forest, size_t n, int depth)
{
    struct value *items = &forest->values[forest->n_values];

    if (depth == DEPTH_MAX || forest->n_values + n > VALUES_MAX)
        return NULL;
    forest->n_values += n;
    for (size_t i = 0; i < n; i++)
        grow(forest, &items[i], depth + 1);
    return items;
}

static void grow_text(struct forest *forest, struct value *value)
{
    size_t size = input_byte(&forest->input) % 16;

    if (size > forest->input.left)
        size = forest->input.left;
    *value = (struct value){.kind = VALUE_TEXT, .text = {(const char *)forest->input.at, size}};
    forest->input.at += size;
    forest->input.left -= size;
}

static bool has_name(const struct field *fields, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (fields[i].name == name)
            return true;
    }
    return false;
}

static void grow_object(struct forest *forest, struct value *value, int depth)
{
    static const char *const names[] = {"a", "b", "c", "d", "item", "name", "p", "x"};
    size_t left = input_byte(&forest->input) % (FIELDS_MAX + 1), n = 0;
    struct field *fields = forest->fields[forest->n_objects];

    if (depth == DEPTH_MAX || forest->n_objects == VALUES_MAX)
        return;
    forest->n_objects++;
    for (; left > 0; left--) {
        fields[n].name = names[input_byte(&forest->input) % 8];
        grow(forest, &fields[n].value, depth + 1);
        n += !has_name(fields, n, fields[n].name);
    }
    *value = (struct value){.kind = VALUE_OBJECT, .object = {.fields = fields, .n = n}};
    if (forest->has_keys)
        value->object.lacks = UINT64_MAX;
    for (size_t i = 0; forest->has_keys && i < n; i++)
        value->object.lacks &= ~values_name_bit(fields[i].name, SIZE_MAX);
}

static void grow_list(struct forest *forest, struct value *value, int depth)
{
    size_t n = input_byte(&forest->input) % 5;
    struct value *items = grow_items(forest, n, depth);

    if (items)
        *value = (struct value){.kind = VALUE_LIST,
                                .list = {.n = n, .item = item_of_list, .context = items}};
    if (items && forest->has_keys)
        value->list.key = key_of_list;
}

static void grow_row(struct forest *forest, struct value *value, int depth)
{
    static const unsigned char rows[][8] = {{0, 0, 0, 1, 1, 2, 0, 0}, {3, 2, 1, 0, 3, 3, 3, 3}};
    uint8_t kind = input_byte(&forest->input);
    struct value *row = &forest->values[forest->n_values];

    if (forest->n_values == VALUES_MAX)
        return;
    forest->n_values++;
    row->row.items = grow_items(forest, ROW_ITEMS, depth);
    if (!row->row.items)
        return;
    row->kind = VALUE_ROW;
    row->row.bytes = rows[kind % 2];
    row->row.n = kind / 2 % 9;
    if (forest->rows_are_lists)
        *value = (struct value){.kind = VALUE_LIST,
                                .list = {.n = row->row.n, .item = item_of_row, .context = row}};
    else
        *value = *row;
}

static void grow(struct forest *forest, struct value *value, int depth)
{
    uint8_t kind = input_byte(&forest->input) % 8;

    *value = (struct value){.kind = VALUE_NOTHING};
    if (kind == 1)
        *value = (struct value){.kind = VALUE_BOOL, .yes = input_byte(&forest->input) % 2};
    else if (kind == 2 || kind == 3)
        grow_text(forest, value);
    else if (kind == 4 || kind == 5)
        grow_object(forest, value, depth);
    else if (kind == 6)
        grow_list(forest, value, depth);
    else if (kind == 7)
        grow_row(forest, value, depth);
}

/* Runs "main" with the values of this input. cache NULL: no lists have keys. */
static int run(const struct template_set *set, struct input values, bool rows_are_lists,
               struct item_cache *cache, struct buffer *into)
{
    static struct forest forest; /* too large for the stack with sanitizers */
    struct value root;
    struct error error = {.text = ""};
    int result;

    forest.input = values;
    forest.n_values = forest.n_objects = 0;
    forest.rows_are_lists = rows_are_lists;
    forest.has_keys = cache != NULL;
    grow(&forest, &root, 0);
    result = run_template(set, "main", &root, cache, into, &error);
    must(into->size <= CEILING, "the page is within its ceiling");
    must(result == 0 || *error.text, "a page or an error is made");
    return result;
}

static struct template_set *parse(struct input *input)
{
    static const char *const names[] = {"main", "a", "b", "p", "item", "x"};
    struct template_set *set = template_set_new();
    struct error error;

    if (!set)
        abort();
    for (size_t i = 0; i < TEMPLATES_MAX && (i == 0 || input->left); i++) {
        size_t size;
        char *text = input_part(input, '\0', &size);

        error.text[0] = '\0';
        if (template_add(set, names[i], text, size, &error)) {
            must(strncmp(error.text, names[i], strlen(names[i])) == 0,
                 "a mistake begins with the name of the template");
            template_add(set, names[i], "", 0, &error);
        }
        free(text);
    }
    return set;
}

static void compare(int result, const struct buffer *page, int of_twin, const struct buffer *twin,
                    const char *promise)
{
    if (result || of_twin)
        return;
    must(page->size == twin->size, promise);
    must(page->size == 0 || memcmp(page->data, twin->data, page->size) == 0, promise);
}

/* The input: the length of the part for values, that part, then templates, each up to a NUL. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct buffer page = BUFFER_WITH_CEILING(CEILING), twin = BUFFER_WITH_CEILING(CEILING);
    struct input values = {NULL, input_byte(&input)};
    struct item_cache *cache;
    struct template_set *set;
    int result;

    if (values.left > input.left)
        return 0;
    cache = item_cache_new();
    if (!cache)
        abort();
    values.at = input.at;
    input.at += values.left;
    input.left -= values.left;
    set = parse(&input);
    result = run(set, values, false, NULL, &page);
    compare(result, &page, run(set, values, true, NULL, &twin), &twin, "a row prints like a list");
    for (int i = 0; i < 2; i++) {
        buffer_reset(&twin);
        compare(result, &page, run(set, values, false, cache, &twin), &twin,
                "copied items are the same");
    }
    item_cache_free(cache);
    template_set_free(set);
    buffer_free(&page);
    buffer_free(&twin);
    return 0;
}
