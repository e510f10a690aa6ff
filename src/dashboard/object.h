#ifndef DASHBOARD_OBJECT_H
#define DASHBOARD_OBJECT_H

#include "template/values.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct messages;

/*
 * An object that templates see, while it is being filled. It holds its fields and the texts made
 * for them. It has a fixed size and is filled again for each site and each domain, so a page of ten
 * thousand domains needs no more memory than a page of one.
 */
enum { OBJECT_FIELDS = 64, OBJECT_MOMENTS = 3, OBJECT_MOMENT_FIELDS = 9, OBJECT_SPACE = 2304 };

/* A moment in an object. */
struct object_moment {
    struct value value;
    struct field fields[OBJECT_MOMENT_FIELDS];
};

struct object {
    struct value value; /* the object, for the template */
    struct field fields[OBJECT_FIELDS];
    struct object_moment moments[OBJECT_MOMENTS];
    size_t n_moments;
    char space[OBJECT_SPACE];
    size_t used;
};

/* Removes all fields. Values copied from the object before are no longer valid. */
void object_clear(struct object *object);

/*
 * Adds a field and returns its value, to be set. The object has fewer than OBJECT_FIELDS of them.
 * The name must outlive the object. This and the next six are inline: a page has thousands of
 * fields, and what depends on a constant name is then a constant.
 */
static inline struct value *object_field(struct object *object, const char *name)
{
    struct field *field = &object->fields[object->value.object.n];

    assert(object->value.object.n < OBJECT_FIELDS);
    object->value.object.n++;
    object->value.object.lacks &= ~values_name_bit(name, SIZE_MAX);
    field->name = name;
    return &field->value;
}

/* Add a field. The value, text, object or context given to these six must outlive the object. */
static inline void object_add(struct object *object, const char *name, struct value value)
{
    *object_field(object, name) = value;
}

static inline void object_slice(struct object *object, const char *name, const char *text,
                                size_t size)
{
    struct value *value = object_field(object, name);

    value->kind = VALUE_TEXT;
    value->text.data = text;
    value->text.size = size;
}

static inline void object_text(struct object *object, const char *name, const char *text)
{
    object_slice(object, name, text, strlen(text));
}

static inline void object_flag(struct object *object, const char *name, bool yes)
{
    struct value *value = object_field(object, name);

    value->kind = VALUE_BOOL;
    value->yes = yes;
}

/* inner must have been filled before. */
static inline void object_inner(struct object *object, const char *name, const struct object *inner)
{
    assert(inner->value.kind == VALUE_OBJECT);
    object_add(object, name, inner->value);
}

/* A list of n items. item is described at struct value, key at value_key. */
static inline void object_keyed_list(struct object *object, const char *name, size_t n,
                                     const struct value *(*item)(void *context, size_t i),
                                     void *context, value_key *key)
{
    struct value *value = object_field(object, name);

    value->kind = VALUE_LIST;
    value->list.n = n;
    value->list.item = item;
    value->list.context = context;
    value->list.key = key;
}

static inline void object_list(struct object *object, const char *name, size_t n,
                               const struct value *(*item)(void *context, size_t i), void *context)
{
    object_keyed_list(object, name, n, item, context, NULL);
}

/* Add a text that is kept in the object's space. If the space is used up, the text is cut. */
/* The texts one after the other; NULL ends them. */
void object_join(struct object *object, const char *name, const char *const *texts);
void object_bytes(struct object *object, const char *name, const char *text, size_t size);
void object_number(struct object *object, const char *name, long long number);
/* A count. 0 is an empty text, so that a template can test whether there are any. */
void object_count(struct object *object, const char *name, size_t n);
/* The same with separators of thousands: "10,000". */
void object_grouped(struct object *object, const char *name, size_t n);
/* Thousandths, written as units with at most max decimals, rounded down. */
void object_decimal(struct object *object, const char *name, int thousandths, int max);

/* Add a text from the network or from a person, as one line of UTF-8. */
void object_clean(struct object *object, const char *name, const char *text);
/* The same, cut to max bytes; a cut text ends with "…". */
void object_brief(struct object *object, const char *name, const char *text, size_t max);
/* The same for XML, which does not allow two of the characters that UTF-8 has. */
void object_xml(struct object *object, const char *name, const char *text);

/* Adds the hour and minute of a moment: "09:31". */
void object_clock(struct object *object, const char *name, int64_t ms);

/* Adds a duration in its two largest units, rounded down: "2 h 10 min". */
void object_duration(struct object *object, const char *name, int64_t ms,
                     const struct messages *messages);

/* Adds the duration between two moments as the pages show them, in whole seconds. */
void object_span(struct object *object, const char *name, int64_t from_ms, int64_t to_ms,
                 const struct messages *messages);

/* The same without seconds, unless it is shorter than a minute. */
void object_rough_span(struct object *object, const char *name, int64_t from_ms, int64_t to_ms,
                       const struct messages *messages);

/* Adds a moment, at most OBJECT_MOMENTS of them: an object of iso "2026-11-23T09:31:02Z", text
 * "2026-11-23 09:31" (with seconds if wanted), date "2026-11-23" and clock "09:31". */
void object_moment(struct object *object, const char *name, int64_t ms, bool seconds);

/*
 * Adds a moment as people name it on a page that shows at_ms, for the message "when"; it is one of
 * the OBJECT_MOMENTS. An object of iso, clock, day, month (in the language of the pages) and year,
 * and how near it is: today, yesterday, weekday (in that language; empty unless it is at most 6
 * days before the day of at_ms) and other_year (than that of at_ms).
 */
void object_when(struct object *object, const char *name, int64_t ms, int64_t at_ms,
                 const struct messages *messages);

/* Adds the fields of a date for people: day, month (in the language of the pages), year, other_year
 * (than that of now_ms) and iso. */
void object_date_fields(struct object *object, int64_t ms, int64_t now_ms,
                        const struct messages *messages);

/* Adds the fields of a moment to the object itself. */
void object_moment_fields(struct object *object, int64_t ms, bool seconds);

#endif
