/* config/: files that the configuration includes, and files with secrets that it names. */
#include "base/file.h"
#include "base/secrets.h"
#include "config/config.h"

#include <ftw.h>
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
#define SITE(id)      "sites: [{id: " id ", domains: [{id: d, url: 'http://h/'}]}]\n"

/* The folder of a test. Its name has characters of patterns. */
static char folder[PATH_MAX];

static int set_up(void **state)
{
    const char *temporary = getenv("TMPDIR");

    (void)state;
    snprintf(folder, sizeof folder, "%s/uptick-[a]*?\\-XXXXXX", temporary ? temporary : "/tmp");
    return mkdtemp(folder) && chmod(folder, 0755) == 0 ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static int tear_down(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const char *path_of(const char *name)
{
    static char paths[4][PATH_MAX + 64];
    static unsigned next;
    char *path = paths[next++ % LENGTH(paths)];

    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void write_bytes(const char *name, const void *bytes, size_t size)
{
    struct error error;

    if (strchr(name, '/')) {
        char above[64];

        snprintf(above, sizeof above, "%.*s", (int)(strchr(name, '/') - name), name);
        mkdir(path_of(above), 0755);
    }
    if (file_replace(path_of(name), bytes, size, 0600, &error))
        fail_msg("%s", error.text);
}

static void write_text(const char *name, const char *text)
{
    write_bytes(name, text, strlen(text));
}

/* Loads uptick.yaml of the folder. Mistakes, or else warnings, go to `lines`, without the folder.
 */
static struct config *load(const char *yaml, char lines[4096])
{
    struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
    const char *from, *next;
    struct config *config;
    size_t used = 0;

    write_text("uptick.yaml", yaml);
    config = config_load(path_of("uptick.yaml"), &mistakes);
    for (from = config ? config->warnings : mistakes.data; *from; from = next) {
        bool is_folder = strncmp(from, path_of(""), strlen(path_of(""))) == 0;

        next = from + (is_folder ? strlen(path_of("")) : 1);
        if (!is_folder)
            lines[used++] = *from;
        assert_true(used < 4096);
    }
    lines[used] = '\0';
    buffer_free(&mistakes);
    return config;
}

static struct config *load_valid(const char *yaml)
{
    char lines[4096];
    struct config *config = load(yaml, lines);

    if (!config || *lines)
        fail_msg("%s", lines);
    return config;
}

/* Each of the texts, the last one NULL, is in the mistakes. */
static void assert_mistakes(const char *yaml, ...)
{
    char lines[4096];
    va_list texts;

    if (load(yaml, lines))
        fail_msg("no mistake: %s", yaml);
    va_start(texts, yaml);
    for (const char *text; (text = va_arg(texts, const char *));) {
        if (!strstr(lines, text))
            fail_msg("'%s' is not in: %s", text, lines);
    }
    va_end(texts);
}

static const char with_body[] =
    "sites: [{id: s, domains: [{id: d, url: 'http://h/', body: 'a${file:secret}b'}]}]\n";

static void the_content_is_used_without_its_last_line_end(void **state)
{
    static const struct {
        const char *content, *text;
    } cases[] = {
        {"", "ab"},
        {"x", "axb"},
        {"x\n", "axb"},
        {"x\r\n", "axb"},
        {"x\n\n", "ax\nb"},
        {"x\r\n\r\n", "ax\r\nb"},
        {"x\r", "ax\rb"},
        {"x\r\r\n", "ax\rb"},
        {"\n", "ab"},
        {"\r\n", "ab"},
        {"x\ny\n", "ax\nyb"},
        {"\xff\xfe\n", "a\xff\xfe"
                       "b"},
        {"${HOME} $${ ${file:secret}\n", "a${HOME} $${ ${file:secret}b"},
        {"'\": [&x *x\n", "a'\": [&x *xb"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct config *config;

        write_text("secret", cases[i].content);
        config = load_valid(with_body);
        assert_int_equal(config->domains[0].body.size, strlen(cases[i].text));
        assert_string_equal(config->domains[0].body.data, cases[i].text);
        config_free(config);
    }
}

static void a_secret_has_at_most_64_kib_with_its_line_end(void **state)
{
    static char bytes[65537];
    struct config *config;

    (void)state;
    memset(bytes, 'x', sizeof bytes);
    bytes[65535] = '\n';
    write_bytes("secret", bytes, 65536);
    config = load_valid(with_body);
    assert_int_equal(config->domains[0].body.size, 65535 + 2);
    config_free(config);
    bytes[65536] = '\n';
    write_bytes("secret", bytes, 65537);
    assert_mistakes(with_body,
                    "uptick.yaml:1:59: the file secret, used here as ${file:secret}: 65537 bytes; "
                    "expected at most 65536\n",
                    NULL);

    /* A file that does not show its size. */
    if (access("/proc/kallsyms", R_OK) == 0) {
        assert_int_equal(unlink(path_of("secret")), 0);
        assert_int_equal(symlink("/proc/kallsyms", path_of("secret")), 0);
        assert_mistakes(with_body, ": more than 65536 bytes\n", NULL);
    }
}

static void what_is_no_secret_is_a_mistake_that_quotes_nothing(void **state)
{
    static const struct {
        const char *link, *why;
    } cases[] = {
        {"missing", ": No such file or directory\n"},
        {"secret", ": Too many levels of symbolic links\n"},
        {".", ": is a folder; expected a file\n"},
        {"fifo", ": is not a regular file\n"},
        {"/dev/zero", ": is not a regular file\n"},
        {"nul", ": contains a NUL byte\n"},
        {"nul/x", ": Not a directory\n"},
    };

    (void)state;
    assert_int_equal(mkfifo(path_of("fifo"), 0600), 0);
    write_bytes("nul", "se^cret\0se^cret\n", 16);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char lines[4096], expected[256];

        assert_int_equal(symlink(cases[i].link, path_of("secret")), 0);
        assert_null(load(with_body, lines));
        snprintf(expected, sizeof expected,
                 "uptick.yaml:1:59: the file secret, used here as ${file:secret}%s", cases[i].why);
        assert_string_equal(lines, expected);
        assert_int_equal(unlink(path_of("secret")), 0);
    }
}

static void what_does_not_name_a_file_is_a_mistake(void **state)
{
    static const char *const texts[] = {
        "${file:}", "${file:a",        "${file: ",   "${file:a\\nb}", "${file:a\\0b}",
        "${file}}", "${file:\\u202e}", "${files:a}", "${file-a}",     "${FILE:a}"};

    (void)state;
    unsetenv("file");
    for (size_t i = 0; i < LENGTH(texts); i++) {
        char yaml[256];

        snprintf(yaml, sizeof yaml, "title: \"%s\"\n" SITE("s"), texts[i]);
        assert_mistakes(yaml, "uptick.yaml:1:8: ",
                        strcmp(texts[i], "${file}}") == 0
                            ? "the environment variable file, "
                            : "expected ${NAME}, ${file:PATH}, or $${",
                        NULL);
    }
    write_text("b}", "x");
    write_text("a b", "x");
    config_free(load_valid("title: '${file:a b}} $${file:x}'\n" SITE("s")));
}

static void a_file_is_shown_by_its_name(void **state)
{
    struct config *config;
    char text[64] = "a Zy9-secret b", path[PATH_MAX + 64];

    (void)state;
    write_text("pw", "Zy9-secret\n");
    snprintf(path, sizeof path,
             "title: T ${file:pw}\n"
             "public_url: https://d.example/${file:pw}\n"
             "sites: [{id: s, name: '${file:pw}', domains: [{id: d, url: "
             "'http://u:${file:pw}@h/${file:pw}?q', expect: {body_contains: 'x${file:pw}'}}]}]\n");
    config = load_valid(path);
    assert_string_equal(config->title, "T ${file:pw}");
    assert_string_equal(config->public_url, "https://d.example/$%7Bfile:pw%7D/");
    assert_string_equal(config->sites[0].name, "${file:pw}");
    assert_string_equal(config->domains[0].url, "http://u:Zy9-secret@h/Zy9-secret?q");
    assert_string_equal(config->domains[0].shown_url, "http://h/${file:pw}");
    assert_string_equal(config->domains[0].expect.contains.list[0].text.data, "xZy9-secret");
    assert_string_equal(config->domains[0].expect.contains.list[0].shown.data, "x${file:pw}");
    secrets_hide(config->secrets, text, sizeof text);
    assert_string_equal(text, "a ${file:pw} b");
    config_free(config);
}

/* Two files may have the same name in two folders. */
static void each_value_of_one_name_is_hidden(void **state)
{
    struct config *config;
    char text[64] = "first-value second-value";

    (void)state;
    write_text("pw", "first-value");
    write_text("sub/pw", "second-value");
    write_text("sub/a.yaml",
               "sites: [{id: b, domains: [{id: d, url: 'http://h/', body: '${file:pw}'}]}]\n");
    config =
        load_valid("include: sub/a.yaml\n"
                   "sites: [{id: a, domains: [{id: d, url: 'http://h/', body: '${file:pw}'}]}]\n");
    assert_string_equal(config->domains[0].body.data, "first-value");
    assert_string_equal(config->domains[1].body.data, "second-value");
    secrets_hide(config->secrets, text, sizeof text);
    assert_string_equal(text, "${file:pw} ${file:pw}");
    config_free(config);
}

/* A server may repeat one line of a key, say. */
static void each_line_of_a_value_is_hidden(void **state)
{
    struct config *config;
    char text[64] = "<fedcba9876543210>";

    (void)state;
    write_text("secret", "0123456789abcdef\r\nfedcba9876543210\n");
    config = load_valid(with_body);
    secrets_hide(config->secrets, text, sizeof text);
    assert_string_equal(text, "<${file:secret}>");
    config_free(config);
}

static void a_content_is_a_mistake_in_the_same_places_as_a_variable(void **state)
{
    static const struct {
        const char *content, *yaml, *mistake;
    } cases[] = {
        {"s", "sites: [{id: '${file:v}', domains: [{id: d, url: 'http://h/'}]}]",
         "an id is published, so it cannot come from the environment or a file"},
        {"#0a0b0c", "accent_colour: '${file:v}'\n" SITE("s"), "a colour is published"},
        {"a\nb", "defaults: {headers: {A: '${file:v}'}}\n" SITE("s"),
         "the value of A contains a line break"},
        {"a\nb", "title: '${file:v}'\n" SITE("s"), "expected one line of text, got line breaks"},
        {"\xff", "title: '${file:v}'\n" SITE("s"), "bytes that are not UTF-8"},
        {"a.yaml", "include: '${file:v}'\n" SITE("s"),
         "the path of an included file is printed, so it cannot come from the environment"},
        {"7", "workers: ${file:v}\n" SITE("s"), "got '${file:v}'"},
        {"Zy9/SECRET", "sites: [{id: s, domains: [{id: d, url: 'https://u:${file:./v}@h/a'}]}]",
         "a user name or password from the environment or a file contains"},
        {"Zy9?SECRET", "sites: [{id: s, domains: [{id: d, url: 'https://${file:./v}@h'}]}]",
         "a user name or password from the environment or a file contains"},
        {"Zy9", "public_url: 'https://${file:./v}@h/'\n" SITE("s"), "got a URL with a user"},
        {"Zy9#", "public_url: 'https://${file:./v}@h/'\n" SITE("s"), "got a URL with a user"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char lines[4096];

        write_text("v", cases[i].content);
        assert_null(load(cases[i].yaml, lines));
        if (!strstr(lines, cases[i].mistake))
            fail_msg("%s: %s", cases[i].yaml, lines);
        assert_null(strstr(lines, "Zy9"));
    }
}

static void a_secret_that_everybody_can_read_is_a_warning(void **state)
{
    static const char yaml[] = "title: T\n"
                               "include: sub/a.yaml\n"
                               "defaults: {headers: {A: '${file:v} ${file:v}', B: 'b${file:w}'}}\n"
                               "footer: '${file:v}'\n";
    struct config *config;
    char lines[4096];

    (void)state;
    write_text("v", "x");
    write_text("w", "x");
    write_text("sub/v", "x");
    write_text("sub/a.yaml",
               "sites: [{id: b, domains: [{id: d, url: 'http://h/', body: '${file:v}'}]}]\n");
    assert_int_equal(chmod(path_of("v"), 0640), 0);
    assert_int_equal(chmod(path_of("w"), 0444), 0);
    assert_int_equal(chmod(path_of("sub/v"), 0604), 0);
    config = load(yaml, lines);
    assert_non_null(config);
    config_free(config);
    assert_string_equal(
        lines, "uptick.yaml:3:51: ${file:w}: every user of this machine can read the file w (mode "
               "0444); chmod o-r protects it\n"
               "sub/a.yaml:1:59: ${file:v}: every user of this machine can read the file sub/v "
               "(mode 0604); chmod o-r protects it\n");
}

/* The ids of the sites, one after the other. */
static void assert_sites(const struct config *config, const char *expected)
{
    char ids[256] = "";

    for (size_t i = 0; i < config->n_sites; i++) {
        assert_int_equal(config->sites[i].first_domain, i);
        assert_int_equal(config->domains[i].site, i);
        snprintf(ids + strlen(ids), sizeof ids - strlen(ids), "%s ", config->sites[i].id);
    }
    assert_string_equal(ids, expected);
}

static void the_sites_of_included_files_follow_in_the_order_of_their_names(void **state)
{
    static const struct {
        const char *yaml, *ids;
    } cases[] = {
        {"include: sites.d/*.yaml\n" SITE("main"), "main B a "},
        {SITE("main") "include: [sites.d/*.yaml]\n", "main B a "},
        {"include: [sites.d/a.yaml, 'sites.d/*', x/y.yaml]\nsites:\n", "B c a z "},
        {"include: 'sites.d/[ab].yaml'\nsites: ~\n", "a "},
        {"include: '?/y.yaml'\nsites: []\n", "z "},
        {"include: '*/*.yaml'\n", "B a z "},
        {"include: ['none/*', 'none*', '*none*/x.yaml']\n" SITE("main"), "main "},
        {"include: ~\n" SITE("main"), "main "},
        {"include: ['*.yaml', ./sites.d/a.yaml, sites.d/../sites.d/a.yaml]\n" SITE("main"),
         "main a "},
    };

    (void)state;
    write_text("sites.d/a.yaml", SITE("a"));
    write_text("sites.d/B.yaml", "x-y: &y {}\n" SITE("B"));
    write_text("sites.d/a.yam", SITE("c"));
    write_text("sites.d/.hidden.yaml", SITE("hidden"));
    write_text("x/y.yaml", SITE("z"));
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct config *config = load_valid(cases[i].yaml);

        assert_sites(config, cases[i].ids);
        config_free(config);
    }
}

/* By a link, a hard link, or the main file's own pattern. */
static void a_file_with_several_names_is_read_once(void **state)
{
    struct config *config;

    (void)state;
    write_text("b.yaml", SITE("b"));
    assert_int_equal(symlink("b.yaml", path_of("a.yaml")), 0);
    assert_int_equal(link(path_of("b.yaml"), path_of("c.yaml")), 0);
    config = load_valid("include: '*.yaml'\n");
    assert_sites(config, "b ");
    config_free(config);
}

static void included_sites_have_the_defaults_and_paths_of_their_own(void **state)
{
    struct config *config;

    (void)state;
    write_text("tok", "main-token");
    write_text("sub/tok", "sub-token");
    write_text("sub/a.yaml", "x-q: &q {retries: 2}\n"
                             "sites:\n"
                             "  - id: a\n"
                             "    domains:\n"
                             "      - {<<: *q, id: d, url: 'http://h/', body: '${file:tok}'}\n");
    config = load_valid("include: sub/a.yaml\n"
                        "defaults: {timeout_seconds: 3, headers: {A: '${file:tok}'}}\n" SITE("m"));
    assert_int_equal(config->domains[1].timeout_ms, 3000);
    assert_int_equal(config->domains[1].retries, 2);
    assert_string_equal(config->domains[1].body.data, "sub-token");
    assert_string_equal(config->domains[1].headers[0].value, "main-token");
    config_free(config);
}

static void mistakes_of_several_files_are_printed_file_by_file(void **state)
{
    char lines[4096];

    (void)state;
    write_text("a.yaml", "include: b.yaml\nretries: 1\nx-a: 1\nsite: 1\n" SITE("a"));
    write_text("b.yaml", "title: x\nsites:\n  - id: A\n    domains: []\n  - {id: Main}\n");
    write_text("c.yaml", "sites: [\n");
    write_text("d.yaml", "- a\n");
    write_text("e.yaml", "# nothing\n");
    write_text("f.yaml", "sites: []\n");
    write_text("g.yaml", "x-a: 1\n");
    assert_null(load("title: ''\ninclude: ['[a-g].yaml', gone.yaml, .]\n" SITE("main"), lines));
    assert_string_equal(
        lines,
        "uptick.yaml:1:8: title: expected one line of text, got nothing\n"
        "uptick.yaml:2:25: include: gone.yaml: No such file or directory\n"
        "uptick.yaml:2:36: include: .: is a folder; expected a file\n"
        "a.yaml:1:1: unknown key 'include' in an included file; it belongs at the top of the main "
        "file\n"
        "a.yaml:2:1: unknown key 'retries' in an included file; it belongs in a domain\n"
        "a.yaml:4:1: unknown key 'site' in an included file; did you mean 'sites'?\n"
        "b.yaml:1:1: unknown key 'title' in an included file; it belongs at the top of the main "
        "file\n"
        "b.yaml:3:9: id: 'A' is already used in a.yaml:5 (upper and lower case count as equal)\n"
        "b.yaml:4:14: domains: expected a list of at least one domain, got an empty list\n"
        "b.yaml:5:5: missing key 'domains' in a site: the list of the site's domains\n"
        "b.yaml:5:10: id: 'Main' is already used in uptick.yaml:3 (upper and lower case count as "
        "equal)\n"
        "c.yaml:2:1: not valid YAML: did not find expected node content\n"
        "d.yaml:1:1: expected a mapping with the key 'sites', got a list\n"
        "e.yaml:1:1: expected a mapping with the key 'sites', got nothing\n"
        "f.yaml:1:8: sites: expected a list of at least one site, got an empty list\n"
        "g.yaml:1:1: missing key 'sites' in an included file: the list of sites\n");
}

static void an_included_fifo_or_device_is_a_mistake(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(path_of("fifo"), 0600), 0);
    assert_mistakes("include: ['f*', /dev/zero]\n" SITE("m"),
                    "uptick.yaml:1:11: include: fifo: is not a regular file\n",
                    "uptick.yaml:1:17: include: /dev/zero: is not a regular file\n", NULL);
}

static void at_most_ten_thousand_files_are_included(void **state)
{
    struct config *config;

    (void)state;
    for (int i = 0; i < 10000; i++) {
        char name[32], yaml[128];

        snprintf(name, sizeof name, "%05d.y", i);
        snprintf(yaml, sizeof yaml, "sites: [{id: s%d, domains: [{id: d, url: 'http://h/'}]}]\n",
                 i);
        write_text(name, yaml);
    }
    config = load_valid("include: '*.y'\n");
    assert_int_equal(config->n_sites, 10000);
    config_free(config);
    write_text("z.y", SITE("z"));
    assert_mistakes("include: '*.y'\n", "uptick.yaml:1:10: include: more than 10000 files\n", NULL);
}

/* The reason is not cut off. */
static void a_long_path_leaves_room_for_the_reason(void **state)
{
    char path[3000], yaml[8192];

    (void)state;
    memset(path, '/', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    snprintf(yaml, sizeof yaml, "title: '${file:%s}'\ninclude: %s\n" SITE("m"), path, path);
    assert_mistakes(yaml, ": is a folder; expected a file\nuptick.yaml:2:10: include: ", NULL);
    memset(path, 'a', sizeof path - 1);
    snprintf(yaml, sizeof yaml, "title: '${file:%s}'\ninclude: %s\n" SITE("m"), path, path);
    assert_mistakes(yaml, ": File name too long\nuptick.yaml:2:10: include: ", NULL);
}

static void the_name_of_a_file_is_printed_as_one_line(void **state)
{
    (void)state;
    write_text("a\n\033[31m\xff.yaml", "sites: 5\n");
    assert_mistakes("include: 'a*'\n", "a  [31m?.yaml:1:8: sites: expected a list", NULL);
}

static void some_file_must_have_a_site(void **state)
{
    static const char none[] = "include: no file has a site, and this file has none either";
    static const char empty[] = "sites: expected a list of at least one site, got ";

    (void)state;
    assert_mistakes("include: '*.none'\n", "uptick.yaml:1:10: ", none, NULL);
    assert_mistakes("include: ['*.none']\nsites: []\n", "uptick.yaml:1:10: ", none, NULL);
    assert_mistakes("include: ~\nsites: []\n", "uptick.yaml:2:8: ", empty, NULL);
    assert_mistakes("include: ~\n", "uptick.yaml:1:1: missing key 'sites' at the top", NULL);
    assert_mistakes("include: '*.none'\nsites: 5\n", "uptick.yaml:2:8: ", empty, NULL);
}

static void what_does_not_name_files_is_a_mistake(void **state)
{
    static const char *const values[] = {"",    "[]", "{a: b}",   "[[a]]",
                                         "[~]", "''", "[{a: b}]", "\"a\\0b\""};

    (void)state;
    for (size_t i = 0; i < LENGTH(values); i++) {
        char yaml[256];

        snprintf(yaml, sizeof yaml, "include: %s\n" SITE("s"), values[i]);
        assert_mistakes(
            yaml, "uptick.yaml:1:", ": include: expected the path of a file, a pattern ", NULL);
    }
}

static void aliases_do_not_reach_another_file(void **state)
{
    (void)state;
    write_text("a.yaml", "sites: [{id: a, domains: [{<<: *q, id: d, url: 'http://h/'}]}]\n");
    assert_mistakes("x-q: &q {retries: 2}\ninclude: a.yaml\n" SITE("m"),
                    "a.yaml:1:32: alias '*q': no anchor '&q' before it\n", NULL);
}

/* The pages show the name of a secret, so they do not change with its content. */
static void the_hash_changes_with_each_file_but_not_with_a_secret(void **state)
{
    static const char yaml[] = "include: '?.yaml'\ntitle: '${file:v}'\n";
    int64_t hashes[4];

    (void)state;
    for (size_t i = 0; i < LENGTH(hashes); i++) {
        struct config *config;

        write_text("v", i == 1 ? "one" : "two");
        write_text("a.yaml", i == 2 ? "# Changed\n" SITE("a") : SITE("a"));
        write_text(i == 3 ? "c.yaml" : "b.yaml", i == 3 ? SITE("c") : SITE("b"));
        config = load_valid(yaml);
        hashes[i] = config->hash;
        config_free(config);
    }
    assert_true(hashes[0] == hashes[1]);
    assert_true(hashes[0] != hashes[2]);
    assert_true(hashes[0] != hashes[3]);
}

/* Writes a name into a text. */
static const char *fill(const char *format, const char *name)
{
    static char texts[2][256];
    static unsigned next;
    char *text = texts[next++ % LENGTH(texts)];

    snprintf(text, sizeof texts[0], format, name);
    return text;
}

/* As the user of a crontab might be. */
static void a_file_of_another_user_is_a_mistake_that_names_both(void **state)
{
    static const struct {
        uid_t id;
        const char *name;
    } users[] = {{65534, "nobody"}, {54321, "54321"}};
    static const char yaml[] = "include: [a.yaml, 'closed/*.yaml', closed/b.yaml]\n"
                               "title: '${file:secret}${file:closed/x}'\n" SITE("m");

    (void)state;
    if (geteuid() != 0)
        skip();
    write_text("a.yaml", SITE("a"));
    write_text("closed/b.yaml", SITE("b"));
    write_text("secret", "x");
    write_text("uptick.yaml", yaml);
    assert_int_equal(chmod(path_of("uptick.yaml"), 0644), 0);
    assert_int_equal(chmod(path_of("closed"), 0700), 0);
    for (size_t i = 0; i < LENGTH(users); i++) {
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
        const char *const parts[] = {
            fill("/a.yaml: Permission denied (you are %s; the file belongs to root:root, mode "
                 "0600)\n",
                 users[i].name),
            ":1:19: include: a folder of the pattern cannot be read: Permission denied\n",
            fill("/closed/b.yaml: Permission denied (you are %s, who may not enter its folder)\n",
                 users[i].name),
            "/secret, used here as ${file:secret}: Permission denied (you are ",
            "/closed/x, used here as ${file:closed/x}: Permission denied (you are ",
        };
        struct config *config;

        assert_int_equal(seteuid(users[i].id), 0);
        config = config_load(path_of("uptick.yaml"), &mistakes);
        assert_int_equal(seteuid(0), 0);
        assert_null(config);
        for (size_t j = 0; j < LENGTH(parts); j++) {
            if (!strstr(mistakes.data, parts[j]))
                fail_msg("'%s' is not in: %s", parts[j], mistakes.data);
        }
        buffer_free(&mistakes);
    }
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(the_content_is_used_without_its_last_line_end),
        IN_FOLDER(a_secret_has_at_most_64_kib_with_its_line_end),
        IN_FOLDER(what_is_no_secret_is_a_mistake_that_quotes_nothing),
        IN_FOLDER(what_does_not_name_a_file_is_a_mistake),
        IN_FOLDER(a_file_is_shown_by_its_name),
        IN_FOLDER(each_value_of_one_name_is_hidden),
        IN_FOLDER(each_line_of_a_value_is_hidden),
        IN_FOLDER(a_content_is_a_mistake_in_the_same_places_as_a_variable),
        IN_FOLDER(a_secret_that_everybody_can_read_is_a_warning),
        IN_FOLDER(the_sites_of_included_files_follow_in_the_order_of_their_names),
        IN_FOLDER(a_file_with_several_names_is_read_once),
        IN_FOLDER(included_sites_have_the_defaults_and_paths_of_their_own),
        IN_FOLDER(mistakes_of_several_files_are_printed_file_by_file),
        IN_FOLDER(an_included_fifo_or_device_is_a_mistake),
        IN_FOLDER(at_most_ten_thousand_files_are_included),
        IN_FOLDER(a_long_path_leaves_room_for_the_reason),
        IN_FOLDER(the_name_of_a_file_is_printed_as_one_line),
        IN_FOLDER(some_file_must_have_a_site),
        IN_FOLDER(what_does_not_name_files_is_a_mistake),
        IN_FOLDER(aliases_do_not_reach_another_file),
        IN_FOLDER(the_hash_changes_with_each_file_but_not_with_a_secret),
        IN_FOLDER(a_file_of_another_user_is_a_mistake_that_names_both),
    };

    return cmocka_run_group_tests_name("config include", tests, NULL, NULL);
}
