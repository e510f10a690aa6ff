#include "renderer/form.h"

#include "base/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void form_clear(struct form *form)
{
    form->value = (struct value){.kind = VALUE_OBJECT, .object = {form->fields, 0}};
    form->used = 0;
}

void form_add(struct form *form, const char *name, struct value value)
{
    assert(form->value.object.n < FORM_FIELDS);
    form->fields[form->value.object.n++] = (struct field){name, value};
}

void form_text(struct form *form, const char *name, const char *text)
{
    form_add(form, name, (struct value){.kind = VALUE_TEXT, .text = {text, strlen(text)}});
}

void form_flag(struct form *form, const char *name, bool yes)
{
    form_add(form, name, (struct value){.kind = VALUE_BOOL, .yes = yes});
}

void form_inner(struct form *form, const char *name, const struct form *inner)
{
    form_add(form, name, inner->value);
}

/* Adds what was written at the front of the space that is left. */
static void keep(struct form *form, const char *name)
{
    char *text = form->space + form->used;

    form_text(form, name, text);
    form->used += strlen(text) + 1;
    if (form->used == FORM_SPACE)
        form->used--;
}

void form_print(struct form *form, const char *name, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(form->space + form->used, FORM_SPACE - form->used, format, args);
    va_end(args);
    keep(form, name);
}

void form_clean(struct form *form, const char *name, const char *text)
{
    text_one_line(form->space + form->used, FORM_SPACE - form->used, text, strlen(text));
    keep(form, name);
}
