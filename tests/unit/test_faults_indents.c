/* Indented templates, with a limit of the page at every length. */
#include "template/run.h"

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "faults.h"

static const struct {
    const char *main, *parent, *inner, *page;
} cases[] = {
    /* A value or a partial that replaces a block gets the indentation of the block. */
    {"{{<parent}}{{$b}}{{name}}{{/b}}{{/parent}}", "<\n  {{>inner}}\n>", "{{$b}}\n x\n{{/b}}\n",
     "<\n   &amp;>"},
    {"{{<parent}}{{$b}}{{>part}}{{/b}}{{/parent}}", "<\n  {{>inner}}\n>", "{{$b}}\n x\n{{/b}}\n",
     "<\n   part>"},

    /* The indentation of a block is that of its first line that is not blank. */
    {"{{<parent}}\n{{$b}}\n\n\r\n   one\n    two\n{{/b}}\n{{/parent}}\n",
     "  {{$b}}\n\n    x\n  {{/b}}\n", "", "    \n\r\n    one\n     two\n"},
};
enum { CASES = sizeof cases / sizeof cases[0] };

static void an_indented_page_is_complete_or_an_error(void **state)
{
    struct field fields[] = {{"name", {.kind = VALUE_TEXT, .text = {"&", 1}}}};
    struct value root = {.kind = VALUE_OBJECT, .object = {.fields = fields, .n = 1}};

    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        struct template_set *set = template_set_new();
        struct error error;
        size_t whole = strlen(cases[i].page);

        assert_int_equal(template_add(set, "main", cases[i].main, strlen(cases[i].main), &error),
                         0);
        assert_int_equal(
            template_add(set, "parent", cases[i].parent, strlen(cases[i].parent), &error), 0);
        assert_int_equal(template_add(set, "inner", cases[i].inner, strlen(cases[i].inner), &error),
                         0);
        assert_int_equal(template_add(set, "part", "part", 4, &error), 0);
        for (size_t ceiling = whole + 10; ceiling > 0; ceiling--) {
            struct buffer into = BUFFER_WITH_CEILING(ceiling);
            int result = run_template(set, "main", &root, NULL, &into, &error);

            if (result == 0) {
                buffer_putc(&into, '\0');
                assert_string_equal(into.data, cases[i].page);
            }
            assert_int_equal(result, ceiling >= whole ? 0 : -1);
            buffer_free(&into);
        }
        template_set_free(set);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_indented_page_is_complete_or_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
