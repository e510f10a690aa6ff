#include "dashboard/object.h"

#include "base/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void object_clear(struct object *object)
{
    object->value = (struct value){.kind = VALUE_OBJECT, .object = {object->fields, 0}};
    object->used = 0;
}

void object_add(struct object *object, const char *name, struct value value)
{
    assert(object->value.object.n < OBJECT_FIELDS);
    object->fields[object->value.object.n++] = (struct field){name, value};
}

void object_text(struct object *object, const char *name, const char *text)
{
    object_add(object, name, (struct value){.kind = VALUE_TEXT, .text = {text, strlen(text)}});
}

void object_flag(struct object *object, const char *name, bool yes)
{
    object_add(object, name, (struct value){.kind = VALUE_BOOL, .yes = yes});
}

void object_inner(struct object *object, const char *name, const struct object *inner)
{
    object_add(object, name, inner->value);
}

/* Adds a text of this size that was written at the front of the space that is left. */
static void keep(struct object *object, const char *name, size_t size)
{
    object_add(object, name,
               (struct value){.kind = VALUE_TEXT, .text = {object->space + object->used, size}});
    object->used += size + 1;
    if (object->used == OBJECT_SPACE)
        object->used--;
}

void object_bytes(struct object *object, const char *name, const char *text, size_t size)
{
    size_t room = OBJECT_SPACE - object->used - 1;

    if (size > room)
        size = room;
    memcpy(object->space + object->used, text, size);
    object->space[object->used + size] = '\0';
    keep(object, name, size);
}

void object_print(struct object *object, const char *name, const char *format, ...)
{
    char *into = object->space + object->used;
    va_list args;

    va_start(args, format);
    vsnprintf(into, OBJECT_SPACE - object->used, format, args);
    va_end(args);
    keep(object, name, strlen(into));
}

void object_number(struct object *object, const char *name, long long number)
{
    char text[TEXT_NUMBER_MAX];

    object_bytes(object, name, text, text_number(text, number));
}

void object_decimal(struct object *object, const char *name, int thousandths, int most)
{
    char text[TEXT_NUMBER_MAX];

    object_bytes(object, name, text, text_decimal(text, thousandths, 0, most));
}

void object_clean(struct object *object, const char *name, const char *text)
{
    char *into = object->space + object->used;

    text_one_line(into, OBJECT_SPACE - object->used, text, strlen(text));
    keep(object, name, strlen(into));
}

void object_brief(struct object *object, const char *name, const char *text, size_t most)
{
    static const char cut[] = "…";
    char *into = object->space + object->used;
    size_t room = OBJECT_SPACE - object->used;

    if (most + sizeof cut > room)
        most = room > sizeof cut ? room - sizeof cut : 0;
    text_one_line(into, most + 1, text, strlen(text));
    if (strlen(text) > most)
        memcpy(into + strlen(into), cut, sizeof cut);
    keep(object, name, strlen(into));
}

void object_xml(struct object *object, const char *name, const char *text)
{
    char *into = object->space + object->used;

    object_clean(object, name, text);
    text_mend_xml(into);
}
