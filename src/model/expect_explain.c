/* Explains expectations that are not met. */
#define _GNU_SOURCE /* memmem */
#include "model/expect_explain.h"

#include "base/json_pointer.h"
#include "base/json_syntax.h"
#include "base/text.h"
#include "model/expect_rule.h"
#include "model/field.h"
#include "model/nearest.h"

#include <stdio.h>
#include <string.h>

enum { LINE_MAX_SHOWN = 300, CONTEXT = 30, LINES = 8 };

/* Appends "WORD: text". Secrets are hidden before it is cut. */
static void put_line(const struct expect_case *it, struct buffer *into, const char *word,
                     const char *bytes, size_t size)
{
    char line[SECRETS_TEXT_MAX], shown[LINE_MAX_SHOWN];

    text_one_line(line, sizeof line, bytes, size);
    secrets_hide(it->domain->secrets, line, sizeof line);
    text_one_line(shown, sizeof shown, line, strlen(line));
    buffer_printf(into, "%s: %s%s\n", word, shown, strlen(line) >= sizeof shown ? "..." : "");
}

static void put_text(const struct expect_case *it, struct buffer *into, const char *word,
                     const char *text)
{
    put_line(it, into, word, text, strlen(text));
}

/* Moves to the start of a character, at or before this place. */
static size_t start_of_character(const char *text, size_t at)
{
    while (at > 0 && (text[at] & 0xc0) == 0x80)
        at--;
    return at;
}

/* Copies a part of the body as one line, without secrets. Returns its length. */
static size_t copy_hidden(const struct expect_case *it, const char *bytes, size_t size,
                          char line[SECRETS_TEXT_MAX])
{
    text_one_line(line, SECRETS_TEXT_MAX, bytes, size);
    secrets_hide(it->domain->secrets, line, SECRETS_TEXT_MAX);
    return strlen(line);
}

/* A part of the body with the bytes around it. Many more bytes are searched for secrets, because
 * the end of a secret alone is not found. */
static void put_around(const struct expect_case *it, struct buffer *into, const char *word,
                       size_t at, size_t size)
{
    enum { AROUND = 1200 };
    char before[SECRETS_TEXT_MAX], line[SECRETS_TEXT_MAX];
    struct bytes body = expect_case_body(it);
    size_t from = start_of_character(body.data, at > AROUND ? at - AROUND : 0);
    size_t shown = size < AROUND ? size : AROUND;
    size_t to = body.size - at < shown + AROUND ? body.size : at + shown + AROUND;
    size_t place = copy_hidden(it, body.data + from, at - from, before);
    size_t length = copy_hidden(it, body.data + from, to - from, line);
    size_t first, last;

    /* A secret that begins before the place is shorter in the line. */
    if (place > length)
        place = length;
    first = start_of_character(line, place > CONTEXT ? place - CONTEXT : 0);
    last = place + shown + CONTEXT;
    last = last < length ? start_of_character(line, last) : length;
    put_line(it, into, word, line + first, last - first);
}

void expect_explain_body(const struct expect_case *it, struct buffer *into)
{
    struct bytes body = expect_case_body(it);

    if (body.size > 0)
        put_line(it, into, "got", body.data, body.size);
    else
        put_text(it, into, "got", "an empty body");
}

void expect_explain_missing(const struct expect_case *it, struct buffer *into)
{
    const struct needle *needle = &it->domain->expect.contains.list[it->exchange->missing];
    struct bytes body = expect_case_body(it);
    size_t at;

    put_line(it, into, "expected", needle->shown.data, needle->shown.size);
    if (nearest_find(body.data, body.size, needle->text.data, needle->text.size, &at))
        put_around(it, into, "nearest", at, needle->text.size);
    else
        expect_explain_body(it, into);
}

void expect_explain_excluded(const struct expect_case *it, struct buffer *into)
{
    const struct bytes *text = &it->domain->expect.excludes.list[it->exchange->excluded].text;
    struct bytes body = expect_case_body(it);
    const char *at = memmem(body.data, body.size, text->data, text->size);

    if (at)
        put_around(it, into, "got", (size_t)(at - body.data), text->size);
    else
        expect_explain_body(it, into);
}

void expect_explain_pattern(const struct expect_case *it, struct buffer *into)
{
    put_text(it, into, "expected", it->domain->expect.patterns[it->failed].shown);
    expect_explain_body(it, into);
}

/* Whether a few changes make one name another. */
static bool is_similar(const char *name, const struct response_field *field)
{
    enum { NAME_MAX_COMPARED = 64, CHANGES_MAX = 3 };
    char a[NAME_MAX_COMPARED], b[NAME_MAX_COMPARED];

    if (strlen(name) >= sizeof a || field->name_size >= sizeof b)
        return false;
    for (size_t i = 0; i <= strlen(name); i++)
        a[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
    for (size_t i = 0; i < field->name_size; i++)
        b[i] = (char)(field->name[i] >= 'A' && field->name[i] <= 'Z' ? field->name[i] + 32
                                                                     : field->name[i]);
    b[field->name_size] = '\0';
    return text_distance(a, b) <= CHANGES_MAX;
}

void expect_explain_header(const struct expect_case *it, struct buffer *into)
{
    const char *name = it->domain->expect.headers[it->failed].name;
    const struct bytes *headers = &it->exchange->headers;
    const char *at = headers->data ? headers->data : "", *end = at + headers->size;
    struct response_field field;
    int lines = 0;

    while (lines < LINES && field_next(&at, end, &field)) {
        bool is_same = field_is(&field, name);

        if (!is_same && !is_similar(name, &field))
            continue;
        put_line(it, into, is_same ? "got" : "nearest", field.name,
                 (size_t)(field.value + field.value_size - field.name));
        lines++;
    }
}

/* Adds a name that an object has, if there is room. */
static size_t add_name(const struct expect_case *it, const struct json_text *name, char *text,
                       size_t used, size_t size)
{
    char quoted[QUOTE_MAX];
    int n = snprintf(text + used, size - used, "%s%s", used ? ", " : "",
                     expect_rule_value(name, true, it->domain->secrets, quoted));

    return n > 0 && (size_t)n < size - used ? used + (size_t)n : size;
}

static void put_names(const struct expect_case *it, struct buffer *into,
                      const struct json_text *object)
{
    struct json_walk walk = {NULL};
    struct json_text name, value;
    char names[LINE_MAX_SHOWN + 4] = "";
    size_t used = 0;

    while (used < sizeof names && json_text_next(object, &walk, &name, &value))
        used = add_name(it, &name, names, used, sizeof names);
    if (*names)
        put_text(it, into, "names", names);
}

static void put_value(const struct expect_case *it, struct buffer *into, const char *word,
                      const char *pointer, size_t size, const struct json_text *value)
{
    char text[2 * QUOTE_MAX + 4], shown[QUOTE_MAX], quoted[QUOTE_MAX];

    snprintf(text, sizeof text, "%s: %s", quote_plain(it->domain->secrets, pointer, size, shown),
             expect_rule_value(value, true, it->domain->secrets, quoted));
    put_text(it, into, word, size > 0 ? text : quoted);
    if (json_text_kind(value) == JSON_TEXT_OBJECT)
        put_names(it, into, value);
}

void expect_explain_json(const struct expect_case *it, struct buffer *into)
{
    struct bytes body = expect_case_json(it);
    const char *pointer = it->domain->expect.json[it->failed].pointer, *rest;
    struct json_text root, value;
    bool found;

    if (it->exchange->body_cut ||
        json_syntax_parse(body.data, body.size, &root) != JSON_SYNTAX_VALID) {
        if (it->exchange->body_cut)
            expect_explain_body(it, into);
        else
            put_around(it, into, "got", (size_t)(root.data - body.data), 1);
        return;
    }
    found = json_pointer_find(&root, pointer, &value, &rest);
    put_value(it, into, found ? "got" : "nearest", pointer, (size_t)(rest - pointer), &value);
}
