/* Questions about nodes, duplicate keys, and the description of nodes in messages. */
#include "config/node.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool node_is(const struct node *node, const char *text)
{
    return node->kind == NODE_TEXT && node->text.size == strlen(text) &&
           memcmp(node->text.data, text, node->text.size) == 0;
}

bool node_is_empty(const struct node *node)
{
    return node->plain && node_is(node, "");
}

bool node_is_null(const struct node *node)
{
    static const char *const words[] = {"~", "null", "Null", "NULL"};

    for (size_t i = 0; node->plain && node->text.size <= 4 && i < sizeof words / sizeof words[0];
         i++) {
        if (node_is(node, words[i]))
            return true;
    }
    return false;
}

const struct item *node_items(struct node *node, struct item *alone)
{
    if (node->kind == NODE_LIST)
        return node->items.first;
    *alone = (struct item){.value = node};
    return alone;
}

void node_show(const struct node *node, char shown[NODE_SHOWN_MAX])
{
    enum { CUT_AT = 80 };

    text_one_line(shown, CUT_AT, node->text.data, node->text.size);
    if (node->text.size >= CUT_AT)
        strcat(shown, "...");
}

void node_describe(const struct node *node, char shown[NODE_SHOWN_MAX])
{
    char text[NODE_SHOWN_MAX];

    if (node->kind == NODE_LIST) {
        strcpy(shown, node->items.n ? "a list" : "an empty list");
    } else if (node->kind == NODE_MAPPING) {
        strcpy(shown, "a mapping");
    } else if (node_is_empty(node)) {
        strcpy(shown, "nothing");
    } else {
        node_show(node, text);
        snprintf(shown, NODE_SHOWN_MAX, node->plain ? "'%.100s'" : "the text \"%.100s\"", text);
    }
}

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

void node_report_duplicates(const struct node *mapping, struct mistakes *mistakes)
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
