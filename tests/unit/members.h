#ifndef TESTS_MEMBERS_H
#define TESTS_MEMBERS_H

/* Helpers for JSON in tests. Include after cmocka.h. */
#include <jansson.h>
#include <string.h>

/* The names of the members of an object, in order. */
static inline void assert_members(json_t *object, const char *expected)
{
    char names[256] = "";
    const char *name;
    json_t *member;

    json_object_foreach(object, name, member)
    {
        strcat(names, name);
        strcat(names, " ");
    }
    assert_string_equal(names, expected);
}

#endif
