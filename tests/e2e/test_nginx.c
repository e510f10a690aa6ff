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

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(two_hundred_monitors_of_nginx_are_checked_in_one_tick),
    };

    return cmocka_run_group_tests_name("nginx", tests, NULL, NULL);
}
