#include "config/tree.h"

#include "config/anchors.h"
#include "config/duplicates.h"

#include <string.h>
#include <yaml.h>

struct builder {
    yaml_parser_t parser;
    struct mistakes *mistakes;
    struct anchors anchors;
    size_t expanded; /* nodes that the aliases so far stand for */
};

static void *take_memory(struct builder *builder, size_t size)
{
    void *memory = arena_alloc(builder->mistakes->arena, size);

    if (!memory)
        mistakes_no_memory(builder->mistakes);
    return memory;
}

/* What libyaml says, with the line where that which it was reading began. */
static void report_syntax(struct builder *builder)
{
    const yaml_parser_t *parser = &builder->parser;
    const yaml_mark_t *mark = &parser->problem_mark;
    bool tab = parser->buffer.pointer < parser->buffer.last && *parser->buffer.pointer == '\t';
    const char *expected =
        tab ? "spaces, and found a tab" : "'key: value' lines, indented by spaces";
    const char *mistake = parser->problem ? parser->problem : "it cannot be read";

    if (parser->error == YAML_MEMORY_ERROR)
        mistakes_no_memory(builder->mistakes);
    else if (parser->context && parser->context_mark.line != mark->line)
        mistakes_add(builder->mistakes, mark->line + 1, mark->column + 1,
                     "this is not YAML: %s %s begun at line %zu; expected %s", mistake,
                     parser->context, parser->context_mark.line + 1, expected);
    else
        mistakes_add(builder->mistakes, mark->line + 1, mark->column + 1,
                     "this is not YAML: %s; expected %s", mistake, expected);
}

/* Returns -1 once what is wrong is reported. */
static int next_event(struct builder *builder, yaml_event_t *event)
{
    if (yaml_parser_parse(&builder->parser, event))
        return 0;
    report_syntax(builder);
    return -1;
}

static struct node *new_node(struct builder *builder, const yaml_mark_t *mark)
{
    struct node *node = take_memory(builder, sizeof *node);

    if (!node)
        return NULL;
    node->line = (uint32_t)mark->line + 1;
    node->column = (uint32_t)mark->column + 1;
    node->weight = 1;
    return node;
}

static void add_anchor(struct builder *builder, const yaml_char_t *name, struct node *node)
{
    if (name && anchors_add(&builder->anchors, (const char *)name, node))
        mistakes_no_memory(builder->mistakes);
}

/*
 * An alias is the node that it names, and costs nothing here; but readers go through it each time,
 * so what aliases stand for is counted, and the first that is too much ends it.
 */
static struct node *follow_alias(struct builder *builder, const yaml_event_t *event, unsigned depth)
{
    const char *name = (const char *)event->data.alias.anchor;
    struct node *target = anchors_find(&builder->anchors, name);
    struct node *broken = new_node(builder, &event->start_mark);

    if (!broken)
        return NULL;
    broken->kind = NODE_BROKEN;
    if (!target) {
        mistakes_at(builder->mistakes, broken,
                    "the alias '*%.64s' names nothing; expected '&%.64s' somewhere before", name,
                    name);
    } else if (target->open) {
        mistakes_at(builder->mistakes, broken,
                    "the alias '*%.64s' stands inside what it names, and expands without end",
                    name);
    } else if (depth + target->height > TREE_MAX_DEPTH) {
        mistakes_at(builder->mistakes, broken,
                    "the alias '*%.64s' nests deeper than %d levels; expected fewer", name,
                    TREE_MAX_DEPTH);
    } else if (builder->expanded > TREE_MAX_EXPANDED) {
        return broken;
    } else if ((builder->expanded += target->weight) > TREE_MAX_EXPANDED) {
        mistakes_at(builder->mistakes, broken,
                    "with '*%.64s' the aliases expand to more than %d values; expected fewer", name,
                    TREE_MAX_EXPANDED);
    } else {
        return target;
    }
    return broken;
}

/* Tags that say what a node is anyway are fine; "!!str" makes a text of what looks like a number.
 */
static void apply_tag(struct builder *builder, struct node *node, const yaml_char_t *tag)
{
    static const char *const plain_tags[] = {
        [NODE_TEXT] = YAML_STR_TAG, [NODE_LIST] = YAML_SEQ_TAG, [NODE_MAPPING] = YAML_MAP_TAG};

    if (!tag)
        return;
    node->plain = false;
    if (strcmp((const char *)tag, plain_tags[node->kind]) == 0)
        return;
    mistakes_at(builder->mistakes, node, "the tag '%.64s' has no meaning here; expected none",
                (const char *)tag);
    node->kind = NODE_BROKEN;
}

static struct node *build_text(struct builder *builder, const yaml_event_t *event)
{
    struct node *node = new_node(builder, &event->start_mark);

    if (!node)
        return NULL;
    node->kind = NODE_TEXT;
    node->text.size = event->data.scalar.length;
    node->text.data =
        arena_copy(builder->mistakes->arena, event->data.scalar.value, node->text.size);
    if (!node->text.data) {
        mistakes_no_memory(builder->mistakes);
        return NULL;
    }
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    add_anchor(builder, event->data.scalar.anchor, node);
    apply_tag(builder, node, event->data.scalar.tag);
    return node;
}

static struct node *build(struct builder *builder, yaml_event_t *event, unsigned depth);

/* Adds what a node below stands for to the node above. */
static void grow(struct node *node, const struct node *below)
{
    node->weight += below->weight;
    if (node->height < below->height + 1)
        node->height = (uint8_t)(below->height + 1);
}

/* Reads one node of a collection; *end where the collection ends instead. Returns NULL then. */
static struct node *build_next(struct builder *builder, struct node *parent, unsigned depth,
                               bool *end)
{
    yaml_event_t event;
    struct node *node;

    *end = false;
    if (next_event(builder, &event))
        return NULL;
    if (event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT) {
        yaml_event_delete(&event);
        *end = true;
        return NULL;
    }
    node = build(builder, &event, depth);
    if (node)
        grow(parent, node);
    return node;
}

/* Returns -1 where the tree cannot be had. */
static int build_items(struct builder *builder, struct node *node, unsigned depth)
{
    struct item **tail = &node->items.first;

    for (bool end;;) {
        struct node *first = build_next(builder, node, depth, &end);
        struct item *item;

        if (end)
            return 0;
        item = first ? take_memory(builder, sizeof *item) : NULL;
        if (!item)
            return -1;
        if (node->kind == NODE_MAPPING) {
            item->key = first;
            item->value = build_next(builder, node, depth, &end);
        } else {
            item->value = first;
        }
        if (!item->value)
            return -1;
        *tail = item;
        tail = &item->next;
        node->items.n++;
    }
}

static struct node *build_collection(struct builder *builder, yaml_event_t *event, unsigned depth)
{
    bool is_list = event->type == YAML_SEQUENCE_START_EVENT;
    const yaml_char_t *tag =
        is_list ? event->data.sequence_start.tag : event->data.mapping_start.tag;
    struct node *node = new_node(builder, &event->start_mark);

    if (!node)
        return NULL;
    if (depth >= TREE_MAX_DEPTH) {
        mistakes_at(builder->mistakes, node, "nested deeper than %d levels; expected fewer",
                    TREE_MAX_DEPTH);
        return NULL;
    }
    node->kind = is_list ? NODE_LIST : NODE_MAPPING;
    node->open = true;
    add_anchor(builder,
               is_list ? event->data.sequence_start.anchor : event->data.mapping_start.anchor,
               node);
    if (build_items(builder, node, depth + 1))
        return NULL;
    node->open = false;
    if (!is_list)
        duplicates_report(node, builder->mistakes);
    apply_tag(builder, node, tag);
    return node;
}

/* Makes the node that begins with this event, which it deletes. NULL: the tree cannot be had. */
static struct node *build(struct builder *builder, yaml_event_t *event, unsigned depth)
{
    struct node *node;

    if (event->type == YAML_ALIAS_EVENT)
        node = follow_alias(builder, event, depth);
    else if (event->type == YAML_SCALAR_EVENT)
        node = build_text(builder, event);
    else
        node = build_collection(builder, event, depth);
    yaml_event_delete(event);
    return node;
}

/* Passes over the events that frame a document. Returns the type of the first other, kept in event;
 * YAML_NO_EVENT where there is none. */
static yaml_event_type_t skip_to(struct builder *builder, yaml_event_t *event, bool into_document)
{
    for (;;) {
        if (next_event(builder, event))
            return YAML_NO_EVENT;
        if (event->type != YAML_STREAM_START_EVENT && event->type != YAML_DOCUMENT_END_EVENT &&
            (event->type != YAML_DOCUMENT_START_EVENT || !into_document))
            return event->type;
        yaml_event_delete(event);
    }
}

/* What a file without any value stands for: an empty text. */
static struct node *new_nothing(struct builder *builder)
{
    struct node *node = new_node(builder, &(yaml_mark_t){0});

    if (node) {
        node->plain = true;
        node->text = (struct bytes){"", 0};
    }
    return node;
}

static struct node *build_document(struct builder *builder)
{
    yaml_event_t event;
    struct node *root;

    switch (skip_to(builder, &event, true)) {
    case YAML_NO_EVENT:
        return NULL;
    case YAML_STREAM_END_EVENT:
        yaml_event_delete(&event);
        return new_nothing(builder);
    default:
        root = build(builder, &event, 0);
    }
    if (!root)
        return NULL;
    switch (skip_to(builder, &event, false)) {
    case YAML_NO_EVENT:
        return NULL;
    case YAML_DOCUMENT_START_EVENT:
        mistakes_add(builder->mistakes, event.start_mark.line + 1, event.start_mark.column + 1,
                     "a second document begins here; expected one");
        break;
    default:
        break;
    }
    yaml_event_delete(&event);
    return root;
}

struct node *tree_parse(const struct source *source, struct mistakes *mistakes)
{
    struct builder builder = {.mistakes = mistakes, .anchors = {.arena = mistakes->arena}};
    struct node *root;

    if (!yaml_parser_initialize(&builder.parser)) {
        mistakes_no_memory(mistakes);
        return NULL;
    }
    yaml_parser_set_encoding(&builder.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&builder.parser, (const unsigned char *)source->data,
                                 source->size);
    root = build_document(&builder);
    yaml_parser_delete(&builder.parser);
    return root;
}
