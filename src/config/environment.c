/* Replaces ${NAME} in texts, and remembers which parts of them are secret. */
#include "config/environment.h"

#include "base/memory.h"
#include "base/secrets.h"

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

/* A text being filled. */
struct filling_text {
    struct loader *loader;
    struct node *node;
    struct buffer text, shown;
    struct filled_part *parts; /* from malloc */
    size_t n_parts, capacity;
};

/* Adds the value of a variable to the secrets, once. Returns 0 or -1. */
static int add_secret(struct loader *loader, const char *shown, const char *value)
{
    if (table_find(&loader->variables, shown))
        return 0;
    if (secrets_add(loader->config->secrets, value, strlen(value), shown))
        return -1;
    return table_set(&loader->variables, shown, loader);
}

static void add_part(struct filling_text *filling, const char *shown, size_t shown_size,
                     const char *value)
{
    struct loader *loader = filling->loader;
    struct filled_part *parts =
        memory_grow(filling->parts, &filling->capacity, filling->n_parts + 1, sizeof *parts);
    const char *copy = loader_copy(loader, shown, shown_size);
    size_t size = strlen(value);

    if (parts)
        filling->parts = parts;
    if (!parts || !copy || add_secret(loader, copy, value)) {
        mistakes_no_memory(loader->mistakes);
        return;
    }
    parts[filling->n_parts++] = (struct filled_part){filling->text.size, size, copy};
    buffer_puts(&filling->text, value);
    buffer_puts(&filling->shown, copy);
}

/* Replaces the "${NAME}" that begins here. Returns its length, or 0 if it has no such form. */
static size_t replace_name(struct filling_text *filling, const char *text, size_t size)
{
    size_t length = name_length(text + 2, size - 2);
    char name[NAME_MAX_LENGTH + 1];
    const char *value;

    if (length == 0 || length > NAME_MAX_LENGTH || length + 2 == size || text[2 + length] != '}')
        return 0;
    snprintf(name, sizeof name, "%.*s", (int)length, text + 2);
    value = getenv(name);
    if (value)
        add_part(filling, text, length + 3, value);
    else
        mistakes_at(filling->loader->mistakes, filling->node,
                    "the environment variable %s, used here as ${%s}, is not set", name, name);
    return length + 3;
}

static void append_literal(struct filling_text *filling, const char *text, size_t size)
{
    buffer_append(&filling->text, text, size);
    buffer_append(&filling->shown, text, size);
}

/* Fills in the names. Returns -1 if a "${" is not the start of "${NAME}". */
static int fill_names(struct filling_text *filling)
{
    const char *text = filling->node->text.data, *end = text + filling->node->text.size;

    while (text < end) {
        const char *dollar = memchr(text, '$', (size_t)(end - text));
        size_t left = dollar ? (size_t)(end - dollar) : 0, length;

        append_literal(filling, text, dollar ? (size_t)(dollar - text) : (size_t)(end - text));
        if (!dollar)
            break;
        if (left >= 3 && memcmp(dollar, "$${", 3) == 0) {
            append_literal(filling, "${", 2);
            length = 3;
        } else if (left >= 2 && dollar[1] == '{') {
            length = replace_name(filling, dollar, left);
        } else {
            append_literal(filling, "$", 1);
            length = 1;
        }
        if (length == 0)
            return -1;
        text = dollar + length;
    }
    return 0;
}

static struct bytes copy_bytes(struct loader *loader, const char *data, size_t size)
{
    return (struct bytes){loader_copy(loader, data, size), size};
}

/* Only its bytes are needed once the file is read. */
static struct filled *alloc_filled(struct loader *loader)
{
    return mistakes_alloc(loader->mistakes, loader->mistakes->arena, sizeof(struct filled));
}

static void keep_filled(struct filling_text *filling)
{
    struct loader *loader = filling->loader;
    struct filled *kept = alloc_filled(loader);
    size_t parts_size = filling->n_parts * sizeof *filling->parts;
    struct filled_part *parts =
        mistakes_alloc(loader->mistakes, loader->mistakes->arena, parts_size + 1);

    if (!kept || !parts)
        return;
    if (parts_size)
        memcpy(parts, filling->parts, parts_size);
    *kept = (struct filled){
        .text =
            copy_bytes(loader, filling->text.size ? filling->text.data : "", filling->text.size),
        .shown =
            copy_bytes(loader, filling->shown.size ? filling->shown.data : "", filling->shown.size),
        .parts = parts,
        .n_parts = filling->n_parts,
    };
    if (kept->text.data && kept->shown.data)
        filling->node->filled = kept;
}

/* Keeps a text without a "$". */
static const struct filled *keep_plain(struct loader *loader, struct node *node)
{
    struct filled *kept = alloc_filled(loader);

    if (!kept)
        return NULL;
    kept->text = kept->shown = copy_bytes(loader, node->text.data, node->text.size);
    return node->filled = kept->text.data ? kept : NULL;
}

/* A text that many domains share by an alias is filled in and stored once. */
const struct filled *environment_fill(struct loader *loader, struct node *node)
{
    struct filling_text filling = {.loader = loader,
                                   .node = node,
                                   .text = BUFFER_WITH_CEILING(BUFFER_MAX_CONFIG),
                                   .shown = BUFFER_WITH_CEILING(BUFFER_MAX_CONFIG)};

    if (node->filled)
        return node->filled;
    if (node->text.size == 0 || !memchr(node->text.data, '$', node->text.size))
        return keep_plain(loader, node);
    if (fill_names(&filling))
        mistakes_at(loader->mistakes, node,
                    "'${' is not followed by a name and '}'; expected ${NAME}, or $${ for a "
                    "literal ${");
    else if (filling.text.failed || filling.shown.failed)
        mistakes_no_memory(loader->mistakes);
    else if (!node->mistakes)
        keep_filled(&filling);
    buffer_free(&filling.text);
    buffer_free(&filling.shown);
    free(filling.parts);
    return node->filled;
}

void environment_append_shown(const struct filled *filled, size_t from, size_t to,
                              const struct filled_part **last_part, struct buffer *into)
{
    for (size_t i = 0; i < filled->n_parts && from < to; i++) {
        const struct filled_part *part = &filled->parts[i];
        size_t end = part->at + part->size;

        if (end <= from)
            continue;
        if (part->at >= to)
            break;
        if (part->at > from)
            buffer_append(into, filled->text.data + from, part->at - from);
        if (part != *last_part)
            buffer_puts(into, part->shown);
        *last_part = part;
        from = end < to ? end : to;
    }
    if (from < to) {
        buffer_append(into, filled->text.data + from, to - from);
        *last_part = NULL;
    }
}
