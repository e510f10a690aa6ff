#ifndef TEMPLATE_VALUES_H
#define TEMPLATE_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The values that a template can use. Their owner builds them; a run only reads them, and all that
 * they point to must outlive it. */
enum value_kind {
    VALUE_NOTHING,
    VALUE_BOOL,
    VALUE_TEXT,   /* as a section, false if empty */
    VALUE_OBJECT, /* fields by name; no two have the same name */
    VALUE_LIST,   /* items are made one at a time, so ten thousand need the memory of one */
    VALUE_ROW     /* one item a byte, items[byte]: a whole timeline is one value */
};

struct field;

/*
 * Writes all that item i is made from as numbers, and returns how many; 0: too much. Items with the
 * same numbers from the same function must be equal, with all that they contain, as long as the
 * cache of a run lives (item_cache.h). So the text of an item is made once and then copied.
 */
enum { VALUE_KEY_MAX = 5 };
typedef size_t value_key(void *context, size_t i, uint64_t numbers[VALUE_KEY_MAX]);

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
            uint64_t lacks; /* the bits of names that it does not have (values_name_bit) */
        } object;
        struct {
            size_t n;
            /* Returns item i, valid until the next call; NULL ends the run: out of memory. */
            const struct value *(*item)(void *context, size_t i);
            void *context;
            value_key *key; /* NULL: items are seldom equal */
        } list;
        struct {
            const unsigned char *bytes;
            size_t n;
            const struct value *items; /* one for each byte that occurs */
        } row;
    };
};

struct field {
    const char *name; /* during a run, all fields with the same pointer have the same name */
    struct value value;
};

/*
 * One of 64 bits for a name, which ends after size bytes or with a NUL. An object that lacks it
 * does not have the name, so most searches in the wrong object end at once. Of the first bytes, and
 * inline, because each field of each object has one: that of a constant is a constant.
 */
static inline uint64_t values_name_bit(const char *name, size_t size)
{
    unsigned first = size > 0 ? (unsigned char)name[0] : 0;
    unsigned second = first && size > 1 ? (unsigned char)name[1] : 0;
    unsigned third = second && size > 2 ? (unsigned char)name[2] : 0;

    return UINT64_C(1) << (((first * 31 + second) * 31 + third) * 3643427491U >> 26);
}

/* Whether a section of this value is run. */
static inline bool values_is_true(const struct value *value)
{
    switch (value->kind) {
    case VALUE_BOOL:
        return value->yes;
    case VALUE_TEXT:
        return value->text.size > 0;
    case VALUE_OBJECT:
        return true;
    case VALUE_LIST:
        return value->list.n > 0;
    case VALUE_ROW:
        return value->row.n > 0;
    default:
        return false;
    }
}

#endif
