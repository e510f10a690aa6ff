/* Replaces ${NAME} in texts. */
#include "config/environment.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_LENGTH = 255 };

/* Names are those of the shell (POSIX, "Environment Variables"); 0: none begins here. */
static size_t name_length(const char *text, size_t size)
{
    size_t n = 0;

    while (n < size && (isalnum((unsigned char)text[n]) || text[n] == '_'))
        n++;
    return n > 0 && isdigit((unsigned char)text[0]) ? 0 : n;
}

/* Replaces the "${NAME}" that begins here. Returns its length, or 0 if it has no such form. */
static size_t replace_name(struct loader *loader, struct node *node, const char *text, size_t size,
                           struct buffer *into)
{
    size_t length = name_length(text + 2, size - 2);
    char name[NAME_MAX_LENGTH + 1];
    const char *value;

    if (length == 0 || length > NAME_MAX_LENGTH || length + 2 == size || text[2 + length] != '}')
        return 0;
    snprintf(name, sizeof name, "%.*s", (int)length, text + 2);
    value = getenv(name);
    if (value)
        buffer_puts(into, value);
    else
        mistakes_at(loader->mistakes, node,
                    "the environment variable %s, used here as ${%s}, is not set", name, name);
    return length + 3;
}

/* Appends the text with its names replaced. Returns -1 if a "${" is not the start of "${NAME}". */
static int fill_names(struct loader *loader, struct node *node, struct buffer *into)
{
    const char *text = node->text.data, *end = text + node->text.size;

    while (text < end) {
        const char *dollar = memchr(text, '$', (size_t)(end - text));
        size_t left = dollar ? (size_t)(end - dollar) : 0, length;

        buffer_append(into, text, dollar ? (size_t)(dollar - text) : (size_t)(end - text));
        if (!dollar)
            break;
        if (left >= 3 && memcmp(dollar, "$${", 3) == 0) {
            buffer_puts(into, "${");
            length = 3;
        } else if (left >= 2 && dollar[1] == '{') {
            length = replace_name(loader, node, dollar, left, into);
        } else {
            buffer_putc(into, '$');
            length = 1;
        }
        if (length == 0)
            return -1;
        text = dollar + length;
    }
    return 0;
}

static const struct bytes *keep_text(struct loader *loader, const char *data, size_t size)
{
    struct bytes *kept = loader_alloc(loader, sizeof *kept);

    if (!kept)
        return NULL;
    kept->data = loader_copy(loader, data, size);
    kept->size = size;
    return kept->data ? kept : NULL;
}

/* A text that many domains share by an alias is filled in and stored once. */
const struct bytes *environment_fill(struct loader *loader, struct node *node)
{
    struct buffer filled = BUFFER_WITH_CEILING(BUFFER_MAX_CONFIG);

    if (node->filled)
        return node->filled;
    if (node->text.size == 0 || !memchr(node->text.data, '$', node->text.size)) {
        node->filled = keep_text(loader, node->text.data, node->text.size);
        return node->filled;
    }
    if (fill_names(loader, node, &filled))
        mistakes_at(loader->mistakes, node,
                    "'${' is not followed by a name and '}'; expected ${NAME}, or $${ for a "
                    "literal ${");
    else if (filled.failed)
        mistakes_no_memory(loader->mistakes);
    else if (!node->mistakes)
        node->filled = keep_text(loader, filled.data, filled.size);
    buffer_free(&filled);
    return node->filled;
}
