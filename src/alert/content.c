/* Reads the JSON of messages. */
#include "alert/content.h"

#include "base/arena.h"
#include "base/json_syntax.h"

#include <string.h>

bool content_parse(const char *content, struct json_text *message)
{
    return json_syntax_parse(content, strlen(content), message) == JSON_SYNTAX_VALID;
}

/* Names of members have no escapes. */
static bool is_name(const struct json_text *json, const char *name)
{
    size_t size = strlen(name);

    return json->size == size + 2 && memcmp(json->data + 1, name, size) == 0;
}

bool content_find(const struct json_text *object, const char *name, struct json_text *value)
{
    struct json_walk walk = {NULL};
    struct json_text member_name, member;
    bool found = false;

    if (json_text_kind(object) != JSON_TEXT_OBJECT)
        return false;
    while (json_text_next(object, &walk, &member_name, &member)) {
        if (is_name(&member_name, name)) {
            *value = member;
            found = true;
        }
    }
    return found;
}

bool content_at(const struct json_text *array, size_t i, struct json_text *value)
{
    struct json_walk walk = {NULL};

    if (json_text_kind(array) != JSON_TEXT_ARRAY)
        return false;
    while (json_text_next(array, &walk, NULL, value)) {
        if (i-- == 0)
            return true;
    }
    return false;
}

const char *content_string(const struct json_text *value, struct arena *arena)
{
    char *text;

    if (json_text_kind(value) != JSON_TEXT_STRING)
        return "";
    text = arena_alloc(arena, value->size + 1);
    if (text)
        text[json_text_decode(value, text)] = '\0';
    return text;
}

const char *content_text(const struct json_text *object, const char *name, struct arena *arena)
{
    struct json_text value;

    return content_find(object, name, &value) ? content_string(&value, arena) : "";
}
