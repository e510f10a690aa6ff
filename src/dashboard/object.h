#ifndef DASHBOARD_OBJECT_H
#define DASHBOARD_OBJECT_H

#include "template/template.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * An object that a template sees, being filled: its fields and the texts made for them, all in one
 * piece of fixed size that is filled anew for each site and each domain, so that a page of ten
 * thousand needs no more memory than a page of one.
 */
enum { OBJECT_FIELDS = 40, OBJECT_SPACE = 2048 };

struct object {
    struct value value; /* the object, for the template */
    struct field fields[OBJECT_FIELDS];
    char space[OBJECT_SPACE];
    size_t used;
};

/* Empties it; the fields' values that others copied are then gone. */
void object_clear(struct object *object);

/* Each adds a field, whose name must outlive it. So must what these four add. */
void object_add(struct object *object, const char *name, struct value value);
void object_text(struct object *object, const char *name, const char *text);
void object_flag(struct object *object, const char *name, bool yes);
/* An object within the object: inner is filled already. */
void object_inner(struct object *object, const char *name, const struct object *inner);

/* These make a text, which is cut where the space is used up. object_print is the slow one. */
void object_print(struct object *object, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void object_bytes(struct object *object, const char *name, const char *text, size_t size);
void object_number(struct object *object, const char *name, long long number);
/* Thousandths as units with so many decimals at most: text.h. */
void object_decimal(struct object *object, const char *name, int thousandths, int most);
/* A text that came from the network or from a person, as one line of UTF-8. */
void object_clean(struct object *object, const char *name, const char *text);
/* The same, of this many bytes at most; "…" stands where something was cut. */
void object_brief(struct object *object, const char *name, const char *text, size_t most);

/* The same for XML, which knows two characters less than UTF-8. */
void object_xml(struct object *object, const char *name, const char *text);

#endif
