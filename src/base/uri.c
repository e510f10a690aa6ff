/* Percent-encodes URLs, because a request line is ASCII. */
#include "base/uri.h"

#include "base/text.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* The sets of the URL Standard, without control characters. */
static const char path_set[] = " \"<>`{}", query_set[] = " \"<>'", fragment_set[] = " \"<>`";

/* The length of "SCHEME:" at the start of a text; 0: none. */
static size_t scheme_size(const char *text)
{
    size_t size = strspn(text, TEXT_LETTERS_AND_DIGITS "+-.");

    return size > 0 && text[size] == ':' ? size + 1 : 0;
}

static bool is_slash(char byte)
{
    return byte == '/' || byte == '\\';
}

/* Copies the scheme and, after two or more slashes, the authority. Returns what follows. */
static const char *copy_start(struct buffer *into, const char *text)
{
    size_t size = scheme_size(text);
    bool is_http = size == 0 || strncasecmp(text, "http:", size) == 0 ||
                   strncasecmp(text, "https:", size) == 0;

    buffer_append(into, text, size);
    text += size;
    if (!is_http || !is_slash(text[0]) || !is_slash(text[1]))
        return text;
    buffer_puts(into, "//");
    while (is_slash(*text))
        text++;
    size = strcspn(text, "/\\?#");
    buffer_append(into, text, size);
    return text + size;
}

int uri_encode(struct buffer *into, const char *text)
{
    const char *set = path_set;

    for (text = copy_start(into, text); *text; text++) {
        unsigned char byte = (unsigned char)*text;

        if (byte == '#' && set != fragment_set)
            set = fragment_set;
        else if (byte == '?' && set == path_set)
            set = query_set;
        if (byte >= 0x80 || strchr(set, *text))
            buffer_printf(into, "%%%02X", (unsigned)byte);
        else
            buffer_putc(into, byte == '\\' && set == path_set ? '/' : *text);
    }
    return into->failed ? -1 : 0;
}
