/* The grammar of JSON. */
#include "base/json_syntax.h"

#include "base/text.h"

#include <string.h>

#define HEX_DIGITS "0123456789abcdefABCDEF"

/* The bytes from `at` on must be a JSON text. A bit for each open array or object: it is an object.
 */
struct syntax {
    const char *at, *end;
    size_t depth;
    unsigned char objects[JSON_SYNTAX_DEPTH_MAX / 8];
};

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    return at;
}

/* Whether this byte is next; it is then read. */
static bool read_byte(struct syntax *syntax, char byte)
{
    bool is_next = syntax->at < syntax->end && *syntax->at == byte;

    syntax->at += is_next;
    return is_next;
}

static bool read_word(struct syntax *syntax, const char *word)
{
    while (*word && read_byte(syntax, *word))
        word++;
    return !*word;
}

static bool read_digits(struct syntax *syntax)
{
    const char *start = syntax->at;

    while (syntax->at < syntax->end && *syntax->at >= '0' && *syntax->at <= '9')
        syntax->at++;
    return syntax->at > start;
}

static bool read_number(struct syntax *syntax)
{
    read_byte(syntax, '-');
    if (!read_byte(syntax, '0') && !read_digits(syntax))
        return false;
    if (read_byte(syntax, '.') && !read_digits(syntax))
        return false;
    if (read_byte(syntax, 'e') || read_byte(syntax, 'E')) {
        if (!read_byte(syntax, '+'))
            read_byte(syntax, '-');
        return read_digits(syntax);
    }
    return true;
}

static bool read_escape(struct syntax *syntax)
{
    if (syntax->at == syntax->end || !*syntax->at || !strchr("\"\\/bfnrtu", *syntax->at))
        return false;
    if (*syntax->at++ != 'u')
        return true;
    for (int i = 0; i < 4; i++) {
        if (syntax->at == syntax->end || !*syntax->at || !strchr(HEX_DIGITS, *syntax->at))
            return false;
        syntax->at++;
    }
    return true;
}

static bool read_string(struct syntax *syntax)
{
    if (!read_byte(syntax, '"'))
        return false;
    while (syntax->at < syntax->end) {
        unsigned char byte = (unsigned char)*syntax->at;
        size_t length = 1;

        if (read_byte(syntax, '"'))
            return true;
        if (byte >= 0x80)
            length = text_utf8_length(syntax->at, (size_t)(syntax->end - syntax->at));
        if (byte < ' ' || length == 0)
            return false;
        syntax->at += length;
        if (byte == '\\' && !read_escape(syntax))
            return false;
    }
    return false;
}

static bool read_scalar(struct syntax *syntax)
{
    switch (syntax->at < syntax->end ? *syntax->at : '\0') {
    case '"':
        return read_string(syntax);
    case 't':
        return read_word(syntax, "true");
    case 'f':
        return read_word(syntax, "false");
    case 'n':
        return read_word(syntax, "null");
    default:
        return read_number(syntax);
    }
}

static bool in_object(const struct syntax *syntax)
{
    size_t i = syntax->depth - 1;

    return syntax->objects[i / 8] >> (i % 8) & 1;
}

/* Reads the name of a member, if a value in an object comes next. */
static bool read_name(struct syntax *syntax)
{
    if (!in_object(syntax))
        return true;
    syntax->at = skip_blanks(syntax->at, syntax->end);
    if (!read_string(syntax))
        return false;
    syntax->at = skip_blanks(syntax->at, syntax->end);
    return read_byte(syntax, ':');
}

/* Reads the bracket that opens an array or object. *empty: its other bracket is next. */
static enum json_validity read_opening(struct syntax *syntax, bool *empty)
{
    bool is_object = *syntax->at == '{';
    unsigned char bit = (unsigned char)(1 << syntax->depth % 8);

    if (syntax->depth == JSON_SYNTAX_DEPTH_MAX)
        return JSON_SYNTAX_TOO_DEEP;
    syntax->objects[syntax->depth / 8] &= (unsigned char)~bit;
    if (is_object)
        syntax->objects[syntax->depth / 8] |= bit;
    syntax->depth++;
    syntax->at = skip_blanks(syntax->at + 1, syntax->end);
    *empty = syntax->at < syntax->end && *syntax->at == (is_object ? '}' : ']');
    return *empty || read_name(syntax) ? JSON_SYNTAX_VALID : JSON_SYNTAX_INVALID;
}

/* After a value: closes arrays and objects, up to a comma or the end of the outermost value. */
static bool read_closing(struct syntax *syntax)
{
    while (syntax->depth > 0) {
        syntax->at = skip_blanks(syntax->at, syntax->end);
        if (read_byte(syntax, ','))
            return read_name(syntax);
        if (!read_byte(syntax, in_object(syntax) ? '}' : ']'))
            return false;
        syntax->depth--;
    }
    return true;
}

static enum json_validity read_value(struct syntax *syntax)
{
    do {
        bool is_complete = true;
        enum json_validity validity = JSON_SYNTAX_VALID;

        syntax->at = skip_blanks(syntax->at, syntax->end);
        if (syntax->at < syntax->end && (*syntax->at == '{' || *syntax->at == '['))
            validity = read_opening(syntax, &is_complete);
        else if (!read_scalar(syntax))
            validity = JSON_SYNTAX_INVALID;
        if (validity != JSON_SYNTAX_VALID)
            return validity;
        if (is_complete && !read_closing(syntax))
            return JSON_SYNTAX_INVALID;
    } while (syntax->depth > 0);
    return JSON_SYNTAX_VALID;
}

enum json_validity json_syntax_parse(const char *bytes, size_t size, struct json_text *value)
{
    static const char byte_order[] = "\xef\xbb\xbf";
    struct syntax syntax = {.at = bytes, .end = bytes + size};
    enum json_validity validity;
    const char *start;

    if (size >= strlen(byte_order) && memcmp(bytes, byte_order, strlen(byte_order)) == 0)
        syntax.at += strlen(byte_order);
    syntax.at = start = skip_blanks(syntax.at, syntax.end);
    validity = read_value(&syntax);
    *value = (struct json_text){start, (size_t)(syntax.at - start)};
    if (validity == JSON_SYNTAX_VALID) {
        syntax.at = skip_blanks(syntax.at, syntax.end);
        validity = syntax.at == syntax.end ? JSON_SYNTAX_VALID : JSON_SYNTAX_INVALID;
    }
    if (validity != JSON_SYNTAX_VALID)
        *value = (struct json_text){syntax.at, 0};
    return validity;
}
