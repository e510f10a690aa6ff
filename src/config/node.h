#ifndef CONFIG_NODE_H
#define CONFIG_NODE_H

#include "config/config.h"
#include "config/mistakes.h"

/* The parts of a YAML file, with their positions. */

enum node_kind {
    NODE_TEXT,
    NODE_LIST,
    NODE_MAPPING,
    NODE_BROKEN /* a mistake, already reported: readers skip it */
};

/* A large file has a million nodes, so each number here is small. */
struct node {
    uint8_t kind : 6;      /* an enum node_kind */
    bool plain : 1;        /* a text without quotes: may be a number, a boolean or nothing */
    bool open : 1;         /* its end is not read yet: an alias to it would contain itself */
    uint8_t height;        /* levels below it, aliases followed */
    uint16_t file;         /* the file it is in; see struct mistakes */
    uint32_t line, column; /* from 1; the column counts characters */
    uint32_t weight;       /* number of nodes in it, aliases followed */
    union {
        struct bytes text;
        struct {
            struct item *first;
            size_t n;
        } items;
    };
    union {
        struct filled *filled;         /* of a text, by environment_fill; NULL: not yet */
        const struct rules_made *made; /* of a mapping, by rules_read; NULL: not yet */
    };
    struct mistake *mistakes;
};

/* An item of a list (key is NULL) or of a mapping. The value of an alias is the node it names. */
struct item {
    struct node *key, *value;
    struct item *next;
};

/* Whether a value is empty ("key:"), or null ("key: ~", "key: null"). */
bool node_is_empty(const struct node *node);
bool node_is_null(const struct node *node);

/* Whether a node is exactly this text. */
bool node_is(const struct node *node, const char *text);

/* Returns the first item of a list; or of any other node `alone`, an item with that node. NULL: the
 * list is empty. */
const struct item *node_items(struct node *node, struct item *alone);

/* Reports each key of a mapping that it has before already, by a sort instead of comparing all
 * pairs. Merged keys do not count. */
void node_report_duplicates(const struct node *mapping, struct mistakes *mistakes);

/* Describes a node in a message: "a list", "nothing", "'abc'", "the text \"60\"". */
enum { NODE_SHOWN_MAX = 128 };
void node_describe(const struct node *node, char shown[NODE_SHOWN_MAX]);

/* Copies the text of a node as one short line. */
void node_show(const struct node *node, char shown[NODE_SHOWN_MAX]);

#endif
