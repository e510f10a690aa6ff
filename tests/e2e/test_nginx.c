/* A real server: nginx on loopback, checked by two hundred monitors. */
#include "cmocka_all.h"
#include "daemon.h"

#include <string.h>

enum { MONITORS = 200 };

static const char conf[] = "    gzip on;\n"
                           "    gzip_min_length 1;\n"
                           "    server {\n"
                           "        listen 127.0.0.1:$1;\n"
                           "        root www;\n"
                           "        location = /old { return 301 /; }\n"
                           "        location = /gone { return 410; }\n"
                           "    }\n";
/* The same over HTTP/2, with a certificate that has signed itself. */
static const char http2[] = "    server {\n"
                            "        listen 127.0.0.1:$2 ssl http2;\n"
                            "        ssl_certificate cert.pem;\n"
                            "        ssl_certificate_key key.pem;\n"
                            "        root www;\n"
                            "        add_header X-Many one;\n"
                            "        add_header X-Many two;\n"
                            "        location = /old { return 301 /; }\n"
                            "    }\n";

static void two_hundred_monitors_of_nginx_are_checked_in_one_tick(struct e2e *world)
{
    char *yaml = e2e_format(world, "%s", "defaults: {interval_seconds: 60}\nsites:\n");
    struct csv csv;
    struct daemon_ports ports;
    pid_t nginx;
    int port;

    e2e_write(world, "www/index.html", "<html>Add to basket</html>\n");
    nginx = daemon_start_nginx(world, conf, &ports);
    port = ports.of[1];
    for (int i = 0; i < MONITORS; i++) {
        if (i % 20 == 0)
            yaml = e2e_format(world, "%s  - id: s%d\n    domains:\n", yaml, i / 20);
        yaml = e2e_format(world,
                          "%s      - {id: d%d, url: 'http://127.0.0.1:%d/%s?%d',\n"
                          "         expect: {body_contains: Add to basket}}\n",
                          yaml, i, port, i % 10 ? "" : "old", i);
    }
    e2e_config(world, e2e_format(world,
                                 "%s  - id: more\n    domains:\n"
                                 "      - {id: gone, url: 'http://127.0.0.1:%d/gone'}\n",
                                 yaml, port));
    e2e_uptick(world, "tick", NULL);
    daemon_stop(nginx);
    e2e_silent(world, 0);
    e2e_check(world->last.seconds < 15, "the tick took %.1f s", world->last.seconds);
    assert_int_equal(e2e_all_rows(world), MONITORS + 1);
    for (int i = 0; i < MONITORS; i++) {
        csv = e2e_rows(world, e2e_format(world, "s%d/d%d", i / 20, i));
        assert_int_equal(csv.n, 1);
        e2e_check(strcmp(csv.rows[0].field[STATUS], "UP") == 0, "d%d is %s: %s", i,
                  csv.rows[0].field[STATUS], csv.rows[0].field[FAILURE]);
    }
    csv = e2e_rows(world, "more/gone");
    assert_string_equal(csv.rows[0].field[FAILURE], "http_status: expected 200, got 410");

    /* Each was requested once, and twenty of them again after a redirect. */
    e2e_shell(world, "test $(wc -l < access.log) = %d", MONITORS + MONITORS / 10 + 1);
    e2e_shell(world, "test $(ls public/site/*.html | wc -l) = 11");
}

/* Field names are in lower case there, and there is no reason phrase. */
static void expectations_hold_over_http2(struct e2e *world)
{
    static const struct {
        const char *expect, *failure;
    } cases[] = {
        {"http_version: '2', final_url: 'https://127.0.0.1:PORT/', max_redirects: 1", ""},
        {"http_version: '1.1'", "protocol: expected HTTP/1.1, got HTTP/2"},
        {"headers: {X-Many: two, Content-Type: text/html, Server: {matches: '^nginx'}}", ""},
        {"headers: {X-Many: {not: two}}", "header: X-Many: "},
        {"headers: {Status: {exists: false}}", ""},
        {"certificate_valid_days: 6.9, https_only: true", ""},
        {"certificate_valid_days: 7", "certificate: valid for 6.9 more days"},
        {"body_matches: '<html>.*</html>', json: ~", ""},
    };
    char *yaml =
        e2e_format(world, "%s", "defaults: {ca_file: cert.pem}\nsites:\n  - id: s\n    domains:\n");
    struct daemon_ports ports;
    pid_t nginx;
    int https_port;

    e2e_shell(world, "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 7 "
                     "-subj /CN=nginx -addext subjectAltName=IP:127.0.0.1 -keyout key.pem "
                     "-out cert.pem 2> .openssl");
    e2e_write(world, "www/index.html", "<html>Add to basket</html>\n");
    nginx = daemon_start_nginx(world, e2e_format(world, "%s%s", conf, http2), &ports);
    https_port = ports.of[2];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *expect = cases[i].expect, *found = strstr(expect, "PORT");

        if (found)
            expect = e2e_format(world, "%.*s%d%s", (int)(found - expect), expect, https_port,
                                found + strlen("PORT"));
        yaml = e2e_format(world,
                          "%s      - {id: d%zu, url: 'https://127.0.0.1:%d/old', expect: {%s}}\n",
                          yaml, i, https_port, expect);
    }
    e2e_config(world, yaml);
    e2e_uptick(world, "tick", NULL);
    daemon_stop(nginx);
    e2e_silent(world, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct csv csv = e2e_rows(world, e2e_format(world, "s/d%zu", i));
        const char *failure = csv.rows[0].field[FAILURE];

        e2e_check(strncmp(failure, cases[i].failure, strlen(cases[i].failure)) == 0 &&
                      (*cases[i].failure || !*failure),
                  "%s: %s", cases[i].expect, failure);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST_WITHIN_MINUTE(expectations_hold_over_http2),
        E2E_TEST_WITHIN_MINUTE(two_hundred_monitors_of_nginx_are_checked_in_one_tick),
    };

    return cmocka_run_group_tests_name("nginx", tests, NULL, NULL);
}
