/* Checks the characters of the file. */
#include "config/source.h"

#include "base/text.h"

#include <stdbool.h>
#include <string.h>

/* A position in the text. */
struct source_position {
    const char *text;
    size_t size, at;
    size_t line, column;
    size_t reported_line;
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

static void report_byte(const struct source_position *position, struct mistakes *mistakes)
{
    unsigned char byte = (unsigned char)position->text[position->at];
    bool control =
        text_utf8_length(position->text + position->at, position->size - position->at) > 0;

    mistakes_add(mistakes, position->line, position->column,
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

void source_check(struct source *source, struct mistakes *mistakes)
{
    struct source_position position = {.line = 1, .column = 1};
    char *cleaned = NULL;

    if (source->size >= 3 && memcmp(source->data, "\xef\xbb\xbf", 3) == 0) {
        source->data += 3;
        source->size -= 3;
    }
    position.text = source->data;
    position.size = source->size;
    while (position.at < position.size) {
        size_t length = character_length(position.text + position.at, position.size - position.at);

        if (length == 0) {
            if (position.reported_line != position.line)
                report_byte(&position, mistakes);
            position.reported_line = position.line;
            if (!cleaned)
                cleaned = arena_copy(mistakes->arena, source->data, source->size);
            if (!cleaned) {
                mistakes_no_memory(mistakes);
                return;
            }
            length = text_utf8_length(position.text + position.at, position.size - position.at);
            length = length ? length : 1;
            memset(cleaned + position.at, '?', length);
        }
        advance(&position, length);
    }
    if (cleaned)
        source->data = cleaned;
}
