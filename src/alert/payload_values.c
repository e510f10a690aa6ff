/* Makes the values of templates from the JSON of a message. */
#include "alert/payload_values.h"

#include "alert/sign.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/text.h"
#include "config/config.h"

#include <stdio.h>
#include <string.h>

/* Members that are added to the root, and to each item of a list that is an object. */
enum { ROOT_EXTRA = 5, ITEM_EXTRA = 5 };

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

static struct value make_value(struct making *making, const char *name, json_t *json);

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

/* Appends a text for people, cut to max bytes with "…"; max 0: not cut. */
static void put_literal(const struct making *making, struct buffer *into, const char *text,
                        size_t size, size_t max)
{
    size_t start = into->size;

    for (size_t length; size > 0; text += length, size -= length) {
        const char *piece = find_replacement(making->limits->markup, *text);
        size_t n = piece ? strlen(piece) : 0, left = size > 1 ? sizeof ellipsis - 1 : 0;

        length = text_utf8_length(text, size);
        length = length ? length : 1;
        if (length == size)
            left = 0;
        if (max && into->size - start + (piece ? n : length) + left > max) {
            buffer_puts(into, ellipsis);
            return;
        }
        buffer_append(into, piece ? piece : text, piece ? n : length);
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

/* Writes "is_http" for "http". */
static const char *flag_name(struct making *making, json_t *word)
{
    char name[64] = "";

    snprintf(name, sizeof name, "is_%s", json_string_value(word));
    return arena_copy(making->arena, name, strlen(name));
}

/* Adds what an event has besides its members. Returns the number of fields. */
static size_t add_event_fields(struct making *making, json_t *event, struct field *fields, size_t n)
{
    static const char *const flags[] = {"check", "change"};
    const char *state = json_string_value(json_object_get(event, "state"));
    const char *id = json_string_value(json_object_get(event, "id"));
    char alias[PAYLOAD_ALIAS_MAX + 1];

    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        json_t *word = json_object_get(event, flags[i]);
        const char *name = json_is_string(word) ? flag_name(making, word) : "";

        making->failed |= !name;
        if (name && name[0])
            fields[n++] = (struct field){name, flag_value(true)};
    }
    if (state)
        fields[n++] = (struct field){"is_open", flag_value(strcmp(state, "UP") != 0)};
    if (id) {
        char *kept = NULL;

        if (payload_values_alias(id, alias) == 0)
            kept = arena_copy(making->arena, alias, strlen(alias));
        making->failed |= !kept;
        if (kept)
            fields[n++] = (struct field){"alias", text_value(kept, strlen(kept))};
    }
    return n;
}

/* Makes the fields of an object, with room for `extra` more. Returns their number. */
static size_t make_fields(struct making *making, json_t *object, size_t extra,
                          struct field **fields)
{
    const char *name;
    json_t *member;
    size_t n = 0;

    *fields = allocate(making, (json_object_size(object) + extra) * sizeof **fields);
    if (!*fields)
        return 0;
    json_object_foreach(object, name, member)
    {
        (*fields)[n++] = (struct field){name, make_value(making, name, member)};
    }
    return n;
}

/* An item of an array: an object has is_last, and if it is an event, more. */
static struct value make_item(struct making *making, json_t *item, bool is_last)
{
    struct field *fields;
    size_t n;

    if (!json_is_object(item))
        return make_value(making, "", item);
    n = make_fields(making, item, ITEM_EXTRA, &fields);
    if (!fields)
        return nothing;
    n = add_event_fields(making, item, fields, n);
    fields[n++] = (struct field){"is_last", flag_value(is_last)};
    return object_value(fields, n);
}

static struct value make_array(struct making *making, json_t *array)
{
    size_t n = json_array_size(array);
    struct value *items = allocate(making, n * sizeof *items);

    for (size_t i = 0; items && i < n; i++)
        items[i] = make_item(making, json_array_get(array, i), i + 1 == n);
    return list_value(making, items, n);
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

static struct value make_number(struct making *making, json_t *json)
{
    struct buffer text = BUFFER_WITH_CEILING(TEXT_NUMBER_MAX);

    buffer_printf(&text, "%lld", (long long)json_integer_value(json));
    return keep_text(making, &text);
}

static struct value make_value(struct making *making, const char *name, json_t *json)
{
    struct field *fields;
    size_t n;

    switch (json_typeof(json)) {
    case JSON_STRING:
        if (is_for_people(name))
            return literal_value(making, json_string_value(json), 0);
        return text_value(json_string_value(json), json_string_length(json));
    case JSON_INTEGER:
        return make_number(making, json);
    case JSON_TRUE:
        return flag_value(true);
    case JSON_FALSE:
        return flag_value(false);
    case JSON_ARRAY:
        return make_array(making, json);
    case JSON_OBJECT:
        n = make_fields(making, json, 0, &fields);
        return fields ? object_value(fields, n) : nothing;
    default:
        return nothing;
    }
}

/* The lines of a text: first some, then those of the events, then the rest. */
struct lines {
    struct value *list; /* as they are shown */
    size_t n, size;     /* bytes, with their line ends */
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
    lines->size += text.text.size + 1;
}

/* How many bytes these lines may have. */
static size_t find_size(struct making *making, const char *text, size_t n)
{
    size_t size = 0;

    for (; *text && n > 0; n--) {
        size_t length = strcspn(text, "\n");
        struct buffer literal = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);

        put_literal(making, &literal, text, length, making->limits->text_max / 2);
        size += literal.size + 1;
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
static void make_lines(struct making *making, const char *text, size_t first, size_t n_events,
                       struct lines *lines)
{
    enum { MORE_MAX = 64 };
    size_t max = making->limits->text_max, left = n_events;
    size_t after = find_size(making, skip_lines(text, first + n_events), SIZE_MAX);

    lines->list = allocate(making, (count_lines(text) + 1) * sizeof *lines->list);
    for (size_t i = 0; *text && lines->list; i++) {
        bool is_event = i >= first && left > 0;
        size_t length = strcspn(text, "\n");
        struct buffer line = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);

        put_literal(making, &line, text, length, max / 2);
        if (is_event && max && lines->size + line.size + 1 + MORE_MAX + after > max) {
            char more[TEXT_NUMBER_MAX];

            text_count(left, more);
            buffer_reset(&line);
            buffer_printf(&line, "…and %s more", more);
            text = skip_lines(text, left);
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

/* Adds the text in place of that of the message, and its lines. */
static size_t add_lines(struct making *making, json_t *message, struct field *fields, size_t n)
{
    const char *text = json_string_value(json_object_get(message, "text"));
    size_t n_events = json_array_size(json_object_get(message, "events"));
    size_t first = n_events > 1;
    struct lines lines = {0};

    if (json_is_true(json_object_get(message, "test")))
        first++;
    make_lines(making, text ? text : "", first, n_events, &lines);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(fields[i].name, "text") == 0)
            fields[i].value = join_lines(making, &lines);
    }
    fields[n++] = (struct field){"lines", list_value(making, lines.list, lines.n)};
    return n;
}

static size_t add_text(struct field *fields, size_t n, const char *name, const char *text)
{
    if (text)
        fields[n++] = (struct field){name, text_value(text, strlen(text))};
    return n;
}

/* Adds the first event under a name of its own, for services that take one at a time. */
static size_t add_first_event(struct making *making, json_t *message, struct field *fields,
                              size_t n)
{
    json_t *event = json_array_get(json_object_get(message, "events"), 0);

    if (event)
        fields[n++] = (struct field){"event", make_item(making, event, true)};
    return n;
}

const struct value *payload_values_make(json_t *message, const struct alert_target *target,
                                        const char *topic, const struct payload_limits *limits,
                                        struct arena *arena)
{
    struct making making = {limits, arena, false};
    struct value *value = allocate(&making, sizeof *value);
    struct field *fields;
    size_t n;

    n = make_fields(&making, message, ROOT_EXTRA, &fields);
    if (!fields || !value)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(fields[i].name, "title") == 0 && fields[i].value.kind == VALUE_TEXT)
            fields[i].value = literal_value(&making, fields[i].value.text.data, limits->title_max);
    }
    n = add_lines(&making, message, fields, n);
    n = add_text(fields, n, "token", target->token);
    n = add_text(fields, n, "chat", target->chat);
    n = add_text(fields, n, "topic", topic);
    n = add_first_event(&making, message, fields, n);
    *value = object_value(fields, n);
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
