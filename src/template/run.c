/* Runs templates over values. */
#include "template/run.h"

#include "base/memory.h"
#include "base/text.h"
#include "template/context.h"
#include "template/parse.h"

#include <assert.h>
#include <string.h>

/* Levels of contents, partials and parents. */
enum { DEPTH_MAX = 256 };

/*
 * Limit of the steps of a run: contents and operations. It grows with the ceiling of the page.
 * Lists in lists, and partials that include others twice, multiply; a few lines of template could
 * run for ever. A page of ten thousand monitors may take 1,600 steps for each.
 */
enum { MIN_STEPS = 64 << 10, BYTES_PER_STEP = 64 };

/* Whether the next text prints the current indentation. */
enum margin {
    MARGIN_AS_WRITTEN, /* if the text begins a line */
    MARGIN_PRINTED,    /* no: it is already there */
    MARGIN_DUE         /* yes, even inside a line */
};

/* A list whose items are being run. */
struct open_list {
    const struct value *(*item)(void *context, size_t i);
    void *context;
    const struct open_list *outer;
};

struct run {
    struct item_cache *cache; /* NULL: none */
    const struct open_list *lists;
    struct buffer *into;
    struct error *error;
    enum margin margin;
    int depth;
    ptrdiff_t steps_left;
    int copying; /* items being run that are copied from the buffer, so it must not be flushed */
    struct hint *hints;
    int outermost; /* minimum depth of the values used since an item began (context.h) */
};

/* The blocks in the content of a PARENT whose template is being run. */
struct overrides {
    const struct template *template;
    const struct op *parent;
    const struct overrides *outer;
};

struct indent {
    struct slice text;
    const struct indent *outer;
};

/* The surroundings of an operation. */
struct frame {
    const struct template *template;
    const struct context *context;
    const struct overrides *overrides;
    const struct indent *indent;
};

static int run_ops(struct run *run, const struct frame *frame, const struct op *from,
                   const struct op *to);

static int put_indent(struct buffer *into, const struct indent *indent)
{
    if (!indent)
        return 0;
    return put_indent(into, indent->outer) ||
                   buffer_append(into, indent->text.data, indent->text.size)
               ? -1
               : 0;
}

static inline int begin_text(struct run *run, const struct frame *frame, bool starts_line)
{
    enum margin margin = run->margin;

    run->margin = MARGIN_AS_WRITTEN;
    if (frame->indent && (margin == MARGIN_DUE || (margin == MARGIN_AS_WRITTEN && starts_line)))
        return put_indent(run->into, frame->indent);
    return 0;
}

static inline int run_text(struct run *run, const struct frame *frame, const struct op *op)
{
    if (begin_text(run, frame, op->starts_line))
        return -1;
    return buffer_append_padded(run->into, op->text.data, op->text.size);
}

/* Finds the value of a tag, and keeps record of how far outside it is. */
static inline const struct value *find_value(struct run *run, const struct frame *frame,
                                             const struct op *op)
{
    int depth;
    const struct value *value =
        context_find(frame->context, &op->name, &run->hints[op->hint], &depth);

    if (depth < run->outermost)
        run->outermost = depth;
    return value;
}

static int run_value(struct run *run, const struct frame *frame, const struct op *op)
{
    const struct value *value = find_value(run, frame, op);

    if (begin_text(run, frame, false))
        return -1;
    if (value->kind != VALUE_TEXT)
        return 0;
    if (op->kind == OP_RAW)
        return buffer_append(run->into, value->text.data, value->text.size);
    if (op->kind == OP_JSON)
        return text_escape_json(run->into, value->text.data, value->text.size);
    return text_escape_html(run->into, value->text.data, value->text.size);
}

/* Runs the content of a tag, in which names are first searched in value. */
static int run_content(struct run *run, const struct frame *frame, const struct op *op,
                       const struct value *value)
{
    struct context context = context_inside(value, frame->context);
    struct frame inner = *frame;

    inner.context = &context;
    return run_ops(run, &inner, op + 1, op->next);
}

/*
 * Writes all that the text of item i depends on, if its names are found inside the item. That is
 * only known after it was run. The margin before it, an indentation and overrides of blocks would
 * also count; they are rare, so there is no key then.
 */
static void write_key(const struct run *run, const struct frame *frame, const struct op *op,
                      const struct value *list, size_t i, struct item_key *key)
{
    enum { FIRST = 2 };

    key->n = 0;
    if (!run->cache || !list->list.key || frame->indent || frame->overrides ||
        run->margin != MARGIN_AS_WRITTEN)
        return;
    key->n = list->list.key(list->list.context, i, key->numbers + FIRST);
    assert(key->n <= VALUE_KEY_MAX);
    if (key->n)
        key->n += FIRST;

    /* With the depth, so that its limit does not depend on earlier runs. */
    key->numbers[0] = (uint64_t)(uintptr_t)op << 8 | (uint64_t)(run->depth - 1);
    key->numbers[1] = (uintptr_t)list->list.key;
}

/* Runs an item. Keeps its text for the key if it used no value outside of the item. */
static int make_item(struct run *run, const struct frame *frame, const struct op *op,
                     const struct value *item, const struct item_key *key)
{
    size_t offset = run->into->size;
    ptrdiff_t steps_left = run->steps_left;
    int outermost = run->outermost, depth = frame->context->depth + 1, result;

    run->outermost = depth;
    run->copying += key->n > 0;
    result = run_content(run, frame, op, item);
    run->copying -= key->n > 0;
    if (result == 0 && key->n && run->outermost >= depth)
        item_cache_keep(run->cache, key,
                        &(struct item_text){run->into->data ? run->into->data + offset : "",
                                            run->into->size - offset,
                                            (size_t)(steps_left - run->steps_left)});
    if (outermost < run->outermost)
        run->outermost = outermost;
    return result;
}

static int run_item(struct run *run, const struct frame *frame, const struct op *op,
                    const struct value *list, size_t i)
{
    const struct value *item;
    struct item_key key;
    struct item_text text;

    write_key(run, frame, op, list, i, &key);
    if (key.n && item_cache_find(run->cache, &key, &text) &&
        (ptrdiff_t)text.steps <= run->steps_left) {
        run->steps_left -= (ptrdiff_t)text.steps;
        return buffer_append(run->into, text.data, text.size);
    }
    item = list->list.item(list->list.context, i);
    if (!item)
        return error_set(run->error, EXIT_IO, "%s:%d: out of memory", frame->template->name,
                         op->line);
    return make_item(run, frame, op, item, &key);
}

/* Whether the items of the same list are being run around this place. Then a new item ends the one
 * in use, which a copy would not do; so that pages do not depend on what was copied, all are made.
 */
static bool is_open(const struct run *run, const struct value *list)
{
    const struct open_list *open = run->lists;

    while (open && (open->item != list->list.item || open->context != list->list.context))
        open = open->outer;
    return open != NULL;
}

static int run_list(struct run *run, const struct frame *frame, const struct op *op,
                    const struct value *value)
{
    struct open_list open = {value->list.item, value->list.context, run->lists};
    struct value list = *value;
    int result = 0;

    if (is_open(run, value))
        list.list.key = NULL;
    run->lists = &open;
    for (size_t i = 0; i < list.list.n && !result; i++) {
        result = run_item(run, frame, op, &list, i);
        if (!result && run->copying == 0)
            result = buffer_flush(run->into);
    }
    run->lists = open.outer;
    return result;
}

/*
 * The text of an item depends only on its byte, because all other values stay the same during a
 * section. So the text of each byte is made once and then copied, for a run of equal bytes at once.
 * Pages are mostly timelines, so this is most of their cost.
 */
static int run_row(struct run *run, const struct frame *frame, const struct op *op,
                   const struct value *value)
{
    struct {
        size_t offset, size;
        bool done;
    } made[256] = {0};

    for (size_t i = 0, step; i < value->row.n; i += step) {
        unsigned char byte = value->row.bytes[i];
        size_t offset = run->into->size;

        if (made[byte].done) {
            step = memory_run(value->row.bytes + i, value->row.n - i);
            if (buffer_repeat(run->into, made[byte].offset, made[byte].size, step))
                return -1;
            continue;
        }
        /* The first item may come after an indentation, unlike the others. */
        step = 1;
        made[byte].done = run->margin == MARGIN_AS_WRITTEN;
        run->copying++;
        if (run_content(run, frame, op, &value->row.items[byte]))
            return -1;
        run->copying--;
        made[byte].offset = offset;
        made[byte].size = run->into->size - offset;
    }
    return 0;
}

/* Runs a section that is true. */
static int run_section(struct run *run, const struct frame *frame, const struct op *op,
                       const struct value *value)
{
    if (value->kind == VALUE_LIST)
        return run_list(run, frame, op, value);
    if (value->kind == VALUE_ROW)
        return run_row(run, frame, op, value);
    return run_content(run, frame, op, value);
}

/* Whether the content of a section can be run like what is around it: the value is true, but no
 * name can be found in it, nor is it used itself. */
static bool only_decides(const struct op *op, const struct value *value)
{
    return (value->kind == VALUE_BOOL || value->kind == VALUE_TEXT) && !op->uses_self;
}

/* Runs the template of a frame. An empty one has no operations, not even an address. */
static int run_all(struct run *run, const struct frame *frame)
{
    const struct template *template = frame->template;

    return template->n_ops ? run_ops(run, frame, template->ops, template->ops + template->n_ops)
                           : 0;
}

/* Runs another template in place of a tag. If the tag is alone on its line, each line of the
 * template gets its indentation. */
static int run_other(struct run *run, const struct frame *frame, const struct op *op,
                     const struct overrides *overrides)
{
    const struct template *template = op->other;
    struct indent indent = {op->indent, frame->indent};
    struct frame inner = {template, frame->context, overrides, NULL};
    int result;

    if (!template || !template->text)
        return 0;
    if (op->standalone)
        inner.indent = op->indent.size ? &indent : frame->indent;
    else if (begin_text(run, frame, false))
        return -1;
    else
        run->margin = MARGIN_PRINTED;
    result = run_all(run, &inner);
    run->margin = MARGIN_AS_WRITTEN;
    return result;
}

static int run_parent(struct run *run, const struct frame *frame, const struct op *op)
{
    struct overrides overrides = {frame->template, op, frame->overrides};

    return run_other(run, frame, op, &overrides);
}

static const struct op *find_block(const struct overrides *in, struct slice name)
{
    for (const struct op *op = in->parent + 1; op < in->parent->next; op = op->next) {
        if (op->kind == OP_BLOCK && lex_is_equal(op->name.text, name))
            return op;
    }
    return NULL;
}

/* Finds the override of a block; of several, the outermost, which is the most derived template. */
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

static int run_block(struct run *run, const struct frame *frame, const struct op *op)
{
    const struct overrides *owner = NULL;
    const struct op *block = find_override(frame->overrides, op->name.text, &owner);
    struct indent indent = {op->indent, frame->indent};
    struct frame inner = *frame;
    int result;

    if (!block)
        return run_ops(run, frame, op + 1, op->next);

    /* The block belongs to the template that defines it, with the overrides around that one. */
    inner.template = owner->template;
    inner.overrides = owner->outer;
    if (op->indent.size)
        inner.indent = &indent;
    run->margin = op->standalone ? MARGIN_DUE : MARGIN_PRINTED;
    result = run_ops(run, &inner, block + 1, block->next);
    run->margin = MARGIN_AS_WRITTEN;
    return result;
}

static inline int count_step(struct run *run, const struct template *template, int line)
{
    if (--run->steps_left >= 0)
        return 0;
    return error_set(run->error, EXIT_CONFIG,
                     "%s:%d: too many steps; are sections or partials nested without end?",
                     template->name, line);
}

/*
 * Runs an operation of the frame's template. *next is that after its content, and becomes the first
 * one of it if that is run next. On -1 either the error is set or the buffer has failed.
 */
static inline int run_op(struct run *run, const struct frame *frame, const struct op *op,
                         const struct op **next)
{
    const struct value *value;

    switch (op->kind) {
    case OP_TEXT:
        return run_text(run, frame, op);
    case OP_VALUE:
    case OP_JSON:
    case OP_RAW:
        return run_value(run, frame, op);
    case OP_SECTION:
        value = find_value(run, frame, op);
        if (!values_is_true(value))
            return 0;
        if (!only_decides(op, value))
            return run_section(run, frame, op, value);
        *next = op + 1;
        return 0;
    case OP_INVERTED:
        if (!values_is_true(find_value(run, frame, op)))
            *next = op + 1;
        return 0;
    case OP_PARTIAL:
        return run_other(run, frame, op, frame->overrides);
    case OP_PARENT:
        return run_parent(run, frame, op);
    case OP_BLOCK:
        return run_block(run, frame, op);
    }
    return 0;
}

/* On -1 either the error is set or the buffer has failed. */
static int run_ops(struct run *run, const struct frame *frame, const struct op *from,
                   const struct op *to)
{
    const struct template *template = frame->template;
    int line = from > template->ops ? from[-1].line : 1;

    assert(from <= to && to <= template->ops + template->n_ops);
    if (count_step(run, template, line))
        return -1;
    if (run->depth == DEPTH_MAX)
        return error_set(run->error, EXIT_CONFIG,
                         "%s:%d: nested deeper than %d; does a template include itself?",
                         template->name, line, DEPTH_MAX);
    run->depth++;
    while (from < to) {
        const struct op *op = from;

        from = op->next;
        if (count_step(run, template, op->line) || run_op(run, frame, op, &from))
            return -1;
    }
    run->depth--;
    return 0;
}

int run_template(const struct template_set *set, const char *name, const struct value *root,
                 struct item_cache *cache, struct buffer *into, struct error *error)
{
    struct hint hints[CONTEXT_HINTS];
    struct run run = {.cache = cache, .into = into, .error = error};
    struct context context = context_inside(root, NULL);
    struct frame frame = {.context = &context};

    run.hints = cache ? item_cache_hints(cache) : memset(hints, 0, sizeof hints);
    run.steps_left = MIN_STEPS + (ptrdiff_t)(into->ceiling / BYTES_PER_STEP);
    frame.template = template_find(set, name);
    if (!frame.template)
        return error_set(error, EXIT_BUG, "bug: no template %s", name);
    if (run_all(&run, &frame) == 0) {
        assert(run.depth == 0 && run.copying == 0);
        return 0;
    }
    if (into->failed)
        error_set(error, EXIT_IO, "%s: page too large for memory", name);
    return -1;
}
