#ifndef TEMPLATE_TEMPLATE_H
#define TEMPLATE_TEMPLATE_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Mustache (the specification's comments, delimiters, interpolation, inverted, partials, sections
 * and inheritance; not lambdas): parse once, run many times. Pure: no file.
 */

/* A set of templates that name one another as partials and parents. */
struct template_set;

/* NULL: out of memory. template_set_free takes NULL. */
struct template_set *template_set_new(void);
void template_set_free(struct template_set *set);

/*
 * Parses and adds one; name and text are copied. A partial or a parent need not be there yet, nor
 * ever (it is then empty, as the specification wants). Returns 0, or -1 with "NAME:LINE: what is
 * wrong"; nothing is then added.
 */
int template_add(struct template_set *set, const char *name, const char *text, size_t size,
                 struct error *error);

/*
 * What a template sees. A value is built by its owner and only read here; what it points to must
 * outlive the run.
 */
enum value_kind {
    VALUE_NOTHING,
    VALUE_BOOL,
    VALUE_TEXT,   /* false as a section where it is empty */
    VALUE_OBJECT, /* fields by name; the first of a name counts */
    VALUE_LIST,   /* items made one at a time, so that ten thousand need the memory of one */
    VALUE_ROW     /* bytes.n items, one a byte: items[byte]. A timeline is one value so */
};

struct field;

struct value {
    enum value_kind kind;
    union {
        bool yes;
        struct {
            const char *data;
            size_t size;
        } text;
        struct {
            const struct field *fields;
            size_t n;
        } object;
        struct {
            size_t n;
            /* Item i, good until the next call; NULL: out of memory, which ends the run. */
            const struct value *(*item)(void *context, size_t i);
            void *context;
        } list;
        struct {
            const unsigned char *bytes;
            size_t n;
            const struct value *items; /* one for each byte that occurs */
        } row;
    };
};

struct field {
    const char *name;
    struct value value;
};

/*
 * Appends the template of this name, run over root, to into. {{name}} is escaped as HTML,
 * {{{name}}} is not. Between the items of a list the buffer is relieved. Returns 0; or -1: no such
 * template, memory, the buffer's ceiling, a nesting without end (a partial that includes itself
 * whatever it sees), or more steps than any page needs.
 */
int template_run(const struct template_set *set, const char *name, const struct value *root,
                 struct buffer *into, struct error *error);

#endif
