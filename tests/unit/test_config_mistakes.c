/* config/: mistakes with their positions, and the manual against the table of keys. */
#include "base/file.h"
#include "config/config.h"
#include "config/keys.h"
#include "config/loader.h"

#include <ctype.h>
#include <fcntl.h>
#include <glob.h>
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

static struct buffer read_whole(const char *path)
{
    struct buffer text = BUFFER_WITH_CEILING(1 << 20);
    struct error error;

    if (file_read(path, &text, &error))
        fail_msg("%s", error.text);
    return text;
}

static void set_environment(void)
{
    setenv("UPTICK_TEST_WORD", "word", 1);
    setenv("UPTICK_TEST_SLASH", "/", 1);
    setenv("UPTICK_TEST_BREAK", "a\nb", 1);
    setenv("UPTICK_TEST_EMPTY", "", 1);
    setenv("UPTICK_TEST_TEN", "10", 1);
    unsetenv("UPTICK_TEST_UNSET");
    unsetenv("UPTICK_TEST_UNSET_TOO");
    unsetenv("TZDIR");
}

/* The mistakes of NAME.yaml are those in NAME.expected, which 'uptick validate' printed and a
 * person checked. */
static void check_file(const char *path)
{
    struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20), expected;
    char beside[256];

    snprintf(beside, sizeof beside, "%.*s.expected", (int)(strlen(path) - strlen(".yaml")), path);
    expected = read_whole(beside);
    config_free(config_load(path, &mistakes));
    assert_string_equal(mistakes.data ? mistakes.data : "", expected.data);
    buffer_free(&mistakes);
    buffer_free(&expected);
}

static void every_mistake_of_every_file_is_reported_in_order(void **state)
{
    glob_t files;

    (void)state;
    set_environment();
    assert_int_equal(glob("tests/config/*.yaml", 0, NULL, &files), 0);
    assert_true(files.gl_pathc > 50);
    for (size_t i = 0; i < files.gl_pathc; i++)
        check_file(files.gl_pathv[i]);
    globfree(&files);
}

/* The reasons that libcurl gives differ between its versions, so they are not compared. */
static void an_invalid_url_is_rejected_and_not_quoted(void **state)
{
    static const char url[] = "expected an absolute http or https URL (";
    static const char scheme[] = "expected http or https; uptick checks nothing else\n";
    static const struct {
        const char *url, *mistake;
    } cases[] = {
        {"", url},
        {"shop.example", "'shop.example' has no scheme; did you mean 'https://shop.example'?\n"},
        {"shop.example:80/?a", "'shop.example' has no scheme; did you mean "},
        {"se^cret.example/", url},
        {"${UPTICK_TEST_WORD}.example", url},
        {"//shop.example/", url},
        {"ftp://shop.example/", scheme},
        {"file:///etc/passwd", scheme},
        {"no-such-scheme://se^cret/", scheme},
        {"http://", url},
        {"http://shop example/", url},
        {"http://shop.example/a b", "a space must be written %20\n"},
        {"http://shop.example:70000/", url},
        {"http://me:se^cret/x@shop.example/",
         "a '/' in the user name or password must be written %2F\n"},
        {"mailto:a@b.example", scheme},
        {"http://shop.example/\\n", url},
        {"http://a\\0b/", url},
        {"http://se^cret/", url},
    };

    (void)state;
    set_environment();
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
        char yaml[256], expected[256];

        snprintf(yaml, sizeof yaml, "sites: [{id: s, domains: [{id: d, url:    \"%s\"}]}]",
                 cases[i].url);
        snprintf(expected, sizeof expected, "u:1:43: url: %s", cases[i].mistake);
        assert_null(config_parse("u", yaml, strlen(yaml), &mistakes));
        assert_memory_equal(mistakes.data, expected, strlen(expected));
        assert_null(strstr(mistakes.data, "se^cret"));
        assert_ptr_equal(strchr(mistakes.data, '\n'), mistakes.data + mistakes.size - 1);
        buffer_free(&mistakes);
    }
}

/* Also after a good URL, to which it could be relative. */
static void no_url_is_read_relative_to_another_one(void **state)
{
    static const char *const urls[] = {
        "/health", "health", "//other.example/x", "",      "?q=1",   "#frag", "../x",
        ":80/",    "@h/",    "shop.example/up",   "http:", "https:/"};

    (void)state;
    for (size_t i = 0; i < LENGTH(urls); i++) {
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
        char yaml[256];

        snprintf(yaml, sizeof yaml,
                 "public_url: http://d.example/\n"
                 "sites: [{id: s, domains: [{id: a, url: 'http://a.example/b/c?d#e'},\n"
                 "{id: b, url: '%s'}]}]",
                 urls[i]);
        assert_null(config_parse("u", yaml, strlen(yaml), &mistakes));
        assert_memory_equal(mistakes.data, "u:3:14: url: ", strlen("u:3:14: url: "));
        buffer_free(&mistakes);
    }
}

/* Some of these texts are commands in the notation in which libcurl gets the addresses. */
static void a_url_with_a_wrong_host_is_a_mistake(void **state)
{
    static const struct {
        const char *host, *mistake;
    } cases[] = {
        {"-x.example", "the host begins with '-'"},
        {"-", "the host begins with '-'"},
        {"a..example", "the host has two dots in a row"},
        {".example", "the host has two dots in a row, or begins with one"},
        {"1.2.3.4.5", "the host is not an IPv4 address"},
        {"a%7eb.example", "the host contains a character that is not"},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example",
         "the host has a label of more than 63 bytes"},
        {"+x.example", ""},
        {"*.example", ""},
        {"a,b.example", ""},
        {"[::1]x", ""},
        {"[::g]", ""},
        {"%2dx.example", "the host begins with '-'"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
        char yaml[256], expected[256];

        snprintf(yaml, sizeof yaml, "sites: [{id: s, domains: [{id: d, url: 'http://%s/'}]}]",
                 cases[i].host);
        snprintf(expected, sizeof expected, "u:1:40: url: %s", cases[i].mistake);
        assert_null(config_parse("u", yaml, strlen(yaml), &mistakes));
        assert_memory_equal(mistakes.data, expected, strlen(expected));
        buffer_free(&mistakes);
    }
}

/* There is one line, which begins with the path and contains part. */
static void assert_not_loaded(const char *path, const char *part)
{
    struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);

    assert_null(config_load(path, &mistakes));
    assert_memory_equal(mistakes.data, path, strlen(path));
    assert_non_null(strstr(mistakes.data, part));
    assert_ptr_equal(strchr(mistakes.data, '\n'), mistakes.data + mistakes.size - 1);
    buffer_free(&mistakes);
}

/* Otherwise parts of the secret would become the host and the path, and be shown. */
static void a_secret_that_changes_the_host_is_rejected_and_not_quoted(void **state)
{
    static const char *const secrets[] = {"Zy9/SECRET", "Zy9?SECRET",  "Zy9#SECRET",
                                          "/Zy9SECRET", "Zy9@SECRET/", "Zy9@SECRET"};
    static const char *const urls[] = {
        "https://${SECRET}@shop.example/", "https://u:${SECRET}@shop.example/a",
        "https:/u:${SECRET}@shop.example/a", "https://${SECRET}:p@shop.example"};
    static const char *const keys[][2] = {{"url: ", "url:    "},
                                          {"proxy: ", "url: 'http://h/', proxy: "}};

    (void)state;
    for (size_t i = 0; i < LENGTH(secrets) * LENGTH(urls) * LENGTH(keys); i++) {
        const char *const *key = keys[i / LENGTH(urls) / LENGTH(secrets)];
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
        char text[256], mistake[256];

        setenv("SECRET", secrets[i / LENGTH(urls) % LENGTH(secrets)], 1);
        snprintf(text, sizeof text, "sites: [{id: s, domains: [{id: d, %s\"%s\"}]}]\n", key[1],
                 urls[i % LENGTH(urls)]);
        snprintf(mistake, sizeof mistake,
                 "u:1:%zu: %sa user name or password from the environment or a file contains",
                 strlen("sites: [{id: s, domains: [{id: d, ") + strlen(key[1]) + 1, key[0]);
        assert_null(config_parse("u", text, strlen(text), &mistakes));
        assert_non_null(strstr(mistakes.data, mistake));
        assert_null(strstr(mistakes.data, "Zy9"));
        buffer_free(&mistakes);
    }
    unsetenv("SECRET");
}

static void a_missing_or_irregular_file_is_reported_in_one_line(void **state)
{
    const char *temporary = getenv("TMPDIR");
    char folder[128], fifo[160];

    (void)state;
    snprintf(folder, sizeof folder, "%s/uptick-test-XXXXXX", temporary ? temporary : "/tmp");
    assert_non_null(mkdtemp(folder));
    snprintf(fifo, sizeof fifo, "%s/fifo", folder);
    assert_not_loaded(fifo, "uptick init");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_not_loaded(fifo, ": is not a regular file\n");
    assert_not_loaded(folder, ": is a folder; expected a file\n");
    assert_not_loaded("tests/config/ids.yaml/below", "Not a directory");
    unlink(fifo);
    rmdir(folder);
}

static void a_file_without_permission_names_its_owner_and_the_user(void **state)
{
    char folder[] = "/tmp/uptick-test-XXXXXX", path[64], expected[256];
    struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
    int fd, result;

    (void)state;
    if (geteuid() != 0)
        skip();
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chmod(folder, 0755), 0);
    snprintf(path, sizeof path, "%s/c", folder);
    fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(seteuid(65534), 0);
    result = config_load(path, &mistakes) != NULL;
    assert_int_equal(seteuid(0), 0);
    assert_int_equal(result, 0);
    snprintf(expected, sizeof expected,
             "%s: Permission denied (you are nobody; the file belongs to root:root, mode 0600)\n",
             path);
    assert_string_equal(mistakes.data, expected);
    unlink(path);
    rmdir(folder);
    buffer_free(&mistakes);
}

static void the_suggestion_for_a_typing_error_is_plausible(void **state)
{
    static const char *const words[] = {
        "interval_seconds", "http_status", "retries", "url", "id", NULL};
    static const struct {
        const char *written, *meant;
    } cases[] = {
        {"interval_second", "interval_seconds"},
        {"interval", "interval_seconds"},
        {"Interval-Seconds", "interval_seconds"},
        {"intervalseconds", "interval_seconds"},
        {"status", "http_status"},
        {"retrys", "retries"},
        {"URL", "url"},
        {"ur", "url"},
        {"ID", "id"},
        {"in", NULL},
        {"", NULL},
        {"colour", NULL},
        {"seconds_of_delay", NULL},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        const char *meant = loader_nearest(cases[i].written, words);

        if (cases[i].meant)
            assert_string_equal(meant, cases[i].meant);
        else
            assert_null(meant);
    }
}

/* Copies the entry of a key below a heading of the manual. */
static void find_entry(const char *page, const char *heading, const char *key, char entry[4096])
{
    char begin[128];
    const char *section, *from, *end;

    snprintf(begin, sizeof begin, "\n.Ss %s\n", heading);
    section = strstr(page, begin);
    if (!section)
        fail_msg("the manual lacks '%s'", begin + 1);
    snprintf(begin, sizeof begin, "\n.It Cm %s\n", key);
    from = strstr(section, begin);
    if (!from)
        fail_msg("the manual lacks '%s' below '%s'", key, heading);
    end = strstr(from + 1, "\n.It ");
    if (!end || strstr(from, "\n.El") < end)
        end = strstr(from, "\n.El");
    snprintf(entry, 4096, "%.*s", (int)(end - from), from);
}

static void assert_in_manual(const char *entry, const char *key, const char *what)
{
    if (!strstr(entry, what))
        fail_msg("the manual does not say '%s' of '%s'", what, key);
}

/* The manual must have the words of the key's row. */
static void check_entry(const char *entry, const struct key *key)
{
    int scale = key->kind->scale ? key->kind->scale : 1;
    char text[256];

    snprintf(text, sizeof text, "\n%c%s", toupper((unsigned char)key->help[0]), key->help + 1);
    assert_in_manual(entry, key->name, text);
    if (key->required)
        assert_in_manual(entry, key->name, "Required");
    snprintf(text, sizeof text, "Default: %s", key->fallback ? key->fallback : "");
    if (key->fallback)
        assert_in_manual(entry, key->name, text);
    snprintf(text, sizeof text, "%.10g to %.10g", (double)key->min / scale,
             (double)key->max / scale);
    if (key->max)
        assert_in_manual(entry, key->name, text);
    for (size_t i = 0; key->words && key->words[i]; i++) {
        snprintf(text, sizeof text, ".Cm %s", key->words[i]);
        assert_in_manual(entry, key->name, text);
    }
}

static void the_manual_lists_every_key_with_its_default_and_range(void **state)
{
    static const struct {
        const char *heading;
        const struct key_table *table;
    } parts[] = {
        {"Top of the file", &keys_top},
        {"Included files", &keys_included},
        {"Links", &keys_link},
        {"Sites", &keys_site},
        {"Domains", &keys_domain},
        {"Expectations", &keys_expect},
        {"Rules", &keys_header_rule},
        {"Rules", &keys_json_rule},
        {"Confirmation", &keys_confirm},
        {"Certificates", &keys_certificate},
        {"Local network", &keys_local_network},
        {"Alerts", &keys_alert},
        {"Quiet hours", &keys_quiet},
    };
    struct buffer page = read_whole("docs/uptick.yaml.5");
    char entry[4096];

    (void)state;
    for (size_t i = 0; i < LENGTH(parts); i++) {
        for (size_t j = 0; j < parts[i].table->n; j++) {
            const struct key *key = &parts[i].table->keys[j];

            find_entry(page.data, parts[i].heading, key->name, entry);
            check_entry(entry, key);
        }
    }
    buffer_free(&page);
}

static void the_starter_configuration_has_no_mistake(void **state)
{
    struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
    struct config *config = config_load("templates/uptick.yaml", &mistakes);

    (void)state;
    assert_non_null(config);
    config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mistake_of_every_file_is_reported_in_order),
        cmocka_unit_test(an_invalid_url_is_rejected_and_not_quoted),
        cmocka_unit_test(no_url_is_read_relative_to_another_one),
        cmocka_unit_test(a_url_with_a_wrong_host_is_a_mistake),
        cmocka_unit_test(a_secret_that_changes_the_host_is_rejected_and_not_quoted),
        cmocka_unit_test(a_missing_or_irregular_file_is_reported_in_one_line),
        cmocka_unit_test(a_file_without_permission_names_its_owner_and_the_user),
        cmocka_unit_test(the_suggestion_for_a_typing_error_is_plausible),
        cmocka_unit_test(the_manual_lists_every_key_with_its_default_and_range),
        cmocka_unit_test(the_starter_configuration_has_no_mistake),
    };

    return cmocka_run_group_tests_name("config mistakes", tests, NULL, NULL);
}
