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

struct template;

/* A set of templates that name one another as partials and parents. */
struct template_set;

struct template_set *template_set_new(void);
void template_set_free(struct template_set *set); /* NULL is fine */

/*
 * Parses and adds one; text is copied. A partial need not be there yet, nor ever (it is then empty,
 * as the specification wants). Returns 0, or -1 with "NAME:LINE: what is wrong".
 */
int template_add(struct template_set *set, const char *name, const char *text, size_t size,
                 struct error *error);

/*
 * What a template sees. A value is built by its owner and only read here; anything it points to
 * must outlive the run. A list of many equal things (the buckets of a timeline) costs one value:
 * VALUE_ROW is a list with an item for each byte, items[byte].
 */
enum value_kind { VALUE_NOTHING, VALUE_BOOL, VALUE_TEXT, VALUE_OBJECT, VALUE_LIST, VALUE_ROW };

struct value;

struct member_value {
    const char *name;
    const struct value *value;
};

struct value {
    enum value_kind kind;
    union {
        bool yes;
        struct {
            const char *data;
            size_t size;
        } text;
        struct {
            const struct member_value *members;
            size_t n;
        } object;
        struct {
            const struct value *const *items;
            size_t n;
        } list;
        struct {
            const unsigned char *bytes;
            size_t n;
            const struct value *const *items; /* by byte */
        } row;
    };
};

/*
 * Appends the template of this name, run over root, to into. {{name}} is escaped as HTML,
 * {{{name}}} is not. Returns 0; or -1: no such template, memory, or a nesting deeper than the
 * ceiling (a partial that includes itself without end).
 */
int template_run(const struct template_set *set, const char *name, const struct value *root,
                 struct buffer *into, struct error *error);

#endif
