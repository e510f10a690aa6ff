/* Checks the characters of the file. */
#include "config/source.h"

#include "base/text.h"

#include <string.h>

/* A position in the text. */
struct source_position {
    const char *text;
    size_t size, at;
    size_t line, column;
    size_t reported_line;
    bool begins_line;
    bool has_directive; /* there was a line that begins with '%' */
    bool reported_directive;
};

static bool is_noncharacter(const char *text, size_t length)
{
    return length == 3 &&
           (memcmp(text, "\xef\xbf\xbe", 3) == 0 || memcmp(text, "\xef\xbf\xbf", 3) == 0);
}

/* The length of the YAML character at the start of text; 0: there is none. */
static size_t character_length(const char *text, size_t size)
{
    unsigned char first = (unsigned char)text[0];
    size_t length;

    if (first >= 0x20 && first < 0x7f)
        return 1;
    if (first < 0x20 || first == 0x7f)
        return first == '\t' || first == '\n' || first == '\r' ? 1 : 0;
    length = text_utf8_length(text, size);

    /* Of the C1 controls, YAML only allows the line break NEL (U+0085). */
    if (first == 0xc2 && length == 2 && (unsigned char)text[1] < 0xa0 &&
        (unsigned char)text[1] != 0x85)
        return 0;
    return is_noncharacter(text, length) ? 0 : length;
}

/* Whether this character ends a line for libyaml. */
static bool is_break(const char *text, size_t length)
{
    switch (length) {
    case 1:
        return text[0] == '\n' || text[0] == '\r';
    case 2:
        return memcmp(text, "\xc2\x85", 2) == 0;
    case 3:
        return memcmp(text, "\xe2\x80\xa8", 3) == 0 || memcmp(text, "\xe2\x80\xa9", 3) == 0;
    default:
        return false;
    }
}

/*
 * Whether a line begins with a directive. Only "%YAML" is accepted, once. libyaml compares each
 * %TAG with all others, so a megabyte of them would take seconds.
 */
static bool is_directive(struct source_position *position)
{
    static const char yaml[] = "%YAML ";
    bool is_first = !position->has_directive;
    const char *at = position->text + position->at;

    if (!position->begins_line || *at != '%')
        return false;
    position->has_directive = true;
    return !is_first || position->size - position->at < strlen(yaml) ||
           memcmp(at, yaml, strlen(yaml)) != 0;
}

/* The length of printable ASCII at `at`, which most of a file is. The first byte of a line is left
 * to is_directive if it is a '%'. */
static size_t plain_length(const struct source_position *position)
{
    size_t at = position->at;

    if (position->begins_line && position->text[at] == '%')
        return 0;
    while (at < position->size && position->text[at] >= 0x20 && position->text[at] < 0x7f)
        at++;
    return at - position->at;
}

static void report_directive(struct source_position *position, struct mistakes *mistakes)
{
    struct node at = {.file = mistakes->file,
                      .line = (uint32_t)position->line,
                      .column = (uint32_t)position->column};

    if (!position->reported_directive)
        mistakes_at(mistakes, &at,
                    "a line that begins with '%%' is a YAML directive, which is not supported; "
                    "remove it");
    position->reported_directive = true;
}

static void report_byte(const struct source_position *position, struct mistakes *mistakes)
{
    struct node at = {.file = mistakes->file,
                      .line = (uint32_t)position->line,
                      .column = (uint32_t)position->column};
    unsigned char byte = (unsigned char)position->text[position->at];
    bool control =
        text_utf8_length(position->text + position->at, position->size - position->at) > 0;

    mistakes_at(mistakes, &at,
                control ? "control character (byte 0x%02x)"
                        : "byte 0x%02x is not UTF-8; save the file as UTF-8",
                byte);
}

static void advance(struct source_position *position, size_t length)
{
    bool break_here =
        position->text[position->at] == '\n' ||
        (position->text[position->at] == '\r' &&
         (position->at + 1 == position->size || position->text[position->at + 1] != '\n'));

    position->at += length;
    position->column = break_here ? 1 : position->column + 1;
    position->line += break_here;
}

struct bytes source_check(const char *text, size_t size, struct mistakes *mistakes)
{
    bool has_mark = size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0;
    struct source_position position = {.text = has_mark ? text + 3 : text,
                                       .size = has_mark ? size - 3 : size,
                                       .line = 1,
                                       .column = 1,
                                       .begins_line = true};
    char *cleaned = NULL;

    while (position.at < position.size) {
        const char *at = position.text + position.at;
        size_t plain = plain_length(&position), length;
        bool is_broken, has_directive;

        if (plain > 0) {
            position.at += plain;
            position.column += plain;
            position.begins_line = false;
            continue;
        }
        length = character_length(at, position.size - position.at);
        is_broken = length == 0;
        has_directive = is_directive(&position);
        if (is_broken) {
            if (position.reported_line != position.line)
                report_byte(&position, mistakes);
            position.reported_line = position.line;
            length = text_utf8_length(at, position.size - position.at);
            length = length ? length : 1;
        } else if (has_directive) {
            report_directive(&position, mistakes);
        }
        if ((is_broken || has_directive) && !cleaned) {
            cleaned = mistakes_copy(mistakes, mistakes->arena, position.text, position.size);
            if (!cleaned)
                break;
        }
        if (is_broken || has_directive)
            memset(cleaned + position.at, has_directive ? '#' : '?', length);
        position.begins_line = is_break(at, length);
        advance(&position, length);
    }
    return (struct bytes){cleaned ? cleaned : position.text, position.size};
}
