#include "base/text.h"
#include "template/lookup.h"
#include "template/set.h"
#include "template/template.h"

#include <string.h>

/* Levels of content, partials and parents within one another. */
enum { DEEPEST = 256 };

/*
 * How often any content is run, and an operation of it: so often, and once more for so many bytes
 * of the page's ceiling. Lists within lists and partials that name others twice multiply, so that a
 * few lines of template would run for ever. A page of ten thousand monitors has 1,600 for each.
 */
enum { LEAST_STEPS = 64 << 10, BYTES_A_STEP = 64 };

/* What the next text does about the indentation in force. */
enum margin {
    MARGIN_AS_WRITTEN, /* it is printed where the text begins a line */
    MARGIN_PRINTED,    /* it stands there already: not before the first text */
    MARGIN_DUE         /* it is printed before the first text, even within a line */
};

struct run {
    const struct template_set *set;
    struct buffer *into;
    struct error *error;
    enum margin margin;
    int depth;
    size_t steps_left;
    int rows; /* within so many, which copy what they have printed */
};

/* The content of a PARENT whose template is being run. */
struct overrides {
    const struct template *template;
    size_t parent; /* the op */
    const struct overrides *outer;
};

struct indent {
    struct slice text;
    const struct indent *outer;
};

/* Where in the templates and in the values the run is. */
struct place {
    const struct template *template;
    const struct context *context;
    const struct overrides *overrides;
    const struct indent *indent;
};

static int run_ops(struct run *run, const struct place *place, size_t from, size_t to);

static int put_indent(struct buffer *into, const struct indent *indent)
{
    if (!indent)
        return 0;
    return put_indent(into, indent->outer) ||
                   buffer_append(into, indent->text.data, indent->text.size)
               ? -1
               : 0;
}

static int begin_text(struct run *run, const struct place *place, bool starts_line)
{
    enum margin margin = run->margin;

    run->margin = MARGIN_AS_WRITTEN;
    if (margin == MARGIN_DUE || (margin == MARGIN_AS_WRITTEN && starts_line))
        return put_indent(run->into, place->indent);
    return 0;
}

static bool is_empty_line(struct slice text)
{
    return text.size && (text.data[0] == '\n' || text.data[0] == '\r');
}

static int run_text(struct run *run, const struct place *place, const struct op *op)
{
    if (begin_text(run, place, op->starts_line && !is_empty_line(op->text)))
        return -1;
    return buffer_append(run->into, op->text.data, op->text.size);
}

static int run_value(struct run *run, const struct place *place, const struct op *op)
{
    const struct value *value = lookup_value(place->context, op->text);

    if (begin_text(run, place, false))
        return -1;
    if (value->kind != VALUE_TEXT)
        return 0;
    if (op->kind == OP_RAW)
        return buffer_append(run->into, value->text.data, value->text.size);
    return text_escape_html(run->into, value->text.data, value->text.size);
}

/* The content of a tag, with one more value to look names up in. */
static int run_content(struct run *run, const struct place *place, const struct op *op,
                       const struct value *value)
{
    struct context context = {value, place->context};
    struct place inner = *place;

    inner.context = &context;
    return run_ops(run, &inner, (size_t)(op - place->template->ops) + 1, op->end);
}

static int run_list(struct run *run, const struct place *place, const struct op *op,
                    const struct value *value)
{
    for (size_t i = 0; i < value->list.n; i++) {
        const struct value *item = value->list.item(value->list.context, i);

        if (!item)
            return error_set(run->error, EXIT_IO, "%s:%d: out of memory", place->template->name,
                             op->line);
        if (run_content(run, place, op, item) || (run->rows == 0 && buffer_flush(run->into)))
            return -1;
    }
    return 0;
}

/* How many bytes at the front are like the first one. */
static size_t same_length(const unsigned char *bytes, size_t n)
{
    size_t same = 1;

    while (same < n && bytes[same] == bytes[0])
        same++;
    return same;
}

/*
 * What an item prints depends on its byte alone, for all else that it can look up stays the same
 * during one section: each byte's text is made once, then copied, for a run of like bytes at once.
 * Pages are mostly timelines, so this is most of their cost.
 */
static int run_row(struct run *run, const struct place *place, const struct op *op,
                   const struct value *value)
{
    struct {
        size_t offset, size;
        bool known;
    } made[256] = {0};

    for (size_t i = 0, step; i < value->row.n; i += step) {
        unsigned char byte = value->row.bytes[i];
        size_t offset = run->into->size;

        if (made[byte].known) {
            step = same_length(value->row.bytes + i, value->row.n - i);
            if (buffer_repeat(run->into, made[byte].offset, made[byte].size, step))
                return -1;
            continue;
        }
        /* The first item may follow an indentation that the others do not. */
        step = 1;
        made[byte].known = run->margin == MARGIN_AS_WRITTEN;
        run->rows++;
        if (run_content(run, place, op, &value->row.items[byte]))
            return -1;
        run->rows--;
        made[byte].offset = offset;
        made[byte].size = run->into->size - offset;
    }
    return 0;
}

static int run_section(struct run *run, const struct place *place, const struct op *op)
{
    const struct value *value = lookup_value(place->context, op->text);

    if (!lookup_is_true(value))
        return 0;
    if (value->kind == VALUE_LIST)
        return run_list(run, place, op, value);
    if (value->kind == VALUE_ROW)
        return run_row(run, place, op, value);
    return run_content(run, place, op, value);
}

static int run_inverted(struct run *run, const struct place *place, const struct op *op)
{
    if (lookup_is_true(lookup_value(place->context, op->text)))
        return 0;
    return run_ops(run, place, (size_t)(op - place->template->ops) + 1, op->end);
}

/* Another template in the place of a tag: each of its lines gets the indentation of a tag that
 * stands alone, and none where the tag is within a line. */
static int run_other(struct run *run, const struct place *place, const struct op *op,
                     const struct overrides *overrides)
{
    const struct template *template = template_find(run->set, op->text);
    struct indent indent = {op->indent, place->indent};
    struct place inner = {template, place->context, overrides, NULL};
    int result;

    if (!template)
        return 0;
    if (op->standalone)
        inner.indent = op->indent.size ? &indent : place->indent;
    else if (begin_text(run, place, false))
        return -1;
    else
        run->margin = MARGIN_PRINTED;
    result = run_ops(run, &inner, 0, template->n_ops);
    run->margin = MARGIN_AS_WRITTEN;
    return result;
}

static int run_partial(struct run *run, const struct place *place, const struct op *op)
{
    return run_other(run, place, op, place->overrides);
}

static int run_parent(struct run *run, const struct place *place, const struct op *op)
{
    struct overrides overrides = {place->template, (size_t)(op - place->template->ops),
                                  place->overrides};

    return run_other(run, place, op, &overrides);
}

static const struct op *find_block(const struct overrides *in, struct slice name)
{
    const struct op *ops = in->template->ops;

    for (size_t i = in->parent + 1; i < ops[in->parent].end; i = ops[i].end) {
        if (ops[i].kind == OP_BLOCK && ops[i].text.size == name.size &&
            memcmp(ops[i].text.data, name.data, name.size) == 0)
            return &ops[i];
    }
    return NULL;
}

/* What overrides a block: of several the outermost, the template furthest down the inheritance. */
static const struct op *find_override(const struct overrides *overrides, struct slice name,
                                      const struct overrides **owner)
{
    const struct op *found = NULL;

    for (; overrides; overrides = overrides->outer) {
        const struct op *block = find_block(overrides, name);

        if (!block)
            continue;
        found = block;
        *owner = overrides;
    }
    return found;
}

static int run_block(struct run *run, const struct place *place, const struct op *op)
{
    const struct overrides *owner = NULL;
    const struct op *block = find_override(place->overrides, op->text, &owner);
    struct indent indent = {op->indent, place->indent};
    struct place inner = *place;
    int result;

    if (!block)
        return run_ops(run, place, (size_t)(op - place->template->ops) + 1, op->end);

    /* It sees what the template that defines it would: of the overrides, those around its own. */
    inner.template = owner->template;
    inner.overrides = owner->outer;
    if (op->indent.size)
        inner.indent = &indent;
    run->margin = op->standalone ? MARGIN_DUE : MARGIN_PRINTED;
    result = run_ops(run, &inner, (size_t)(block - owner->template->ops) + 1, block->end);
    run->margin = MARGIN_AS_WRITTEN;
    return result;
}

typedef int run_op(struct run *run, const struct place *place, const struct op *op);

static run_op *const runners[] = {
    [OP_TEXT] = run_text,       [OP_VALUE] = run_value,       [OP_RAW] = run_value,
    [OP_SECTION] = run_section, [OP_INVERTED] = run_inverted, [OP_PARTIAL] = run_partial,
    [OP_PARENT] = run_parent,   [OP_BLOCK] = run_block,
};

static int count_step(struct run *run, const struct template *template, int line)
{
    if (run->steps_left > 0) {
        run->steps_left--;
        return 0;
    }
    return error_set(run->error, EXIT_CONFIG,
                     "%s:%d: the page takes too many steps: sections or partials multiply",
                     template->name, line);
}

/* On -1 either the error is set or the buffer has failed. */
static int run_ops(struct run *run, const struct place *place, size_t from, size_t to)
{
    const struct op *ops = place->template->ops;
    int result = count_step(run, place->template, from ? ops[from - 1].line : 1);

    if (run->depth == DEEPEST)
        return error_set(run->error, EXIT_CONFIG,
                         "%s:%d: nested deeper than %d: a template includes itself without end",
                         place->template->name, from ? ops[from - 1].line : 1, DEEPEST);
    run->depth++;
    for (size_t i = from; i < to && !result; i = ops[i].end) {
        result = count_step(run, place->template, ops[i].line);
        if (!result)
            result = runners[ops[i].kind](run, place, &ops[i]);
    }
    run->depth--;
    return result;
}

int template_run(const struct template_set *set, const char *name, const struct value *root,
                 struct buffer *into, struct error *error)
{
    struct run run = {.set = set, .into = into, .error = error};
    struct context context = {root, NULL};
    struct place place = {.context = &context};

    run.steps_left = LEAST_STEPS + into->ceiling / BYTES_A_STEP;
    place.template = template_find(set, (struct slice){name, strlen(name)});
    if (!place.template)
        return error_set(error, EXIT_BUG, "%s: there is no such template", name);
    if (run_ops(&run, &place, 0, place.template->n_ops) == 0)
        return 0;
    if (into->failed)
        error_set(error, EXIT_IO, "%s: the page is too long for the memory", name);
    return -1;
}
