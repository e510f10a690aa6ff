/* Questions about nodes, and their description in messages. */
#include "config/node.h"

#include "base/text.h"

#include <stdio.h>
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

    for (size_t i = 0; node->plain && i < sizeof words / sizeof words[0]; i++) {
        if (node_is(node, words[i]))
            return true;
    }
    return false;
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
