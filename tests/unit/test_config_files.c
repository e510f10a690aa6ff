/* config/path: files and folders that a configuration names. */
#include "base/buffer.h"
#include "config/config.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
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

enum { LONGEST = PATH_MAX - 512 };

static char folder[256];

static void write_certificate(const char *name)
{
    char path[384];
    X509 *certificate = X509_new();
    EVP_PKEY *key = EVP_EC_gen("P-256");
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "w");
    assert_non_null(file);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    assert_int_equal(PEM_write_X509(file, certificate), 1);
    fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static int make_folder(void **state)
{
    const char *temporary = getenv("TMPDIR");
    char path[384];

    (void)state;
    snprintf(folder, sizeof folder, "%s/uptick-test-XXXXXX", temporary ? temporary : "/tmp");
    assert_non_null(mkdtemp(folder));
    write_certificate("a.pem");
    write_certificate("b.pem");
    snprintf(path, sizeof path, "%s/pages", folder);
    return mkdir(path, 0700);
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"a.pem", "b.pem", "pages"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[384];

        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        remove(path);
    }
    return rmdir(folder);
}

/* Reads a configuration in the folder. Mistakes go to a text that the caller frees. */
static struct config *read_config(const char *top, const char *keys_of_a, const char *keys_of_b,
                                  struct buffer *mistakes)
{
    static char yaml[4 * PATH_MAX];
    char path[384];

    snprintf(path, sizeof path, "%s/uptick.yaml", folder);
    snprintf(yaml, sizeof yaml,
             "%ssites: [{id: s, domains: [{id: a, url: 'http://h/', %s},\n"
             "{id: b, url: 'http://h/', %s}]}]\n",
             top, keys_of_a, keys_of_b);
    return config_parse(path, yaml, strlen(yaml), mistakes);
}

static void each_domain_uses_the_ca_file_that_it_names(void **state)
{
    static const struct {
        const char *a, *b; /* NULL: none */
        const char *fault;
    } cases[] = {
        {"a.pem", "a.pem", NULL},
        {"a.pem", "b.pem", NULL},
        {"a.pem", NULL, NULL},
        {NULL, "b.pem", NULL},
        {"a.pem", "c.pem", ":2:36: ca_file: expected "},
        {"c.pem", "a.pem", ":1:"},
        {"c.pem", "c.pem", ":2:36: ca_file: expected "},
        {"pages", "a.pem", "which is not a file"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *names[] = {cases[i].a, cases[i].b};
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
        char keys[2][64], expected[384];
        struct config *config;

        for (int d = 0; d < 2; d++)
            snprintf(keys[d], sizeof keys[d], "ca_file: %s", names[d] ? names[d] : "~");
        config = read_config("", keys[0], keys[1], &mistakes);
        if (cases[i].fault) {
            assert_null(config);
            assert_non_null(strstr(mistakes.data, cases[i].fault));
        } else if (!config) {
            fail_msg("%s", mistakes.data);
        }
        for (int d = 0; config && d < 2; d++) {
            snprintf(expected, sizeof expected, "%s/%s", folder, names[d] ? names[d] : "");
            if (names[d])
                assert_string_equal(config->domains[d].ca_file, expected);
            else
                assert_null(config->domains[d].ca_file);
        }
        buffer_free(&mistakes);
        config_free(config);
    }
}

static void templates_dir_must_be_a_folder(void **state)
{
    static const struct {
        const char *value, *fault;
    } cases[] = {{"pages", NULL},
                 {"~", NULL},
                 {"a.pem", "which is not a folder"},
                 {"nowhere", "No such file or directory"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
        struct config *config;
        char top[64];

        snprintf(top, sizeof top, "templates_dir: %s\n", cases[i].value);
        config = read_config(top, "", "", &mistakes);
        assert_int_equal(config == NULL, cases[i].fault != NULL);
        if (cases[i].fault)
            assert_non_null(strstr(mistakes.data, cases[i].fault));
        buffer_free(&mistakes);
        config_free(config);
    }
}

static void the_maximum_path_length_includes_the_folder_of_the_file(void **state)
{
    int from_folder = (int)strlen(folder) + 1;

    (void)state;
    for (int over = 0; over < 2; over++) {
        for (int absolute = 0; absolute < 2; absolute++) {
            static char top[2 * PATH_MAX];
            struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
            int length = LONGEST + over - (absolute ? 0 : from_folder);
            struct config *config;

            snprintf(top, sizeof top, "data_dir: %c%0*d\n", absolute ? '/' : 'd', length - 1, 7);
            config = read_config(top, "", "", &mistakes);
            assert_int_equal(config == NULL, over);
            if (over)
                assert_non_null(strstr(mistakes.data, "data_dir: expected a path of 1 to "));
            else
                assert_int_equal(strlen(config->data_dir), LONGEST);
            buffer_free(&mistakes);
            config_free(config);
        }
    }
}

/* If the path of the file has no folder, relative paths start in the working directory. */
static void data_dir_and_public_dir_are_kept_apart_however_they_are_written(void **state)
{
    static const struct {
        const char *data, *public; /* one that begins with a slash: after the working directory */
        const char *mistake;       /* NULL: none */
    } cases[] = {{"p/x", "/p", "data_dir: must be outside public_dir"},
                 {"/p/x", "p", "data_dir: must be outside public_dir"},
                 {"/pp", "p", NULL},
                 {"p", "/p", "data_dir: must be outside public_dir"},
                 {"p/../q", "/p", NULL},
                 {"q/../p", "/p", "data_dir: must be outside public_dir"},
                 {"tests", "tests-link", "data_dir: must be outside public_dir"},
                 {"tests-link/x", "tests", "data_dir: must be outside public_dir"},
                 {"tests", "/tests-link/x/y", "public_dir: must be outside data_dir"},
                 {"p", "/p/live", "public_dir: must be outside data_dir"},
                 {"/p", "q/../p/x", "public_dir: must be outside data_dir"}};
    char here[PATH_MAX];

    (void)state;
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(symlink("tests", "tests-link"), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        static char yaml[3 * PATH_MAX];
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
        struct config *config;

        snprintf(yaml, sizeof yaml,
                 "data_dir: %s%s\npublic_dir: %s%s\n"
                 "sites: [{id: s, domains: [{id: a, url: 'http://h/'}]}]\n",
                 cases[i].data[0] == '/' ? here : "", cases[i].data,
                 cases[i].public[0] == '/' ? here : "", cases[i].public);
        config = config_parse("c", yaml, strlen(yaml), &mistakes);
        assert_int_equal(config != NULL, cases[i].mistake == NULL);
        if (!config)
            assert_non_null(strstr(mistakes.data, cases[i].mistake));
        buffer_free(&mistakes);
        config_free(config);
    }
    assert_int_equal(unlink("tests-link"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_domain_uses_the_ca_file_that_it_names),
        cmocka_unit_test(templates_dir_must_be_a_folder),
        cmocka_unit_test(the_maximum_path_length_includes_the_folder_of_the_file),
        cmocka_unit_test(data_dir_and_public_dir_are_kept_apart_however_they_are_written),
    };

    return cmocka_run_group_tests_name("config files", tests, make_folder, remove_folder);
}
