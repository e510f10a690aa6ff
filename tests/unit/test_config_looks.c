/* config/page, link and path: the settings for the look of the pages. */
#include "base/buffer.h"
#include "config/config.h"

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

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])
#define ONE_SITE      "sites: [{id: s, domains: [{id: d, url: 'http://h/'}]}]\n"

static int set_environment(void **state)
{
    (void)state;
    setenv("UPTICK_TEST_SLASH", "/", 1);
    setenv("UPTICK_TEST_BREAK", "a\nb", 1);
    setenv("UPTICK_TEST_TAB", "\t", 1);
    setenv("UPTICK_TEST_CONTROL", "\x01", 1);
    return 0;
}

static void public_url_is_a_folder_without_login_query_or_fragment(void **state)
{
    static const struct {
        const char *written, *kept; /* kept NULL: a mistake */
    } cases[] = {
        {"https://status.example", "https://status.example/"},
        {"http://status.example/", "http://status.example/"},
        {"HTTPS://status.example/a/b", "https://status.example/a/b/"},
        {"https://status.example:8443/a/", "https://status.example:8443/a/"},
        {"http://[::1]:80/x", "http://[::1]:80/x/"},
        {"https://status.example/\xc3\xa9", "https://status.example/%C3%A9/"},
        {"https://status.example/\"<>`{|}^&", "https://status.example/%22%3C%3E%60%7B%7C%7D%5E&/"},
        {"https://status.example/%2f", "https://status.example/%2f/"},
        {"https://status.example/\xe2\x80\xae", "https://status.example/%E2%80%AE/"},
        {"", NULL},
        {"/status", NULL},
        {"//status.example/", NULL},
        {"status.example", NULL},
        {"https://", NULL},
        {"ftp://status.example/", NULL},
        {"javascript:alert(1)", NULL},
        {"data:text/html,x", NULL},
        {"mailto:a@b.example", NULL},
        {"https://SECRET@status.example/", NULL},
        {"https://u:SECRET@status.example/", NULL},
        {"https:/u:SECRET@status.example/", NULL},
        {"https://${UPTICK_TEST_SLASH}SECRET@status.example/", NULL},
        {"https://status.example/?SECRET", NULL},
        {"https://status.example/?", NULL},
        {"https://status.example/#SECRET", NULL},
        {"https://status.example/#", NULL},
        {"https://status.example/a b", NULL},
        {" https://status.example/", NULL},
        {"https://status.example/\\a", NULL},
        {"https://status.example\\@SECRET/", NULL},
        {"https://status.example/${UPTICK_TEST_BREAK}", NULL},
        {"https://b\xc3\xbc"
         "cher.example/",
         NULL},
        {"https://status.example:70000/", NULL},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        static const char expected[] =
            "u:1:13: public_url: expected an absolute http: or https: URL without user, password, "
            "query and fragment, got ";
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
        struct config *config;
        char yaml[256];

        snprintf(yaml, sizeof yaml, "public_url: '%s'\n%s", cases[i].written, ONE_SITE);
        config = config_parse("u", yaml, strlen(yaml), &mistakes);
        if (config && cases[i].kept) {
            assert_string_equal(config->public_url, cases[i].kept);
        } else {
            if (config || cases[i].kept)
                fail_msg("%s: %s", cases[i].written, config ? config->public_url : mistakes.data);
            assert_memory_equal(mistakes.data, expected, strlen(expected));
            assert_null(strstr(mistakes.data, "SECRET"));
        }
        buffer_free(&mistakes);
        config_free(config);
    }
}

/* As a browser reads it: some bytes are dropped, others are replaced by a slash. */
static void a_link_is_a_web_or_mailto_url_or_a_page_of_the_same_host(void **state)
{
    static const struct {
        const char *written, *kept; /* kept NULL: a mistake */
        bool relative;
    } cases[] = {
        {"https://shop.example/a?b=c#d", "https://shop.example/a?b=c#d", false},
        {"HTTP://shop.example", "HTTP://shop.example", false},
        {"mailto:a@b.example?subject=c", "mailto:a@b.example?subject=c", false},
        {"MailTo:a@b.example", "MailTo:a@b.example", false},
        {"/help", "/help", false},
        {"help.html", "help.html", true},
        {"../help", "../help", true},
        {"a/b:c", "a/b:c", true},
        {"./javascript:alert(1)", "./javascript:alert(1)", true},
        {"?a", "?a", true},
        {"#a", "#a", true},
        {"\xc3\xa9.html", "%C3%A9.html", true},
        {"\xc3\xa9:x", "%C3%A9:x", true},
        {"a\"onclick=x", "a%22onclick=x", true},
        {"<script>", "%3Cscript%3E", true},
        {"", NULL, false},
        {"//shop.example/", NULL, false},
        {"/\\shop.example/", NULL, false},
        {"\\\\shop.example/", NULL, false},
        {"javascript:alert(1)", NULL, false},
        {"JavaScript:alert(1)", NULL, false},
        {"java${UPTICK_TEST_TAB}script:alert(1)", NULL, false},
        {" javascript:alert(1)", NULL, false},
        {"${UPTICK_TEST_CONTROL}javascript:alert(1)", NULL, false},
        {"data:text/html,<script>alert(1)</script>", NULL, false},
        {"vbscript:x", NULL, false},
        {"file:///etc/passwd", NULL, false},
        {"blob:https://shop.example/x", NULL, false},
        {"a+b-c.d:x", NULL, false},
        {"shop.example:80/x", NULL, false},
        {"http:", NULL, false},
        {"http://", NULL, false},
        {"https:help.html", NULL, false},
        {"mailto:", NULL, false},
        {"https://SECRET@shop.example/", NULL, false},
        {"https://u:SECRET@shop.example/", NULL, false},
        {"https://u:${UPTICK_TEST_SLASH}SECRET@shop.example/", NULL, false},
        {"https://shop.example/a b", NULL, false},
        {"a${UPTICK_TEST_BREAK}", NULL, false},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        static const char expected[] =
            "u:1:27: url: expected an http:, https: or mailto: URL without password, or a path "
            "from the dashboard, got ";
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
        struct config *config;
        char yaml[256];

        snprintf(yaml, sizeof yaml, "links: [{text: Help, url: '%s'}]\n%s", cases[i].written,
                 ONE_SITE);
        config = config_parse("u", yaml, strlen(yaml), &mistakes);
        if (config && cases[i].kept) {
            assert_string_equal(config->links[0].url, cases[i].kept);
            assert_int_equal(config->links[0].relative, cases[i].relative);
        } else {
            if (config || cases[i].kept)
                fail_msg("%s: %s", cases[i].written, config ? config->links[0].url : mistakes.data);
            assert_memory_equal(mistakes.data, expected, strlen(expected));
            assert_null(strstr(mistakes.data, "SECRET"));
        }
        buffer_free(&mistakes);
        config_free(config);
    }
}

static void a_colour_has_three_or_six_hexadecimal_digits(void **state)
{
    static const struct {
        const char *written, *kept; /* kept NULL: a mistake */
    } cases[] = {
        {"#07c", "#0077cc"},
        {"#0077cc", "#0077cc"},
        {"#ABCDEF", "#abcdef"},
        {"#FfF", "#ffffff"},
        {"#123", "#112233"},
        {"", NULL},
        {"#", NULL},
        {"#1234", NULL},
        {"#12345", NULL},
        {"#1234567", NULL},
        {"07c", NULL},
        {"0077cc", NULL},
        {"#00g", NULL},
        {"#0;}", NULL},
        {"red", NULL},
        {"#07c ", NULL},
        {"##07", NULL},
        {"#\xc3\xa9"
         "1",
         NULL},
        {"url(x)", NULL},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        static const char expected[] = "u:1:16: accent_colour: expected a colour in quotes, ";
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
        struct config *config;
        char yaml[256];

        snprintf(yaml, sizeof yaml, "accent_colour: '%s'\n%s", cases[i].written, ONE_SITE);
        config = config_parse("u", yaml, strlen(yaml), &mistakes);
        assert_int_equal(config != NULL, cases[i].kept != NULL);
        if (config)
            assert_string_equal(config->accent_colour, cases[i].kept);
        else
            assert_memory_equal(mistakes.data, expected, strlen(expected));
        buffer_free(&mistakes);
        config_free(config);
    }
}

static void a_language_must_have_messages(void **state)
{
    static const struct {
        const char *written, *fault; /* NULL: none */
    } cases[] = {
        {"en", NULL},
        {"de", NULL},
        {"tlh", "language: no messages for 'tlh'"},
        {"DE", "language: no messages for 'DE'"},
        {"", "language: expected a language"},
        {"-de", "language: expected a language"},
        {"../../../etc/passwd", "language: expected a language"},
        {"d.e", "language: expected a language"},
        {"en_GB", "language: expected a language"},
        {"\xc3\xa9n", "language: expected a language"},
        {"abcdefghijklmnopqrstuvwxyzabcdefghi", "language: no messages for"},
        {"abcdefghijklmnopqrstuvwxyzabcdefghij", "language: expected a language"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
        struct config *config;
        char yaml[256];

        snprintf(yaml, sizeof yaml, "language: '%s'\n%s", cases[i].written, ONE_SITE);
        config = config_parse("u", yaml, strlen(yaml), &mistakes);
        if (cases[i].fault) {
            assert_null(config);
            assert_memory_equal(mistakes.data, "u:1:11: ", 8);
            assert_memory_equal(mistakes.data + 8, cases[i].fault, strlen(cases[i].fault));
        } else {
            assert_string_equal(config->language, cases[i].written);
        }
        buffer_free(&mistakes);
        config_free(config);
    }
}

/* A folder with the configuration and the files for it. */
static char folder[64];

static void make_file(const char *name, off_t size)
{
    char path[PATH_MAX];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(ftruncate(fileno(file), size), 0);
    assert_int_equal(fclose(file), 0);
}

static const char *const names[] = {"a.svg",
                                    "a.png",
                                    "a.webp",
                                    "a.jpg",
                                    "a.gif",
                                    "a.avif",
                                    "a.css",
                                    ".svg",
                                    "long.svg",
                                    "whole.svg",
                                    "long.css",
                                    "a.SVG",
                                    "messages.tlh.yaml",
                                    "link.svg"};

static int make_folder(void **state)
{
    char path[PATH_MAX];

    (void)state;
    strcpy(folder, "/tmp/uptick-looks-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    for (size_t i = 0; i < LENGTH(names) - 1; i++)
        make_file(names[i], strncmp(names[i], "long", 4) == 0    ? (1 << 20) + 1
                            : strncmp(names[i], "whole", 5) == 0 ? 1 << 20
                                                                 : 1);
    snprintf(path, sizeof path, "%s/folder.svg", folder);
    if (mkdir(path, 0700))
        return -1;
    snprintf(path, sizeof path, "%s/fifo.svg", folder);
    if (mkfifo(path, 0600))
        return -1;
    snprintf(path, sizeof path, "%s/link.svg", folder);
    return symlink("a.svg", path);
}

static int remove_folder(void **state)
{
    char path[PATH_MAX];

    (void)state;
    for (size_t i = 0; i < LENGTH(names); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/folder.svg", folder);
    rmdir(path);
    snprintf(path, sizeof path, "%s/fifo.svg", folder);
    unlink(path);
    return rmdir(folder);
}

static struct config *read_in_folder(const char *top, struct buffer *mistakes)
{
    char path[PATH_MAX], yaml[512];

    snprintf(path, sizeof path, "%s/uptick.yaml", folder);
    snprintf(yaml, sizeof yaml, "%s%s", top, ONE_SITE);
    return config_parse(path, yaml, strlen(yaml), mistakes);
}

static void logo_and_style_sheet_must_be_readable_files_of_a_known_type(void **state)
{
    static const char ending[] = "expected ~ for none, or the path of a file that ends in";
    static const char file[] = "expected a readable file of at most 1 MiB, got";
    static const struct {
        const char *key, *value;
        const char *expected, *why; /* NULL: valid */
    } cases[] = {
        {"logo", "a.svg", NULL, NULL},
        {"logo", "a.png", NULL, NULL},
        {"logo", "a.webp", NULL, NULL},
        {"logo", "a.jpg", NULL, NULL},
        {"logo", "a.gif", NULL, NULL},
        {"logo", "a.avif", NULL, NULL},
        {"logo", "./a.svg", NULL, NULL},
        {"logo", "link.svg", NULL, NULL},
        {"logo", "whole.svg", NULL, NULL},
        {"logo", "a.css", ending, "'a.css'"},
        {"logo", "a.SVG", ending, "'a.SVG'"},
        {"logo", "a.svg/", ending, "'a.svg/'"},
        {"logo", "svg", ending, "'svg'"},
        {"logo", "/etc/passwd", ending, "'/etc/passwd'"},
        {"logo", "b.svg", file, "No such file or directory"},
        {"logo", "a.svg/b.svg", file, "Not a directory"},
        {"logo", "folder.svg", file, "which is not a file"},
        {"logo", "fifo.svg", file, "which is not a file"},
        {"logo", "long.svg", file, "which is larger than 1 MiB"},
        {"logo", "''", "expected a path of 1 to ", ""},
        {"logo", "\"a\\0.svg\"", "expected a path of 1 to ", ""},
        {"style_sheet", "a.css", NULL, NULL},
        {"style_sheet", "a.svg", ending, "'a.svg'"},
        {"style_sheet", "b.css", file, "No such file or directory"},
        {"style_sheet", "long.css", file, "which is larger than 1 MiB"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
        struct config *config;
        char text[PATH_MAX];

        snprintf(text, sizeof text, "%s: %s\n", cases[i].key, cases[i].value);
        config = read_in_folder(text, &mistakes);
        if (cases[i].expected) {
            if (config)
                fail_msg("%s: %s is a mistake", cases[i].key, cases[i].value);
            snprintf(text, sizeof text, "%s/uptick.yaml:1:%zu: %s: %s", folder,
                     strlen(cases[i].key) + 3, cases[i].key, cases[i].expected);
            assert_memory_equal(mistakes.data, text, strlen(text));
            assert_non_null(strstr(mistakes.data + strlen(text), cases[i].why));
        } else {
            if (!config)
                fail_msg("%s", mistakes.data);
            snprintf(text, sizeof text, "%s/%s", folder, cases[i].value);
            assert_string_equal(config->logo ? config->logo : config->style_sheet, text);
        }
        buffer_free(&mistakes);
        config_free(config);
    }
}

static void null_means_no_logo_and_no_style_sheet(void **state)
{
    struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
    struct config *config = read_in_folder("logo: ~\nstyle_sheet: null\n", &mistakes);

    (void)state;
    assert_non_null(config);
    assert_null(config->logo);
    assert_null(config->style_sheet);
    config_free(config);
}

/* In any order of the two keys. */
static void messages_of_another_language_are_found_in_templates_dir(void **state)
{
    static const char *const tops[] = {"templates_dir: .\nlanguage: tlh\n",
                                       "language: tlh\ntemplates_dir: .\n"};

    (void)state;
    for (size_t i = 0; i < LENGTH(tops); i++) {
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
        struct config *config = read_in_folder(tops[i], &mistakes);

        if (!config)
            fail_msg("%s", mistakes.data);
        assert_string_equal(config->language, "tlh");
        config_free(config);
    }
}

/* It is shown as text everywhere. A file may have 64 MiB, and so may a text. */
static void a_text_is_kept_byte_by_byte(void **state)
{
    enum { LONG = 10 << 20 };
    static const char *const texts[] = {"</script><img onerror=x>", "\"'&{{{x}}}",
                                        "\xd7\xa2\xd7\x91",         "\xf0\x9f\x92\xa9",
                                        "\xcc\x81\xcc\x81",         "\xef\xbf\xbd"};
    struct buffer yaml = BUFFER_WITH_CEILING(BUFFER_MAX_CONFIG);
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_CONFIG);

    (void)state;
    for (size_t i = 0; i <= LENGTH(texts); i++) {
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
        struct config *config;

        buffer_reset(&yaml);
        buffer_reset(&text);
        for (size_t n = 0; n < (i < LENGTH(texts) ? 1 : LONG / strlen(texts[0])); n++)
            buffer_puts(&text, texts[i % LENGTH(texts)]);
        buffer_printf(&yaml, "footer: &t !!str |-\n  %s\n", text.data);
        buffer_puts(&yaml, "links: [{text: *t, url: x}]\n"
                           "sites: [{id: s, name: *t, group: *t,\n"
                           "  domains: [{id: d, url: 'http://h/'}]}]\n");
        config = config_parse("u", yaml.data, yaml.size, &mistakes);
        if (!config)
            fail_msg("%s", mistakes.data);
        assert_string_equal(config->footer, text.data);
        assert_string_equal(config->links[0].text, text.data);
        assert_string_equal(config->sites[0].group, text.data);
        config_free(config);
    }
    buffer_free(&yaml);
    buffer_free(&text);
}

static void an_empty_or_misleading_text_is_a_mistake(void **state)
{
    static const char *const texts[] = {"\"\"",
                                        "\"a\\nb\"",
                                        "\"\\u202eb\"",
                                        "\"\\u2066b\"",
                                        "\"\\u200fb\"",
                                        "\"\\u2028b\"",
                                        "\"\\x1b[31m\"",
                                        "\"\\0\"",
                                        "\"\\x7f\"",
                                        "\"\\x9b\"",
                                        "\"\xff\"",
                                        "~",
                                        "",
                                        "[a]",
                                        "{a: b}"};
    static const char *const objects[] = {
        "footer: %s\nsites: [{id: s, domains: [{id: d, url: 'http://h/'}]}]\n",
        "links: [{text: %s, url: x}]\nsites: [{id: s, domains: [{id: d, url: 'http://h/'}]}]\n",
        "sites: [{id: s, group: %s, domains: [{id: d, url: 'http://h/'}]}]\n"};

    (void)state;
    for (size_t i = 0; i < LENGTH(texts) * LENGTH(objects); i++) {
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
        char yaml[256];
        const char *object = objects[i % LENGTH(objects)], *hole = strstr(object, "%s");

        snprintf(yaml, sizeof yaml, "%.*s%s%s", (int)(hole - object), object,
                 texts[i / LENGTH(objects)], hole + 2);
        if (config_parse("u", yaml, strlen(yaml), &mistakes))
            fail_msg("there is no mistake in %s", yaml);
        assert_memory_equal(mistakes.data, "u:1:", 4);
        buffer_free(&mistakes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(public_url_is_a_folder_without_login_query_or_fragment,
                               set_environment),
        cmocka_unit_test_setup(a_link_is_a_web_or_mailto_url_or_a_page_of_the_same_host,
                               set_environment),
        cmocka_unit_test(a_colour_has_three_or_six_hexadecimal_digits),
        cmocka_unit_test(a_language_must_have_messages),
        cmocka_unit_test_setup_teardown(logo_and_style_sheet_must_be_readable_files_of_a_known_type,
                                        make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(null_means_no_logo_and_no_style_sheet, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(messages_of_another_language_are_found_in_templates_dir,
                                        make_folder, remove_folder),
        cmocka_unit_test(a_text_is_kept_byte_by_byte),
        cmocka_unit_test(an_empty_or_misleading_text_is_a_mistake),
    };

    return cmocka_run_group_tests_name("config looks", tests, NULL, NULL);
}
