/* Reads characters in the forms that URLs, HTML and JSON have for them. */
#include "base/unescape.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { CODE_MAX = 0x10ffff };

struct character {
    unsigned code;
    bool is_byte; /* not the number of a character, but a byte of one */
};

/* Reads up to max digits. Returns how many there are; *number is at most CODE_MAX + 1. */
static size_t read_digits(const char *text, size_t size, unsigned base, size_t max,
                          unsigned *number)
{
    static const char digits[] = "0123456789abcdef";
    size_t n = 0;

    *number = 0;
    for (; n < size && n < max; n++) {
        const char *digit = text[n] ? memchr(digits, tolower((unsigned char)text[n]), base) : NULL;

        if (!digit)
            break;
        *number = *number * base + (unsigned)(digit - digits);
        if (*number > CODE_MAX)
            *number = CODE_MAX + 1;
    }
    return n;
}

/* "%41", and "%2541" for it in a URL within a URL. Returns 0 if there is none. */
static size_t read_percent(const char *text, size_t size, struct character *into)
{
    size_t at = 1;
    unsigned next;

    while (size - at >= 4 && memcmp(text + at, "25", 2) == 0 &&
           read_digits(text + at + 2, 2, 16, 2, &next) == 2)
        at += 2;
    if (read_digits(text + at, size - at, 16, 2, &into->code) < 2)
        return 0;
    into->is_byte = true;
    return at + 2;
}

/* "&lt;", "&#60;" or "&#x3c;", and "&amp;lt;" for it in HTML within HTML; '&' if it is none. */
static size_t read_entity(const char *text, size_t size, struct character *into)
{
    static const struct {
        const char *name;
        char character;
    } entities[] = {{"lt;", '<'}, {"gt;", '>'}, {"quot;", '"'}, {"apos;", '\''}};
    size_t at = 1, digits, from;
    bool is_hex;

    while (size - at >= 4 && strncasecmp(text + at, "amp;", 4) == 0)
        at += 4;
    *into = (struct character){'&', true};
    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++) {
        size_t length = strlen(entities[i].name);

        if (size - at >= length && strncasecmp(text + at, entities[i].name, length) == 0) {
            into->code = (unsigned char)entities[i].character;
            return at + length;
        }
    }
    is_hex = size - at > 1 && tolower((unsigned char)text[at + 1]) == 'x';
    from = at + 1 + is_hex;
    if (size - at < 2 || text[at] != '#')
        return at;
    digits = read_digits(text + from, size - from, is_hex ? 16 : 10, 8, &into->code);
    into->is_byte = false;
    if (digits > 0 && from + digits < size && text[from + digits] == ';' && into->code > 0 &&
        into->code <= CODE_MAX)
        return from + digits + 1;
    *into = (struct character){'&', true};
    return at;
}

static size_t read_one(const char *text, size_t size, struct character *into)
{
    size_t length = *text == '%'   ? read_percent(text, size, into)
                    : *text == '&' ? read_entity(text, size, into)
                                   : 0;

    if (length == 0)
        *into = (struct character){(unsigned char)*text, true};
    return length ? length : 1;
}

static size_t write_utf8(const struct character *character, char bytes[UNESCAPE_MAX])
{
    unsigned code = character->code;
    size_t n = code < 0x80 || character->is_byte ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};

    for (size_t i = n; i-- > 1; code >>= 6)
        bytes[i] = (char)(0x80 | (code & 0x3f));
    bytes[0] = (char)(first[n - 1 ? n : 0] | code);
    return n;
}

size_t unescape_next(const char *text, size_t size, char bytes[UNESCAPE_MAX], size_t *n)
{
    struct character character = {'\\', true};
    bool is_escaped = false;
    size_t at = 0;
    unsigned code;

    while (at < size && character.code == '\\') {
        at += read_one(text + at, size - at, &character);
        is_escaped |= character.code == '\\';
    }
    *n = 0;
    if (character.code == '\\')
        return at;
    if (is_escaped && character.code == 'u' &&
        read_digits(text + at, size - at, 16, 4, &code) == 4) {
        character = (struct character){code, false};
        at += 4;
    } else if (character.code == '+' || (is_escaped && character.code && character.code < 0x80 &&
                                         strchr("nrtbf", (int)character.code))) {
        character.code = ' ';
    }
    *n = write_utf8(&character, bytes);
    return at;
}
