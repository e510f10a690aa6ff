/* Reads JSON without making a tree of it. */
#include "base/json_text.h"

#include "base/decimal.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

const char *const json_text_kinds[JSON_TEXT_KINDS] = {
    [JSON_TEXT_STRING] = "string", [JSON_TEXT_NUMBER] = "number", [JSON_TEXT_BOOLEAN] = "boolean",
    [JSON_TEXT_NULL] = "null",     [JSON_TEXT_ARRAY] = "array",   [JSON_TEXT_OBJECT] = "object",
};

enum json_kind json_text_kind(const struct json_text *value)
{
    switch (*value->data) {
    case '"':
        return JSON_TEXT_STRING;
    case 't':
    case 'f':
        return JSON_TEXT_BOOLEAN;
    case 'n':
        return JSON_TEXT_NULL;
    case '[':
        return JSON_TEXT_ARRAY;
    case '{':
        return JSON_TEXT_OBJECT;
    default:
        return JSON_TEXT_NUMBER;
    }
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    return at;
}

static const char *skip_string(const char *at)
{
    for (at++; *at != '"'; at++)
        at += *at == '\\';
    return at + 1;
}

static const char *skip_value(const char *at, const char *end)
{
    size_t depth = 0;

    while (at < end) {
        if (*at == '"') {
            at = skip_string(at);
        } else if (*at == '[' || *at == '{') {
            depth++;
            at++;
        } else if (*at == ']' || *at == '}') {
            depth--;
            at++;
        } else if (depth > 0) {
            at++;
            continue;
        } else {
            while (at < end && !strchr(",]} \t\r\n", *at))
                at++;
        }
        if (depth == 0)
            return at;
    }
    return at;
}

static const char *take_value(const char *at, const char *end, struct json_text *value)
{
    const char *after = skip_value(at, end);

    *value = (struct json_text){at, (size_t)(after - at)};
    return after;
}

bool json_text_next(const struct json_text *parent, struct json_walk *walk, struct json_text *name,
                    struct json_text *value)
{
    const char *end = parent->data + parent->size;
    const char *at = skip_blanks(walk->at ? walk->at : parent->data + 1, end);
    struct json_text ignored;

    if (walk->at && *at == ',')
        at = skip_blanks(at + 1, end);
    if (*at == ']' || *at == '}')
        return false;
    if (*parent->data == '{') {
        at = skip_blanks(take_value(at, end, name ? name : &ignored), end);
        at = skip_blanks(at + 1, end);
    }
    walk->at = take_value(at, end, value);
    return true;
}

static uint32_t read_hex(const char *at)
{
    uint32_t unit = 0;

    for (int i = 0; i < 4; i++)
        unit = 16 * unit + (uint32_t)(at[i] <= '9' ? at[i] - '0' : (at[i] | 0x20) - 'a' + 10);
    return unit;
}

static size_t write_utf8(uint32_t point, char bytes[4])
{
    static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;

    for (size_t i = length; i-- > 1; point >>= 6)
        bytes[i] = (char)(0x80 | (point & 0x3f));
    bytes[0] = (char)(first[length] | point);
    return length;
}

/* The character of "\uXXXX" at the digits. Returns the bytes that were read. */
static size_t read_unicode(const char *at, uint32_t *point)
{
    enum { REPLACEMENT = 0xfffd };
    bool is_high, is_low;

    *point = read_hex(at);
    is_high = *point >= 0xd800 && *point < 0xdc00;
    is_low = *point >= 0xdc00 && *point < 0xe000;
    if (is_high && at[4] == '\\' && at[5] == 'u') {
        uint32_t low = read_hex(at + 6);

        if (low >= 0xdc00 && low < 0xe000) {
            *point = 0x10000 + ((*point - 0xd800) << 10) + (low - 0xdc00);
            return 10;
        }
    }
    if (is_high || is_low)
        *point = REPLACEMENT;
    return 4;
}

size_t json_text_character(const char **at, char bytes[4])
{
    static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    const char *letter;
    size_t length = 1;
    uint32_t point;

    if (**at == '"')
        return 0;
    if (**at != '\\') {
        /* At most 4 bytes, and a character never ends after the quote. */
        while (((*at)[length] & 0xc0) == 0x80)
            length++;
        memcpy(bytes, *at, length);
        *at += length;
        return length;
    }
    *at += 2;
    if ((*at)[-1] == 'u') {
        *at += read_unicode(*at, &point);
        return write_utf8(point, bytes);
    }
    letter = strchr(letters, (*at)[-1]);
    bytes[0] = letter ? meanings[letter - letters] : (*at)[-1];
    return 1;
}

static bool strings_equal(const struct json_text *a, const struct json_text *b)
{
    const char *at = a->data + 1, *other = b->data + 1;
    size_t length;

    if (a->size == b->size && memcmp(a->data, b->data, a->size) == 0)
        return true;
    do {
        char bytes[4], other_bytes[4];

        length = json_text_character(&at, bytes);
        if (json_text_character(&other, other_bytes) != length ||
            memcmp(bytes, other_bytes, length) != 0)
            return false;
    } while (length > 0);
    return true;
}

bool json_text_member(const struct json_text *object, const struct json_text *name,
                      struct json_text *value)
{
    struct json_walk walk = {NULL};
    struct json_text other, its_value;
    bool found = false;

    while (json_text_next(object, &walk, &other, &its_value)) {
        if (strings_equal(name, &other)) {
            *value = its_value;
            found = true;
        }
    }
    return found;
}

static bool arrays_equal(const struct json_text *a, const struct json_text *b)
{
    struct json_walk walk = {NULL}, other_walk = {NULL};
    struct json_text element, other;

    while (json_text_next(a, &walk, NULL, &element)) {
        if (!json_text_next(b, &other_walk, NULL, &other) || !json_text_equal(&element, &other))
            return false;
    }
    return !json_text_next(b, &other_walk, NULL, &other);
}

static bool objects_equal(const struct json_text *a, const struct json_text *b)
{
    struct json_walk walk = {NULL};
    struct json_text name, value, other;

    while (json_text_next(b, &walk, &name, &value)) {
        if (!json_text_member(a, &name, &other))
            return false;
    }
    walk.at = NULL;
    while (json_text_next(a, &walk, &name, &value)) {
        if (!json_text_member(b, &name, &other) || !json_text_member(a, &name, &value) ||
            !json_text_equal(&value, &other))
            return false;
    }
    return true;
}

bool json_text_equal(const struct json_text *a, const struct json_text *b)
{
    enum json_kind kind = json_text_kind(a);

    if (kind != json_text_kind(b))
        return false;
    switch (kind) {
    case JSON_TEXT_STRING:
        return strings_equal(a, b);
    case JSON_TEXT_NUMBER:
        return decimal_compare(a->data, a->size, b->data, b->size) == 0;
    case JSON_TEXT_ARRAY:
        return arrays_equal(a, b);
    case JSON_TEXT_OBJECT:
        return objects_equal(a, b);
    default:
        return a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
    }
}

size_t json_text_length(const struct json_text *value)
{
    struct json_walk walk = {NULL};
    struct json_text child;
    const char *at = value->data + 1;
    char bytes[4];
    size_t length = 0;

    switch (json_text_kind(value)) {
    case JSON_TEXT_STRING:
        while (json_text_character(&at, bytes) > 0)
            length++;
        return length;
    case JSON_TEXT_ARRAY:
    case JSON_TEXT_OBJECT:
        while (json_text_next(value, &walk, NULL, &child))
            length++;
        return length;
    default:
        return 0;
    }
}

size_t json_text_decode(const struct json_text *value, char *into)
{
    const char *at = value->data + 1;
    char *start = into, bytes[4];

    assert(json_text_kind(value) == JSON_TEXT_STRING);
    for (size_t length; (length = json_text_character(&at, bytes)) > 0; into += length)
        memcpy(into, bytes, length);
    return (size_t)(into - start);
}
