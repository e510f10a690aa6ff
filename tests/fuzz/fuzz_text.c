/* base/text: any bytes as one line of limited size, and as HTML with the same meaning. */
#include "fuzz.h"

#include "base/text.h"

static void make_line(struct input *input)
{
    size_t room = input_number(input, 2) % 600 + 1, size = input->left;
    char *line = malloc(room), *clean;

    if (!line)
        abort();
    text_one_line(line, room, (const char *)input->at, size);
    must(strlen(line) < room, "the line fits");
    must_be_clean_line(line, strlen(line));
    free(line);

    clean = input_part(input, '\0', &size);
    text_clean(clean);
    must(strlen(clean) <= size, "it is replaced in place");
    must_be_clean_line(clean, strlen(clean));
    free(clean);
}

/* Decodes one byte of HTML. Returns the length of its HTML. */
static size_t unescape(const char *html, char *byte)
{
    static const struct {
        const char *entity;
        char byte;
    } entities[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};

    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++) {
        *byte = entities[i].byte;
        if (strncmp(html, entities[i].entity, strlen(entities[i].entity)) == 0)
            return strlen(entities[i].entity);
    }
    *byte = *html;
    must(*html != '<' && *html != '>' && *html != '"' && *html != '\'' && *html != '&',
         "no special character of HTML is left");
    return 1;
}

static void make_html(const char *text, size_t size)
{
    struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    size_t at = 0;
    char byte;

    must(text_escape_html(&into, text, size) == 0, "it can be escaped");
    for (size_t i = 0; i < size; i++) {
        must(at < into.size, "nothing is lost");
        at += unescape(into.data + at, &byte);
        must(byte == text[i], "HTML has the same text");
    }
    must(at == into.size, "nothing is added");
    buffer_free(&into);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    uint32_t point;

    for (size_t at = 0; at < size; at++)
        must(text_utf8_length((const char *)data + at, size - at) ==
                 utf8_at((const char *)data + at, size - at, &point),
             "a character has the length of the standard");
    make_html((const char *)data, size);
    make_line(&input);
    return 0;
}
