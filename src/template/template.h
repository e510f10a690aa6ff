#ifndef TEMPLATE_TEMPLATE_H
#define TEMPLATE_TEMPLATE_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Mustache: comments, delimiters, interpolation, sections, inverted sections, partials and
 * inheritance of its specification, but no lambdas. Templates are parsed once and run often
 * (run.h). Pure: no file.
 */

/* A set of templates that refer to each other as partials and parents. */
struct template_set;
struct template;

/* NULL: out of memory. */
struct template_set *template_set_new(void);

/* NULL is allowed. */
void template_set_free(struct template_set *set);

/*
 * Parses a template and adds it; name and text are copied. Its partials and parents may be added
 * later, or never: then they are empty, as the specification requires. Returns 0; or -1 with
 * "NAME:LINE: mistake", and nothing is added.
 */
int template_add(struct template_set *set, const char *name, const char *text, size_t size,
                 struct error *error);

/* Finds a template by its name of size bytes; NULL: there is none. */
const struct template *template_find(const struct template_set *set, const char *name, size_t size);

/* The values that a template can use. Their owner builds them; a run only reads them, and all that
 * they point to must outlive it. */
enum value_kind {
    VALUE_NOTHING,
    VALUE_BOOL,
    VALUE_TEXT,   /* as a section, false if empty */
    VALUE_OBJECT, /* fields by name; the first of several equal names counts */
    VALUE_LIST,   /* items are made one at a time, so ten thousand need the memory of one */
    VALUE_ROW     /* one item a byte, items[byte]: a whole timeline is one value */
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
            /* Returns item i, valid until the next call; NULL ends the run: out of memory. */
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

#endif
