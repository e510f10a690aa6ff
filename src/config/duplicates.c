/* Finds keys that a mapping has twice. */
#include "config/duplicates.h"

#include <stdlib.h>
#include <string.h>

static int compare_text(const struct node *a, const struct node *b)
{
    size_t shorter = a->text.size < b->text.size ? a->text.size : b->text.size;
    int order = memcmp(a->text.data, b->text.data, shorter);

    return order ? order : (a->text.size > b->text.size) - (a->text.size < b->text.size);
}

/* By text, then by position. */
static int compare_keys(const void *left, const void *right)
{
    const struct node *a = *(struct node *const *)left, *b = *(struct node *const *)right;
    int order = compare_text(a, b);

    if (order == 0)
        order = (a->line > b->line) - (a->line < b->line);
    return order ? order : (a->column > b->column) - (a->column < b->column);
}

static void report_duplicate(struct node *key, const struct node *first, struct mistakes *mistakes)
{
    char shown[NODE_SHOWN_MAX];

    node_show(key, shown);
    mistakes_at(mistakes, key, "duplicate key '%s'; first used in line %u", shown, first->line);
}

void duplicates_report(const struct node *mapping, struct mistakes *mistakes)
{
    struct node **keys = malloc((mapping->items.n + 1) * sizeof(struct node *));
    size_t n = 0, first = 0;

    if (!keys) {
        mistakes_no_memory(mistakes);
        return;
    }
    for (const struct item *item = mapping->items.first; item; item = item->next) {
        if (item->key->kind == NODE_TEXT)
            keys[n++] = item->key;
    }
    if (n > 1)
        qsort(keys, n, sizeof(struct node *), compare_keys);
    for (size_t i = 1; i < n; i++) {
        if (compare_text(keys[i], keys[first]) == 0)
            report_duplicate(keys[i], keys[first], mistakes);
        else
            first = i;
    }
    free(keys);
}
