/* Makes the values of templates from the JSON of a message. */
#include "alert/payload_values.h"

#include "alert/content.h"
#include "alert/sign.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/text.h"
#include "config/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fields that are added to the root, and to each item of a list that is an object. */
enum { ROOT_EXTRA = 7, ITEM_EXTRA = 5 };

enum { LINE_END = 2 /* bytes of JSON */ };

static const char ellipsis[] = "…";

struct making {
    const struct payload_limits *limits;
    struct arena *arena;
    bool failed;
};

/* The items of a list. */
struct made_list {
    const struct value *items;
};

static const struct value nothing = {.kind = VALUE_NOTHING};

static struct value make_value(struct making *making, const char *name,
                               const struct json_text *json);

static void *allocate(struct making *making, size_t size)
{
    void *memory = arena_alloc(making->arena, size ? size : 1);

    making->failed |= !memory;
    return memory;
}

static struct value text_value(const char *text, size_t size)
{
    return (struct value){.kind = VALUE_TEXT, .text = {text, size}};
}

/* Keeps a text that was built, and frees the buffer. */
static struct value keep_text(struct making *making, struct buffer *text)
{
    size_t size = text->size;
    char *kept = text->failed ? NULL : arena_copy(making->arena, text->data, size);

    buffer_free(text);
    making->failed |= !kept;
    return kept ? text_value(kept, size) : nothing;
}

/* What replaces a character in texts for people; NULL: nothing. U+200B, which is not seen, ends a
 * mention. */
static const char *find_replacement(enum payload_markup markup, char byte)
{
    static const struct {
        enum payload_markup markup;
        char byte;
        const char *text;
    } replaced[] = {
        {PAYLOAD_ENTITIES, '&', "&amp;"},   {PAYLOAD_ENTITIES, '<', "&lt;"},
        {PAYLOAD_ENTITIES, '>', "&gt;"},    {PAYLOAD_MENTIONS, '@', "@\u200b"},
        {PAYLOAD_MENTIONS, '<', "<\u200b"}, {PAYLOAD_MENTIONS, '`', "'"},
    };

    for (size_t i = 0; i < sizeof replaced / sizeof replaced[0]; i++) {
        if (replaced[i].markup == markup && replaced[i].byte == byte)
            return replaced[i].text;
    }
    return NULL;
}

/* The size of a text in JSON, because some services limit the whole request. */
static size_t find_json_size(const char *text, size_t size)
{
    size_t n = size;

    for (size_t i = 0; i < size; i++)
        n += text[i] == '"' || text[i] == '\\';
    return n;
}

/* Appends a text for people, cut to max bytes of JSON with "…"; max 0: not cut. */
static void put_literal(const struct making *making, struct buffer *into, const char *text,
                        size_t size, size_t max)
{
    size_t used = 0;

    for (size_t length; size > 0; text += length, size -= length) {
        const char *piece = find_replacement(making->limits->markup, *text);
        size_t n, left = sizeof ellipsis - 1;

        length = text_utf8_length(text, size);
        length = length ? length : 1;
        n = piece ? strlen(piece) : length;
        piece = piece ? piece : text;
        if (length == size)
            left = 0;
        used += find_json_size(piece, n);
        if (max && used + left > max) {
            buffer_puts(into, ellipsis);
            return;
        }
        buffer_append(into, piece, n);
    }
}

static struct value literal_value(struct making *making, const char *text, size_t max)
{
    struct buffer literal = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);

    put_literal(making, &literal, text, strlen(text), max);
    return keep_text(making, &literal);
}

static const struct value *list_item(void *context, size_t i)
{
    const struct made_list *list = context;

    return &list->items[i];
}

static struct value list_value(struct making *making, const struct value *items, size_t n)
{
    struct made_list *list = allocate(making, sizeof *list);

    if (!list || !items)
        return nothing;
    list->items = items;
    return (struct value){.kind = VALUE_LIST, .list = {.n = n, .item = list_item, .context = list}};
}

static struct value object_value(const struct field *fields, size_t n)
{
    return (struct value){.kind = VALUE_OBJECT, .object = {.fields = fields, .n = n}};
}

static struct value flag_value(bool yes)
{
    return (struct value){.kind = VALUE_BOOL, .yes = yes};
}

/* The text of a member of an event; "": there is none. */
static const char *member_text(struct making *making, const struct json_text *object,
                               const char *name)
{
    const char *text = content_text(object, name, making->arena);

    making->failed |= !text;
    return text ? text : "";
}

/* Adds a flag for a word: "is_http" for "http". */
static size_t add_flag(struct making *making, struct field *fields, size_t n, const char *word)
{
    char name[64];
    const char *kept;

    if (!word[0])
        return n;
    snprintf(name, sizeof name, "is_%s", word);
    kept = arena_copy(making->arena, name, strlen(name));
    making->failed |= !kept;
    if (kept)
        fields[n++] = (struct field){kept, flag_value(true)};
    return n;
}

/* Adds what an event has besides its members. Returns the number of fields. */
static size_t add_event_fields(struct making *making, const struct json_text *event,
                               struct field *fields, size_t n)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);
    char alias[PAYLOAD_ALIAS_MAX + 1];

    n = add_flag(making, fields, n, member_text(making, event, "check"));
    n = add_flag(making, fields, n, member_text(making, event, "change"));
    fields[n++] = (struct field){
        "is_open", flag_value(strcmp(member_text(making, event, "state"), "UP") != 0)};
    text.failed = payload_values_alias(member_text(making, event, "id"), alias) != 0;
    buffer_puts(&text, text.failed ? "" : alias);
    fields[n++] = (struct field){"alias", keep_text(making, &text)};
    return n;
}

/* Allocates the fields of an object, and `extra` more. */
static struct field *allocate_fields(struct making *making, const struct json_text *object,
                                     size_t extra)
{
    return allocate(making, (json_text_length(object) + extra) * sizeof(struct field));
}

static bool has_field(const struct field *fields, size_t n, const char *name)
{
    while (n > 0 && strcmp(fields[n - 1].name, name) != 0)
        n--;
    return n > 0;
}

/* Adds the members of an object to n fields, which replace members of the same name. Returns the
 * number of fields. */
static size_t add_members(struct making *making, const struct json_text *object,
                          struct field *fields, size_t n)
{
    struct json_walk walk = {NULL};
    struct json_text name, member;

    if (json_text_kind(object) != JSON_TEXT_OBJECT)
        return n;
    while (json_text_next(object, &walk, &name, &member)) {
        const char *text = content_string(&name, making->arena);

        making->failed |= !text;
        if (text && !has_field(fields, n, text))
            fields[n++] = (struct field){text, make_value(making, text, &member)};
    }
    return n;
}

/* An item of an array: an object has is_last, and if it is an event, more. */
static struct value make_item(struct making *making, const struct json_text *item, bool is_last)
{
    struct field *fields;
    size_t n = 0;

    if (json_text_kind(item) != JSON_TEXT_OBJECT)
        return make_value(making, "", item);
    fields = allocate_fields(making, item, ITEM_EXTRA);
    if (!fields)
        return nothing;
    fields[n++] = (struct field){"is_last", flag_value(is_last)};
    n = add_event_fields(making, item, fields, n);
    return object_value(fields, add_members(making, item, fields, n));
}

static struct value make_array(struct making *making, const struct json_text *array)
{
    size_t n = json_text_length(array), i = 0;
    struct value *items = allocate(making, n * sizeof *items);
    struct json_walk walk = {NULL};
    struct json_text item;

    while (items && i < n && json_text_next(array, &walk, NULL, &item)) {
        items[i] = make_item(making, &item, i + 1 == n);
        i++;
    }
    return list_value(making, items, i);
}

/* The first event has a name of its own, for services that take one at a time. */
static struct value make_first(struct making *making, const struct json_text *message)
{
    struct json_text events, event;

    if (!content_find(message, "events", &events) || !content_at(&events, 0, &event))
        return nothing;
    return make_item(making, &event, true);
}

static bool is_for_people(const char *name)
{
    static const char *const names[] = {"names", "reason", "line"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

static struct value make_string(struct making *making, const char *name,
                                const struct json_text *json)
{
    const char *text = content_string(json, making->arena);

    if (!text) {
        making->failed = true;
        return nothing;
    }
    return is_for_people(name) ? literal_value(making, text, 0) : text_value(text, strlen(text));
}

static struct value make_value(struct making *making, const char *name,
                               const struct json_text *json)
{
    struct field *fields;

    switch (json_text_kind(json)) {
    case JSON_TEXT_STRING:
        return make_string(making, name, json);
    case JSON_TEXT_NUMBER:
        return text_value(json->data, json->size);
    case JSON_TEXT_BOOLEAN:
        return flag_value(json->data[0] == 't');
    case JSON_TEXT_ARRAY:
        return make_array(making, json);
    case JSON_TEXT_OBJECT:
        fields = allocate_fields(making, json, 0);
        return fields ? object_value(fields, add_members(making, json, fields, 0)) : nothing;
    default:
        return nothing;
    }
}

/* The lines of a text: first some, then those of the events, then one that counts the events that
 * are not in the message, then the rest. */
struct layout {
    size_t first, n_events, n_more;
};

/* The lines that fit. */
struct lines {
    struct value *list; /* as they are shown */
    size_t n, size;     /* bytes of JSON, with their line ends */
    bool *is_last;      /* of the newest one */
};

static size_t count_lines(const char *text)
{
    size_t n = 0;

    for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
        n++;
    return n;
}

static void add_line(struct making *making, struct lines *lines, struct value text)
{
    struct field *fields = allocate(making, 2 * sizeof *fields);

    if (!fields)
        return;
    fields[0] = (struct field){"text", text};
    fields[1] = (struct field){"is_last", flag_value(false)};
    lines->is_last = &fields[1].value.yes;
    lines->list[lines->n++] = object_value(fields, 2);
    lines->size += find_json_size(text.text.data, text.text.size) + LINE_END;
}

/* How many bytes these lines may have. */
static size_t find_size(struct making *making, const char *text, size_t n)
{
    size_t size = 0;

    for (; *text && n > 0; n--) {
        size_t length = strcspn(text, "\n");
        struct buffer literal = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);

        put_literal(making, &literal, text, length, making->limits->text_max / 2);
        size += find_json_size(literal.data ? literal.data : "", literal.size) + LINE_END;
        making->failed |= literal.failed;
        buffer_free(&literal);
        text += length + (text[length] == '\n');
    }
    return size;
}

static const char *skip_lines(const char *text, size_t n)
{
    for (; *text && n > 0; n--)
        text += strcspn(text, "\n"), text += *text == '\n';
    return text;
}

/*
 * Makes the lines that fit. If those of the events do not all fit, "…and 12 more" is in place of
 * the others; what comes after them is always there.
 */
static void make_lines(struct making *making, const char *text, const struct layout *layout,
                       struct lines *lines)
{
    enum { MORE_MAX = 64 };
    size_t max = making->limits->text_max, left = layout->n_events;
    size_t after = find_size(making, skip_lines(text, layout->first + left), SIZE_MAX);

    lines->list = allocate(making, (count_lines(text) + 1) * sizeof *lines->list);
    for (size_t i = 0; *text && lines->list; i++) {
        bool is_event = i >= layout->first && left > 0;
        size_t length = strcspn(text, "\n"), size;
        struct buffer line = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);

        put_literal(making, &line, text, length, max / 2);
        size = find_json_size(line.data ? line.data : "", line.size) + LINE_END;
        if (is_event && max && lines->size + size + MORE_MAX + after > max) {
            char more[TEXT_NUMBER_MAX];

            text_count(left + layout->n_more, more);
            buffer_reset(&line);
            buffer_printf(&line, "…and %s more", more);
            text = skip_lines(text, left + (layout->n_more > 0));
            left = 0;
        } else {
            text += length + (text[length] == '\n');
            left -= is_event;
        }
        add_line(making, lines, keep_text(making, &line));
    }
    if (lines->is_last)
        *lines->is_last = true;
}

static struct value join_lines(struct making *making, const struct lines *lines)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);

    for (size_t i = 0; i < lines->n; i++) {
        const struct value *line = &lines->list[i].object.fields[0].value;

        if (line->kind == VALUE_TEXT)
            buffer_append(&text, line->text.data, line->text.size);
        if (i + 1 < lines->n)
            buffer_putc(&text, '\n');
    }
    return keep_text(making, &text);
}

/* Adds the text and its lines, in place of the text of the message. */
static size_t add_lines(struct making *making, const struct json_text *message,
                        struct field *fields, size_t n)
{
    struct json_text member;
    struct layout layout = {0};
    struct lines lines = {0};

    if (content_find(message, "events", &member))
        layout.n_events = json_text_length(&member);
    if (content_find(message, "more_events", &member))
        layout.n_more = strtoul(member.data, NULL, 10);
    if (content_find(message, "test", &member) && member.data[0] == 't')
        layout.first++;
    layout.first += layout.n_events > 1;
    make_lines(making, member_text(making, message, "text"), &layout, &lines);
    fields[n++] = (struct field){"text", join_lines(making, &lines)};
    fields[n++] = (struct field){"lines", list_value(making, lines.list, lines.n)};
    return n;
}

static size_t add_text(struct field *fields, size_t n, const char *name, const char *text)
{
    if (text)
        fields[n++] = (struct field){name, text_value(text, strlen(text))};
    return n;
}

const struct value *payload_values_make(const struct json_text *message,
                                        const struct alert_target *target, const char *topic,
                                        const struct payload_limits *limits, struct arena *arena)
{
    struct making making = {limits, arena, false};
    struct value *value = allocate(&making, sizeof *value);
    struct field *fields = allocate_fields(&making, message, ROOT_EXTRA);
    size_t n = 0;

    if (!fields || !value)
        return NULL;
    fields[n++] = (struct field){
        "title", literal_value(&making, member_text(&making, message, "title"), limits->title_max)};
    n = add_lines(&making, message, fields, n);
    n = add_text(fields, n, "token", target->token);
    n = add_text(fields, n, "chat", target->chat);
    n = add_text(fields, n, "topic", topic);
    fields[n++] = (struct field){"event", make_first(&making, message)};
    *value = object_value(fields, add_members(&making, message, fields, n));
    return making.failed ? NULL : value;
}

int payload_values_alias(const char *id, char alias[PAYLOAD_ALIAS_MAX + 1])
{
    if (strlen(id) <= PAYLOAD_ALIAS_MAX) {
        memcpy(alias, id, strlen(id) + 1);
        return 0;
    }
    memcpy(alias, "sha256-", sizeof "sha256-");
    return sign_hash(id, strlen(id), alias + strlen("sha256-"));
}
