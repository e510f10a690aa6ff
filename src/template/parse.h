#ifndef TEMPLATE_PARSE_H
#define TEMPLATE_PARSE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * A template's text made into operations: what parse.c writes and template.c runs.
 */

/* A piece of the template's own text. */
struct slice {
    const char *data;
    size_t size;
};

enum op_kind {
    OP_TEXT,     /* at most one line, its end included */
    OP_VALUE,    /* {{name}} */
    OP_RAW,      /* {{{name}}}, {{&name}} */
    OP_SECTION,  /* {{#name}} */
    OP_INVERTED, /* {{^name}} */
    OP_PARTIAL,  /* {{>name}} */
    OP_PARENT,   /* {{<name}}: of its content only the blocks count, which override the parent's */
    OP_BLOCK     /* {{$name}} */
};

/*
 * Operations lie in one array in the order of the text; the content of one that has any are those
 * behind it, up to its end.
 */
struct op {
    enum op_kind kind;
    int line;
    bool starts_line;  /* TEXT: a line begins here, where the indentation in force is due */
    bool standalone;   /* PARTIAL, PARENT, BLOCK: its tag has a line of its own, that is dropped */
    struct slice text; /* TEXT: itself; else the name */
    struct slice
        indent; /* PARTIAL, PARENT, BLOCK: what it indents that which is put in its place */
    size_t end; /* index of the first operation behind its content */
};

struct template
{
    char *name;
    char *text; /* what the slices point into */
    struct op *ops;
    size_t n_ops, n_reserved;
};

/* Parses text[0..size) into template->ops; name and text are set. Returns 0 or -1. */
int parse_template(struct template *template, size_t size, struct error *error);

#endif
