/* Loads the messages of the configured language and reports mistakes in their files. */
#include "dashboard/messages.h"

#include "base/asset.h"
#include "base/text.h"
#include "config/loader.h"
#include "config/tree.h"
#include "dashboard/template_files.h"
#include "template/template.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* One file being read. */
struct reading {
    struct messages *messages;
    struct mistakes mistakes;
    /* The texts, only to find out whether they are valid templates; NULL: they are. */
    struct template_set *parsed;
};

static bool is_name(const struct node *node)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789_";

    return node->kind == NODE_TEXT && node->text.size > 0 &&
           strspn(node->text.data, allowed) == node->text.size;
}

static void report_unknown(struct reading *reading, struct node *key)
{
    char shown[NODE_SHOWN_MAX];
    const char *meant = NULL;

    node_show(key, shown);
    if (!mistakes_are_many(&reading->mistakes))
        meant = loader_nearest(shown, reading->messages->names);
    if (meant)
        mistakes_at(&reading->mistakes, key, "unknown message '%s'; did you mean '%s'?", shown,
                    meant);
    else
        mistakes_at(&reading->mistakes, key,
                    "unknown message '%s'; the names are those of messages.en.yaml", shown);
}

/* Line breaks and tabs are white space on a page. No language uses other control characters. */
static bool has_control(const struct bytes *text)
{
    for (size_t i = 0; i < text->size; i++) {
        unsigned char byte = (unsigned char)text->data[i];

        if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f)
            return true;
    }
    return false;
}

/* Whether the text is a valid template. Reports it if not. */
static bool is_template(struct reading *reading, const char *name, struct node *value)
{
    struct error error;
    const char *why;

    if (!reading->parsed ||
        template_add(reading->parsed, name, value->text.data, value->text.size, &error) == 0)
        return true;
    why = strstr(error.text, ": "); /* "NAME:LINE: why" */
    if (error.code == EXIT_IO)
        mistakes_no_memory(&reading->mistakes);
    else
        mistakes_at(&reading->mistakes, value, "%s: not a valid template: %s", name,
                    why ? why + 2 : error.text);
    return false;
}

static bool is_text(struct reading *reading, const char *name, struct node *value)
{
    char got[NODE_SHOWN_MAX];

    if (value->kind != NODE_TEXT || node_is_empty(value) || node_is_null(value)) {
        node_describe(value, got);
        mistakes_at(&reading->mistakes, value, "%s: expected text, or \"\" for none, got %s", name,
                    got);
        return false;
    }
    if (has_control(&value->text)) {
        mistakes_at(&reading->mistakes, value, "%s: control characters are not allowed", name);
        return false;
    }
    return is_template(reading, name, value);
}

/* Copies a text. The newline at the end of a YAML block is not part of it. */
static void copy_text(struct reading *reading, struct bytes *into, const struct bytes *text)
{
    *into = *text;
    if (text->size == 0 || text->data[text->size - 1] != '\n')
        return;
    into->data = arena_copy(reading->messages->arena, text->data, --into->size);
    if (!into->data)
        mistakes_no_memory(&reading->mistakes);
}

static void read_item(struct reading *reading, const struct item *item)
{
    struct messages *messages = reading->messages;
    struct node *key = item->key, *value = item->value;
    char got[NODE_SHOWN_MAX];
    struct bytes *text;

    if (key->kind == NODE_BROKEN || value->kind == NODE_BROKEN)
        return;
    if (!is_name(key)) {
        node_describe(key, got);
        mistakes_at(&reading->mistakes, key, "expected a name of letters, digits and _, got %s",
                    got);
        return;
    }
    text = table_find(&messages->by_name, key->text.data);
    if (!text)
        report_unknown(reading, key);
    else if (is_text(reading, key->text.data, value))
        copy_text(reading, text, &value->text);
}

/* Copies the names of the first file. No other names are allowed. */
static void copy_names(struct reading *reading, const struct node *root)
{
    struct messages *messages = reading->messages;

    messages->names = arena_alloc(messages->arena, (root->items.n + 1) * sizeof *messages->names);
    messages->texts = arena_alloc(messages->arena, (root->items.n + 1) * sizeof *messages->texts);
    if (!messages->names || !messages->texts) {
        mistakes_no_memory(&reading->mistakes);
        return;
    }
    for (const struct item *item = root->items.first; item; item = item->next) {
        if (!is_name(item->key))
            continue;
        if (table_set(&messages->by_name, item->key->text.data, &messages->texts[messages->n])) {
            mistakes_no_memory(&reading->mistakes);
            return;
        }
        messages->names[messages->n++] = item->key->text.data;
    }
}

static void read_root(struct reading *reading, struct node *root)
{
    char got[NODE_SHOWN_MAX];

    if (root->kind == NODE_BROKEN || node_is_empty(root))
        return;
    if (root->kind != NODE_MAPPING) {
        node_describe(root, got);
        mistakes_at(&reading->mistakes, root, "expected a mapping of names to texts, got %s", got);
        return;
    }
    if (!reading->messages->names)
        copy_names(reading, root);
    for (const struct item *item = root->items.first; item; item = item->next) {
        if (!reading->mistakes.no_memory)
            read_item(reading, item);
    }
}

/* Sets the error to the first mistake. Returns -1. */
static int report_first(const struct mistakes *mistakes, const char *path, struct error *error)
{
    struct buffer list = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    size_t first;

    mistakes_print(mistakes, path, &list);
    if (mistakes->no_memory || list.failed) {
        error_set(error, EXIT_IO, "%s: out of memory", path);
    } else {
        first = strcspn(list.data, "\n");
        error_set(error, EXIT_CONFIG, "%.*s", (int)first, list.data);
    }
    buffer_free(&list);
    return -1;
}

/* Reads a file from its bytes. parsed may be NULL, as in struct reading. */
static int read_file(struct messages *messages, const char *path, const char *yaml, size_t size,
                     struct template_set *parsed, struct error *error)
{
    struct reading reading = {messages, {.arena = messages->arena}, parsed};
    struct node *root = tree_parse(yaml, size, &reading.mistakes);

    if (root)
        read_root(&reading, root);
    return mistakes_any(&reading.mistakes) ? report_first(&reading.mistakes, path, error) : 0;
}

int messages_read(struct messages *messages, const char *path, const char *yaml, size_t size,
                  struct error *error)
{
    struct template_set *parsed = template_set_new();
    int result;

    if (!parsed)
        return error_set(error, EXIT_IO, "%s: out of memory", path);
    result = read_file(messages, path, yaml, size, parsed, error);
    template_set_free(parsed);
    return result;
}

/* This language has every name. */
static const char english[] = "en";

/* These two return 0, -1, or 1 if there is no file for the language. */
static int read_built_in(struct messages *messages, const char *language, struct error *error)
{
    const struct asset *asset;
    char path[PATH_MAX];

    snprintf(path, sizeof path, "templates/messages.%s.yaml", language);
    asset = asset_find(path);
    return asset ? read_file(messages, path, asset->data, asset->size, NULL, error) : 1;
}

static int read_user_file(struct messages *messages, const struct config *config,
                          struct error *error)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_TEMPLATE);
    char name[NAME_MAX], path[PATH_MAX];
    int result;

    snprintf(name, sizeof name, "messages.%s.yaml", config->language);
    result = template_files_read_user(config, name, path, &text, error);
    if (result == 0)
        result = messages_read(messages, path, text.data, text.size, error);
    buffer_free(&text);
    return result;
}

static int read_language(struct messages *messages, const struct config *config,
                         struct error *error)
{
    int built_in = strcmp(config->language, english) == 0
                       ? 0
                       : read_built_in(messages, config->language, error);
    int user = built_in < 0 ? -1 : read_user_file(messages, config, error);

    if (user == 1 && built_in == 1)
        return error_set(error, EXIT_CONFIG, "%s: messages.%s.yaml not found in templates_dir",
                         config->path, config->language);
    return user < 0 ? -1 : 0;
}

const char *messages_get(const struct messages *messages, const char *name)
{
    const struct bytes *text = table_find(&messages->by_name, name);

    assert(text);
    return text->data;
}

static struct field text_field(const char *name, const char *text)
{
    return (struct field){name, {.kind = VALUE_TEXT, .text = {text, strlen(text)}}};
}

static void fill_statuses(struct messages *messages)
{
    static const char *const names[STATUS_COUNT] = {
        [STATUS_UNKNOWN] = "unknown",   [STATUS_UP] = "up",
        [STATUS_DEGRADED] = "degraded", [STATUS_DOWN] = "down",
        [STATUS_BOT_DETECTED] = "bot",  [STATUS_TIMEOUT] = "timeout",
    };

    for (int i = 0; i < STATUS_COUNT; i++) {
        messages->status[i][0] = text_field("word", messages_get(messages, names[i]));
        messages->status[i][1] = text_field("class", status_class((enum status)i));
    }
}

/* Copies the words of a message that is a list of n words. */
static void fill_names(const struct messages *messages, const char *message,
                       char (*names)[MESSAGES_WORD_MAX], size_t n)
{
    const char *word = messages_get(messages, message);

    for (size_t i = 0; i < n; i++) {
        size_t size;

        word += strspn(word, " ");
        size = strcspn(word, " ");
        text_one_line(names[i], MESSAGES_WORD_MAX, word, size);
        word += size;
    }
}

int messages_load(struct messages **into, const struct config *config, struct error *error)
{
    struct arena *arena = arena_new();
    struct messages *messages = arena ? arena_alloc(arena, sizeof *messages) : NULL;

    *into = NULL;
    if (!messages) {
        arena_free(arena);
        return error_set(error, EXIT_IO, "messages.%s.yaml: out of memory", config->language);
    }
    messages->arena = arena;
    if (read_built_in(messages, english, error) || read_language(messages, config, error)) {
        messages_free(messages);
        return -1;
    }
    fill_statuses(messages);
    fill_names(messages, "months", messages->months, MESSAGES_MONTHS);
    fill_names(messages, "weekdays", messages->weekdays, MESSAGES_WEEKDAYS);
    *into = messages;
    return 0;
}

void messages_free(struct messages *messages)
{
    if (!messages)
        return;
    table_free(&messages->by_name);
    arena_free(messages->arena);
}

int messages_add(const struct messages *messages, struct template_set *templates,
                 struct error *error)
{
    for (size_t i = 0; i < messages->n; i++) {
        const struct bytes *text = &messages->texts[i];
        char name[NAME_MAX];

        snprintf(name, sizeof name, "messages.%s", messages->names[i]);
        if (template_add(templates, name, text->data, text->size, error))
            return -1;
    }
    return 0;
}

const char *messages_month(const struct messages *messages, int month)
{
    return month >= 1 && month <= MESSAGES_MONTHS ? messages->months[month - 1] : "";
}

const char *messages_weekday(const struct messages *messages, int weekday)
{
    return weekday >= 1 && weekday <= MESSAGES_WEEKDAYS ? messages->weekdays[weekday - 1] : "";
}

struct value messages_status(const struct messages *messages, enum status status)
{
    assert(status < STATUS_COUNT);
    return (struct value){.kind = VALUE_OBJECT,
                          .object = {.fields = messages->status[status], .n = 2}};
}
