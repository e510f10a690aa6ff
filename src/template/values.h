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
            unsigned long long names; /* values_name_bit of all names; 0: not known */
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

/* One of 64 bits for a name, which ends after size bytes or with a NUL. An object without it does
 * not have the name, so most searches in the wrong object end at once. */
unsigned long long values_name_bit(const char *name, size_t size);
#define VALUE_ANY_NAME (~0ULL)

/* Whether a section of this value is run. */
bool values_is_true(const struct value *value);

#endif
