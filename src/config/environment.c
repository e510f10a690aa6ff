#include "config/environment.h"

#include "base/buffer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_LONGEST = 255 };

/* Names as the shell has them (POSIX, "Environment Variables"). */
static size_t name_length(const char *text, size_t size)
{
    size_t n = 0;

    while (n < size && (isalnum((unsigned char)text[n]) || text[n] == '_'))
        n++;
    return n > 0 && isdigit((unsigned char)text[0]) ? 0 : n;
}

/* Replaces the "${NAME}" that begins here. Returns its length, or 0 where it is none. */
static size_t replace(struct loader *loader, struct node *node, const char *text, size_t size,
                      struct buffer *into)
{
    size_t length = name_length(text + 2, size - 2);
    char name[NAME_LONGEST + 1];
    const char *value;

    if (length == 0 || length > NAME_LONGEST || length + 2 == size || text[2 + length] != '}')
        return 0;
    memcpy(name, text + 2, length);
    name[length] = '\0';
    value = getenv(name);
    if (value)
        buffer_puts(into, value);
    else
        mistakes_at(loader->mistakes, node,
                    "the environment variable %s is not set; expected a value for ${%s}", name,
                    name);
    return length + 3;
}

/* Returns -1 where a "${" is not the beginning of "${NAME}". */
static int fill(struct loader *loader, struct node *node, struct buffer *into)
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
            length = replace(loader, node, dollar, left, into);
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

static const struct bytes *keep(struct loader *loader, const char *data, size_t size)
{
    struct bytes *kept = loader_alloc(loader, sizeof *kept);

    if (!kept)
        return NULL;
    kept->data = loader_copy(loader, data, size);
    kept->size = size;
    return kept->data ? kept : NULL;
}

/* A text that many domains share is filled in once, and kept once. */
const struct bytes *environment_fill(struct loader *loader, struct node *node)
{
    struct buffer filled = BUFFER_WITH_CEILING(BUFFER_MAX_CONFIG);

    if (node->filled)
        return node->filled;
    if (node->text.size == 0 || !memchr(node->text.data, '$', node->text.size)) {
        node->filled = keep(loader, node->text.data, node->text.size);
        return node->filled;
    }
    if (fill(loader, node, &filled))
        mistakes_at(loader->mistakes, node,
                    "'${' is not followed by a name and '}'; expected ${NAME}, or $${ for a "
                    "literal ${");
    else if (filled.failed)
        mistakes_no_memory(loader->mistakes);
    else if (!node->mistakes)
        node->filled = keep(loader, filled.data, filled.size);
    buffer_free(&filled);
    return node->filled;
}
