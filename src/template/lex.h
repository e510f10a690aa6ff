#ifndef TEMPLATE_LEX_H
#define TEMPLATE_LEX_H

#include "template/parse.h"

/*
 * A template's text taken apart into tags and the text between them, a line at a time, because
 * whether a tag stands alone on its line is what white space hangs on.
 */

enum { TAG_VALUE = 'v', TAG_TEXT = 't' };

struct token {
    char tag;          /* one of # ^ / > < $ ! = { &, TAG_VALUE, or TAG_TEXT */
    struct slice text; /* the name, or the text with its line's end */
    int line;
};

struct lexer {
    const char *name; /* for messages */
    const char *at, *end;
    int line;
    struct slice open, close; /* the delimiters in force */
    struct token *tokens;     /* of the line read last; to be freed */
    size_t n_tokens, n_reserved;
};

void lex_init(struct lexer *lexer, const char *name, const char *text, size_t size);
void lex_free(struct lexer *lexer);

/* Reads one line (a tag may hold more than one). Returns 1, 0 at the end of the text, or -1. */
int lex_line(struct lexer *lexer, struct error *error);

/* Whether a text is all white space. */
bool lex_is_blank(struct slice text);

#endif
