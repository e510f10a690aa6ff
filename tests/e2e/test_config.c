/* A wrong configuration: every mistake is reported, the exit status is 78, and nothing is checked
 * or written. */
#include "cmocka_all.h"
#include "e2e.h"

#include <stdlib.h>
#include <string.h>

/* The number of lines on standard error. */
static int lines_printed(const struct e2e *world)
{
    int lines = 0;

    for (const char *c = world->last.err; *c; c++)
        lines += *c == '\n';
    return lines;
}

static void check_nothing_happened(struct e2e *world)
{
    assert_false(e2e_exists(world, "data"));
    assert_false(e2e_exists(world, "public"));
    assert_int_equal(e2e_count(world, "/ok"), 0);
}

static void every_mistake_is_reported_with_line_and_column(struct e2e *world)
{
    static const char *const commands[] = {"tick",   "check",    "render",
                                           "status", "validate", "rebuild"};

    e2e_config(world, "title: 7\n"
                      "workers: 65\n"
                      "sites:\n"
                      "  - id: shop\n"
                      "    domains:\n"
                      "      - id: www\n"
                      "        url: http://@http@/ok\n"
                      "        interval_second: 60\n"
                      "        timeout_seconds: 51\n"
                      "      - id: WWW\n"
                      "        url: ftp://example.org/\n"
                      "      - id: -x\n");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        e2e_uptick(world, commands[i], NULL);
        e2e_reported(world, 78,
                     "uptick.yaml:2:10: ", "uptick.yaml:8:9: ", "did you mean 'interval_seconds'?",
                     "uptick.yaml:9:26: ", "uptick.yaml:10:13: ", "uptick.yaml:11:14: ",
                     "uptick.yaml:12:13: ", NULL);
        assert_string_equal(world->last.out, "");
    }
    check_nothing_happened(world);
}

static void each_invalid_configuration_is_rejected(struct e2e *world)
{
    static const char *const wrong[] = {
        "",
        "just a word\n",
        "[]\n",
        "sites: []\n",
        "sites: [{id: s, domains: []}]\n",
        "sites: [{id: s, domains: [{id: d}]}]\n",
        "sites: [{id: s, domains: [{url: 'http://@http@/ok'}]}]\n",
        "sites: [{domains: [{id: d, url: 'http://@http@/ok'}]}]\n",
        "sites: [{id: s, domains: [{id: d, url: '/ok'}]}]\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://'}]}]\n",
        "sites: [{id: s, domains: [{id: d, url: 'file:///etc/passwd'}]}]\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok', interval_seconds: 9}]}]\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok', interval_seconds: 60.5}]}]\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok', interval_seconds: '60'}]}]\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok', timeout_seconds: 0}]}]\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok', timeout_seconds: .nan}]}]\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok', retries: 6}]}]\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok', role: main}]}]\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok', verify_tls: perhaps}]}]\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok', expect: {http_status: "
        "99}}]}]\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok', expect: {http_status: "
        "299-200}}]}]\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok', body: "
        "'${UPTICK_UNSET_VAR}'}]}]\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok', headers: {'X: y': z}}]}]\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok', headers: {X: \"a\\r\\nB: "
        "c\"}}]}]\n",
        "sites: [{id: '..', domains: [{id: d, url: 'http://@http@/ok'}]}]\n",
        "sites: [{id: a/b, domains: [{id: d, url: 'http://@http@/ok'}]}]\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\nsites: []\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\nworkers: 0\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\nin_flight: 4097\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\nhistory_hours: 25\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\nretention_days: -1\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\ndefaults: {url: "
        "'http://x/'}\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\ntitle: \"\xff\xfe\"\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\n  bad: [indent\n",
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        "b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
        "c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\n"
        "d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c]\n"
        "e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d]\n"
        "f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e]\n"
        "g: &g [*f, *f, *f, *f, *f, *f, *f, *f, *f]\n"
        "h: &h [*g, *g, *g, *g, *g, *g, *g, *g, *g]\n"
        "sites: *h\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\nlanguage: tlh\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\nlanguage: "
        "../../etc/passwd\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\npublic_url: "
        "ftp://x.example/\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\npublic_url: "
        "'https://u:p@x.example/'\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\nlogo: no-such.svg\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\nlogo: uptick.yaml\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\nstyle_sheet: /etc\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\naccent_colour: #07c\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\naccent_colour: '#07c;}'\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\nfooter: [a]\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\nfooter: \"\\e[31m\"\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\nfooter: \"\\u202e\"\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\nfooter: \xff\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\nlinks: {text: a, url: b}\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\nlinks: [{text: a, url: "
        "'javascript:alert(1)'}]\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\nlinks: [{text: a, url: "
        "'data:,x'}]\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\nlinks: [{text: a, url: "
        "'//x.example/'}]\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\nlinks: [{url: /a}]\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\nlinks: &l [*l]\n",
        "sites: [{id: s, domains: [{id: d, url: 'http://@http@/ok'}]}]\ngroup: a\n",
        "sites: [{id: s, group: {a: b}, domains: [{id: d, url: 'http://@http@/ok'}]}]\n",
        "sites: &s [*s]\n",
    };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        e2e_config(world, wrong[i]);
        e2e_uptick(world, "tick", NULL);
        e2e_check(world->last.status == 78, "%s: exit status %d", wrong[i], world->last.status);
        e2e_check(strncmp(world->last.err, "uptick.yaml:", 12) == 0, "%s: printed %s", wrong[i],
                  world->last.err);
        e2e_check(lines_printed(world) <= 12, "%s: printed %d lines", wrong[i],
                  lines_printed(world));
        e2e_check(world->last.seconds < 10, "%s: took %.1f s", wrong[i], world->last.seconds);
    }
    check_nothing_happened(world);
}

static void an_unreadable_configuration_file_is_reported(struct e2e *world)
{
    e2e_uptick(world, "tick", NULL);
    e2e_reported(world, 78, "uptick.yaml", "no such file", NULL);
    e2e_uptick(world, "-c", "/", "tick", NULL);
    assert_int_equal(world->last.status, 78);
}

static void secrets_come_from_the_environment(struct e2e *world)
{
    world->environment = "UPTICK_TEST_TOKEN=s3cret: \"quoted\" #";
    e2e_config(world, "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - id: d\n"
                      "        url: http://@http@/echo?env\n"
                      "        headers: {X-Token: 'a ${UPTICK_TEST_TOKEN} b $${literal} $c'}\n");
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    assert_non_null(strstr(e2e_last(world, "/echo?env"),
                           "X-Token: a s3cret: \"quoted\" # b ${literal} $c\r\n"));
}

static void anchors_merge_keys_and_defaults_work(struct e2e *world)
{
    e2e_config(world, "defaults:\n"
                      "  headers: {X-From: defaults}\n"
                      "  interval_seconds: 60\n"
                      "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - &base\n"
                      "        id: a\n"
                      "        url: http://@http@/echo?a\n"
                      "        method: POST\n"
                      "        body: from-a\n"
                      "      - <<: *base\n"
                      "        id: b\n"
                      "        url: http://@http@/echo?b\n");
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    assert_non_null(strstr(e2e_last(world, "/echo?a"), "X-From: defaults"));
    assert_non_null(strstr(e2e_last(world, "/echo?b"), "POST "));
    assert_non_null(strstr(e2e_last(world, "/echo?b"), "from-a"));
}

/* Of an included file too, whatever the command. */
static void a_mistake_in_an_included_file_stops_every_command(struct e2e *world)
{
    static const char *const commands[] = {"tick",   "check",    "render",
                                           "status", "validate", "rebuild"};

    e2e_config(world, "include: sites.d/*.yaml\n"
                      "sites: [{id: a, domains: [{id: d, url: 'http://@http@/ok'}]}]\n");
    e2e_write(world, "sites.d/one.yaml",
              "sites: [{id: A, domains: [{id: d, url: 'http://h/'}]}]\n");
    e2e_write(world, "sites.d/two.yaml", "title: T\nsites:\n  - {id: b, domains: [{id: d}]}\n");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        e2e_uptick(world, commands[i], NULL);
        e2e_reported(world, 78, "sites.d/one.yaml:1:14: id: 'A' is already used in uptick.yaml:2 ",
                     "sites.d/two.yaml:1:1: unknown key 'title' in an included file; it belongs at "
                     "the top of the main file\n",
                     "sites.d/two.yaml:3:23: missing key 'url' in a domain", NULL);
        assert_int_equal(lines_printed(world), 3);
    }
    check_nothing_happened(world);
}

static void every_command_sees_the_sites_of_included_files(struct e2e *world)
{
    e2e_config(world, "include: [sites.d/*.yaml, none.d/*.yaml]\n"
                      "defaults: {headers: {X-Token: '${file:token}'}}\n");
    e2e_write(world, "token", "main-token\n");
    e2e_write(world, "sites.d/b.yaml",
              e2e_expand(world, "sites: [{id: b, domains: [{id: d, url: 'http://@http@/ok'}]}]\n"));
    e2e_write(world, "sites.d/a.yaml",
              e2e_expand(world, "sites: [{id: a, domains: [{id: d, url: 'http://@http@/echo', "
                                "expect: {body_contains: 'X-Token: main-token'}}]}]\n"));
    e2e_shell(world, "chmod 600 token");
    e2e_uptick(world, "validate", NULL);
    e2e_silent(world, 0);
    assert_string_equal(world->last.out, "uptick.yaml: no mistakes (2 sites, 2 domains)\n");
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    assert_string_equal(e2e_rows(world, "a/d").rows[0].field[STATUS], "UP");
    assert_string_equal(e2e_rows(world, "b/d").rows[0].field[STATUS], "UP");
    e2e_uptick(world, "check", "b/d", NULL);
    e2e_silent(world, 0);
    e2e_uptick(world, "status", NULL);
    assert_non_null(strstr(world->last.out, "All 2 sites are up"));
    e2e_uptick(world, "rebuild", NULL);
    e2e_silent(world, 0);
    e2e_uptick(world, "render", NULL);
    e2e_silent(world, 0);
    assert_true(strstr(e2e_read(world, "public/index.html"), "site/a.html") <
                strstr(e2e_read(world, "public/index.html"), "site/b.html"));

    /* A warning is no mistake. */
    e2e_shell(world, "chmod 644 token");
    e2e_uptick(world, "validate", NULL);
    e2e_reported(world, 0,
                 "uptick.yaml:2:31: ${file:token}: every user of this machine can read the "
                 "file token (mode 0644); chmod o-r protects it\n",
                 NULL);
    assert_int_equal(lines_printed(world), 1);
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
}

/* A build starts without a new result only if a file changed. */
static void a_changed_included_file_starts_a_build(struct e2e *world)
{
    const char *before;

    e2e_config(world, "include: a.yaml\ndefaults: {interval_seconds: 604800}\n");
    e2e_write(world, "a.yaml",
              "sites: [{id: a, domains: [{id: d, url: 'http://127.0.0.1:1/'}]}]\n");
    e2e_tick(world, "2026-11-23 09:30:00");
    before = e2e_read(world, "public/index.html");
    e2e_tick(world, "2026-11-23 09:31:00");
    assert_string_equal(e2e_read(world, "public/index.html"), before);
    e2e_write(
        world, "a.yaml",
        "sites: [{id: a, name: A new name, domains: [{id: d, url: 'http://127.0.0.1:1/'}]}]\n");
    e2e_tick(world, "2026-11-23 09:32:00");
    assert_non_null(strstr(e2e_read(world, "public/index.html"), "A new name"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST_WITHIN_MINUTE(every_mistake_is_reported_with_line_and_column),
        E2E_TEST_WITHIN_MINUTE(each_invalid_configuration_is_rejected),
        E2E_TEST_WITHIN_MINUTE(an_unreadable_configuration_file_is_reported),
        E2E_TEST_WITHIN_MINUTE(secrets_come_from_the_environment),
        E2E_TEST_WITHIN_MINUTE(anchors_merge_keys_and_defaults_work),
        E2E_TEST_WITHIN_MINUTE(a_mistake_in_an_included_file_stops_every_command),
        E2E_TEST_WITHIN_MINUTE(every_command_sees_the_sites_of_included_files),
        E2E_TEST_WITHIN_MINUTE(a_changed_included_file_starts_a_build),
    };

    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
