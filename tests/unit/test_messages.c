/* dashboard/messages: the texts of the pages in each language. */
#include "base/asset.h"
#include "base/file.h"
#include "config/tree.h"
#include "dashboard/messages.h"
#include "template/run.h"

#include <ctype.h>
#include <glob.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { NAMES_MAX = 1024, NAME_MAX_HERE = 64 };

/* The names of a built-in file, in the order of the file. */
struct names {
    struct arena *arena;
    const char *of[NAMES_MAX];
    size_t n;
};

static void read_names(struct names *names, const struct asset *asset)
{
    struct mistakes mistakes = {.arena = arena_new()};
    struct node *root = tree_parse(asset->data, asset->size, &mistakes);

    assert_false(mistakes_any(&mistakes));
    assert_int_equal(root->kind, NODE_MAPPING);
    *names = (struct names){.arena = mistakes.arena};
    for (struct item *item = root->items.first; item; item = item->next)
        names->of[names->n++] = item->key->text.data;
}

static void read_english(struct names *names)
{
    read_names(names, asset_find("templates/messages.en.yaml"));
}

static bool has(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++) {
        if (strcmp(names->of[i], name) == 0)
            return true;
    }
    return false;
}

/* Whether an asset is a message file. */
static bool is_message_file(const struct asset *asset)
{
    return strncmp(asset->name, "templates/messages.", strlen("templates/messages.")) == 0;
}

static void each_language_has_the_same_messages_as_english(void **state)
{
    struct names english;
    size_t n_languages = 0;

    (void)state;
    read_english(&english);
    for (size_t i = 0; i < n_assets; i++) {
        struct names names;

        if (!is_message_file(&assets[i]))
            continue;
        read_names(&names, &assets[i]);
        for (size_t n = 0; n < english.n; n++) {
            if (!has(&names, english.of[n]))
                fail_msg("%s lacks %s", assets[i].name, english.of[n]);
        }
        for (size_t n = 0; n < names.n; n++) {
            if (!has(&english, names.of[n]))
                fail_msg("%s has %s, which English lacks", assets[i].name, names.of[n]);
        }
        arena_free(names.arena);
        n_languages++;
    }
    assert_true(n_languages >= 2);
    arena_free(english.arena);
}

/* Finds the next "messages.NAME" in a text and moves *at to the name. Returns false if there is
 * none.
 */
static bool next_use(const char **at, char name[NAME_MAX_HERE])
{
    size_t size = 0;

    *at = strstr(*at, "{{>messages.");
    if (!*at)
        return false;
    *at += strlen("{{>messages.");
    while (isalnum((unsigned char)(*at)[size]) || (*at)[size] == '_')
        size++;
    assert_true(size < NAME_MAX_HERE);
    memcpy(name, *at, size);
    name[size] = '\0';
    return true;
}

/* Messages are used by templates, and by other messages. */
static void every_message_that_a_template_uses_exists(void **state)
{
    struct names english;
    char name[NAME_MAX_HERE];

    (void)state;
    read_english(&english);
    for (size_t i = 0; i < n_assets; i++) {
        const char *at = assets[i].data;

        while (next_use(&at, name)) {
            if (!has(&english, name))
                fail_msg("%s uses messages.%s, which is not in messages.en.yaml", assets[i].name,
                         name);
        }
    }
    arena_free(english.arena);
}

static bool template_uses(const char *name)
{
    for (size_t i = 0; i < n_assets; i++) {
        const char *at = assets[i].data;
        char used[NAME_MAX_HERE];

        while (next_use(&at, used)) {
            if (strcmp(used, name) == 0)
                return true;
        }
    }
    return false;
}

/* Whether a source file that calls messages_get contains this name in quotes. */
static bool source_uses(const glob_t *sources, const char *name)
{
    char quoted[NAME_MAX_HERE + 2];
    bool uses = false;

    snprintf(quoted, sizeof quoted, "\"%s\"", name);
    for (size_t i = 0; i < sources->gl_pathc && !uses; i++) {
        struct buffer text = BUFFER_WITH_CEILING(1 << 20);
        struct error error;

        assert_int_equal(file_read(sources->gl_pathv[i], &text, &error), 0);
        uses = strstr(text.data, "messages_get(") && strstr(text.data, quoted);
        buffer_free(&text);
    }
    return uses;
}

static void every_message_is_used(void **state)
{
    struct names english;
    glob_t sources;

    (void)state;
    read_english(&english);
    assert_int_equal(glob("src/dashboard/*.c", 0, NULL, &sources), 0);
    for (size_t i = 0; i < english.n; i++) {
        if (!template_uses(english.of[i]) && !source_uses(&sources, english.of[i]))
            fail_msg("messages.%s is used by no template and no messages_get", english.of[i]);
    }
    globfree(&sources);
    arena_free(english.arena);
}

/* A templates_dir, and the messages loaded with it. */
struct fixture {
    char folder[64];
    struct config config;
    struct messages *messages;
    struct error error;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);

    strcpy(fixture->folder, "/tmp/uptick-messages-XXXXXX");
    fixture->config = (struct config){
        .path = "uptick.yaml", .language = "en", .templates_dir = mkdtemp(fixture->folder)};
    *state = fixture;
    return fixture->config.templates_dir ? 0 : -1;
}

static int tear_down(void **state)
{
    static const char *const names[] = {"messages.en.yaml", "messages.de.yaml",
                                        "messages.tlh.yaml"};
    struct fixture *fixture = *state;
    char path[PATH_MAX];
    int result;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", fixture->folder, names[i]);
        remove(path);
    }
    result = rmdir(fixture->folder);
    free(fixture);
    return result;
}

static void write_file(const struct fixture *fixture, const char *language, const char *yaml,
                       size_t size)
{
    char path[PATH_MAX];
    FILE *file;

    snprintf(path, sizeof path, "%s/messages.%s.yaml", fixture->folder, language);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(yaml, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void load(struct fixture *fixture, const char *language)
{
    fixture->config.language = language;
    if (messages_load(&fixture->messages, &fixture->config, &fixture->error))
        fail_msg("%s", fixture->error.text);
}

static void messages_come_from_the_user_then_the_language_then_english(void **state)
{
    static const struct {
        const char *language, *file, *up, *lang;
    } cases[] = {
        {"en", NULL, "up", "en"},
        {"de", NULL, "erreichbar", "de"},
        {"de", "up: läuft\n", "läuft", "de"},
        {"de", "# nothing yet\n", "erreichbar", "de"},
        {"de", "", "erreichbar", "de"},
        {"en", "up: fine\n", "fine", "en"},
        {"en", "\xef\xbb\xbfup: fine\r\n", "fine", "en"},
        {"en", "up: \"\"\n", "", "en"},
        {"tlh", "lang: tlh\n", "up", "tlh"},
        {"tlh", "up: |\n  Qap\n", "Qap", "en"},
        {"tlh", "up: |\n  Qap\n  Qap\n", "Qap\nQap", "en"},
        {"tlh", "up: &a Qap\nlang: *a\n", "Qap", "Qap"},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[PATH_MAX];

        if (cases[i].file)
            write_file(fixture, cases[i].language, cases[i].file, strlen(cases[i].file));
        load(fixture, cases[i].language);
        assert_string_equal(messages_get(fixture->messages, "up"), cases[i].up);
        assert_string_equal(messages_get(fixture->messages, "lang"), cases[i].lang);
        messages_free(fixture->messages);
        snprintf(path, sizeof path, "%s/messages.%s.yaml", fixture->folder, cases[i].language);
        remove(path);
    }
}

/* Runs a text that uses a message, over {name: a text}. */
static void run(const struct fixture *fixture, const char *text, const char *name,
                struct buffer *page)
{
    struct field field = {"name", {.kind = VALUE_TEXT, .text = {name, strlen(name)}}};
    struct value root = {.kind = VALUE_OBJECT, .object = {.fields = &field, .n = 1}};
    struct template_set *set = template_set_new();
    struct error error;

    if (messages_add(fixture->messages, set, &error) ||
        template_add(set, "t", text, strlen(text), &error) ||
        run_template(set, "t", &root, NULL, page, &error))
        fail_msg("%s", error.text);
    template_set_free(set);
}

static void a_message_is_a_template_and_its_values_are_escaped(void **state)
{
    static const char yaml[] = "up: \"{{name}} works & {{>messages.down}}\"\ndown: no {{ name }}\n";
    struct buffer page = BUFFER_WITH_CEILING(1 << 20);
    struct fixture *fixture = *state;

    write_file(fixture, "en", yaml, strlen(yaml));
    load(fixture, "en");
    run(fixture, "<{{>messages.up}}>", "</b>{{x}}", &page);
    assert_string_equal(page.data, "<&lt;/b&gt;{{x}} works & no &lt;/b&gt;{{x}}>");
    buffer_free(&page);
    messages_free(fixture->messages);
}

#define BYTES(text) text, sizeof(text) - 1

static void a_mistake_in_messages_is_reported_with_line_and_column(void **state)
{
    static const struct {
        const char *yaml;
        size_t size;
        const char *text; /* after the path */
    } cases[] = {
        {BYTES("up: a\ndownn: b\n"), ":2:1: unknown message 'downn'; did you mean 'down'?"},
        {BYTES("bananas: b\n"),
         ":1:1: unknown message 'bananas'; the names are those of messages.en.yaml"},
        {BYTES("up: a\nup: b\n"), ":2:1: "},
        {BYTES("a b: c\n"), ":1:1: expected a name of letters, digits and _, got 'a b'"},
        {BYTES("\"up\\0\": c\n"), ":1:1: expected a name of letters, digits and _, got "},
        {BYTES("[a]: c\n"), ":1:1: expected a name of letters, digits and _, got a list"},
        {BYTES("<<: {up: a}\n"), ":1:1: expected a name of letters, digits and _, got '<<'"},
        {BYTES("up:\n"), ":1:4: up: expected text, or \"\" for none, got nothing"},
        {BYTES("up: ~\n"), ":1:5: up: expected text, or \"\" for none, got '~'"},
        {BYTES("up: [a]\n"), ":1:5: up: expected text, or \"\" for none, got a list"},
        {BYTES("\nup: \"{{#days}}x\"\n"), ":2:5: up: not a valid template: 'days' is never closed"},
        {BYTES("up: \"a\\eb\"\n"), ":1:5: up: control characters are not allowed"},
        {BYTES("up: \"a\\0b\"\n"), ":1:5: up: control characters are not allowed"},
        {BYTES("up: \xff\n"), ":1:5: byte 0xff is not UTF-8; save the file as UTF-8"},
        {BYTES("up: a\n  down: b\n"), ":2:7: not valid YAML: "},
        {BYTES("- up\n"), ":1:1: expected a mapping of names to texts, got a list"},
        {BYTES("up\n"), ":1:1: expected a mapping of names to texts, got 'up'"},
        {BYTES("up: *a\n"), ":1:5: alias '*a': no anchor '&a' before it"},
        {BYTES("up: !!int a\n"), ":1:5: tag 'tag:yaml.org,2002:int' is not supported"},
        {BYTES("--- !!seq\nup: a\n"), ":1:5: tag '"},
    };
    struct fixture *fixture = *state;
    char expected[ERROR_TEXT_MAX];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_file(fixture, "en", cases[i].yaml, cases[i].size);
        if (messages_load(&fixture->messages, &fixture->config, &fixture->error) == 0)
            fail_msg("there is a mistake in: %s", cases[i].yaml);
        snprintf(expected, sizeof expected, "%s/messages.en.yaml%s", fixture->folder,
                 cases[i].text);
        if (strncmp(fixture->error.text, expected, strlen(expected)) != 0)
            fail_msg("%s\nis not\n%s", fixture->error.text, expected);
        assert_int_equal(fixture->error.code, EXIT_CONFIG);
        assert_null(fixture->messages);
    }
}

static void a_language_without_a_messages_file_is_a_mistake(void **state)
{
    struct fixture *fixture = *state;

    fixture->config.language = "tlh";
    assert_int_equal(messages_load(&fixture->messages, &fixture->config, &fixture->error), -1);
    assert_int_equal(fixture->error.code, EXIT_CONFIG);
    assert_string_equal(fixture->error.text,
                        "uptick.yaml: messages.tlh.yaml not found in templates_dir");
}

static void a_templates_dir_with_too_long_a_path_is_named(void **state)
{
    struct fixture *fixture = *state;
    char path[PATH_MAX];

    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    fixture->config.templates_dir = path;
    assert_int_equal(messages_load(&fixture->messages, &fixture->config, &fixture->error), -1);
    assert_int_equal(fixture->error.code, EXIT_IO);
    assert_memory_equal(fixture->error.text, path, 100);
}

static void an_unreadable_messages_file_is_named(void **state)
{
    struct fixture *fixture = *state;
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/messages.de.yaml", fixture->folder);
    assert_int_equal(mkdir(path, 0700), 0);
    fixture->config.language = "de";
    assert_int_equal(messages_load(&fixture->messages, &fixture->config, &fixture->error), -1);
    assert_int_equal(fixture->error.code, EXIT_IO);
    assert_non_null(strstr(fixture->error.text, "/messages.de.yaml: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_language_has_the_same_messages_as_english),
        cmocka_unit_test(every_message_that_a_template_uses_exists),
        cmocka_unit_test(every_message_is_used),
        cmocka_unit_test_setup_teardown(messages_come_from_the_user_then_the_language_then_english,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_message_is_a_template_and_its_values_are_escaped, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_mistake_in_messages_is_reported_with_line_and_column,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_language_without_a_messages_file_is_a_mistake, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_templates_dir_with_too_long_a_path_is_named, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_unreadable_messages_file_is_named, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
