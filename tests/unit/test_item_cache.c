/* template/: a run that copies equal items prints the same as one that makes each. */
#include "template/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* A list of one item for each letter: {letter, is_b, inner}; inner is a list of two {n}. */
struct letters {
    const char *text;
    size_t n_made; /* items */
    bool reversed; /* n counts down */
    char number[2];
    struct field fields[3], inner_fields[1];
    struct value item, inner;
};

static struct value text_of(const char *text, size_t size)
{
    return (struct value){.kind = VALUE_TEXT, .text = {text, size}};
}

static const struct value *inner_item(void *context, size_t i)
{
    struct letters *letters = context;

    letters->number[0] = (char)(letters->reversed ? '2' - i : '1' + i);
    letters->inner_fields[0] = (struct field){"n", text_of(letters->number, 1)};
    letters->inner =
        (struct value){.kind = VALUE_OBJECT, .object = {.fields = letters->inner_fields, .n = 1}};
    return &letters->inner;
}

static size_t inner_key(void *context, size_t i, uint64_t numbers[VALUE_KEY_MAX])
{
    numbers[0] = ((struct letters *)context)->reversed ? 1 - i : i;
    return 1;
}

static const struct value *letter_item(void *context, size_t i)
{
    struct letters *letters = context;

    letters->n_made++;
    letters->fields[0] = (struct field){"letter", text_of(&letters->text[i], 1)};
    letters->fields[1] =
        (struct field){"is_b", {.kind = VALUE_BOOL, .yes = letters->text[i] == 'b'}};
    letters->fields[2] = (struct field){
        "inner",
        {.kind = VALUE_LIST,
         .list = {.n = 2, .item = inner_item, .context = letters, .key = inner_key}}};
    letters->item =
        (struct value){.kind = VALUE_OBJECT, .object = {.fields = letters->fields, .n = 3}};
    return &letters->item;
}

/* '?' has no key. */
static size_t letter_key(void *context, size_t i, uint64_t numbers[VALUE_KEY_MAX])
{
    const struct letters *letters = context;

    numbers[0] = (uint64_t)letters->text[i];
    numbers[1] = letters->reversed;
    return letters->text[i] == '?' ? 0 : 2;
}

/* Runs "main" over {list, outer}. */
static int run_letters(const struct template_set *set, struct letters *letters, const char *outer,
                       struct item_cache *cache, struct buffer *into, struct error *error)
{
    struct field fields[] = {
        {"list",
         {.kind = VALUE_LIST,
          .list = {.n = strlen(letters->text),
                   .item = letter_item,
                   .context = letters,
                   .key = letter_key}}},
        {"outer", text_of(outer, strlen(outer))},
    };
    struct value root = {.kind = VALUE_OBJECT, .object = {.fields = fields, .n = 2}};

    buffer_reset(into);
    return run_template(set, "main", &root, cache, into, error);
}

static struct template_set *parse(const char *main_text, const char *p)
{
    struct template_set *set = template_set_new();
    struct error error = {.text = ""};

    if (!set || template_add(set, "main", main_text, strlen(main_text), &error) ||
        (p && template_add(set, "p", p, strlen(p), &error)))
        fail_msg("%s", error.text);
    return set;
}

/* Runs the template for these letters with the cache and without it. */
static void assert_same(const struct template_set *set, struct item_cache *cache,
                        const char *letters_text, const char *outer, size_t *n_made)
{
    struct buffer page = BUFFER_WITH_CEILING(1 << 20), twin = page;
    struct letters letters = {.text = letters_text}, all = letters;
    struct error error = {.text = ""};

    if (run_letters(set, &letters, outer, cache, &page, &error) ||
        run_letters(set, &all, outer, NULL, &twin, &error))
        fail_msg("%s", error.text);
    assert_string_equal(page.data ? page.data : "", twin.data ? twin.data : "");
    *n_made += letters.n_made;
    buffer_free(&page);
    buffer_free(&twin);
}

/* Two pages, "aabaab" with "1" outside and "aab?b" with "2". */
static void equal_items_are_copied_if_they_use_only_themselves(void **state)
{
    static const struct {
        const char *main, *p;
        size_t n_made; /* of 11 */
    } cases[] = {
        {"{{#list}}({{letter}}){{/list}}", NULL, 3},
        {"{{#list}}{{/list}}", NULL, 3},
        {"{{#list}}\n{{letter}}\n{{/list}}\n", NULL, 3},
        {"{{#list}}{{#letter}}{{.}}{{/letter}}{{^is_b}}-{{/is_b}}{{/list}}", NULL, 3},

        /* Values outside, or names that nothing has. */
        {"{{#list}}{{letter}}{{outer}}{{/list}}", NULL, 11},
        {"{{#list}}{{letter}}{{none}}{{/list}}", NULL, 11},
        {"{{#list}}{{letter}}{{#outer}}{{letter}}{{/outer}}{{/list}}", NULL, 11},
        {"{{#list}}{{letter}}{{^none}}{{letter}}{{/none}}{{/list}}", NULL, 11},
        {"{{#list}}{{letter}}{{#is_b}}{{outer}}{{/is_b}}{{/list}}", NULL, 6},
        {"{{outer}}{{#list}}{{letter}}{{/list}}{{outer}}", NULL, 3},

        /* Partials. */
        {"{{#list}}{{>p}}{{/list}}", "{{letter}};", 3},
        {"{{#list}}{{>p}}{{/list}}", "{{letter}}{{outer}};", 11},
        {"{{#list}}{{>none}}{{/list}}", NULL, 3},

        /* Indentation: the partial is also used without. */
        {"{{>p}}\n  {{>p}}\n{{>p}}\n", "{{#list}}\n{{letter}}\n{{/list}}\n", 4 + 11},
        {"  {{>p}}\n", "{{#list}}{{letter}}\n{{/list}}", 11},
        {"a {{>p}} b", "{{#list}}{{letter}}{{/list}}", 3},

        /* Blocks: the parent is also used with its default. */
        {"{{>p}}{{<p}}{{$x}}<{{letter}}>{{/x}}{{/p}}{{<p}}{{$x}}!{{/x}}{{/p}}{{>p}}",
         "{{#list}}{{$x}}[{{letter}}]{{/x}}{{/list}}", 4 + 11 + 11},
        {"{{#list}}{{<p}}{{$x}}<{{letter}}>{{/x}}{{/p}}{{/list}}", "{{$x}}{{/x}}.", 3},
        {"{{<p}}{{$x}}{{#list}}{{letter}}{{/list}}{{/x}}{{/p}}", "\n {{$x}}{{/x}}\n", 11},

        /* The first item of each page is on a line that has begun. */
        {"{{<p}}{{$x}}{{#list}}{{letter}}{{/list}}{{/x}}{{/p}}", "- {{$x}}{{/x}}", 5},

        /* Lists in items: of the two inner items, each uses the letter around it. */
        {"{{#list}}{{letter}}{{#inner}}{{n}}{{/inner}};{{/list}}", NULL, 3},
        {"{{#list}}{{#inner}}{{n}}{{letter}}{{/inner}};{{/list}}", NULL, 3},
        {"{{#list}}{{#inner}}{{n}}{{outer}}{{/inner}};{{/list}}", NULL, 11},
        {"{{#list}}{{#inner}}{{n}}{{/inner}}{{outer}};{{/list}}", NULL, 11},

        /* The same list around: its item ends when the next one is made. */
        {"{{#list}}{{#inner}}{{#list}}{{letter}}{{/list}}{{/inner}};{{/list}}", NULL,
         6 * 13 + 5 * 11},
        {"{{#list}}{{letter}}{{#list}}{{letter}}{{/list}}{{letter}};{{/list}}", NULL,
         6 * 7 + 5 * 6},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct template_set *set = parse(cases[i].main, cases[i].p);
        struct item_cache *cache = item_cache_new();
        size_t n_made = 0;

        assert_non_null(cache);
        assert_same(set, cache, "aabaab", "1", &n_made);
        assert_same(set, cache, "aab?b", "2", &n_made);
        if (cases[i].n_made && n_made != cases[i].n_made)
            fail_msg("%s: %zu items made, expected %zu", cases[i].main, n_made, cases[i].n_made);
        item_cache_free(cache);
        template_set_free(set);
    }
}

static const struct value *number_item(void *context, size_t i)
{
    static char text[32];
    static struct value value;

    *(size_t *)context += 1;
    value = text_of(text, (size_t)snprintf(text, sizeof text, "%zu", i % 3000));
    return &value;
}

static size_t number_key(void *context, size_t i, uint64_t numbers[VALUE_KEY_MAX])
{
    (void)context;
    numbers[0] = i % 3000;
    return 1;
}

/* Two lists in one section have equal keys, but not from the same function. */
static void keys_of_different_functions_differ(void **state)
{
    struct template_set *set = parse("{{#list}}{{#inner}}{{.}}{{n}}{{/inner}}{{/list}}", NULL);
    struct item_cache *cache = item_cache_new();
    struct buffer page = BUFFER_WITH_CEILING(1 << 20);
    size_t n = 0;
    struct field inner[] = {
        {"inner",
         {.kind = VALUE_LIST,
          .list = {.n = 2, .item = number_item, .context = &n, .key = number_key}}}};
    struct value items = {.kind = VALUE_OBJECT, .object = {.fields = inner, .n = 1}};
    struct field fields[] = {{"list", items}, {"n", text_of("-", 1)}};
    struct value root = {.kind = VALUE_OBJECT, .object = {.fields = fields, .n = 2}};
    struct letters letters = {.text = "a"};
    struct error error;

    (void)state;
    assert_int_equal(run_letters(set, &letters, "", cache, &page, &error), 0);
    assert_string_equal(page.data, "12");
    buffer_reset(&page);
    assert_int_equal(run_template(set, "main", &root, cache, &page, &error), 0);
    assert_string_equal(page.data, "0-1-");
    buffer_free(&page);
    item_cache_free(cache);
    template_set_free(set);
}

/* More items than the cache keeps, and texts that are too long for it. */
static void a_full_cache_starts_again(void **state)
{
    static const char *const templates[] = {
        "{{#list}}{{.}};{{/list}}",
        "{{#list}}{{.}} a text that uses up the space of the cache before its slots; and it is not "
        "important what it says, only that it is long enough for that, as this one is{{/list}}",
    };
    enum { N = 9000, LONG = 5000 };

    (void)state;
    for (size_t i = 0; i <= LENGTH(templates); i++) {
        struct buffer text = BUFFER_WITH_CEILING(1 << 20), page = BUFFER_WITH_CEILING(64 << 20);
        struct buffer twin = page;
        size_t n_made = 0, n_all = 0;
        struct field fields[] = {
            {"list",
             {.kind = VALUE_LIST,
              .list = {.n = N, .item = number_item, .context = &n_made, .key = number_key}}}};
        struct value root = {.kind = VALUE_OBJECT, .object = {.fields = fields, .n = 1}};
        struct item_cache *cache = item_cache_new();
        struct template_set *set;
        struct error error;

        buffer_puts(&text, i < LENGTH(templates) ? templates[i] : "{{#list}}{{.}}");
        while (i == LENGTH(templates) && text.size < LONG)
            buffer_puts(&text, " long");
        if (i == LENGTH(templates))
            buffer_puts(&text, "{{/list}}");
        set = parse(text.data, NULL);
        assert_int_equal(run_template(set, "main", &root, cache, &page, &error), 0);
        fields[0].value.list.context = &n_all;
        assert_int_equal(run_template(set, "main", &root, NULL, &twin, &error), 0);
        assert_int_equal(n_all, N);
        assert_in_range(n_made, 3000, N);
        assert_int_equal(page.size, twin.size);
        assert_memory_equal(page.data, twin.data, page.size);
        buffer_free(&text);
        buffer_free(&page);
        buffer_free(&twin);
        item_cache_free(cache);
        template_set_free(set);
    }
}

/* Copied items count as the steps that they took, so no page passes only because of the cache. */
static void a_run_with_a_cache_takes_the_same_steps(void **state)
{
    struct buffer text = BUFFER_WITH_CEILING(1 << 20), page = BUFFER_WITH_CEILING(1 << 20);
    struct item_cache *cache = item_cache_new();
    char a[1001];
    struct letters letters = {.text = a};
    struct template_set *set;

    (void)state;
    buffer_puts(&text, "{{#list}}");
    for (int i = 0; i < 100; i++)
        buffer_puts(&text, "{{letter}}");
    buffer_puts(&text, "{{/list}}");
    set = parse(text.data, NULL);
    for (size_t n = 600; n <= 1000; n += 400) {
        struct error error = {.text = ""}, of_twin = {.text = ""};
        int result;

        memset(a, 'a', n);
        a[n] = '\0';
        result = run_letters(set, &letters, "", cache, &page, &error);
        assert_int_equal(result, n == 600 ? 0 : -1);
        assert_int_equal(run_letters(set, &letters, "", NULL, &page, &of_twin), result);
        assert_string_equal(error.text, of_twin.text);
    }
    buffer_free(&text);
    buffer_free(&page);
    item_cache_free(cache);
    template_set_free(set);
}

/* A page at its limit ends the run, also while items are copied. */
static void a_page_with_copied_items_is_complete_or_an_error(void **state)
{
    struct template_set *set = parse("{{#list}}[{{letter}}]{{/list}}", NULL);
    struct item_cache *cache = item_cache_new();

    (void)state;
    for (size_t ceiling = 1; ceiling < 40; ceiling++) {
        struct buffer page = BUFFER_WITH_CEILING(ceiling);
        struct letters letters = {.text = "aabbaabbaa"};
        struct error error;

        assert_int_equal(run_letters(set, &letters, "", cache, &page, &error),
                         ceiling < 30 ? -1 : 0);
        buffer_free(&page);
    }
    item_cache_free(cache);
    template_set_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_items_are_copied_if_they_use_only_themselves),
        cmocka_unit_test(keys_of_different_functions_differ),
        cmocka_unit_test(a_full_cache_starts_again),
        cmocka_unit_test(a_run_with_a_cache_takes_the_same_steps),
        cmocka_unit_test(a_page_with_copied_items_is_complete_or_an_error),
    };

    return cmocka_run_group_tests_name("item cache", tests, NULL, NULL);
}
