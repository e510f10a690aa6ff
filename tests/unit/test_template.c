/* template/: the official Mustache specification, and limits of every template. */
#include "template/run.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "templates.h"

/* Values made from JSON; their memory is freed together. */
struct pool {
    void *pieces[4096];
    size_t n;
};

static void *pool_take(struct pool *pool, size_t size)
{
    assert_true(pool->n < sizeof pool->pieces / sizeof pool->pieces[0]);
    return pool->pieces[pool->n++] = calloc(1, size ? size : 1);
}

static void pool_free(struct pool *pool)
{
    while (pool->n)
        free(pool->pieces[--pool->n]);
}

static struct value text_value(const char *text)
{
    return (struct value){.kind = VALUE_TEXT, .text = {text, strlen(text)}};
}

static const struct value *item_of_array(void *context, size_t i)
{
    return (const struct value *)context + i;
}

static struct value list_value(struct value *items, size_t n)
{
    return (struct value){.kind = VALUE_LIST,
                          .list = {.n = n, .item = item_of_array, .context = items}};
}

static struct value object_value(const struct field *fields, size_t n)
{
    return (struct value){.kind = VALUE_OBJECT, .object = {.fields = fields, .n = n}};
}

static struct value value_of(struct pool *pool, json_t *json);

static struct value number_of(struct pool *pool, json_t *json)
{
    char *text = pool_take(pool, 32);

    snprintf(text, 32, "%.10g", json_number_value(json));
    return text_value(text);
}

static struct value list_of(struct pool *pool, json_t *json)
{
    struct value *items = pool_take(pool, json_array_size(json) * sizeof *items);

    for (size_t i = 0; i < json_array_size(json); i++)
        items[i] = value_of(pool, json_array_get(json, i));
    return list_value(items, json_array_size(json));
}

static struct value object_of(struct pool *pool, json_t *json)
{
    struct field *fields = pool_take(pool, json_object_size(json) * sizeof *fields);
    size_t n = 0;
    const char *name;
    json_t *member;

    json_object_foreach(json, name, member)
    {
        fields[n].name = name;
        fields[n++].value = value_of(pool, member);
    }
    return object_value(fields, n);
}

static struct value value_of(struct pool *pool, json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return object_of(pool, json);
    case JSON_ARRAY:
        return list_of(pool, json);
    case JSON_STRING:
        return text_value(json_string_value(json));
    case JSON_INTEGER:
    case JSON_REAL:
        return number_of(pool, json);
    case JSON_TRUE:
    case JSON_FALSE:
        return (struct value){.kind = VALUE_BOOL, .yes = json_is_true(json)};
    default:
        return (struct value){.kind = VALUE_NOTHING};
    }
}

static void assert_prints(const char *const *templates, const struct value *root,
                          const char *expected)
{
    struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    struct error error = {.text = ""};

    if (run_templates(templates, root, &into, &error))
        fail_msg("%s", error.text);
    assert_string_equal(into.data ? into.data : "", expected);
    buffer_free(&into);
}

/* The folder of the official specification, which some machines do not have. */
static const char specification[] = "../shared/mustache-spec";

static void run_official_case(const char *file, json_t *test)
{
    struct pool *pool = calloc(1, sizeof *pool);
    const char *texts[64] = {"main", json_string_value(json_object_get(test, "template"))};
    struct value root = value_of(pool, json_object_get(test, "data"));
    struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    struct error error = {.text = ""};
    const char *name, *expected = json_string_value(json_object_get(test, "expected"));
    size_t n = 2;
    json_t *partial;

    json_object_foreach(json_object_get(test, "partials"), name, partial)
    {
        texts[n++] = name;
        texts[n++] = json_string_value(partial);
    }
    if (run_templates(texts, &root, &into, &error) ||
        strcmp(into.data ? into.data : "", expected) != 0)
        fail_msg("%s: %s: printed \"%s\" for \"%s\" %s", file,
                 json_string_value(json_object_get(test, "name")), into.data ? into.data : "",
                 expected, error.text);
    buffer_free(&into);
    pool_free(pool);
    free(pool);
}

static size_t run_official_file(const char *file)
{
    char path[256];
    json_t *json, *tests, *test;
    size_t i;

    snprintf(path, sizeof path, "%s/%s.json", specification, file);
    json = json_load_file(path, 0, NULL);
    assert_non_null(json);
    tests = json_object_get(json, "tests");
    json_array_foreach(tests, i, test) run_official_case(file, test);
    json_decref(json);
    return i;
}

static void the_official_mustache_specification_passes(void **state)
{
    static const char *const files[] = {"comments", "delimiters", "interpolation", "inverted",
                                        "partials", "sections",   "inheritance"};
    size_t ran = 0;

    (void)state;
    if (access(specification, R_OK)) {
        print_message("the Mustache specification is not here\n");
        skip();
    }
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        ran += run_official_file(files[i]);
    print_message("%zu cases of the Mustache specification\n", ran);
    assert_true(ran > 100);
}

static void two_braces_escape_a_text_and_three_do_not(void **state)
{
    struct field fields[] = {{"x", text_value("<a href=\"x\" title='y'>&amp;")}};
    struct value root = object_value(fields, 1);

    (void)state;
    assert_prints((const char *const[]){"main", "{{x}}", NULL}, &root,
                  "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;");
    assert_prints((const char *const[]){"main", "{{{x}}}{{&x}}", NULL}, &root,
                  "<a href=\"x\" title='y'>&amp;<a href=\"x\" title='y'>&amp;");
}

static void a_value_is_never_read_as_a_template(void **state)
{
    struct field fields[] = {{"x", text_value("{{y}}{{>p}}")}, {"y", text_value("no")}};
    struct value root = object_value(fields, 2);

    (void)state;
    assert_prints((const char *const[]){"main", "{{{x}}}", "p", "no", NULL}, &root, "{{y}}{{>p}}");
}

static void an_empty_text_is_a_false_section(void **state)
{
    struct field fields[] = {{"x", text_value("")}};
    struct value root = object_value(fields, 1);

    (void)state;
    assert_prints((const char *const[]){"main", "{{#x}}yes{{/x}}{{^x}}no{{/x}}", NULL}, &root,
                  "no");
}

static void a_row_prints_one_item_for_each_byte(void **state)
{
    struct value items[] = {text_value("a<"), text_value("b")};
    struct field fields[] = {
        {"row", {.kind = VALUE_ROW, .row = {(const unsigned char *)"\0\1\1\0", 4, items}}},
        {"outside", text_value("-")}};
    struct value root = object_value(fields, 2);

    (void)state;
    assert_prints((const char *const[]){"main", "{{#row}}{{.}}{{outside}}{{/row}}", NULL}, &root,
                  "a&lt;-b-b-a&lt;-");
    assert_prints((const char *const[]){"main", "{{#row}}{{#row}}{{.}}{{/row}}|{{/row}}", NULL},
                  &root, "a&lt;bba&lt;|a&lt;bba&lt;|a&lt;bba&lt;|a&lt;bba&lt;|");
}

static void a_row_with_runs_of_equal_bytes_prints_each_item(void **state)
{
    struct value items[] = {text_value("a"), text_value("")};
    unsigned char bytes[301] = {0};
    struct field fields[] = {{"row", {.kind = VALUE_ROW, .row = {bytes, sizeof bytes, items}}}};
    struct value root = object_value(fields, 1);
    char expected[3 * sizeof bytes + 1], *at = expected;

    (void)state;
    bytes[100] = bytes[101] = bytes[102] = bytes[300] = 1;
    for (size_t i = 0; i < sizeof bytes; i++)
        at += sprintf(at, bytes[i] ? "()" : "(a)");
    assert_prints((const char *const[]){"main", "{{#row}}({{.}}){{/row}}", NULL}, &root, expected);
    assert_prints((const char *const[]){"main", "{{#row}}{{/row}}", NULL}, &root, "");
}

static void a_row_in_an_indented_partial_is_indented_on_every_line(void **state)
{
    struct value items[] = {text_value("a"), text_value("b")};
    struct field fields[] = {
        {"row", {.kind = VALUE_ROW, .row = {(const unsigned char *)"\0\1\0", 3, items}}}};
    struct value root = object_value(fields, 1);

    (void)state;
    assert_prints((const char *const[]){"main", "  {{>p}}\n", "p",
                                        "{{#row}}\n{{.}}\n{{/row}}\n{{#row}}{{.}}{{/row}}\n", NULL},
                  &root, "  a\n  b\n  a\n  aba\n");
}

/* What was found for the item before is where to look first, but no more than that. */
static void items_with_other_fields_are_searched_too(void **state)
{
    static struct field inner[][2] = {
        {{"x", {.kind = VALUE_TEXT, .text = {"1", 1}}}, {"y", {.kind = VALUE_BOOL}}},
        {{"y", {.kind = VALUE_BOOL}}, {"x", {.kind = VALUE_TEXT, .text = {"2", 1}}}}};
    struct field fields[][2] = {
        {{"a", object_value(inner[0], 2)}, {"b", text_value("-")}},
        {{"a", object_value(inner[0], 2)}, {"b", text_value("-")}},
        {{"a", object_value(inner[1], 2)}, {"b", text_value("-")}},
        {{"a", object_value(inner[1], 1)}, {"b", text_value("-")}},
        {{"b", text_value("+")}, {"a", object_value(inner[0], 2)}},
        {{"b", text_value("+")}, {"c", object_value(inner[0], 2)}},
        {{"b", text_value("+")}, {"a", text_value("no object")}},
        {{"b", text_value("+")}, {"a", object_value(inner[1], 2)}},
    };
    struct value items[sizeof fields / sizeof fields[0]];
    struct field list[] = {{"list", list_value(items, sizeof items / sizeof items[0])},
                           {"a", text_value("outside")}};
    const struct value root = object_value(list, 2);

    (void)state;
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++)
        items[i] = object_value(fields[i], 2);
    assert_prints((const char *const[]){"main", "{{#list}}{{a.x}}{{b}}{{/list}}", NULL}, &root,
                  "1-1-2--1+++2+");
}

static void an_override_may_use_its_own_parent(void **state)
{
    struct value root = object_value(NULL, 0);

    (void)state;
    assert_prints((const char *const[]){"main",
                                        "{{<a}}{{$x}}[{{<a}}{{$x}}in{{/x}}{{/a}}]{{/x}}{{/a}}", "a",
                                        "<{{$x}}{{/x}}>", NULL},
                  &root, "<[<in>]>");
}

static void a_missing_parent_prints_nothing(void **state)
{
    struct value root = object_value(NULL, 0);

    (void)state;
    assert_prints((const char *const[]){"main", "a{{<none}}{{$x}}y{{/x}}{{/none}}b", NULL}, &root,
                  "ab");
}

static void a_template_mistake_is_reported_with_its_line(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"\n\n{{x", "main:3: unclosed tag; expected '}}'"},
        {"{{{x}}", "main:1: unclosed tag; expected '}}'"},
        {"{{=<% %>=}}\n<%x}}", "main:2: unclosed tag; expected '%>'"},
        {"{{=<% =}}", "main:1: expected two delimiters without '=', such as {{=<% %>=}}"},
        {"{{=<%=}}", "main:1: expected two delimiters without '=', such as {{=<% %>=}}"},
        {"{{= a b c =}}", "main:1: expected two delimiters without '=', such as {{=<% %>=}}"},
        {"{{=}}", "main:1: unclosed tag; expected '}}'"},
        {"a\n{{#x}}\n", "main:2: 'x' is never closed"},
        {"{{<x}}", "main:1: 'x' is never closed"},
        {"{{#x}}\n{{/y}}", "main:2: {{/y}}, but 'x' of line 1 is still open"},
        {"{{#a}}{{#b}}{{/a}}{{/b}}", "main:1: {{/a}}, but 'b' of line 1 is still open"},
        {"{{!\n\n}}{{/x}}", "main:3: {{/x}} without {{#x}}"},
        {"{{}}", "main:1: tag without a name"},
        {"{{#  }}", "main:1: tag without a name"},
        {"{{a b}}", "main:1: a tag name is one word, got 'a b'"},
    };
    struct value root = object_value(NULL, 0);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
        struct error error = {.text = ""};

        assert_int_equal(
            run_templates((const char *const[]){"main", cases[i].text, NULL}, &root, &into, &error),
            -1);
        assert_string_equal(error.text, cases[i].message);
        assert_int_equal(error.code, EXIT_CONFIG);
        buffer_free(&into);
    }
}

static void ten_thousand_nested_tags_are_refused(void **state)
{
    static const char *const tags[] = {"{{#a}}", "{{^a}}", "{{<a}}", "{{$a}}", "{{$a}}\n  "};
    struct value root = object_value(NULL, 0);

    (void)state;
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE), into = text;
        struct error error = {.text = ""};

        for (int n = 0; n < 10000; n++)
            buffer_puts(&text, tags[i]);
        for (int n = 0; n < 10000; n++)
            buffer_puts(&text, "{{/a}}");
        assert_int_equal(
            run_templates((const char *const[]){"main", text.data, NULL}, &root, &into, &error),
            -1);
        assert_non_null(strstr(error.text, "tags nested deeper than 100"));
        buffer_free(&text);
    }
}

static void a_template_that_includes_itself_is_refused(void **state)
{
    static const char *const cases[] = {
        "{{>main}}",          "  {{>main}}\n",         "{{<main}}{{/main}}",
        "{{>main}}{{>main}}", "{{#x}}{{>main}}{{/x}}", "{{<p}}{{$b}}{{>main}}{{/b}}{{/p}}",
    };
    struct field fields[] = {{"x", {.kind = VALUE_BOOL, .yes = true}}};
    struct value root = object_value(fields, 1);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
        struct error error = {.text = ""};

        assert_int_equal(
            run_templates((const char *const[]){"main", cases[i], "p", "{{$b}}{{/b}}", NULL}, &root,
                          &into, &error),
            -1);
        assert_non_null(strstr(error.text, ":1: nested deeper than 256"));
        buffer_free(&into);
    }
}

/* Every prefix of a template that uses all features, and invalid bytes. */
static void a_truncated_template_runs_or_reports_a_mistake(void **state)
{
    static const char whole[] = "{{<p}}{{$b}}\n  {{#x}}\r\n {{{y}}}{{/x}}\n\n{{/b}}{{/p}}\n"
                                "{{=<% %>=}}<%^x%>\0<%&a.b.%><%/x%><%! \xff\n%>\n <%> p%>";
    struct value root = object_value(NULL, 0);

    (void)state;
    for (size_t size = 0; size < sizeof whole; size++) {
        struct template_set *set = template_set_new();
        struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
        struct error error = {.text = ""};
        char *cut = malloc(size ? size : 1);

        memcpy(cut, whole, size);
        assert_int_equal(template_add(set, "p", "  {{$b}}\n{{/b}}\n", 15, &error), 0);
        if (template_add(set, "main", cut, size, &error) == 0)
            assert_int_equal(run_template(set, "main", &root, NULL, &into, &error), 0);
        else
            assert_memory_equal(error.text, "main:", 5);
        free(cut);
        buffer_free(&into);
        template_set_free(set);
    }
}

static void a_page_over_its_ceiling_is_an_error(void **state)
{
    struct value root = object_value(NULL, 0);
    struct buffer into = BUFFER_WITH_CEILING(8);
    struct error error = {.text = ""};

    (void)state;
    assert_int_equal(
        run_templates((const char *const[]){"main", "0123456789", NULL}, &root, &into, &error), -1);
    assert_string_equal(error.text, "main: page too large for memory");
    buffer_free(&into);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_official_mustache_specification_passes),
        cmocka_unit_test(two_braces_escape_a_text_and_three_do_not),
        cmocka_unit_test(a_value_is_never_read_as_a_template),
        cmocka_unit_test(an_empty_text_is_a_false_section),
        cmocka_unit_test(a_row_prints_one_item_for_each_byte),
        cmocka_unit_test(a_row_with_runs_of_equal_bytes_prints_each_item),
        cmocka_unit_test(a_row_in_an_indented_partial_is_indented_on_every_line),
        cmocka_unit_test(items_with_other_fields_are_searched_too),
        cmocka_unit_test(an_override_may_use_its_own_parent),
        cmocka_unit_test(a_missing_parent_prints_nothing),
        cmocka_unit_test(a_template_mistake_is_reported_with_its_line),
        cmocka_unit_test(ten_thousand_nested_tags_are_refused),
        cmocka_unit_test(a_template_that_includes_itself_is_refused),
        cmocka_unit_test(a_truncated_template_runs_or_reports_a_mistake),
        cmocka_unit_test(a_page_over_its_ceiling_is_an_error),
    };

    return cmocka_run_group_tests_name("template", tests, NULL, NULL);
}
