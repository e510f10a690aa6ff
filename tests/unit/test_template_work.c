/* template/: multiplying contents reach a limit. Apart from the other tests, because it takes
 * seconds. */
#include "template/template.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "templates.h"

static const struct value *item_of_array(void *context, size_t i)
{
    return (const struct value *)context + i;
}

static void deeply_nested_lists_end_with_an_error(void **state)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE), into = text;
    struct value items[] = {{.kind = VALUE_NOTHING}, {.kind = VALUE_NOTHING}};
    struct field fields[] = {
        {"l", {.kind = VALUE_LIST, .list = {.n = 2, .item = item_of_array, .context = items}}}};
    struct value root = {.kind = VALUE_OBJECT, .object = {.fields = fields, .n = 1}};
    struct error error = {.text = ""};

    (void)state;
    for (int n = 0; n < 90; n++)
        buffer_puts(&text, "{{#l}}");
    for (int n = 0; n < 90; n++)
        buffer_puts(&text, "{{/l}}");
    assert_int_equal(
        run_templates((const char *const[]){"main", text.data, NULL}, &root, &into, &error), -1);
    assert_non_null(strstr(error.text, "main:1: too many steps; "));
    buffer_free(&text);
    buffer_free(&into);
}

static void multiplying_partials_end_with_an_error(void **state)
{
    enum { LEVELS = 40 };
    char names[LEVELS][8] = {"main"}, texts[LEVELS][32] = {""};
    const char *templates[2 * LEVELS + 1] = {NULL};
    struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    struct value root = {.kind = VALUE_OBJECT};
    struct error error = {.text = ""};

    (void)state;
    for (int n = 0; n < LEVELS; n++) {
        if (n > 0)
            snprintf(names[n], sizeof names[n], "p%d", n);
        snprintf(texts[n], sizeof texts[n], "{{>p%d}}{{>p%d}}", n + 1, n + 1);
        templates[2 * n] = names[n];
        templates[2 * n + 1] = texts[n];
    }
    assert_int_equal(run_templates(templates, &root, &into, &error), -1);
    assert_non_null(
        strstr(error.text, "too many steps; are sections or partials nested without end?"));
    buffer_free(&into);
}

/* A line of any length is read in linear time; quadratic time would be a minute. */
static void a_long_line_of_tags_takes_no_quadratic_time(void **state)
{
    enum { SIZE = 8 << 20, SECONDS_MAX = 4 };
    static const char *const pieces[] = {"{{x}}", "{{#x}}{{/x}}", "{{! x }}",
                                         "{",     "} {{{x}}}",    NULL /* names that differ */};

    (void)state;
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct buffer text = BUFFER_WITH_CEILING(2 * SIZE);
        struct template_set *set = template_set_new();
        clock_t began = clock();
        struct error error;

        assert_non_null(set);
        while (text.size < SIZE)
            if (pieces[i])
                buffer_puts(&text, pieces[i]);
            else
                buffer_printf(&text, "{{>%zu}}", text.size);
        template_add(set, "main", text.data, text.size, &error);
        if (clock() - began > SECONDS_MAX * CLOCKS_PER_SEC)
            fail_msg("piece %zu takes %ld s", i, (long)((clock() - began) / CLOCKS_PER_SEC));
        template_set_free(set);
        buffer_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deeply_nested_lists_end_with_an_error),
        cmocka_unit_test(multiplying_partials_end_with_an_error),
        cmocka_unit_test(a_long_line_of_tags_takes_no_quadratic_time),
    };

    return cmocka_run_group_tests_name("template work", tests, NULL, NULL);
}
