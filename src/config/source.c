#include "config/source.h"

#include "base/text.h"

#include <stdbool.h>
#include <string.h>

/* Walks through the text, character by character, and knows where it is. */
struct walk {
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

/* The length of the YAML character that begins here; 0 where none does. */
static size_t character_length(const char *text, size_t size)
{
    unsigned char first = (unsigned char)text[0];
    size_t length;

    if (first >= 0x20 && first < 0x7f)
        return 1;
    if (first < 0x20 || first == 0x7f)
        return first == '\t' || first == '\n' || first == '\r' ? 1 : 0;
    length = text_utf8_length(text, size);

    /* Of the C1 controls, YAML knows the line break NEL (U+0085) alone. */
    if (first == 0xc2 && length == 2 && (unsigned char)text[1] < 0xa0 &&
        (unsigned char)text[1] != 0x85)
        return 0;
    return is_noncharacter(text, length) ? 0 : length;
}

static void report(const struct walk *walk, struct mistakes *mistakes)
{
    unsigned char byte = (unsigned char)walk->text[walk->at];
    bool control = text_utf8_length(walk->text + walk->at, walk->size - walk->at) > 0;

    mistakes_add(mistakes, walk->line, walk->column,
                 control ? "a control character begins with the byte 0x%02x here; expected text"
                         : "the byte 0x%02x is not UTF-8; expected text in UTF-8",
                 byte);
}

static void step(struct walk *walk, size_t length)
{
    bool break_here = walk->text[walk->at] == '\n' ||
                      (walk->text[walk->at] == '\r' &&
                       (walk->at + 1 == walk->size || walk->text[walk->at + 1] != '\n'));

    walk->at += length;
    walk->column = break_here ? 1 : walk->column + 1;
    walk->line += break_here;
}

void source_check(struct source *source, struct mistakes *mistakes)
{
    struct walk walk = {.line = 1, .column = 1};
    char *mended = NULL;

    if (source->size >= 3 && memcmp(source->data, "\xef\xbb\xbf", 3) == 0) {
        source->data += 3;
        source->size -= 3;
    }
    walk.text = source->data;
    walk.size = source->size;
    while (walk.at < walk.size) {
        size_t length = character_length(walk.text + walk.at, walk.size - walk.at);

        if (length == 0) {
            if (walk.reported_line != walk.line)
                report(&walk, mistakes);
            walk.reported_line = walk.line;
            if (!mended)
                mended = arena_copy(mistakes->arena, source->data, source->size);
            if (!mended) {
                mistakes_no_memory(mistakes);
                return;
            }
            length = text_utf8_length(walk.text + walk.at, walk.size - walk.at);
            length = length ? length : 1;
            memset(mended + walk.at, '?', length);
        }
        step(&walk, length);
    }
    if (mended)
        source->data = mended;
}
