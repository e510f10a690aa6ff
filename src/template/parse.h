#ifndef TEMPLATE_PARSE_H
#define TEMPLATE_PARSE_H

#include "template/context.h"

/* Turns the text of a template into operations, which run.c runs. */

enum op_kind {
    OP_TEXT,     /* at most one line, with its end */
    OP_VALUE,    /* {{name}}, escaped for HTML */
    OP_JSON,     /* the same, escaped for JSON */
    OP_RAW,      /* {{{name}}}, {{&name}} */
    OP_SECTION,  /* {{#name}} */
    OP_INVERTED, /* {{^name}} */
    OP_PARTIAL,  /* {{>name}} */
    OP_PARENT,   /* {{<name}}: only the blocks in its content count; they override the parent's */
    OP_BLOCK     /* {{$name}} */
};

/* The operations of a template are one array in the order of its text. The content of an operation
 * follows it, up to its end. */
struct op {
    enum op_kind kind;
    int line;
    bool starts_line; /* TEXT: a line begins here that is not empty, so the current indentation is
                         printed first */
    bool standalone;  /* PARTIAL, PARENT, BLOCK: the tag is alone on a line, which is dropped */
    bool uses_self;   /* SECTION: its content may have the name ".", or runs other templates */
    unsigned hint; /* index of its hint, less than CONTEXT_HINTS; the owner of the operations sets
                      it */
    union {
        struct slice text;    /* TEXT */
        struct tag_name name; /* of all others */
    };
    struct slice indent;   /* PARTIAL, PARENT, BLOCK: indentation of all that replaces the tag */
    size_t end;            /* index of the first operation after its content */
    const struct op *next; /* the same, set when all operations are known */

    /* PARTIAL, PARENT: what replaces the tag; NULL: no template has such a name. The owner of the
     * operations sets it. */
    const struct template *other;
};

struct template
{
    char *name;
    char *text; /* the slices point into it, and BUFFER_PADDING bytes are after it; NULL: only the
                   name is known, from a tag */
    bool makes_json;
    struct op *ops;
    size_t n_ops, capacity;
    struct template *next; /* in its set */
};

/* Parses text[0..size) into template->ops; name, text and makes_json must be set. Returns 0, or -1
 * with "NAME:LINE: mistake". */
int parse_template(struct template *template, size_t size, struct error *error);

#endif
