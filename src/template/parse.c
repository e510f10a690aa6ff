/* Parses templates: lines of tokens into operations. */
#include "template/parse.h"

#include "base/memory.h"

/* More levels than any page needs. */
enum { TAG_DEPTH_MAX = 100 };

/* A tag whose end is not read yet. */
struct open_tag {
    size_t op;
    bool uses_self;     /* its content so far, as in the operation */
    struct slice inner; /* a standalone BLOCK: the indentation of the first line of its content */
};

struct parser {
    struct lexer lexer;
    struct template *template;
    struct open_tag open[TAG_DEPTH_MAX];
    size_t depth;
};

static int add_op(struct parser *parser, struct op op, struct error *error)
{
    struct template *template = parser->template;

    struct op *grown =
        memory_grow(template->ops, &template->capacity, template->n_ops + 1, sizeof *grown);

    if (!grown)
        return error_set(error, EXIT_IO, "%s: out of memory", template->name);
    template->ops = grown;
    template->ops[template->n_ops++] = op;
    return 0;
}

/* The open tag at this level, counted from the innermost; NULL: there is none. */
static const struct op *enclosing(const struct parser *parser, size_t levels_up)
{
    if (levels_up >= parser->depth)
        return NULL;
    return &parser->template->ops[parser->open[parser->depth - 1 - levels_up].op];
}

/* What is being read may use the value of the section around it, whatever that is. */
static void mark_self(struct parser *parser)
{
    if (parser->depth > 0)
        parser->open[parser->depth - 1].uses_self = true;
}

static bool closes_inheritance(const struct parser *parser, size_t levels_up)
{
    const struct op *op = enclosing(parser, levels_up);

    return op && (op->kind == OP_PARENT || op->kind == OP_BLOCK);
}

/*
 * Whether the tags of the line are alone on it, so that the rest of the line, white space, is
 * dropped: one tag that is not a value; or several tags of inheritance that all open or all close;
 * or the two of one parent.
 */
static bool is_standalone(const struct parser *parser)
{
    const struct lexer *line = &parser->lexer;
    size_t tags = 0, opening = 0, closing = 0;
    char first = 0, last = 0;

    for (size_t i = 0; i < line->n_tokens; i++) {
        const struct token *token = &line->tokens[i];

        if (token->tag == TAG_TEXT) {
            if (!lex_is_blank(token->text))
                return false;
            continue;
        }
        opening += token->tag == '<' || token->tag == '$';
        closing += token->tag == '/' && closes_inheritance(parser, tags);
        last = token->tag;
        if (tags++ == 0)
            first = last;
    }
    if (tags == 1)
        return first != TAG_VALUE && first != '{' && first != '&';
    return tags > 0 &&
           (opening == tags || closing == tags || (tags == 2 && first == '<' && last == '/'));
}

static struct slice leading_space(const char *at, const char *end)
{
    struct slice space = {at, 0};

    while (at + space.size < end && (at[space.size] == ' ' || at[space.size] == '\t'))
        space.size++;
    return space;
}

/* The indentation of the next line that is not blank. */
static struct slice next_indentation(const struct lexer *lexer)
{
    const char *at = lexer->at;

    for (;;) {
        struct slice space = leading_space(at, lexer->end);

        at += space.size;
        if (at == lexer->end || (*at != '\n' && *at != '\r'))
            return space;
        at++;
    }
}

static int open_tag(struct parser *parser, struct op op, struct error *error)
{
    struct slice inner = {"", 0};

    if (parser->depth == TAG_DEPTH_MAX)
        return error_set(error, EXIT_CONFIG, "%s:%d: tags nested deeper than %d",
                         parser->template->name, op.line, TAG_DEPTH_MAX);
    if (op.kind == OP_BLOCK && op.standalone)
        inner = next_indentation(&parser->lexer);
    parser->open[parser->depth++] = (struct open_tag){parser->template->n_ops, false, inner};
    return add_op(parser, op, error);
}

static bool is_empty_line(struct slice text)
{
    return text.size && (text.data[0] == '\n' || text.data[0] == '\r');
}

static void strip_indent(struct slice *text, struct slice indent)
{
    for (size_t i = 0; i < indent.size && text->size && *text->data == indent.data[i]; i++) {
        text->data++;
        text->size--;
    }
}

/*
 * Removes the indentation of a block's definition from its lines, because they get the indentation
 * of the tag that the block replaces. If a parent is inside the block, its blocks are already
 * stripped.
 */
static void strip_lines(struct template *template, size_t from, struct slice indent)
{
    for (size_t i = from; i < template->n_ops; i++) {
        struct op *op = &template->ops[i];

        if (op->kind == OP_TEXT && op->starts_line) {
            strip_indent(&op->text, indent);
            op->starts_line = !is_empty_line(op->text);
        }
        strip_indent(&op->indent, indent);
        if (op->kind == OP_PARENT)
            i = op->end - 1;
    }
}

static int close_tag(struct parser *parser, const struct token *token, struct error *error)
{
    struct template *template = parser->template;
    const struct open_tag *open;
    const struct op *outer;
    struct op *op;

    if (parser->depth == 0)
        return error_set(error, EXIT_CONFIG, "%s:%d: {{/%.*s}} without {{#%.*s}}", template->name,
                         token->line, (int)token->text.size, token->text.data,
                         (int)token->text.size, token->text.data);
    open = &parser->open[--parser->depth];
    op = &template->ops[open->op];
    if (!lex_is_equal(op->name.text, token->text))
        return error_set(error, EXIT_CONFIG,
                         "%s:%d: {{/%.*s}}, but '%.*s' of line %d is still open", template->name,
                         token->line, (int)token->text.size, token->text.data,
                         (int)op->name.text.size, op->name.text.data, op->line);
    op->end = template->n_ops;
    op->uses_self = open->uses_self;
    if (open->uses_self && op->kind != OP_SECTION)
        mark_self(parser);

    /* The replacement of a block is indented like its default content, or like its tag if it has no
     * content. */
    if (op->kind == OP_BLOCK && op->standalone && op->end > open->op + 1)
        op->indent = open->inner;
    outer = enclosing(parser, 0);
    if (op->kind == OP_BLOCK && outer && outer->kind == OP_PARENT)
        strip_lines(template, open->op + 1, open->inner);
    return 0;
}

static const struct {
    char tag;
    enum op_kind kind;
    bool has_content;
} kinds[] = {
    {TAG_VALUE, OP_VALUE, false}, {'{', OP_RAW, false},     {'&', OP_RAW, false},
    {'#', OP_SECTION, true},      {'^', OP_INVERTED, true}, {'>', OP_PARTIAL, false},
    {'<', OP_PARENT, true},       {'$', OP_BLOCK, true},
};

/* Whether other operations replace this one, at least sometimes. */
static bool runs_other(enum op_kind kind)
{
    return kind == OP_PARTIAL || kind == OP_PARENT || kind == OP_BLOCK;
}

static int apply_tag(struct parser *parser, const struct token *token, bool standalone,
                     struct slice indent, struct error *error)
{
    struct op op = {.line = token->line,
                    .name = context_name(token->text),
                    .indent = indent,
                    .standalone = standalone,
                    .end = parser->template->n_ops + 1};

    if (token->tag == '/')
        return close_tag(parser, token, error);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].tag != token->tag)
            continue;
        op.kind = kinds[i].kind;
        if (op.kind == OP_VALUE && parser->template->makes_json)
            op.kind = OP_JSON;
        if (op.name.is_self || runs_other(op.kind))
            mark_self(parser);
        return kinds[i].has_content ? open_tag(parser, op, error) : add_op(parser, op, error);
    }
    return 0; /* a comment, or delimiters */
}

static int add_text(struct parser *parser, const struct token *token, bool starts_line,
                    struct error *error)
{
    struct op op = {.kind = OP_TEXT,
                    .line = token->line,
                    .indent = {"", 0},
                    .end = parser->template->n_ops + 1};

    op.text = token->tag == TAG_TEXT ? token->text : (struct slice){token->text.data, 0};
    op.starts_line = starts_line && !is_empty_line(op.text);
    return add_op(parser, op, error);
}

static int apply_line(struct parser *parser, struct error *error)
{
    const struct lexer *line = &parser->lexer;
    bool standalone = is_standalone(parser);
    struct slice margin = {"", 0};

    if (line->tokens[0].tag == TAG_TEXT && lex_is_blank(line->tokens[0].text))
        margin = line->tokens[0].text;
    for (size_t i = 0; i < line->n_tokens; i++) {
        const struct token *token = &line->tokens[i];
        bool at_margin = i == 0 || (i == 1 && margin.size);

        /* A tag at the start of a line gets an empty text before it, for the indentation. */
        if (!standalone && (i == 0 || token->tag == TAG_TEXT) &&
            add_text(parser, token, i == 0, error))
            return -1;
        if (token->tag != TAG_TEXT &&
            apply_tag(parser, token, standalone, at_margin ? margin : (struct slice){"", 0}, error))
            return -1;
    }
    return 0;
}

int parse_template(struct template *template, size_t size, struct error *error)
{
    struct parser parser = {.template = template};
    const struct op *open;
    int more;

    lex_init(&parser.lexer, template->name, template->text, size);
    while ((more = lex_line(&parser.lexer, error)) > 0) {
        if (apply_line(&parser, error)) {
            more = -1;
            break;
        }
    }
    lex_free(&parser.lexer);
    if (more < 0)
        return -1;
    open = enclosing(&parser, 0);
    if (open)
        return error_set(error, EXIT_CONFIG, "%s:%d: '%.*s' is never closed", template->name,
                         open->line, (int)open->name.text.size, open->name.text.data);
    for (size_t i = 0; i < template->n_ops; i++)
        template->ops[i].next = template->ops + template->ops[i].end;
    return 0;
}
