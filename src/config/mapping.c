/* Reads mappings by the tables of their keys. */
#include "config/mapping.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static bool is_merge(const struct node *key)
{
    return key->plain && node_is(key, "<<");
}

static void walk_merged(struct loader *loader, struct node *merged, mapping_take *take,
                        void *context)
{
    char got[NODE_SHOWN_MAX];

    if (merged->kind == NODE_BROKEN)
        return;
    if (merged->kind == NODE_MAPPING) {
        mapping_walk(loader, merged, take, context);
        return;
    }
    node_describe(merged, got);
    mistakes_at(loader->mistakes, merged, "<<: expected a mapping or a list of mappings, got %s",
                got);
}

void mapping_walk(struct loader *loader, struct node *mapping, mapping_take *take, void *context)
{
    for (struct item *item = mapping->items.first; item; item = item->next) {
        if (item->key->kind == NODE_LIST || item->key->kind == NODE_MAPPING)
            mistakes_at(loader->mistakes, item->key, "a key must be text, not a list or a mapping");
        else if (item->key->kind == NODE_TEXT && !is_merge(item->key))
            take(context, mapping, item->key, item->value);
    }
    for (struct item *item = mapping->items.first; item; item = item->next) {
        struct item alone;

        if (item->key->kind != NODE_TEXT || !is_merge(item->key))
            continue;
        for (const struct item *one = node_items(item->value, &alone); one; one = one->next)
            walk_merged(loader, one->value, take, context);
    }
}

static void read_value(struct loader *loader, const struct key *key, struct node *value, void *into)
{
    const struct key *outer = loader->key;

    loader->key = key;
    key->kind->read(loader, value, (char *)into + key->field);
    loader->key = outer;
}

/* Keys at the top of a file that only hold anchors. */
static bool is_extension(const struct key_table *table, const struct node *key)
{
    return (table == &keys_top || table == &keys_included) && key->text.size > 2 &&
           memcmp(key->text.data, "x-", 2) == 0;
}

/* Another place than this table in which a key of this name is allowed; NULL: none. */
static const char *find_place(const struct key_table *table, const struct node *key)
{
    static const struct key_table *const tables[] = {
        &keys_top,         &keys_domain,        &keys_site, &keys_expect, &keys_confirm,
        &keys_certificate, &keys_local_network, &keys_link, &keys_alert,  &keys_quiet};

    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        if (keys_find(tables[i], key->text.data, key->text.size) == tables[i]->n)
            continue;
        return i == 0 && table == &keys_included ? "at the top of the main file" : tables[i]->place;
    }
    return NULL;
}

/* Writes "id, name, domains". */
static void list_words(const char *const *words, char *list, size_t capacity)
{
    size_t used = 0;

    for (size_t i = 0; words[i] && used < capacity; i++)
        used += (size_t)snprintf(list + used, capacity - used, "%s%s", i ? ", " : "", words[i]);
}

static void report_unknown(struct loader *loader, const struct key_table *table, struct node *key)
{
    char shown[NODE_SHOWN_MAX], list[1024];
    const char *names[KEYS_MAX + 1] = {NULL};
    const char *place = find_place(table, key), *meant;

    node_show(key, shown);
    if (mistakes_are_many(loader->mistakes)) {
        mistakes_at(loader->mistakes, key, "unknown key '%s' %s", shown, table->place);
        return;
    }
    for (size_t i = 0; i < table->n; i++)
        names[i] = table->keys[i].name;
    meant = loader_nearest(shown, names);
    list_words(names, list, sizeof list);
    if (place)
        mistakes_at(loader->mistakes, key, "unknown key '%s' %s; it belongs %s", shown,
                    table->place, place);
    else if (meant)
        mistakes_at(loader->mistakes, key, "unknown key '%s' %s; did you mean '%s'?", shown,
                    table->place, meant);
    else
        mistakes_at(loader->mistakes, key, "unknown key '%s' %s; expected one of %s", shown,
                    table->place, list);
}

struct finder {
    struct loader *loader;
    struct mapping_values *values;
};

static void find_key(void *context, const struct node *mapping, struct node *key,
                     struct node *value)
{
    struct finder *finder = context;
    const struct key_table *table = finder->values->table;
    size_t i = keys_find(table, key->text.data, key->text.size);

    (void)mapping;
    if (i < table->n && !finder->values->of[i])
        finder->values->of[i] = value;
    else if (i == table->n && !is_extension(table, key))
        report_unknown(finder->loader, table, key);
}

void mapping_find(struct loader *loader, const struct key_table *table, struct node *mapping,
                  struct mapping_values *found)
{
    struct finder finder = {loader, found};

    assert(table->n <= KEYS_MAX);
    *found = (struct mapping_values){.table = table};
    mapping_walk(loader, mapping, find_key, &finder);
}

void mapping_read(struct loader *loader, const struct key_table *table, struct node *mapping,
                  void *into, struct mapping_values *found)
{
    struct mapping_values values;

    mapping_find(loader, table, mapping, &values);
    for (size_t i = 0; i < table->n; i++) {
        const struct key *key = &table->keys[i];

        if (values.of[i] && values.of[i]->kind != NODE_BROKEN)
            read_value(loader, key, values.of[i], into);
        else if (!values.of[i] && key->required)
            mistakes_at(loader->mistakes, mapping, "missing key '%s' %s: %s", key->name,
                        table->place, key->help);
    }
    if (found)
        *found = values;
}

struct node *mapping_value(const struct mapping_values *values, const char *name)
{
    size_t i = keys_find(values->table, name, strlen(name));

    return i < values->table->n ? values->of[i] : NULL;
}

bool mapping_is_given(struct loader *loader, struct node *value)
{
    if (value->kind != NODE_MAPPING && !node_is_null(value) && !node_is_empty(value))
        loader_expected(loader, value);
    return value->kind == NODE_MAPPING;
}

bool mapping_is_file(struct loader *loader, struct node *root)
{
    char got[NODE_SHOWN_MAX];

    node_describe(root, got);
    if (root->kind != NODE_MAPPING && root->kind != NODE_BROKEN)
        mistakes_at(loader->mistakes, root, "expected a mapping with the key 'sites', got %s", got);
    return root->kind == NODE_MAPPING;
}

void mapping_fill(struct loader *loader, const struct key_table *table, void *into)
{
    for (size_t i = 0; i < table->n; i++) {
        const struct key *key = &table->keys[i];
        struct node value = {.kind = NODE_TEXT, .plain = true, .weight = 1};

        if (!key->fallback)
            continue;
        value.text = (struct bytes){key->fallback, strlen(key->fallback)};
        read_value(loader, key, &value, into);
        assert(!value.mistakes);
    }
}
