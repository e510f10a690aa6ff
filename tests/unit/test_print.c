/* dashboard/print: the values of the templates as JSON. */
#include "dashboard/dashboard.h"
#include "dashboard/print.h"
#include "example.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TEXT(string)                                                                               \
    {                                                                                              \
        .kind = VALUE_TEXT, .text = { string, sizeof string - 1 }                                  \
    }
#define FIELDS(array)                                                                              \
    {                                                                                              \
        .kind = VALUE_OBJECT, .object = {.fields = array, .n = sizeof array / sizeof array[0] }    \
    }

static const struct value *item(void *context, size_t i)
{
    return (const struct value *)context + i;
}

static const struct value *no_memory(void *context, size_t i)
{
    return i < 1 ? context : NULL;
}

static const struct value texts[] = {TEXT("up"), TEXT("down")};
static const struct field inner[] = {{"b", {.kind = VALUE_BOOL, .yes = true}}};
static const struct field fields[] = {{"a", TEXT("1")},
                                      {"inner", FIELDS(inner)},
                                      {"a", TEXT("hidden")},
                                      {"none", {.kind = VALUE_NOTHING}}};

static void each_kind_of_value_is_printed_as_json(void **state)
{
    static const unsigned char row[] = {0, 1, 1};
    static const struct {
        struct value value;
        const char *json;
    } cases[] = {
        {{.kind = VALUE_NOTHING}, "null"},
        {{.kind = VALUE_BOOL, .yes = false}, "false"},
        {TEXT(""), "\"\""},
        {TEXT("a \"b\" \\ \n <i>é"), "\"a \\\"b\\\" \\\\ \\n <i>é\""},
        {TEXT("\xff"), "\"?\""},
        {TEXT("a\0b"), "\"a\\u0000b\""},
        {{.kind = VALUE_OBJECT}, "{}"},
        {FIELDS(fields), "{\"a\": \"1\", \"inner\": {\"b\": true}, \"none\": null}"},
        {{.kind = VALUE_LIST}, "[]"},
        {{.kind = VALUE_LIST, .list = {.n = 2, .item = item, .context = (void *)texts}},
         "[\n\"up\",\n\"down\"]"},
        {{.kind = VALUE_ROW, .row = {row, 3, texts}}, "[\"up\", \"down\", \"down\"]"},
        {{.kind = VALUE_ROW}, "[]"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer into = BUFFER_WITH_CEILING(1 << 20);

        assert_int_equal(print_value(&into, &cases[i].value), 0);
        assert_string_equal(into.data, cases[i].json);
        buffer_free(&into);
    }
}

static void a_value_that_cannot_be_printed_is_an_error(void **state)
{
    const struct value list = {.kind = VALUE_LIST,
                               .list = {.n = 2, .item = no_memory, .context = (void *)texts}};
    const struct value object = FIELDS(fields);
    struct buffer into = BUFFER_WITH_CEILING(1 << 20), little = BUFFER_WITH_CEILING(20);

    (void)state;
    assert_int_equal(print_value(&into, &list), -1);
    assert_int_equal(print_value(&little, &object), -1);
    buffer_free(&into);
    buffer_free(&little);
}

static void the_printed_model_has_a_member_for_each_template_output(void **state)
{
    struct example *example = example_new(2, 2);
    struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    struct error error;
    json_t *model, *site;

    (void)state;
    assert_int_equal(print_model(&example->snapshot, &into, &error), 0);
    model = json_loads(into.data, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(model);
    assert_non_null(json_object_get(model, "index.html"));
    assert_null(json_object_get(model, "style.css"));
    site = json_object_get(model, "site/s1.html");
    assert_string_equal(json_string_value(json_object_get(site, "root")), "../");
    assert_int_equal(json_array_size(json_object_get(site, "domains")), 2);
    json_decref(model);
    buffer_free(&into);
    example_free(example);
}

static void the_model_is_printed_even_if_there_are_no_sites(void **state)
{
    struct example *example = example_new(1, 1);
    struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    struct error error;
    json_t *model;

    (void)state;
    example->snapshot.n_sites = 0;
    assert_int_equal(print_model(&example->snapshot, &into, &error), 0);
    model = json_loads(into.data, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json_object_get(model, "index.html"));
    json_decref(model);
    buffer_free(&into);
    example_free(example);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_value_is_printed_as_json),
        cmocka_unit_test(a_value_that_cannot_be_printed_is_an_error),
        cmocka_unit_test(the_printed_model_has_a_member_for_each_template_output),
        cmocka_unit_test(the_model_is_printed_even_if_there_are_no_sites),
    };

    return cmocka_run_group_tests_name("print", tests, NULL, NULL);
}
