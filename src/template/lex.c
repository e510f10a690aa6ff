/* Finds tags in the text of a template. */
#include "template/lex.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool lex_is_equal(struct slice a, struct slice b)
{
    return a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
}

/* The first occurrence of `what` in [at, end); NULL: none. */
static const char *find_slice(const char *at, const char *end, struct slice what)
{
    for (; (size_t)(end - at) >= what.size; at++) {
        at = memchr(at, what.data[0], (size_t)(end - at) - what.size + 1);
        if (!at)
            return NULL;
        if (memcmp(at, what.data, what.size) == 0)
            return at;
    }
    return NULL;
}

static struct slice trim_space(const char *from, const char *to)
{
    while (from < to && is_space(*from))
        from++;
    while (from < to && is_space(to[-1]))
        to--;
    return (struct slice){from, (size_t)(to - from)};
}

bool lex_is_blank(struct slice text)
{
    return trim_space(text.data, text.data + text.size).size == 0;
}

static bool has_space(struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (is_space(text.data[i]))
            return true;
    }
    return false;
}

void lex_init(struct lexer *lexer, const char *name, const char *text, size_t size)
{
    *lexer = (struct lexer){.name = name,
                            .at = text,
                            .end = text + size,
                            .line = 1,
                            .open = {"{{", 2},
                            .close = {"}}", 2}};
}

void lex_free(struct lexer *lexer)
{
    free(lexer->tokens);
}

static int add_token(struct lexer *lexer, char tag, struct slice text, struct error *error)
{
    struct token *grown =
        memory_grow(lexer->tokens, &lexer->capacity, lexer->n_tokens + 1, sizeof *grown);

    if (!grown)
        return error_set(error, EXIT_IO, "%s: out of memory", lexer->name);
    lexer->tokens = grown;
    lexer->tokens[lexer->n_tokens++] = (struct token){tag, text, lexer->line};
    return 0;
}

/* Finds the end of a tag of this kind: "}}", or "}}}" after "{{{", or "=}}" after "{{=". */
static const char *find_close(const struct lexer *lexer, const char *from, char tag, size_t *size)
{
    const char *at = from;
    char before = tag == '{' ? '}' : tag;

    *size = lexer->close.size;
    if (tag != '{' && tag != '=')
        return find_slice(from, lexer->end, lexer->close);
    *size += 1;
    while ((at = find_slice(at, lexer->end, lexer->close))) {
        /* In "}}}}" the extra brace may be the first of three, or the third. */
        if (at > from && at[-1] == before)
            return at - 1;
        if (*at == before && (size_t)(lexer->end - at) > lexer->close.size &&
            memcmp(at + 1, lexer->close.data, lexer->close.size) == 0)
            return at;
        at++;
    }
    return NULL;
}

/* text is between the two "=" of {{=<% %>=}}. */
static int set_delimiters(struct lexer *lexer, struct slice text, struct error *error)
{
    size_t first = 0, last = 0;

    while (first < text.size && !is_space(text.data[first]))
        first++;
    while (last < text.size && !is_space(text.data[text.size - last - 1]))
        last++;
    if (first == 0 || first + last >= text.size || memchr(text.data, '=', text.size) ||
        trim_space(text.data + first, text.data + text.size - last).size)
        return error_set(error, EXIT_CONFIG,
                         "%s:%d: expected two delimiters without '=', such as {{=<%% %%>=}}",
                         lexer->name, lexer->line);
    lexer->open = (struct slice){text.data, first};
    lexer->close = (struct slice){text.data + text.size - last, last};
    return 0;
}

static int check_name(const struct lexer *lexer, char tag, struct slice name, struct error *error)
{
    if (tag == '!' || tag == '=')
        return 0;
    if (name.size == 0)
        return error_set(error, EXIT_CONFIG, "%s:%d: tag without a name", lexer->name, lexer->line);
    if (has_space(name))
        return error_set(error, EXIT_CONFIG, "%s:%d: a tag name is one word, got '%.*s'",
                         lexer->name, lexer->line, (int)(name.size < 64 ? name.size : 64),
                         name.data);
    return 0;
}

/* Reads the tag that begins at lexer->at. */
static int read_tag(struct lexer *lexer, struct error *error)
{
    const char *from = lexer->at + lexer->open.size;
    const char *end;
    size_t close_size;
    char tag = TAG_VALUE;
    struct slice text;

    if (from < lexer->end && *from && strchr("#^/><$!={&", *from))
        tag = *from++;
    end = find_close(lexer, from, tag, &close_size);
    if (!end)
        return error_set(error, EXIT_CONFIG, "%s:%d: unclosed tag; expected '%.*s'", lexer->name,
                         lexer->line, (int)lexer->close.size, lexer->close.data);
    text = trim_space(from, end);
    if (check_name(lexer, tag, text, error) || add_token(lexer, tag, text, error) ||
        (tag == '=' && set_delimiters(lexer, text, error)))
        return -1;
    for (; lexer->at < end + close_size; lexer->at++)
        lexer->line += *lexer->at == '\n';
    return 0;
}

int lex_line(struct lexer *lexer, struct error *error)
{
    const char *line_end = lexer->at;

    lexer->n_tokens = 0;
    while (lexer->at < lexer->end) {
        const char *stop, *tag;
        struct slice text;

        /* Not searched again for each tag: a line may be a megabyte of tags. */
        if (line_end && line_end <= lexer->at)
            line_end = memchr(lexer->at, '\n', (size_t)(lexer->end - lexer->at));
        stop = line_end ? line_end + 1 : lexer->end;
        tag = find_slice(lexer->at, stop, lexer->open);
        text = (struct slice){lexer->at, (size_t)((tag ? tag : stop) - lexer->at)};
        if (text.size && add_token(lexer, TAG_TEXT, text, error))
            return -1;
        lexer->at += text.size;
        if (!tag) {
            lexer->line += line_end != NULL;
            return 1;
        }
        if (read_tag(lexer, error))
            return -1;
    }
    return lexer->n_tokens > 0;
}
