/* Builds the tree of nodes from the events of libyaml. */
#include "config/tree.h"

#include "base/table.h"
#include "base/text.h"
#include "config/source.h"

#include <assert.h>
#include <string.h>
#include <yaml.h>

struct builder {
    yaml_parser_t parser;
    struct mistakes *mistakes;
    struct table anchors; /* name -> node */
    size_t expanded;      /* nodes that the aliases so far expand to */
};

/* Reports libyaml's message, and the line in which the broken part started; the two most common
 * mistakes get an explanation instead. */
static void report_syntax(struct builder *builder)
{
    const yaml_parser_t *parser = &builder->parser;
    const char *why = parser->problem ? parser->problem : "cannot be read";
    struct node at = {.file = builder->mistakes->file,
                      .line = (uint32_t)parser->problem_mark.line + 1,
                      .column = (uint32_t)parser->problem_mark.column + 1};

    if (parser->error == YAML_MEMORY_ERROR)
        mistakes_no_memory(builder->mistakes);
    else if (parser->buffer.pointer < parser->buffer.last && *parser->buffer.pointer == '\t')
        mistakes_at(builder->mistakes, &at, "not valid YAML: indent with spaces, not tabs");
    else if (strcmp(why, "mapping values are not allowed in this context") == 0)
        mistakes_at(builder->mistakes, &at,
                    "not valid YAML: unexpected ': '; if it is part of a text, put the text in "
                    "quotes");
    else if (parser->context && parser->context_mark.line + 1 != at.line)
        mistakes_at(builder->mistakes, &at, "not valid YAML: %s %s (started in line %zu)", why,
                    parser->context, parser->context_mark.line + 1);
    else
        mistakes_at(builder->mistakes, &at, "not valid YAML: %s", why);
}

/* Returns 0, or -1 after reporting a mistake. */
static int next_event(struct builder *builder, yaml_event_t *event)
{
    if (yaml_parser_parse(&builder->parser, event))
        return 0;
    report_syntax(builder);
    return -1;
}

static struct node *new_node(struct builder *builder, const yaml_mark_t *start)
{
    struct node *node = mistakes_alloc(builder->mistakes, builder->mistakes->arena, sizeof *node);

    if (!node)
        return NULL;
    node->file = builder->mistakes->file;
    node->line = (uint32_t)start->line + 1;
    node->column = (uint32_t)start->column + 1;
    node->weight = 1;
    return node;
}

static void add_anchor(struct builder *builder, const yaml_char_t *name, struct node *node)
{
    const char *copy;

    if (!name)
        return;
    copy = mistakes_copy(builder->mistakes, builder->mistakes->arena, name,
                         strlen((const char *)name));
    if (copy && table_set(&builder->anchors, copy, node))
        mistakes_no_memory(builder->mistakes);
}

/*
 * Returns the node that an alias names. That is cheap here, but readers read the node again for
 * each alias; so the nodes that aliases expand to are counted, and the first alias beyond the limit
 * is reported.
 */
static struct node *follow_alias(struct builder *builder, const yaml_event_t *event, unsigned depth)
{
    const char *name = (const char *)event->data.alias.anchor;
    struct node *target = table_find(&builder->anchors, name);
    struct node *broken = new_node(builder, &event->start_mark);
    char max[TEXT_NUMBER_MAX];

    if (!broken)
        return NULL;
    text_count(TREE_MAX_EXPANDED, max);
    broken->kind = NODE_BROKEN;
    if (!target) {
        mistakes_at(builder->mistakes, broken, "alias '*%.64s': no anchor '&%.64s' before it", name,
                    name);
    } else if (target->open) {
        mistakes_at(builder->mistakes, broken, "alias '*%.64s' contains itself", name);
    } else if (depth + target->height > TREE_MAX_DEPTH) {
        mistakes_at(builder->mistakes, broken, "alias '*%.64s': nested deeper than %d levels", name,
                    TREE_MAX_DEPTH);
    } else if (builder->expanded > TREE_MAX_EXPANDED) {
        return broken;
    } else if ((builder->expanded += target->weight) > TREE_MAX_EXPANDED) {
        mistakes_at(builder->mistakes, broken,
                    "alias '*%.64s': aliases expand to more than %s values", name, max);
    } else {
        return target;
    }
    return broken;
}

/* Accepts only the tag of the node's own kind; "!!str" makes a text of a number. */
static void apply_tag(struct builder *builder, struct node *node, const yaml_char_t *tag)
{
    static const char *const plain_tags[] = {
        [NODE_TEXT] = YAML_STR_TAG, [NODE_LIST] = YAML_SEQ_TAG, [NODE_MAPPING] = YAML_MAP_TAG};

    if (!tag)
        return;
    node->plain = false;
    if (strcmp((const char *)tag, plain_tags[node->kind]) == 0)
        return;
    mistakes_at(builder->mistakes, node, "tag '%.64s' is not supported", (const char *)tag);
    node->kind = NODE_BROKEN;
}

static struct node *build_text(struct builder *builder, const yaml_event_t *event)
{
    struct node *node = new_node(builder, &event->start_mark);

    if (!node)
        return NULL;
    node->kind = NODE_TEXT;
    node->text.size = event->data.scalar.length;
    node->text.data = mistakes_copy(builder->mistakes, builder->mistakes->arena,
                                    event->data.scalar.value, node->text.size);
    if (!node->text.data)
        return NULL;
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    add_anchor(builder, event->data.scalar.anchor, node);
    apply_tag(builder, node, event->data.scalar.tag);
    return node;
}

static struct node *build_node(struct builder *builder, yaml_event_t *event, unsigned depth);

/* Adds weight and height of a node to the node above it. */
static void add_weight(struct node *node, const struct node *below)
{
    assert(node->open);
    node->weight += below->weight;
    if (node->height < below->height + 1)
        node->height = (uint8_t)(below->height + 1);
}

/* Reads one node of a collection. Returns NULL with *end if the collection ends instead, or NULL
 * after reporting a mistake. */
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
    node = build_node(builder, &event, depth);
    if (node)
        add_weight(parent, node);
    return node;
}

/* Returns 0, or -1 after reporting a mistake. */
static int build_items(struct builder *builder, struct node *node, unsigned depth)
{
    struct item **tail = &node->items.first;

    for (bool end;;) {
        struct node *first = build_next(builder, node, depth, &end);
        struct item *item;

        if (end)
            return 0;
        item = first ? mistakes_alloc(builder->mistakes, builder->mistakes->arena, sizeof *item)
                     : NULL;
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
        mistakes_at(builder->mistakes, node, "nested deeper than %d levels", TREE_MAX_DEPTH);
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
        node_report_duplicates(node, builder->mistakes);
    apply_tag(builder, node, tag);
    return node;
}

/* Builds the node that begins with this event, and deletes the event. NULL after reporting a
 * mistake. */
static struct node *build_node(struct builder *builder, yaml_event_t *event, unsigned depth)
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

/* Skips the events around a document. Returns the type of the next event, which stays in *event;
 * YAML_NO_EVENT after reporting a mistake. */
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

/* The value of an empty file. */
static struct node *new_empty_text(struct builder *builder)
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
    yaml_event_type_t type = skip_to(builder, &event, true);
    struct node *root, *second;

    if (type == YAML_NO_EVENT)
        return NULL;
    if (type == YAML_STREAM_END_EVENT) {
        yaml_event_delete(&event);
        return new_empty_text(builder);
    }
    root = build_node(builder, &event, 0);
    type = root ? skip_to(builder, &event, false) : YAML_NO_EVENT;
    if (type == YAML_NO_EVENT)
        return NULL;
    second = type == YAML_DOCUMENT_START_EVENT ? new_node(builder, &event.start_mark) : NULL;
    if (second)
        mistakes_at(builder->mistakes, second,
                    "a second YAML document starts here; only one is allowed");
    yaml_event_delete(&event);
    return root;
}

struct node *tree_parse(const char *yaml, size_t size, struct mistakes *mistakes)
{
    struct bytes source = source_check(yaml, size, mistakes);
    struct builder builder = {.mistakes = mistakes};
    struct node *root;

    if (mistakes->no_memory)
        return NULL;
    if (!yaml_parser_initialize(&builder.parser)) {
        mistakes_no_memory(mistakes);
        return NULL;
    }
    yaml_parser_set_encoding(&builder.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&builder.parser, (const unsigned char *)source.data, source.size);
    root = build_document(&builder);
    yaml_parser_delete(&builder.parser);
    table_free(&builder.anchors);
    return root;
}
