#ifndef RENDERER_FORM_H
#define RENDERER_FORM_H

#include "template/template.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * An object that a template sees, being filled: its fields and the texts made for them, all in one
 * piece of fixed size that is filled anew for each site and each domain, so that a page of ten
 * thousand needs no more memory than a page of one.
 */
enum { FORM_FIELDS = 40, FORM_SPACE = 2048 };

struct form {
    struct value value; /* the object, for the template */
    struct field fields[FORM_FIELDS];
    char space[FORM_SPACE];
    size_t used;
};

/* Empties it; the fields' values that others copied are then gone. */
void form_clear(struct form *form);

/* Each adds a field, whose name must outlive it. So must what these four add. */
void form_add(struct form *form, const char *name, struct value value);
void form_text(struct form *form, const char *name, const char *text);
void form_flag(struct form *form, const char *name, bool yes);
/* An object within the object: inner is filled already. */
void form_inner(struct form *form, const char *name, const struct form *inner);

/* These make a text, which is cut where the space is used up. form_print is the slow one. */
void form_print(struct form *form, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void form_bytes(struct form *form, const char *name, const char *text, size_t size);
void form_number(struct form *form, const char *name, long long number);
/* Thousandths as units with so many decimals at most: text.h. */
void form_decimal(struct form *form, const char *name, int thousandths, int most);
/* A text that came from the network or from a person, as one line of UTF-8. */
void form_clean(struct form *form, const char *name, const char *text);
/* The same, of this many bytes at most; "…" stands where something was cut. */
void form_brief(struct form *form, const char *name, const char *text, size_t most);

/* The same for XML, which knows two characters less than UTF-8. */
void form_xml(struct form *form, const char *name, const char *text);

#endif
