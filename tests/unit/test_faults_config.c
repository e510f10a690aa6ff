/* Configurations whose files cannot be read, without IDN, or without memory. */
#include "base/buffer.h"
#include "base/zone.h"
#include "config/config.h"
#include "config/quiet.h"

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "faults.h"

static struct config *parse(const char *key, const char *host, struct buffer *mistakes)
{
    char yaml[512];
    int size = snprintf(yaml, sizeof yaml,
                        "sites:\n"
                        "  - id: s\n"
                        "    name: S\n"
                        "    domains:\n"
                        "      - {id: a, url: 'http://%s/'%s}\n",
                        host, key);

    return config_parse("uptick.yaml", yaml, (size_t)size, mistakes);
}

static void an_unreadable_ca_file_is_reported(void **state)
{
    int n_failed = 0;
    bool met = true;

    (void)state;
    for (int nth = 1; met; nth++) {
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
        struct config *config;

        fault_arm(FAULT_OF_FILE, nth, false, EIO);
        config = parse(", ca_file: Makefile", "h", &mistakes);
        met = fault_disarm();
        assert_null(config);
        if (strstr(mistakes.data, "ca_file: "))
            n_failed += strstr(mistakes.data, "Input/output error") != NULL;
        buffer_free(&mistakes);
    }
    assert_int_equal(n_failed, 2);
}

/* Then the host stays as it is written, and libcurl looks it up. */
static void a_host_stays_as_written_if_its_idn_conversion_fails(void **state)
{
    static const char host[] = "b\xc3\xbc"
                               "cher.example";
    int n_plain = 0;
    bool met = true;

    (void)state;
    for (int nth = 1; met; nth++) {
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
        struct config *config;

        fault_arm(FAULT_OF_IDN, nth, false, 0);
        config = parse("", host, &mistakes);
        met = fault_disarm();
        if (met && config)
            n_plain += strcmp(config->domains[0].host, host) == 0;
        buffer_free(&mistakes);
        config_free(config);
    }
    assert_int_equal(n_plain, 1);
}

/* The file that is included, and one with a secret. */
static void an_unreadable_file_of_the_user_is_reported(void **state)
{
    static const char *const yaml[] = {
        "include: tests/config/included/site.yaml\n",
        "sites: [{id: s, domains: [{id: a, url: 'http://h/', body: '${file:Makefile}'}]}]\n"};

    (void)state;
    for (size_t i = 0; i < sizeof yaml / sizeof yaml[0]; i++) {
        int n_failed = 0;
        bool met = true;

        for (int nth = 1; met; nth++) {
            struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
            struct config *config;

            fault_arm(FAULT_OF_FILE, nth, false, EIO);
            config = config_parse("uptick.yaml", yaml[i], strlen(yaml[i]), &mistakes);
            met = fault_disarm();
            if (config)
                assert_int_equal(mistakes.size, 0);
            else
                assert_non_null(strstr(mistakes.data, ": Input/output error\n"));
            n_failed += !config;
            config_free(config);
            buffer_free(&mistakes);
        }
        assert_true(n_failed >= 2);
    }
}

/* No mistake is reported that is none. */
static void a_request_without_memory_is_no_mistake(void **state)
{
    static const char keys[] =
        ", method: POST, body_file: Makefile, username: u, password: p, headers: {A: b},"
        " proxy: 'http://a:b@b\xc3\xbc"
        "cher.example', http_version: 2, tls_min_version: 1.0";
    static const char *const ways[] = {keys, ", address: '[2001:DB8::1]:80'",
                                       ", unix_socket: run/app.sock"};

    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        bool met = true;

        for (int nth = 1; met; nth++) {
            struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
            struct config *config;

            fault_arm(FAULT_OF_MEMORY, nth, nth % 2, 0);
            config = parse(ways[i], "h", &mistakes);
            met = fault_disarm();
            if (config)
                assert_false(met && !config->domains[0].host);
            else if (mistakes.size && !strstr(mistakes.data, "memory"))
                fail_msg("%s", mistakes.data);
            assert_true(met || config);
            config_free(config);
            buffer_free(&mistakes);
        }
    }
}

/* Also of alert targets, of dependencies, and of names that do not exist. */
static void alerts_without_memory_are_no_mistake(void **state)
{
    static const char yaml[] =
        "ping_url: 'https://u:p@hc.example/0b1c3e55'\n"
        "alerts:\n"
        "  - {id: a, type: mail, server: 'smtp://b\xc3\xbc"
        "cher.example:587', username: uptick-9000, password: b, tls: optional, from: a@b.example,"
        " to: [c@d.example], proxy: 'http://a:b@p:1', ca_file: ~}\n"
        "  - {id: b, type: sendmail, from: a, to: [b, c], sites: [s, s/a], on: [up, undelivered],"
        " remind_after: [1h, 2h], quiet: {from: 01:00, to: 02:00, zone: Europe/Berlin,"
        " except: down}}\n"
        "  - {id: c, type: webhook, url: 'https://u:p@hooks.example/T0123456', secret: d,"
        " headers: {Authorization: Bearer 1f3870be}}\n"
        "  - {id: d, type: webhook, format: telegram, token: e, chat: '-1001234567'}\n"
        "  - {id: e, type: command, command: [/no/such/program, +4930123456]}\n"
        "sites: [{id: s, domains: [{id: a, url: 'http://h/', depends_on: s/b},"
        " {id: b, url: 'http://h/'}]}]\n";
    bool met = true;

    (void)state;
    for (int nth = 1; met; nth++) {
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
        struct config *config;

        fault_arm(FAULT_OF_MEMORY, nth, nth % 2, 0);
        config = config_parse("c", yaml, sizeof yaml - 1, &mistakes);
        met = fault_disarm();
        if (config)
            assert_int_equal(config->n_alerts, 5);
        else if (mistakes.size && !strstr(mistakes.data, "memory"))
            fail_msg("%d: %s", nth, mistakes.data);
        assert_true(met || config);
        config_free(config);
        buffer_free(&mistakes);
    }
}

/* If even the zone before cannot be restored, times are UTC. */
static void quiet_hours_without_memory_are_an_error(void **state)
{
    struct quiet_hours hours = {.from_minute = 60, .to_minute = 120, .zone = "Europe/Berlin"};
    static const char zone[] = "America/New_York";
    int n_failed = 0, n_lost = 0;
    bool met = true;

    (void)state;
    for (int nth = 1; met; nth++) {
        struct quiet_spans spans;
        int result;

        setenv("TZ", zone, 1);
        fault_arm(FAULT_OF_MEMORY, nth, false, 0);
        result = quiet_spans_make(&hours, 0, &spans);
        met = fault_disarm();
        assert_int_equal(spans.n, result ? 0 : 6);
        n_failed += result != 0;
        n_lost += !getenv("TZ");
        if (getenv("TZ"))
            assert_string_equal(getenv("TZ"), zone);
    }
    assert_int_equal(n_failed, 2);
    assert_int_equal(n_lost, 1);
    unsetenv("TZ");
}

/* No test can make its file unreadable for root, but a disk can. */
static void a_zone_that_cannot_be_read_does_not_exist(void **state)
{
    int n_missing = 0;
    bool met = true;

    (void)state;
    for (int nth = 1; met; nth++) {
        fault_arm(FAULT_OF_FILE, nth, false, EIO);
        n_missing += !zone_exists("Europe/Berlin");
        met = fault_disarm();
    }
    assert_int_equal(n_missing, 2); /* it cannot be opened, or not be read */
}

static void an_unreadable_client_certificate_is_reported(void **state)
{
    int n_failed = 0;
    bool met = true;

    (void)state;
    for (int nth = 1; met; nth++) {
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
        struct config *config;

        fault_arm(FAULT_OF_FILE, nth, false, EIO);
        config = parse(", client_certificate: Makefile", "h", &mistakes);
        met = fault_disarm();
        assert_null(config);
        if (strstr(mistakes.data, "client_certificate: "))
            n_failed += strstr(mistakes.data, "Input/output error") != NULL;
        buffer_free(&mistakes);
    }
    assert_true(n_failed >= 2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unreadable_ca_file_is_reported),
        cmocka_unit_test(an_unreadable_file_of_the_user_is_reported),
        cmocka_unit_test(a_host_stays_as_written_if_its_idn_conversion_fails),
        cmocka_unit_test(a_request_without_memory_is_no_mistake),
        cmocka_unit_test(alerts_without_memory_are_no_mistake),
        cmocka_unit_test(quiet_hours_without_memory_are_an_error),
        cmocka_unit_test(a_zone_that_cannot_be_read_does_not_exist),
        cmocka_unit_test(an_unreadable_client_certificate_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
