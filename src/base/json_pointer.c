/* Finds values by their JSON pointers. */
#include "base/json_pointer.h"

#include <stdint.h>
#include <string.h>

/* Whether a token of a pointer, up to '/' or its end, is the name of a member. */
static bool token_is(const char *token, const struct json_text *name)
{
    const char *at = name->data + 1;
    char bytes[4];

    for (size_t length; (length = json_text_character(&at, bytes)) > 0;) {
        for (size_t i = 0; i < length; i++, token++) {
            char byte = *token == '~' ? (token[1] == '1' ? '/' : '~') : *token;

            if (*token == '\0' || *token == '/' || byte != bytes[i])
                return false;
            token += *token == '~';
        }
    }
    return *token == '\0' || *token == '/';
}

/* The index that a token is: digits without a zero before them. SIZE_MAX: it is none. */
static size_t index_of(const char *token)
{
    size_t digits = strspn(token, "0123456789"), index = 0;

    if (digits == 0 || (token[0] == '0' && digits > 1) || digits > 9 ||
        (token[digits] != '\0' && token[digits] != '/'))
        return SIZE_MAX;
    for (size_t i = 0; i < digits; i++)
        index = 10 * index + (size_t)(token[i] - '0');
    return index;
}

static bool find_token(const struct json_text *parent, const char *token, struct json_text *value)
{
    struct json_walk walk = {NULL};
    struct json_text name, child;
    size_t left = index_of(token);
    bool is_array = *parent->data == '[', found = false;

    if ((!is_array && *parent->data != '{') || (is_array && left == SIZE_MAX))
        return false;
    while (!(found && is_array) && json_text_next(parent, &walk, &name, &child)) {
        if (is_array ? left-- == 0 : token_is(token, &name)) {
            *value = child;
            found = true;
        }
    }
    return found;
}

bool json_pointer_find(const struct json_text *root, const char *pointer, struct json_text *value,
                       const char **rest)
{
    struct json_text child;

    *value = *root;
    for (*rest = pointer; **rest == '/'; *rest += 1 + strcspn(*rest + 1, "/")) {
        if (!find_token(value, *rest + 1, &child))
            return false;
        *value = child;
    }
    return **rest == '\0';
}
