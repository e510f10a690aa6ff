/* Reads regular expressions. */
#include "config/pattern_value.h"

#include "base/pattern.h"
#include "base/text.h"
#include "config/environment.h"
#include "config/operand.h"
#include "config/value.h"

/* The number of the character that has or follows this byte, from 1. */
static size_t character_at(const struct bytes *text, size_t byte)
{
    size_t n = 1;

    for (size_t at = 0; at < byte && at < text->size; n++) {
        size_t length = text_utf8_length(text->data + at, text->size - at);

        at += length ? length : 1;
    }
    return n;
}

/* The place of a fault in a pattern with a secret would show how long the secret is. */
static void report_fault(struct loader *loader, struct node *node, const struct bytes *text,
                         const struct pattern_fault *fault)
{
    char shown[NODE_SHOWN_MAX];

    node_show(node, shown);
    if (!*fault->message)
        mistakes_no_memory(loader->mistakes);
    else if (value_is_secret(node))
        loader_report(loader, node, "\"%s\": %s", shown, fault->message);
    else
        loader_report(loader, node, "\"%s\": %s at character %zu", shown, fault->message,
                      character_at(text, fault->at));
}

const struct pattern_value *pattern_value_read(struct loader *loader, struct node *node)
{
    const struct bytes *text = value_some_text(loader, node);
    struct pattern_value *value;
    struct pattern_fault fault;

    if (!text || node->filled->pattern)
        return text ? node->filled->pattern : NULL;
    value = loader_alloc(loader, sizeof *value);
    if (!value)
        return NULL;
    value->pattern = pattern_compile(loader->arena, text->data, text->size, &fault);
    value->shown = operand_show(loader, value_shown(node), '/');
    if (!value->pattern) {
        report_fault(loader, node, text, &fault);
        return NULL;
    }
    return value->shown ? (node->filled->pattern = value) : NULL;
}
