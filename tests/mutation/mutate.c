/*
 * mutate FILE: lists the mutants of a C source, one per line: number, line, change, source line.
 * mutate FILE N: prints the source with mutant N in place.
 *
 * A mutant is one small mistake: an operator replaced by a similar one, an inverted condition, a
 * number one higher or lower, another return value, a missing statement. It knows the tokens of C
 * but not its grammar, so some mutants do not compile; the caller drops those.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { WORD, NUMBER, TEXT, SIGN, END };

struct token {
    enum kind kind;
    size_t at, size;
};

struct source {
    char *text;
    size_t size;
    struct token *tokens; /* the last one is END */
    size_t n;
    long wanted, seen; /* the mutant to print, 0: list all; the number of mutants so far */
};

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void read_source(struct source *source, const char *path)
{
    FILE *file = fopen(path, "r");
    size_t room = 1 << 20;

    source->text = malloc(room);
    if (!file || !source->text)
        die(path);
    source->size = fread(source->text, 1, room - 1, file);
    if (ferror(file) || !feof(file))
        die(path);
    source->text[source->size] = '\0';
    fclose(file);
}

/* The end of text that starts here and is not a token: a comment, a preprocessor line, a blank. */
static size_t skip(const char *text, size_t at)
{
    const char *end;

    if (isspace((unsigned char)text[at]))
        return at + 1;
    if (strncmp(text + at, "/*", 2) == 0) {
        end = strstr(text + at + 2, "*/");
        return end ? (size_t)(end - text) + 2 : strlen(text);
    }
    if (strncmp(text + at, "//", 2) == 0)
        return at + strcspn(text + at, "\n");
    if (text[at] == '#') {
        while (text[at] && (text[at] != '\n' || text[at - 1] == '\\'))
            at++;
    }
    return at;
}

static size_t text_size(const char *text)
{
    size_t size = 1;

    while (text[size] && text[size] != text[0])
        size += text[size] == '\\' ? 2 : 1;
    return size + 1;
}

static size_t word_size(const char *text)
{
    size_t size = 0;

    while (isalnum((unsigned char)text[size]) || text[size] == '_' ||
           (text[size] == '.' && isdigit((unsigned char)text[0])))
        size++;
    return size;
}

static size_t sign_size(const char *text)
{
    static const char *const signs[] = {"<<=", ">>=", "...", "->", "++", "--", "<<", ">>",
                                        "<=",  ">=",  "==",  "!=", "&&", "||", "+=", "-=",
                                        "*=",  "/=",  "%=",  "&=", "|=", "^="};

    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        if (strncmp(text, signs[i], strlen(signs[i])) == 0)
            return strlen(signs[i]);
    }
    return 1;
}

static struct token next_token(const char *text, size_t at)
{
    char first = text[at];

    if (!first)
        return (struct token){END, at, 0};
    if (first == '"' || first == '\'')
        return (struct token){TEXT, at, text_size(text + at)};
    if (isdigit((unsigned char)first))
        return (struct token){NUMBER, at, word_size(text + at)};
    if (word_size(text + at))
        return (struct token){WORD, at, word_size(text + at)};
    return (struct token){SIGN, at, sign_size(text + at)};
}

static void tokenize(struct source *source)
{
    size_t at = 0;

    source->tokens = malloc((source->size + 1) * sizeof *source->tokens);
    if (!source->tokens)
        die("mutate");
    do {
        for (size_t end; (end = skip(source->text, at)) != at;)
            at = end;
        source->tokens[source->n] = next_token(source->text, at);
        at += source->tokens[source->n].size;
    } while (source->tokens[source->n++].kind != END);
}

static bool is(const struct source *source, size_t i, const char *text)
{
    const struct token *token = &source->tokens[i];

    return i < source->n && token->kind != TEXT && strlen(text) == token->size &&
           strncmp(source->text + token->at, text, token->size) == 0;
}

static bool is_any(const struct source *source, size_t i, const char *const *texts)
{
    for (; *texts; texts++) {
        if (is(source, i, *texts))
            return true;
    }
    return false;
}

/* Prints text in one line. */
static void print_in_line(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (!isspace((unsigned char)text[i]))
            putchar(text[i]);
        else if (i > 0 && !isspace((unsigned char)text[i - 1]))
            putchar(' ');
    }
}

static void list_mutant(const struct source *source, size_t at, size_t size, const char *instead)
{
    const char *text = source->text, *line = text + at;
    long number = 1;

    for (const char *c = text; c < text + at; c++)
        number += *c == '\n';
    while (line > text && line[-1] != '\n')
        line--;
    while (*line == ' ')
        line++;
    printf("%ld\t%ld\t", source->seen, number);
    print_in_line(text + at, size);
    printf(" → %s\t", *instead ? instead : "(nothing)");
    print_in_line(line, strcspn(line, "\n"));
    putchar('\n');
}

/* One mutant: `size` bytes at `at` are replaced. */
static void mutant(struct source *source, size_t at, size_t size, const char *instead)
{
    source->seen++;
    if (source->wanted == 0)
        list_mutant(source, at, size, instead);
    else if (source->wanted == source->seen)
        printf("%.*s%s%s", (int)at, source->text, instead, source->text + at + size);
}

static void mutate_token(struct source *source, size_t i, const char *instead)
{
    mutant(source, source->tokens[i].at, source->tokens[i].size, instead);
}

/* Whether a value ends before this token. Then a sign that may be unary is a binary one. */
static bool follows_value(const struct source *source, size_t i)
{
    static const char *const no_values[] = {"return", "case", "sizeof", "else", NULL};
    enum kind kind = i ? source->tokens[i - 1].kind : SIGN;

    if (kind == WORD)
        return !is_any(source, i - 1, no_values);
    return kind != SIGN || is(source, i - 1, ")") || is(source, i - 1, "]");
}

static void mutate_sign(struct source *source, size_t i)
{
    /* A sign, whether it must be binary, and its replacements. */
    static const struct {
        const char *sign;
        bool binary;
        const char *instead[2];
    } table[] = {
        {"==", true, {"!=", NULL}},  {"!=", true, {"==", NULL}},  {"<", true, {"<=", ">"}},
        {"<=", true, {"<", ">"}},    {">", true, {">=", "<"}},    {">=", true, {">", "<"}},
        {"&&", true, {"||", NULL}},  {"||", true, {"&&", NULL}},  {"+", true, {"-", NULL}},
        {"-", true, {"+", NULL}},    {"*", true, {"/", NULL}},    {"/", true, {"*", NULL}},
        {"%", true, {"*", NULL}},    {"&", true, {"|", NULL}},    {"|", true, {"&", NULL}},
        {"<<", true, {">>", NULL}},  {">>", true, {"<<", NULL}},  {"+=", true, {"-=", NULL}},
        {"-=", true, {"+=", NULL}},  {"*=", true, {"/=", NULL}},  {"/=", true, {"*=", NULL}},
        {"++", false, {"--", NULL}}, {"--", false, {"++", NULL}}, {"!", false, {"", NULL}},
    };

    for (size_t t = 0; t < sizeof table / sizeof table[0]; t++) {
        if (!is(source, i, table[t].sign) || (table[t].binary && !follows_value(source, i)))
            continue;
        for (int n = 0; n < 2 && table[t].instead[n]; n++)
            mutate_token(source, i, table[t].instead[n]);
    }
}

/*
 * A number becomes one more, and one less unless it is 0. Returned numbers have their own mutants.
 */
static void mutate_number(struct source *source, size_t i)
{
    const char *text = source->text + source->tokens[i].at;
    bool negative = i > 0 && is(source, i - 1, "-");
    char *end, instead[32];
    unsigned long long n = strtoull(text, &end, 0);

    if (end != text + source->tokens[i].size)
        return;
    if (i > negative && is(source, i - 1 - negative, "return") && is(source, i + 1, ";"))
        return;
    snprintf(instead, sizeof instead, "%llu", n + 1);
    mutate_token(source, i, instead);
    if (n > 0) {
        snprintf(instead, sizeof instead, "%llu", n - 1);
        mutate_token(source, i, instead);
    }
}

/* The first token from i on that is this sign, outside brackets opened from there on; n: none. */
static size_t find_sign(const struct source *source, size_t i, const char *sign)
{
    static const char *const opening[] = {"(", "[", "{", NULL}, *const closing[] = {")", "]", "}",
                                                                                    NULL};

    for (int depth = 0; i < source->n; i++) {
        if (depth == 0 && is(source, i, sign))
            return i;
        if (is_any(source, i, opening))
            depth++;
        else if (is_any(source, i, closing) && depth-- == 0)
            break;
    }
    return source->n;
}

/* Inverts the condition after if or while, unless a sign in it will be inverted. */
static void mutate_condition(struct source *source, size_t i)
{
    static const char *const signs[] = {"==", "!=", "!", NULL};
    size_t end = find_sign(source, i + 2, ")");
    size_t at = source->tokens[i + 2].at;
    char instead[4096];

    for (size_t inner = i + 2; inner < end; inner++) {
        if (is_any(source, inner, signs))
            return;
    }
    if (end == source->n)
        return;
    snprintf(instead, sizeof instead, "!(%.*s)", (int)(source->tokens[end].at - at),
             source->text + at);
    mutant(source, at, source->tokens[end].at - at, instead);
}

static void mutate_return(struct source *source, size_t i)
{
    size_t end = find_sign(source, i + 1, ";");
    size_t at = source->tokens[i + 1].at;
    bool is_zero = end == i + 2 && is(source, i + 1, "0");

    if (end == source->n || end == i + 1)
        return;
    if (!is(source, i + 1, "NULL") && !is(source, i + 1, "true") && !is(source, i + 1, "false"))
        mutant(source, at, source->tokens[end].at - at, is_zero ? "-1" : "0");
}

static void mutate_word(struct source *source, size_t i)
{
    if (is(source, i, "true"))
        mutate_token(source, i, "false");
    else if (is(source, i, "false"))
        mutate_token(source, i, "true");
    else if ((is(source, i, "if") || is(source, i, "while")) && is(source, i + 1, "("))
        mutate_condition(source, i);
    else if (is(source, i, "return"))
        mutate_return(source, i);
}

/* Whether the statement that starts here is a declaration: its first two words are a type and a
 * name. */
static bool declares(const struct source *source, size_t i)
{
    static const char *const types[] = {"struct", "enum", "const", "static",  "unsigned",
                                        "char",   "int",  "bool",  "double",  "void",
                                        "size_t", "long", "union", "typedef", NULL};

    if (is_any(source, i, types))
        return true;
    if (source->tokens[i].kind != WORD)
        return false;
    return source->tokens[i + 1].kind == WORD ||
           (is(source, i + 1, "*") && source->tokens[i + 2].kind == WORD);
}

/* Removes a statement that does something. */
static void mutate_statement(struct source *source, size_t i)
{
    static const char *const others[] = {"return", "if",   "while",   "for",  "else", "do",
                                         "switch", "case", "default", "goto", NULL};
    size_t end = find_sign(source, i, ";");

    if (end == source->n || declares(source, i) || is_any(source, i, others))
        return;
    if (source->tokens[i].kind == WORD || is(source, i, "*") || is(source, i, "++"))
        mutant(source, source->tokens[i].at, source->tokens[end].at - source->tokens[i].at, "");
}

/* Whether a statement may start here, judged by the token before it: it is not a cast. */
static bool begins_statement(const struct source *source, size_t i)
{
    static const char *const before[] = {";", "{", "}", "else", NULL};
    static const char *const heads[] = {"if", "while", "for", NULL};
    int depth = 1;

    if (i < 2 || !is(source, i - 1, ")"))
        return i == 0 || is_any(source, i - 1, before);
    for (i -= 2; i > 0 && depth > 0; i--)
        depth += is(source, i, ")") - is(source, i, "(");
    return is_any(source, i, heads);
}

/* Makes all mutants of the source, from top to bottom. */
static void mutate(struct source *source)
{
    bool declaration = false;     /* up to its value: other buffer sizes are not mistakes */
    int braces = 0, brackets = 0; /* open ones: statements are inside braces and outside brackets */

    for (size_t i = 0; i + 1 < source->n; i++) {
        if (begins_statement(source, i)) {
            declaration = declares(source, i);
            if (braces > 0 && brackets == 0)
                mutate_statement(source, i);
        }
        if (is(source, i, "=") || is(source, i, ";") || is(source, i, "{"))
            declaration = false;
        braces += is(source, i, "{") - is(source, i, "}");
        brackets += is(source, i, "(") - is(source, i, ")");
        if (source->tokens[i].kind == WORD)
            mutate_word(source, i);
        else if (declaration)
            continue;
        else if (source->tokens[i].kind == NUMBER)
            mutate_number(source, i);
        else if (source->tokens[i].kind == SIGN)
            mutate_sign(source, i);
    }
}

int main(int argc, char **argv)
{
    struct source source = {0};

    if (argc < 2) {
        fputs("usage: mutate FILE [N]\n", stderr);
        return 64;
    }
    read_source(&source, argv[1]);
    tokenize(&source);
    source.wanted = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    mutate(&source);
    free(source.tokens);
    free(source.text);
    return 0;
}
