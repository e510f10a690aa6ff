/* config/: the largest file. Apart from the other tests, because it takes a second. */
#include "base/file.h"
#include "config/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static void a_configuration_file_has_at_most_64_mib(void **state)
{
    static const char yaml[] = "sites: [{id: s, domains: [{id: d, url: 'http://h/'}]}]\n#";
    char path[] = "/tmp/uptick-test-XXXXXX";
    struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
    struct buffer whole = BUFFER_WITH_CEILING(BUFFER_MAX_CONFIG);
    struct config *config;
    int fd = mkstemp(path);

    (void)state;
    assert_int_equal(buffer_reserve(&whole, BUFFER_MAX_CONFIG), 0);
    memset(whole.data, 'x', BUFFER_MAX_CONFIG);
    memcpy(whole.data, yaml, strlen(yaml));
    assert_int_equal(file_write_at(fd, whole.data, BUFFER_MAX_CONFIG, 0), 0);
    config = config_load(path, &mistakes);
    assert_non_null(config);
    config_free(config);
    assert_int_equal(ftruncate(fd, (off_t)BUFFER_MAX_CONFIG + 1), 0);
    assert_null(config_load(path, &mistakes));
    assert_non_null(strstr(mistakes.data, "67108865 bytes; expected at most 67108864\n"));
    buffer_free(&whole);
    buffer_free(&mistakes);
    close(fd);
    unlink(path);
}

enum { SECONDS_MAX = 2 };

static double seconds_for(const char *yaml, size_t size)
{
    struct buffer mistakes = BUFFER_WITH_CEILING(64 << 20);
    clock_t began = clock();
    double seconds;

    config_free(config_parse("c", yaml, size, &mistakes));
    seconds = (double)(clock() - began) / CLOCKS_PER_SEC;
    buffer_free(&mistakes);
    return seconds;
}

/* A megabyte of one piece, with "@" for a number that ascends, takes a third of a second at most.
 * The sanitizers make that longer; quadratic time would be ten seconds. */
static void a_megabyte_of_anything_takes_no_quadratic_time(void **state)
{
    static const struct {
        const char *before, *piece, *after;
    } cases[] = {
        {"", "%TAG !t@! tag:x,2026:@\n", "---\n"},
        {"title: a\n...\n", "%TAG !t@! tag:x,2026:@\n", "---\n"},
        {"# a\xc2\x85", "%TAG !t@! tag:x,2026:@\xc2\x85", "---\n"},
        {"", "%YAML 1.2\n", "---\n"},
        {"x-a:\n", "  - &a@ b\n", ""},
        {"x-a:\n", "  - &a b\n", ""},
        {"x-a: &a b\nx-b:\n", "  - *a\n", ""},
        {"x-a:\n", "  - *a@\n", ""},
        {"x-a: &a {b: c}\nx-b:\n", "  - {<<: [*a, *a, *a]}\n", ""},
        {"x-a: ", "[", ""},
        {"x-a: ", "{a: ", ""},
        {"x-a:\n  ", "- ", ""},
        {"", "? ", ""},
        {"", "? a\n", ""},
        {"x-a: [", "a,", "]\n"},
        {"x-a: [", ":,", "]\n"},
        {"title: ", "a", "\n"},
        {"title: a\n", "  a\n", ""},
        {"title: a\n", "\n", "  b\n"},
        {"title: \"", "\\u0041", "\"\n"},
        {"title: \"", "\n", "\"\n"},
        {"title: '", "''", "'\n"},
        {"title: |\n", "  a\n", ""},
        {"title: |\n", "\n", "  a\n"},
        {"title: a\n", "x-a: b\n", ""},
        {"", "a: b\n", ""},
        {"", "k@: b\n", ""},
        {"", "x-k@: b\n", ""},
        {"", "k", ": b\n"},
        {"", "#\n", ""},
        {"# ", "a", "\n"},
        {"x-a:\n", "  - a # b\n", ""},
        {"", " ", "\n"},
        {"", "\r", ""},
        {"x-a:\n", "\t", ""},
        {"x-a:\n", "  - !t@ a\n", ""},
        {"x-a: !<", "%41", "> b\n"},
        {"x-a: &", "a", " b\n"},
        {"title: a\n", "---\n", ""},
        {"title: a\n", "...\n", ""},
        {"title: \"", "${A", "\"\n"},
        {"title: a\n", "\xff", ""},
        {"sites:\n", "  - {}\n", ""},
        {"sites:\n  - id: s\n    domains:\n", "      - {id: d@, url: 'http://h/'}\n", ""},
        {"sites:\n  - id: s\n    domains:\n", "      - {id: d, url: 'http://h/'}\n", ""},
        {"sites: [{id: s, domains: [{id: a, url: 'http://h/', headers: {", "h@: a, ", "}}]}]\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer yaml = BUFFER_WITH_CEILING(16 << 20);
        double seconds;

        buffer_puts(&yaml, cases[i].before);
        for (int n = 0; yaml.size < 1 << 20; n++) {
            for (const char *at = cases[i].piece; *at; at++) {
                if (*at == '@')
                    buffer_printf(&yaml, "%d", n);
                else
                    buffer_putc(&yaml, *at);
            }
        }
        buffer_puts(&yaml, cases[i].after);
        seconds = seconds_for(yaml.data, yaml.size);
        buffer_free(&yaml);
        if (seconds > SECONDS_MAX)
            fail_msg("a megabyte of '%s' takes %.1f s", cases[i].piece, seconds);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_megabyte_of_anything_takes_no_quadratic_time),
        cmocka_unit_test(a_configuration_file_has_at_most_64_mib),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
