/* Replaces ${NAME} and ${file:PATH} in texts, and remembers which parts of them are secret. */
#include "config/environment.h"

#include "base/memory.h"
#include "base/secrets.h"
#include "base/text.h"
#include "config/user_file.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_LENGTH = 255, FILE_MAX_SIZE = 64 << 10 };

/* A file that was read for ${file:PATH}, once for all places that name it. */
struct file_value {
    const char *content; /* NULL: it cannot be used */
    const char *fault;
};

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
static int add_variable(struct loader *loader, const char *shown, const char *value)
{
    if (table_find(&loader->variables, shown))
        return 0;
    if (secrets_add(loader->config->secrets, value, strlen(value), shown))
        return -1;
    return table_set(&loader->variables, shown, loader);
}

/* shown belongs to the configuration. */
static void add_part(struct filling_text *filling, const char *shown, const char *value)
{
    struct filled_part *parts =
        memory_grow(filling->parts, &filling->capacity, filling->n_parts + 1, sizeof *parts);

    if (!parts) {
        mistakes_no_memory(filling->loader->mistakes);
        return;
    }
    filling->parts = parts;
    parts[filling->n_parts++] = (struct filled_part){filling->text.size, strlen(value), shown};
    buffer_puts(&filling->text, value);
    buffer_puts(&filling->shown, shown);
}

/* Replaces the "${NAME}" that begins here. Returns its length, or 0 if it has no such form. */
static size_t replace_name(struct filling_text *filling, const char *text, size_t size)
{
    size_t length = name_length(text + 2, size - 2);
    struct loader *loader = filling->loader;
    char name[NAME_MAX_LENGTH + 1];
    const char *value, *shown;

    if (length == 0 || length > NAME_MAX_LENGTH || length + 2 == size || text[2 + length] != '}')
        return 0;
    snprintf(name, sizeof name, "%.*s", (int)length, text + 2);
    value = getenv(name);
    shown = value ? loader_copy(loader, text, length + 3) : NULL;
    if (!value)
        mistakes_at(loader->mistakes, filling->node,
                    "the environment variable %s, used here as ${%s}, is not set", name, name);
    else if (!shown || add_variable(loader, shown, value))
        mistakes_no_memory(loader->mistakes);
    else
        add_part(filling, shown, value);
    return length + 3;
}

/* Warns if a file with a secret can be read by everybody. */
static void check_mode(struct filling_text *filling, const char *path, const char *shown,
                       const struct stat *status)
{
    if (status->st_mode & S_IROTH)
        loader_warn(filling->loader, filling->node,
                    "%.500s: every user of this machine can read the file %.500s (mode %04o); "
                    "chmod o-r protects it",
                    shown, path, (unsigned)status->st_mode & 07777);
}

/* Checks and keeps what was read of a file. Returns 0, or -1 if memory ran out. */
static int keep_content(struct loader *loader, struct file_value *value,
                        const struct buffer *content, const char *shown)
{
    const char *bytes = content->size ? content->data : "";
    size_t size = content->size;

    if (strlen(bytes) != size) {
        value->fault = "contains a NUL byte";
        return 0;
    }
    if (size > 0 && bytes[size - 1] == '\n')
        size -= size > 1 && bytes[size - 2] == '\r' ? 2 : 1;
    value->content = loader_copy(loader, bytes, size);
    return value->content && secrets_add(loader->config->secrets, value->content, size, shown) == 0
               ? 0
               : -1;
}

/* Reads a file for the first time. NULL: out of memory, which is reported. */
static struct file_value *read_value(struct filling_text *filling, const char *path,
                                     const char *shown)
{
    struct mistakes *mistakes = filling->loader->mistakes;
    struct file_value *value = mistakes_alloc(mistakes, mistakes->arena, sizeof *value);
    struct buffer content;
    struct stat status;
    struct error error;
    int result = 0;

    if (!value)
        return NULL;
    if (user_file_read(path, FILE_MAX_SIZE, &content, &status, &error) == 0) {
        check_mode(filling, path, shown, &status);
        result = keep_content(filling->loader, value, &content, shown);
    } else if (error.os == ENOMEM) {
        result = -1;
    } else {
        value->fault = mistakes_copy(mistakes, mistakes->arena, error.text, strlen(error.text));
    }
    buffer_free(&content);
    if (result == 0 && table_set(&filling->loader->files, path, value) == 0)
        return value;
    mistakes_no_memory(mistakes);
    return NULL;
}

/* The size of the path after "${file:" if it is one line and has its "}"; 0: it is not a path. It
 * is shown as it is written. */
static size_t path_size(const char *text, size_t size)
{
    const char *end = memchr(text, '}', size);
    size_t length = end ? (size_t)(end - text) : 0;
    char line[PATH_MAX];

    if (length == 0 || length >= sizeof line)
        return 0;
    text_one_line(line, sizeof line, text, length);
    return strlen(line) == length && memcmp(line, text, length) == 0 ? length : 0;
}

/* Replaces the "${file:PATH}" that begins here. Returns its length, or 0 if it has no such form. */
static size_t replace_file(struct filling_text *filling, const char *text, size_t size)
{
    static const char start[] = "${file:";
    size_t skip = strlen(start);
    size_t length = size > skip ? path_size(text + skip, size - skip) : 0;
    struct loader *loader = filling->loader;
    char *path = length ? loader_path(loader, filling->node, text + skip, length) : NULL;
    const char *shown = path ? loader_copy(loader, text, skip + length + 1) : NULL;
    const struct file_value *value;

    if (!shown)
        return loader->mistakes->no_memory ? skip + length + 1 : 0;
    value = table_find(&loader->files, path);
    if (!value)
        value = read_value(filling, path, shown);
    if (value && value->content)
        add_part(filling, shown, value->content);
    else if (value)
        mistakes_at(loader->mistakes, filling->node, "the file %.500s, used here as %.500s: %s",
                    path, shown, value->fault);
    return skip + length + 1;
}

static void append_literal(struct filling_text *filling, const char *text, size_t size)
{
    buffer_append(&filling->text, text, size);
    buffer_append(&filling->shown, text, size);
}

/* Fills in the names. Returns -1 if a "${" is not the start of "${NAME}" or "${file:PATH}". */
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
            length = left > 7 && memcmp(dollar, "${file:", 7) == 0
                         ? replace_file(filling, dollar, left)
                         : replace_name(filling, dollar, left);
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
                    "'${' is not followed by a name and '}'; expected ${NAME}, ${file:PATH}, or "
                    "$${ for a literal ${");
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
