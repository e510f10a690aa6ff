/* Reads operands of rules: YAML as JSON. */
#include "config/operand.h"

#include "base/text.h"
#include "config/environment.h"
#include "config/given.h"
#include "config/value.h"

#include <stdio.h>
#include <string.h>

enum { SHOWN_MAX = 100 };

/* An operand being written. */
struct writer {
    struct loader *loader;
    struct buffer json, shown;
    bool failed; /* a mistake was reported */
};

const char *operand_show(struct loader *loader, const struct bytes *shown, char quote)
{
    char line[SHOWN_MAX], text[SHOWN_MAX + 8], quotes[] = {quote, '\0'};

    text_one_line(line, sizeof line, shown->data, shown->size);
    snprintf(text, sizeof text, "%s%s%s%s", quotes, line, shown->size >= sizeof line ? "..." : "",
             quotes);
    return loader_copy(loader, text, strlen(text));
}

/* Appends a text as a string of JSON. */
static void put_string(struct buffer *into, const struct bytes *text)
{
    buffer_puts(into, "\"");
    for (size_t i = 0; i < text->size; i++) {
        unsigned char byte = (unsigned char)text->data[i];

        if (byte == '"' || byte == '\\')
            buffer_puts(into, "\\");
        if (byte < 0x20)
            buffer_printf(into, "\\u%04x", byte);
        else
            buffer_append(into, text->data + i, 1);
    }
    buffer_puts(into, "\"");
}

static void put_both(struct writer *writer, const char *text)
{
    buffer_puts(&writer->json, text);
    buffer_puts(&writer->shown, text);
}

static bool is_utf8(const struct bytes *text)
{
    size_t length = 1;

    for (size_t at = 0; at < text->size && length > 0; at += length)
        length = text_utf8_length(text->data + at, text->size - at);
    return length > 0;
}

static void write_text(struct writer *writer, struct node *node)
{
    const struct filled *filled = environment_fill(writer->loader, node);

    if (filled && is_utf8(&filled->text)) {
        put_string(&writer->json, &filled->text);
        put_string(&writer->shown, &filled->shown);
        return;
    }
    writer->failed = true;
    if (filled)
        loader_report(writer->loader, node, "the text contains bytes that are not UTF-8");
}

static const char *skip_digits(const char *at)
{
    return at + strspn(at, "0123456789");
}

/* Whether a text is a decimal number of the core schema (YAML 1.2, 10.3.2). */
static bool is_number(const struct bytes *text)
{
    const char *from = text->data + (*text->data == '-' || *text->data == '+');
    const char *at = skip_digits(from), *after;
    bool has_digits = at > from;

    if (*at == '.') {
        after = skip_digits(at + 1);
        has_digits = has_digits || after > at + 1;
        at = after;
    }
    if (has_digits && (*at == 'e' || *at == 'E')) {
        at += 1 + (at[1] == '-' || at[1] == '+');
        after = skip_digits(at);
        has_digits = after > at;
        at = after;
    }
    return has_digits && at == text->data + text->size;
}

/* Whether a text is a number of YAML that JSON does not have, or that YAML 1.1 and 1.2 read as
 * different numbers: 0x1f, 0o17, 010, .inf, .nan. */
static bool is_odd_number(const struct bytes *text)
{
    static const char *const words[] = {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"};
    const char *at = text->data + (*text->data == '-' || *text->data == '+');
    size_t size = text->size - (size_t)(at - text->data);

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(at, words[i]) == 0)
            return true;
    }
    if (size > 2 && strncmp(at, "0x", 2) == 0)
        return strspn(at + 2, "0123456789abcdefABCDEF") == size - 2;
    if (size > 2 && strncmp(at, "0o", 2) == 0)
        return strspn(at + 2, "01234567") == size - 2;
    return *at == '0' && at[1] >= '0' && at[1] <= '9' && is_number(text);
}

/* Writes a number of YAML as one of JSON: +.5 as 0.5, and 5. as 5. Its digits stay. */
static void write_number(struct writer *writer, const char *at)
{
    const char *whole = at + (*at == '-' || *at == '+'), *dot = skip_digits(whole);
    const char *end = *dot == '.' ? skip_digits(dot + 1) : dot;

    if (*at == '-')
        put_both(writer, "-");
    if (dot == whole)
        put_both(writer, "0");
    buffer_append(&writer->json, whole, (size_t)(dot - whole));
    buffer_append(&writer->shown, whole, (size_t)(dot - whole));
    put_both(writer, end == dot + 1 ? end : dot);
}

static void write_scalar(struct writer *writer, struct node *node)
{
    bool truth;

    if (!node->plain) {
        write_text(writer, node);
    } else if (node_is_empty(node)) {
        loader_report(writer->loader, node,
                      "expected a value, got nothing; write ~ for null, or \"\"");
        writer->failed = true;
    } else if (node_is_null(node)) {
        put_both(writer, "null");
    } else if (value_truth(node, &truth)) {
        put_both(writer, truth ? "true" : "false");
    } else if (is_odd_number(&node->text)) {
        loader_expected(writer->loader, node);
        writer->failed = true;
    } else if (is_number(&node->text)) {
        write_number(writer, node->text.data);
    } else {
        write_text(writer, node);
    }
}

static void write_value(struct writer *writer, struct node *node);

static void write_list(struct writer *writer, const struct node *node)
{
    put_both(writer, "[");
    for (const struct item *item = node->items.first; item; item = item->next) {
        write_value(writer, item->value);
        put_both(writer, item->next ? ", " : "");
    }
    put_both(writer, "]");
}

static void write_mapping(struct writer *writer, struct node *node)
{
    struct given_list given;

    given_collect(writer->loader, node, false, &given);
    put_both(writer, "{");
    for (size_t i = 0; i < given.n; i++) {
        put_both(writer, i ? ", " : "");
        put_string(&writer->json, &given.list[i].name->text);
        put_string(&writer->shown, &given.list[i].name->text);
        put_both(writer, ": ");
        write_value(writer, given.list[i].value);
    }
    put_both(writer, "}");
}

static void write_value(struct writer *writer, struct node *node)
{
    if (node->kind == NODE_TEXT)
        write_scalar(writer, node);
    else if (node->kind == NODE_LIST)
        write_list(writer, node);
    else if (node->kind == NODE_MAPPING)
        write_mapping(writer, node);
    else
        writer->failed = true;
}

static bool keep_operand(struct writer *writer, const struct node *node, struct operand *operand)
{
    struct loader *loader = writer->loader;
    struct bytes shown = {writer->shown.data, writer->shown.size};

    *operand = (struct operand){NULL, NULL};
    if (writer->json.failed || writer->shown.failed) {
        mistakes_no_memory(loader->mistakes);
    } else if (!writer->failed) {
        /* A text is shown without the escapes of JSON, as failures show texts. */
        operand->shown = *writer->json.data == '"' ? operand_show(loader, value_shown(node), '"')
                                                   : operand_show(loader, &shown, '\0');
        operand->json = loader_copy(loader, writer->json.data, writer->json.size);
    }
    buffer_free(&writer->json);
    buffer_free(&writer->shown);
    return operand->json && operand->shown;
}

static struct writer new_writer(struct loader *loader)
{
    return (struct writer){.loader = loader,
                           .json = BUFFER_WITH_CEILING(BUFFER_MAX_CONFIG),
                           .shown = BUFFER_WITH_CEILING(BUFFER_MAX_CONFIG)};
}

bool operand_read(struct loader *loader, struct node *node, struct operand *operand)
{
    struct writer writer = new_writer(loader);

    write_value(&writer, node);
    return keep_operand(&writer, node, operand);
}

bool operand_read_text(struct loader *loader, struct node *node, struct operand *operand)
{
    struct writer writer = new_writer(loader);

    if (!value_text(loader, node))
        return false;
    write_text(&writer, node);
    return keep_operand(&writer, node, operand);
}

bool operand_read_number(struct loader *loader, struct node *node, struct operand *operand)
{
    if (node->kind == NODE_TEXT && node->plain && is_number(&node->text))
        return operand_read(loader, node, operand);
    loader_expected(loader, node);
    return false;
}
