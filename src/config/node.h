#ifndef CONFIG_NODE_H
#define CONFIG_NODE_H

#include "config/config.h"
#include "config/mistakes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A part of a YAML file, which knows where it stands. */

enum node_kind {
    NODE_TEXT,
    NODE_LIST,
    NODE_MAPPING,
    NODE_BROKEN /* a mistake that is reported already: readers pass over it */
};

/* A large file has a million of these, so their numbers are no wider than they need be. */
struct node {
    uint8_t kind;          /* an enum node_kind */
    bool plain;            /* a text without quotes: it may be a number, a truth or nothing */
    bool open;             /* its end is not reached: an alias here would hold itself */
    uint8_t height;        /* levels below it, aliases followed */
    uint32_t line, column; /* from 1; the column counts characters */
    uint32_t weight;       /* how many nodes it stands for, aliases followed */
    union {
        struct bytes text;
        struct {
            struct item *first;
            size_t n;
        } items;
    };
    const struct bytes *filled; /* environment.h; NULL until it is asked for */
    struct mistake *mistakes;
};

/* One of a list (key is NULL) or of a mapping. An alias is the node that it names. */
struct item {
    struct node *key, *value;
    struct item *next;
};

/* Whether a value is not there ("key:"), or says that it is to be none ("key: ~", "key: null"). */
bool node_is_empty(const struct node *node);
bool node_is_null(const struct node *node);

/* Whether it is text, and just this text. */
bool node_is(const struct node *node, const char *text);

/* What a node is, for a person: "a list", "nothing", "'abc'", "the text \"60\"". */
enum { NODE_SHOWN_MAX = 128 };
void node_describe(const struct node *node, char shown[NODE_SHOWN_MAX]);

/* The text of a node as one short line. */
void node_show(const struct node *node, char shown[NODE_SHOWN_MAX]);

#endif
