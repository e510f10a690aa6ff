/* config: how a check asks: files of certificates, logins, addresses, versions and bodies. */
#include "base/buffer.h"
#include "config/client_certificate.h"
#include "config/config.h"

#include <curl/curl.h>
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

static char folder[64], path[128];

/* The path of a file in the folder. */
static const char *in_folder(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_certificate(FILE *file, EVP_PKEY *key)
{
    X509 *made = X509_new();
    X509_NAME *subject = X509_get_subject_name(made);

    X509_set_version(made, 2);
    X509_gmtime_adj(X509_getm_notBefore(made), 0);
    X509_gmtime_adj(X509_getm_notAfter(made), 86400);
    X509_set_pubkey(made, key);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)"www", -1, -1,
                               0);
    X509_set_issuer_name(made, subject);
    assert_true(X509_sign(made, key, EVP_sha256()));
    assert_true(PEM_write_X509(file, made));
    X509_free(made);
}

/* Writes a file: c and C are certificates of two keys, k and K those keys, e is k with a
 * passphrase, w and W are a certificate of a short key and that key, x is text. */
static void write_file(const char *name, const char *parts)
{
    static EVP_PKEY *keys[3];
    FILE *file = fopen(in_folder(name), "w");

    assert_non_null(file);
    if (!keys[0]) {
        keys[0] = EVP_RSA_gen(2048);
        keys[1] = EVP_EC_gen("P-256");
        keys[2] = EVP_RSA_gen(512);
    }
    for (; *parts; parts++) {
        EVP_PKEY *key = keys[strchr("CK", *parts) ? 1 : strchr("wW", *parts) ? 2 : 0];

        if (strchr("cCw", *parts))
            write_certificate(file, key);
        else if (strchr("kKW", *parts))
            assert_true(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL));
        else if (*parts == 'e')
            assert_true(PEM_write_PrivateKey(file, key, EVP_aes_128_cbc(), NULL, 0, NULL, "word"));
        else
            fprintf(file, "some text\n");
    }
    fclose(file);
}

static int make_files(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/uptick-client-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    write_file("c.pem", "c");
    write_file("k.key", "k");
    write_file("K.key", "K");
    write_file("e.key", "e");
    write_file("ck.pem", "ck");
    write_file("Kxc.pem", "xKxCxcx");
    write_file("weak.pem", "wW");
    write_file("x.pem", "x");
    write_file("empty", "");
    write_file("large", "ck");
    return truncate(in_folder("large"), (1 << 20) + 1);
}

static int remove_files(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

/* Reads a file with these keys in defaults and in its domains, in the folder. */
static struct config *read_config(const char *defaults, const char *first, const char *second,
                                  struct buffer *mistakes)
{
    char yaml[1024];
    int size = snprintf(yaml, sizeof yaml,
                        "defaults: {%s}\n"
                        "sites:\n- id: s\n  domains:\n"
                        "  - {id: a, url: 'https://a.example/', %s}\n"
                        "  - {id: b, url: 'https://b.example/', %s}\n",
                        defaults, first, second);

    return config_parse(in_folder("uptick.yaml"), yaml, (size_t)size, mistakes);
}

static void a_usable_pair_is_read_once(void **state)
{
    static const struct {
        const char *defaults, *first, *second;
        bool in_first, in_second;
        int chain;
    } cases[] = {
        {"", "client_certificate: c.pem, client_key: k.key", "", true, false, 0},
        {"client_certificate: c.pem, client_key: k.key", "", "retries: 1", true, true, 0},
        {"client_certificate: ck.pem", "", "client_certificate: ~", true, false, 0},
        {"client_certificate: c.pem", "client_key: k.key", "client_key: k.key", true, true, 0},
        {"client_key: k.key", "client_certificate: c.pem", "", true, false, 0},
        {"", "client_certificate: Kxc.pem", "client_certificate: Kxc.pem", true, true, 1},
        {"client_certificate: Kxc.pem", "", "client_certificate: c.pem, client_key: k.key", true,
         true, 1},
        {"client_certificate: c.pem, client_key: k.key",
         "client_certificate: ck.pem, client_key: ~", "", true, true, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 16);
        struct config *config =
            read_config(cases[i].defaults, cases[i].first, cases[i].second, &mistakes);
        const struct client_certificate *first, *second;

        if (!config)
            fail_msg("%s", mistakes.data);
        first = config->domains[0].client_certificate;
        second = config->domains[1].client_certificate;
        assert_int_equal(first != NULL, cases[i].in_first);
        assert_int_equal(second != NULL, cases[i].in_second);
        assert_int_equal(first->chain ? sk_X509_num(first->chain) : 0, cases[i].chain);
        if (second && strcmp(first->certificate_file, second->certificate_file) == 0)
            assert_ptr_equal(first, second);
        config_free(config);
    }
}

static void an_unusable_pair_is_a_mistake_at_its_key(void **state)
{
    static const struct {
        const char *defaults, *first;
        int line, column;
        const char *mistake;
    } cases[] = {
        {"", "client_certificate: c.pem", 5, 60,
         "client_certificate: the file contains no PEM private key; set client_key"},
        {"", "client_certificate: c.pem, client_key: K.key", 5, 79,
         "client_key: the key does not belong to the certificate"},
        {"", "client_certificate: c.pem, client_key: e.key", 5, 79,
         "client_key: the key is encrypted with a passphrase"},
        {"", "client_certificate: c.pem, client_key: c.pem", 5, 79,
         "client_key: the file contains no PEM private key"},
        {"", "client_certificate: c.pem, client_key: empty", 5, 79,
         "client_key: the file contains no PEM private key"},
        {"", "client_certificate: c.pem, client_key: nosuch", 5, 79,
         "client_key: cannot read the file: No such file or directory"},
        {"", "client_certificate: k.key", 5, 60,
         "client_certificate: the file contains no PEM certificate"},
        {"", "client_certificate: x.pem, client_key: k.key", 5, 60,
         "client_certificate: the file contains no PEM certificate"},
        {"", "client_certificate: large", 5, 60,
         "client_certificate: expected a file of at most 1 MiB"},
        {"", "client_certificate: .", 5, 60,
         "client_certificate: expected a file of at most 1 MiB"},
        {"", "client_key: k.key", 5, 52, "client_key: there is no certificate"},
        {"client_certificate: c.pem", "", 5, 5,
         "client_certificate: the file contains no PEM private key; set client_key"},
        {"client_certificate: c.pem, client_key: K.key", "", 1, 51,
         "client_key: the key does not belong to the certificate"},
        {"", "client_certificate: weak.pem", 5, 60,
         "client_certificate: OpenSSL does not accept a short key"},
        {"client_certificate: weak.pem", "tls_min_version: 1.2", 5, 5,
         "client_certificate: OpenSSL does not accept a short key"},
        {"client_certificate: c.pem, client_key: k.key", "client_key: K.key", 5, 52,
         "client_key: the key does not belong to the certificate"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 16);
        char expected[256];

        assert_null(read_config(cases[i].defaults, cases[i].first,
                                "client_certificate: ~, client_key: ~", &mistakes));
        snprintf(expected, sizeof expected, "%s/uptick.yaml:%d:%d: %s", folder, cases[i].line,
                 cases[i].column, cases[i].mistake);
        if (strncmp(mistakes.data, expected, strlen(expected)) != 0)
            fail_msg("%sexpected %s", mistakes.data, expected);
        assert_ptr_equal(strchr(mistakes.data, '\n') + 1, mistakes.data + mistakes.size);
        buffer_free(&mistakes);
    }
}

static void a_weak_certificate_is_accepted_for_old_devices(void **state)
{
    struct buffer mistakes = BUFFER_WITH_CEILING(1 << 16);
    struct config *config =
        read_config("client_certificate: weak.pem", "tls_min_version: 1.0",
                    "client_certificate: weak.pem, tls_min_version: 1.1", &mistakes);

    (void)state;
    assert_non_null(config);
    config_free(config);
    buffer_free(&mistakes);
}

static void a_version_of_http_that_libcurl_lacks_is_a_mistake(void **state)
{
    const curl_version_info_data *libcurl = curl_version_info(CURLVERSION_NOW);
    struct buffer mistakes = BUFFER_WITH_CEILING(1 << 16);
    struct config *config = read_config("", "http_version: 3", "http_version: '3'", &mistakes);
    char expected[128];

    (void)state;
    snprintf(expected, sizeof expected,
             ":5:54: http_version: this libcurl (%s) has no HTTP/3; use another version\n",
             libcurl->version);
    if (libcurl->features & CURL_VERSION_HTTP3)
        assert_int_equal(config->domains[1].http_version, REQUEST_HTTP_3);
    else
        assert_non_null(strstr(mistakes.data, expected));
    config_free(config);
    buffer_free(&mistakes);
}

static void a_body_file_has_at_most_16_mib(void **state)
{
    struct buffer mistakes = BUFFER_WITH_CEILING(1 << 16);
    struct config *config;

    (void)state;
    write_file("body", "");
    assert_int_equal(truncate(in_folder("body"), 16 << 20), 0);
    config = read_config("method: POST, body_file: body", "", "", &mistakes);
    assert_non_null(config);
    assert_int_equal(config->domains[0].body.size, 16 << 20);
    assert_ptr_equal(config->domains[0].body.data, config->domains[1].body.data);
    config_free(config);
    config = read_config("", "method: POST, body_file: empty", "method: POST, body_file: body",
                         &mistakes);
    assert_non_null(config);
    assert_non_null(config->domains[0].body.data);
    assert_int_equal(config->domains[0].body.size, 0);
    assert_int_equal(config->domains[1].body.size, 16 << 20);
    config_free(config);
    assert_int_equal(truncate(in_folder("body"), (16 << 20) + 1), 0);
    assert_null(read_config("", "method: POST, body_file: body", "", &mistakes));
    assert_non_null(strstr(mistakes.data, ":5:65: body_file: expected the path of a file of at "
                                          "most 16 MiB, or ~ for none, got 'body', which is "
                                          "larger than 16 MiB\n"));
    buffer_free(&mistakes);
}

static const char *authorization_of(const struct domain *domain)
{
    for (size_t i = 0; i < domain->n_headers; i++) {
        if (strcmp(domain->headers[i].name, "Authorization") == 0)
            return domain->headers[i].value;
    }
    return NULL;
}

/* The examples of RFC 7617, and others. */
static void a_login_becomes_a_header(void **state)
{
    static const struct {
        const char *keys, *header;
    } cases[] = {
        {"username: Aladdin, password: open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
        {"username: test, password: 123\u00a3", "Basic dGVzdDoxMjPCow=="},
        {"username: a, password: b", "Basic YTpi"},
        {"username: a", "Basic YTo="},
        {"username: '', password: a", "Basic OmE="},
        {"username: a, password: ':'", "Basic YTo6"},
        {"username: ~", NULL},
        {"retries: 0", "Basic ZGVmYXVsdDp3b3Jk"},
        {"headers: {X: y}", "Basic ZGVmYXVsdDp3b3Jk"},
        {"username: other", "Basic b3RoZXI6d29yZA=="},
        {"password: other", "Basic ZGVmYXVsdDpvdGhlcg=="},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 16);
        bool inherits = i >= 6;
        struct config *config =
            read_config(inherits ? "username: default, password: word, headers: {A: b}" : "",
                        cases[i].keys, "", &mistakes);
        const char *header;

        if (!config)
            fail_msg("%s", mistakes.data);
        header = authorization_of(&config->domains[0]);
        assert_int_equal(header != NULL, cases[i].header != NULL);
        if (header)
            assert_string_equal(header, cases[i].header);
        header = authorization_of(&config->domains[1]);
        assert_int_equal(header != NULL, inherits);
        if (header)
            assert_string_equal(header, "Basic ZGVmYXVsdDp3b3Jk");
        config_free(config);
    }
}

static void an_address_is_kept_in_its_usual_form(void **state)
{
    static const struct {
        const char *given, *address;
        int port;
    } cases[] = {
        {"192.0.2.1", "192.0.2.1", 0},
        {"192.0.2.1:1", "192.0.2.1", 1},
        {"192.0.2.1:65535", "192.0.2.1", 65535},
        {"2001:DB8:0::1", "[2001:db8::1]", 0},
        {"[2001:DB8:0::1]", "[2001:db8::1]", 0},
        {"[2001:DB8:0::1]:443", "[2001:db8::1]", 443},
        {"2001:db8::1:8443", "[2001:db8::1:8443]", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 16);
        struct config *config;
        char keys[64];

        snprintf(keys, sizeof keys, "address: '%s'", cases[i].given);
        config = read_config("", keys, "", &mistakes);
        if (!config)
            fail_msg("%s", mistakes.data);
        assert_string_equal(config->domains[0].address, cases[i].address);
        assert_int_equal(config->domains[0].address_port, cases[i].port);
        assert_null(config->domains[1].address);
        config_free(config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_usable_pair_is_read_once),
        cmocka_unit_test(an_unusable_pair_is_a_mistake_at_its_key),
        cmocka_unit_test(a_weak_certificate_is_accepted_for_old_devices),
        cmocka_unit_test(a_version_of_http_that_libcurl_lacks_is_a_mistake),
        cmocka_unit_test(a_body_file_has_at_most_16_mib),
        cmocka_unit_test(a_login_becomes_a_header),
        cmocka_unit_test(an_address_is_kept_in_its_usual_form),
    };

    return cmocka_run_group_tests_name("config requests", tests, make_files, remove_files);
}
