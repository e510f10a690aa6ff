#ifndef TEMPLATE_LEX_H
#define TEMPLATE_LEX_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* Splits a template into tags and the text between them, one line at a time: white space depends on
 * whether a tag is alone on its line. */

/* A part of the template's own text. */
struct slice {
    const char *data;
    size_t size;
};

enum { TAG_VALUE = 'v', TAG_TEXT = 't' };

struct token {
    char tag;          /* one of # ^ / > < $ ! = { &, TAG_VALUE, or TAG_TEXT */
    struct slice text; /* the name of a tag, or the text with its line end */
    int line;
};

struct lexer {
    const char *name; /* for messages */
    const char *at, *end;
    int line;
    struct slice open, close; /* the current delimiters */
    struct token *tokens;     /* of the line read last */
    size_t n_tokens, capacity;
};

/* Prepares to read text, which must outlive the lexer, as must name. */
void lex_init(struct lexer *lexer, const char *name, const char *text, size_t size);
void lex_free(struct lexer *lexer);

/* Reads one line into tokens; a tag may span more than one. Returns 1, or 0 at the end of the text,
 * or -1 with "NAME:LINE: mistake". */
int lex_line(struct lexer *lexer, struct error *error);

/* Whether a text is only white space. */
bool lex_is_blank(struct slice text);

/* Whether two texts are equal. */
bool lex_is_equal(struct slice a, struct slice b);

#endif
