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

/* Adds a text of this size that was written at the front of the space that is left. */
static void keep(struct form *form, const char *name, size_t size)
{
    form_add(form, name,
             (struct value){.kind = VALUE_TEXT, .text = {form->space + form->used, size}});
    form->used += size + 1;
    if (form->used == FORM_SPACE)
        form->used--;
}

void form_bytes(struct form *form, const char *name, const char *text, size_t size)
{
    size_t room = FORM_SPACE - form->used - 1;

    if (size > room)
        size = room;
    memcpy(form->space + form->used, text, size);
    form->space[form->used + size] = '\0';
    keep(form, name, size);
}

void form_print(struct form *form, const char *name, const char *format, ...)
{
    char *into = form->space + form->used;
    va_list args;

    va_start(args, format);
    vsnprintf(into, FORM_SPACE - form->used, format, args);
    va_end(args);
    keep(form, name, strlen(into));
}

void form_number(struct form *form, const char *name, long long number)
{
    char text[TEXT_NUMBER_MAX];

    form_bytes(form, name, text, text_number(text, number));
}

void form_decimal(struct form *form, const char *name, int thousandths, int most)
{
    char text[TEXT_NUMBER_MAX];

    form_bytes(form, name, text, text_decimal(text, thousandths, 0, most));
}

void form_clean(struct form *form, const char *name, const char *text)
{
    char *into = form->space + form->used;

    text_one_line(into, FORM_SPACE - form->used, text, strlen(text));
    keep(form, name, strlen(into));
}

void form_brief(struct form *form, const char *name, const char *text, size_t most)
{
    static const char cut[] = "…";
    char *into = form->space + form->used;
    size_t room = FORM_SPACE - form->used;

    if (most + sizeof cut > room)
        most = room > sizeof cut ? room - sizeof cut : 0;
    text_one_line(into, most + 1, text, strlen(text));
    if (strlen(text) > most)
        memcpy(into + strlen(into), cut, sizeof cut);
    keep(form, name, strlen(into));
}

void form_xml(struct form *form, const char *name, const char *text)
{
    char *into = form->space + form->used;

    form_clean(form, name, text);
    text_mend_xml(into);
}
