/* template/: names, lines with only tags, partials and inheritance, by the rules of the
 * specification, which some machines do not have. */
#include "template/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])
#define TEXT(string)                                                                               \
    {                                                                                              \
        .kind = VALUE_TEXT, .text = { string, sizeof(string) - 1 }                                 \
    }

struct rule {
    const char *main, *p, *q, *expected;
};

static const struct value *item(void *context, size_t i)
{
    return (const struct value *)context + i;
}

/* Runs "main" over one set of values, with the templates p and q if there are any. */
static int run(const struct rule *rule, struct buffer *into, struct error *error)
{
    static const unsigned char bytes[] = {0, 0, 1, 0};
    static struct value items[] = {TEXT("x"), TEXT("y")};
    static struct field of_b[] = {{"c", TEXT("deep")}};
    static struct field of_a[] = {{"b", {.kind = VALUE_OBJECT, .object = {.fields = of_b, .n = 1}}},
                                  {"t", TEXT("inner")}};
    static struct field fields[] = {
        {"t", TEXT("<&>")},
        {"ta", TEXT("a's")},
        {"tb", TEXT("b's")},
        {"lines", TEXT("<\n->")},
        {"empty", TEXT("")},
        {"yes", {.kind = VALUE_BOOL, .yes = true}},
        {"no", {.kind = VALUE_BOOL}},
        {"a", {.kind = VALUE_OBJECT, .object = {.fields = of_a, .n = 2}}},
        {"list", {.kind = VALUE_LIST, .list = {.n = 2, .item = item, .context = items}}},
        {"none", {.kind = VALUE_LIST, .list = {.n = 0, .item = item, .context = items}}},
        {"row", {.kind = VALUE_ROW, .row = {bytes, 4, items}}},
        {"short", {.kind = VALUE_ROW, .row = {bytes, 0, items}}}};
    const struct value root = {.kind = VALUE_OBJECT,
                               .object = {.fields = fields, .n = LENGTH(fields)}};
    struct template_set *set = template_set_new();
    int result = template_add(set, "main", rule->main, strlen(rule->main), error);

    if (!result && rule->p)
        result = template_add(set, "p", rule->p, strlen(rule->p), error);
    if (!result && rule->q)
        result = template_add(set, "q", rule->q, strlen(rule->q), error);
    if (!result)
        result = run_template(set, "main", &root, NULL, into, error);
    template_set_free(set);
    return result;
}

static void assert_rules(const struct rule *rules, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
        struct error error = {.text = ""};

        if (run(&rules[i], &into, &error))
            fail_msg("%s: %s", rules[i].main, error.text);
        if (strcmp(into.data ? into.data : "", rules[i].expected) != 0)
            fail_msg("of\n%s\ncame\n%s\nexpected\n%s", rules[i].main, into.data, rules[i].expected);
        buffer_free(&into);
    }
}

static void a_name_is_resolved_part_by_part_from_the_inside(void **state)
{
    static const struct rule rules[] = {
        {"{{a.b.c}}|{{a.t}}|{{a.b.d}}|{{a.d.c}}|{{b.c}}", NULL, NULL, "deep|inner|||"},
        {"{{#a}}{{b.c}}|{{t}}|{{ta}}{{/a}}|{{t}}", NULL, NULL, "deep|inner|a&#39;s|&lt;&amp;&gt;"},
        {"{{#a.b}}{{c}}{{/a.b}}{{^a.d}}none{{/a.d}}", NULL, NULL, "deepnone"},
        {"{{{ta}}}{{{tb}}}{{{tc}}}{{{ty}}}{{{tbb}}}", NULL, NULL, "a'sb's"},
        {"{{#list}}{{.}}{{/list}}|{{#a}}{{#list}}{{t}}{{.}}{{/list}}{{/a}}", NULL, NULL,
         "xy|innerxinnery"},
        {"{{#row}}{{.}}{{/row}}", NULL, NULL, "xxyx"},
        {"{{a}}{{list}}{{yes}}{{row}}", NULL, NULL, ""},
        {"{{&t}}{{{t}}}{{t}}", NULL, NULL, "<&><&>&lt;&amp;&gt;"},
        /* The value itself, wherever it is used in its section. */
        {"{{#ta}}{{.}}{{^no}}{{.}}{{/no}}{{#tb}}{{.}}{{#no}}{{/no}}{{/tb}}{{/ta}}", NULL, NULL,
         "a&#39;sa&#39;sb&#39;s"},
        {"{{#ta}}{{#yes}}{{ta}}{{/yes}}{{#.}}!{{/.}}{{/ta}}{{#yes}}{{.}}{{/yes}}", NULL, NULL,
         "a&#39;s!"},
        {"{{#ta}}{{>p}}{{^no}}{{>p}}{{/no}}{{#yes}}{{ta}}{{/yes}}{{/ta}}", "{{.}};", NULL,
         "a&#39;s;a&#39;s;a&#39;s"},
        {"{{#ta}}{{$x}}{{.}}{{/x}}{{<p}}{{$x}}({{.}}){{/x}}{{/p}}{{/ta}}", "{{$x}}{{/x}}", NULL,
         "a&#39;s(a&#39;s)"},
    };

    (void)state;
    assert_rules(rules, LENGTH(rules));
}

static void empty_and_missing_values_are_false(void **state)
{
    static const struct {
        const char *name;
        bool truth;
    } cases[] = {{"t", true},      {"empty", false}, {"yes", true},   {"no", false},
                 {"a", true},      {"list", true},   {"none", false}, {"row", true},
                 {"short", false}, {"absent", false}};

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char text[128];
        struct rule rule = {text, 0, 0, cases[i].truth ? "" : "false"};

        snprintf(text, sizeof text, "{{^%s}}false{{/%s}}", cases[i].name, cases[i].name);
        assert_rules(&rule, 1);
        rule.expected = cases[i].truth ? "true" : "";
        snprintf(text, sizeof text, "{{#%s}}{{^seen}}true{{/seen}}{{/%s}}", cases[i].name,
                 cases[i].name);
        if (strcmp(cases[i].name, "list") == 0)
            rule.expected = "truetrue";
        if (strcmp(cases[i].name, "row") == 0)
            rule.expected = "truetruetruetrue";
        assert_rules(&rule, 1);
    }
}

static void a_tag_alone_on_its_line_removes_the_line(void **state)
{
    static const struct rule rules[] = {
        {"a\n{{#yes}}\nb\n{{/yes}}\nc\n", NULL, NULL, "a\nb\nc\n"},
        {"a\n \t{{#yes}}\t \nb\n  {{/yes}}", NULL, NULL, "a\nb\n"},
        {"a\r\n{{#yes}}\r\n{{/yes}}\r\nb", NULL, NULL, "a\r\nb"},
        {"a\n  {{! a comment }}\nb", NULL, NULL, "a\nb"},
        {"a\n{{! one\nof two lines }}\nb", NULL, NULL, "a\nb"},
        {"a\n {{=<% %>=}} \n<%={{ }}=%>\nb", NULL, NULL, "a\nb"},
        {"a\n{{^no}}\nb\n{{/no}}\n", NULL, NULL, "a\nb\n"},
        /* With other text on the line it does not. */
        {"a {{#yes}}\nb\n{{/yes}} c\n", NULL, NULL, "a \nb\n c\n"},
        {" {{#yes}}b{{/yes}} \n", NULL, NULL, " b \n"},
        {"{{#yes}}{{/yes}}\n", NULL, NULL, "\n"},
        {" {{! one }}{{! two }}\n", NULL, NULL, " \n"},
        {"  {{ta}}\n  {{{ta}}}\n  {{&ta}}\n", NULL, NULL, "  a&#39;s\n  a's\n  a's\n"},
        {"{{#yes}} {{ta}}\n{{/yes}}", NULL, NULL, " a&#39;s\n"},
        {"{{#list}}\n{{^no}} {{.}}{{/no}}\n{{/list}}\n", NULL, NULL, " x\n y\n"},
    };

    (void)state;
    assert_rules(rules, LENGTH(rules));
}

static void a_partial_has_the_indentation_of_its_tag(void **state)
{
    static const struct rule rules[] = {
        {"\\\n {{>p}}\n/\n", "|\n{{{lines}}}\n|\n", 0, "\\\n |\n <\n->\n |\n/\n"},
        {"| {{>p}} |", "\t|\t", 0, "| \t|\t |"},
        {"  {{{t}}}  {{>p}}\n", ">\n>", 0, "  <&>  >\n>\n"},
        {" {{>p}}", ">\n>", 0, " >\n >"},
        {"  {{>p}}\n.", "one\n\n\r\n two\n", 0, "  one\n\n\r\n   two\n."},
        {" {{>p}}\n", "1\n  {{>q}}\n2\n", "3\n4\n", " 1\n   3\n   4\n 2\n"},
        {" {{>p}}\n", "{{>q}}\n2\n", "3\n4\n", " 3\n 4\n 2\n"},
        {" {{>p}}\n", "{{#list}}\n{{.}}\n{{/list}}\n", 0, " x\n y\n"},
        {" {{>p}}\n", "{{ta}}{{ta}}\n-{{>q}}-\n", "5", " a&#39;sa&#39;s\n -5-\n"},
        {" {{>p}}\n", "{{#row}}{{.}}{{/row}}\n", 0, " xxyx\n"},
        {"{{>absent}}|", NULL, NULL, "|"},
        {" {{>absent}}\n|", NULL, NULL, "|"},
    };

    (void)state;
    assert_rules(rules, LENGTH(rules));
}

static void a_block_is_overridden_from_the_outside(void **state)
{
    static const struct rule rules[] = {
        {"{{$a}}default{{/a}}", NULL, NULL, "default"},
        {"{{<p}}{{/p}}", "{{$a}}default{{/a}}", 0, "default"},
        {"{{<p}}{{/p}}{{$a}}own{{/a}}", "{{$a}}default{{/a}}", 0, "defaultown"},
        {"{{<p}}{{$a}}mine{{/a}}{{/p}}", "[{{$a}}default{{/a}}]", 0, "[mine]"},
        {"{{<p}}{{$b}}mine{{/b}}{{/p}}", "{{$a}}1{{/a}}{{$b}}2{{/b}}{{$c}}3{{/c}}", 0, "1mine3"},
        {"{{<p}}x{{$b}}B{{/b}}y{{$a}}A{{/a}}z{{/p}}", "{{$a}}1{{/a}}{{$b}}2{{/b}}", 0, "AB"},
        {"{{<p}}{{$ab}}mine{{/ab}}{{/p}}", "{{$aa}}1{{/aa}}{{$a}}2{{/a}}{{$ab}}3{{/ab}}", 0,
         "12mine"},
        {"{{<p}}{{$a}}mine{{/a}}{{/p}}", "{{<q}}{{$a}}p's{{/a}}{{/q}}", "{{$a}}q's{{/a}}", "mine"},
        {"{{<p}}{{/p}}", "{{<q}}{{$a}}p's{{/a}}{{/q}}", "{{$a}}q's{{/a}}", "p's"},
        {"{{<p}}{{$a}}-{{$b}}mine{{/b}}-{{/a}}{{/p}}", "{{$a}}1{{/a}}{{$b}}2{{/b}}", 0, "-mine-2"},
        {"{{#a}}{{<p}}{{$a}}{{t}}{{/a}}{{/p}}{{/a}}", "{{$a}}{{/a}}{{t}}", 0, "innerinner"},
        {"{{#list}}{{<p}}{{$a}}{{.}}{{/a}}{{/p}}{{/list}}", "({{$a}}{{/a}})", 0, "(x)(y)"},
        {"{{<p}}{{$a}}[{{>q}}]{{/a}}{{/p}}", "{{$a}}{{/a}}", "{{$a}}q{{/a}}", "[q]"},
    };

    (void)state;
    assert_rules(rules, LENGTH(rules));
}

static void a_block_override_has_the_indentation_of_its_block(void **state)
{
    static const struct rule rules[] = {
        {"Hi,\n  {{<p}}{{/p}}\n", "one\ntwo\n", 0, "Hi,\n  one\n  two\n"},
        {"{{<p}}{{$b}}\none\ntwo{{/b}}\n{{/p}}\n", "Hi,\n  {{$b}}{{/b}}\n", 0,
         "Hi,\n  one\n  two\n"},
        {"{{<p}}{{$b}}\n    one\n    two\n{{/b}}{{/p}}\n", "Hi,\n  {{$b}}\n  {{/b}}\n", 0,
         "Hi,\n  one\n  two\n"},
        {"{{<p}}{{$b}}\none\ntwo\n{{/b}}{{/p}}\n", "Hi,\n{{$b}}\n    default\n{{/b}}\n", 0,
         "Hi,\n    one\n    two\n"},
        {"{{<p}}{{$n}}\nthree\n{{/n}}{{/p}}\n",
         "{{$b}}\n  one\n  {{$n}}\n    two\n  {{/n}}\n{{/b}}\n", 0, "  one\n    three\n"},
        {"{{<p}}\n  {{$b}}\n \t one\n \t  two\n \t three\n  {{/b}}\n{{/p}}\n", "{{$b}}{{/b}}", 0,
         "one\n two\nthree\n"},
        {"{{<p}}{{$b}}\n\n\n  one\n\n  two\n{{/b}}{{/p}}\n", " {{$b}}{{/b}}", 0,
         " \n\n one\n\n two\n"},
        {"{{<p}}{{$b}}\n  one\ntwo\n   three\n{{/b}}{{/p}}\n", " {{$b}}{{/b}}", 0,
         " one\n two\n  three\n"},
        {"{{<p}}{{$b}}\n    {{<q}}{{$c}}\n        deep\n    {{/c}}{{/q}}\n    end\n"
         "{{/b}}{{/p}}\n",
         "{{$b}}{{/b}}", "<\n {{$c}}{{/c}}>\n", "<\n deep\n>\nend\n"},
        {"{{<p}}{{$b}}one\n two{{/b}}{{/p}}", " [{{$b}}{{/b}}]", 0, " [one\n two]"},
        {"{{<p}}{{$b}}\n  {{>q}}\n{{/b}}{{/p}}\n", " {{$b}}{{/b}}", "1\n2\n", " 1\n 2\n"},
        {"{{$b}}\n  default\n{{/b}}\n", NULL, NULL, "  default\n"},
        {" {{$b}}\n  default\n {{/b}}{{$c}}{{/c}}\n", NULL, NULL, "  default\n \n"},
    };

    (void)state;
    assert_rules(rules, LENGTH(rules));
}

static int sink(void *context, const char *bytes, size_t size)
{
    return buffer_append(context, bytes, size);
}

/* A row copies from the buffer, so its text must still be there. */
static void a_long_page_is_flushed_between_items_but_not_in_a_row(void **state)
{
    static char pad[2 << 20], text[3 << 20];
    static const struct {
        const char *tags, *sunk, *left;
    } cases[] = {
        {"{{#row}}{{#list}}{{.}}{{/list}}{{/row}}", "", "xyxyxyxy"},
        {"{{#list}}{{#row}}{{.}}{{/row}}{{/list}}", "xxyx", "xxyx"},
        {"{{#row}}{{.}}{{/row}}{{#list}}{{.}}{{/list}}", "xxyxx", "y"},
    };

    (void)state;
    memset(pad, '.', sizeof pad - 1);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct buffer sunk = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE), into = sunk;
        struct rule rule = {.main = text};
        struct error error = {.text = ""};

        into.sink = sink;
        into.sink_context = &sunk;
        snprintf(text, sizeof text, "%s%s", pad, cases[i].tags);
        assert_int_equal(run(&rule, &into, &error), 0);
        assert_int_equal(sunk.size, *cases[i].sunk ? sizeof pad - 1 + strlen(cases[i].sunk) : 0);
        if (*cases[i].sunk)
            assert_string_equal(sunk.data + sizeof pad - 1, cases[i].sunk);
        assert_string_equal(into.data + (*cases[i].sunk ? 0 : sizeof pad - 1), cases[i].left);
        buffer_free(&into);
        buffer_free(&sunk);
    }
}

static void a_tag_ends_at_its_closing_delimiter(void **state)
{
    static const struct rule rules[] = {
        {"{{{t}}}}", NULL, NULL, "<&>}"},
        {"{{{ t }}}|{{ t}}|{{t }}|{{&  t\t}}|{{\nt\n}}", NULL, NULL,
         "<&>|&lt;&amp;&gt;|&lt;&amp;&gt;|<&>|&lt;&amp;&gt;"},
        {"{{=| |=}}|&t|{{t}}|={{ }}=|{{&t}}", NULL, NULL, "<&>{{t}}<&>"},
        {"{{=<<< >>>=}}<<<&t>>>>", NULL, NULL, "<&>>"},
        {"{{=  <%   %>  =}}<%& t %>", NULL, NULL, "<&>"},
        {"{{=<% %>=}}<%{t}%>", NULL, NULL, "<&>"},
        {"{{! }} a } b {{!}}", NULL, NULL, " a } b "},
        {"}} { {", NULL, NULL, "}} { {"},
    };

    (void)state;
    assert_rules(rules, LENGTH(rules));
}

static void a_template_mistake_names_the_line_of_its_tag(void **state)
{
    static const struct rule rules[] = {
        {"{{! one\ntwo }}\n\n{{/a}}", NULL, NULL, "main:4: {{/a}} without {{#a}}"},
        {"\n{{#a}}\n{{/b}}", NULL, NULL, "main:3: {{/b}}, but 'a' of line 2 is still open"},
        {"{{#a}}{{/ab}}", NULL, NULL, "main:1: {{/ab}}, but 'a' of line 1 is still open"},
        {"{{#ab}}{{/a}}", NULL, NULL, "main:1: {{/a}}, but 'ab' of line 1 is still open"},
        {"a\nb\n{{#a}}{{#b}}\n{{/b}}", NULL, NULL, "main:3: 'a' is never closed"},
        {"\n\n{{t", NULL, NULL, "main:3: unclosed tag; expected '}}'"},
        {"{{{t}}", NULL, NULL, "main:1: unclosed tag; expected"},
        {"{{=<% %>}}", NULL, NULL, "main:1: unclosed tag; expected"},
        {"\n{{ }}", NULL, NULL, "main:2: tag without a name"},
        {"{{a b}}", NULL, NULL, "main:1: a tag name is one word, got 'a b'"},
        {"{{=<%=}}", NULL, NULL, "main:1: expected two delimiters"},
        {"{{=<% a %>=}}", NULL, NULL, "main:1: expected two delimiters"},
        {"{{=a= b=}}", NULL, NULL, "main:1: expected two delimiters"},
        {"{{==}}", NULL, NULL, "main:1: expected two delimiters"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rules); i++) {
        struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
        struct error error = {.text = ""};

        assert_int_equal(run(&rules[i], &into, &error), -1);
        if (strncmp(error.text, rules[i].expected, strlen(rules[i].expected)) != 0)
            fail_msg("of\n%s\ncame\n%s\nexpected\n%s", rules[i].main, error.text,
                     rules[i].expected);
        buffer_free(&into);
    }
}

/* In any order of adding. A name with another byte, even NUL, is another name. */
static void a_partial_is_found_by_its_whole_name(void **state)
{
    static const char *const names[] = {"b",   "ab.c", "a",        "ab", "aa",
                                        "abc", "ab.",  "\xc3\xa4", "B"};
    static const char main[] = "{{>a}} {{>aa}} {{>ab}} {{>ab.}} {{>ab.c}} {{>abc}} {{>abcd}}"
                               "{{>b}} {{>B}} {{>\xc3\xa4}} {{>\xc3}}{{>a\0}}{{>a\0b}}{{>A}}.";
    struct template_set *set = template_set_new();
    const struct value nothing = {.kind = VALUE_NOTHING};
    struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    struct error error;

    (void)state;
    for (size_t i = 0; i < LENGTH(names); i++)
        assert_int_equal(template_add(set, names[i], names[i], strlen(names[i]), &error), 0);
    assert_int_equal(template_add(set, "main", main, sizeof main - 1, &error), 0);
    assert_int_equal(run_template(set, "main", &nothing, NULL, &into, &error), 0);
    assert_string_equal(into.data, "a aa ab ab. ab.c abc b B \xc3\xa4 .");
    template_set_free(set);
    buffer_free(&into);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_resolved_part_by_part_from_the_inside),
        cmocka_unit_test(empty_and_missing_values_are_false),
        cmocka_unit_test(a_tag_alone_on_its_line_removes_the_line),
        cmocka_unit_test(a_partial_has_the_indentation_of_its_tag),
        cmocka_unit_test(a_partial_is_found_by_its_whole_name),
        cmocka_unit_test(a_block_is_overridden_from_the_outside),
        cmocka_unit_test(a_block_override_has_the_indentation_of_its_block),
        cmocka_unit_test(a_long_page_is_flushed_between_items_but_not_in_a_row),
        cmocka_unit_test(a_tag_ends_at_its_closing_delimiter),
        cmocka_unit_test(a_template_mistake_names_the_line_of_its_tag),
    };

    return cmocka_run_group_tests_name("template rules", tests, NULL, NULL);
}
