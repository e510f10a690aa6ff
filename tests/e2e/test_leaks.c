/* Published files contain no secret, and text that looks like markup is shown as text. */
#include "cmocka_all.h"
#include "e2e.h"

#include <string.h>

/* Every place where a secret may be; each contains the word that must not be published. */
static const char secretive[] =
    "title: 'Status'\n"
    "sites:\n"
    "  - id: s\n"
    "    domains:\n"
    "      - {id: userinfo, url: 'http://sekrit:sekrit@@http@/auth?a'}\n"
    "      - {id: query, url: 'http://@http@/status/500?key=sekrit#sekrit'}\n"
    "      - {id: refused, url: 'http://u:sekrit@@refused@/?key=sekrit'}\n"
    "      - {id: lookup, url: 'http://u:sekrit@no-such-host.invalid/?key=sekrit'}\n"
    "      - {id: tls, url: 'https://u:sekrit@@tls-expired@/?key=sekrit'}\n"
    "      - {id: hang, url: 'http://u:sekrit@@http@/hang?sekrit', timeout_seconds: 0.3}\n"
    "      - {id: redirected, url: 'http://u:sekrit@@http@/redirect-loop?key=sekrit'}\n"
    "      - {id: file, url: 'http://u:sekrit@@http@/redirect-file?key=sekrit'}\n"
    "      - id: request\n"
    "        url: http://@http@/plain/500?echo\n"
    "        method: POST\n"
    "        headers: {Authorization: Bearer sekrit, X-sekrit: sekrit}\n"
    "        body: sekrit\n"
    "      - {id: bad, url: 'http://u:sekrit@@http@/garbage?key=sekrit'}\n"
    "      - {id: content, url: 'http://@http@/ok', expect: {body_contains: absent}}\n";

static void no_secret_is_published(struct e2e *world)
{
    e2e_config(world, secretive);
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    e2e_shell(world, "! grep -r -i sekrit public");
    e2e_shell(world, "! grep -r -i sekrit data/live data/archive 2> /dev/null");

    /* The address itself is published. */
    assert_non_null(strstr(e2e_read(world, "public/status.json"),
                           e2e_expand(world, "http://@http@/status/500\"")));
}

static void no_secret_is_printed(struct e2e *world)
{
    e2e_config(world, secretive);
    e2e_uptick(world, "check", "--junit", "junit.xml", NULL);
    assert_null(strstr(world->last.out, "sekrit"));
    assert_null(strstr(world->last.err, "sekrit"));
    assert_null(strstr(e2e_read(world, "junit.xml"), "sekrit"));
    e2e_uptick(world, "check", "--json", NULL);
    assert_null(strstr(world->last.out, "sekrit"));
    e2e_uptick(world, "-v", "tick", NULL);
    assert_null(strstr(world->last.err, "sekrit"));
    e2e_uptick(world, "status", NULL);
    assert_null(strstr(world->last.out, "sekrit"));
}

static void markup_is_shown_as_text(struct e2e *world)
{
    e2e_config(world, "title: '\"><img src=x onerror=alert(1)>'\n"
                      "sites:\n"
                      "  - id: s\n"
                      "    name: '</script><img src=x onerror=alert(2)>'\n"
                      "    domains:\n"
                      "      - id: d\n"
                      "        name: \"'><img src=x onerror=alert(3)>\"\n"
                      "        url: http://@http@/hostile/%22><img\n"
                      "        expect: {body_contains: '<img src=y onerror=alert(4)>'}\n"
                      "      - id: e\n"
                      "        name: \"{{title}} {{{title}}}\"\n"
                      "        url: http://@http@/plain/200\n"
                      "        expect: {body_contains: '</script><img src=z onerror=alert(5)>'}\n");
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    e2e_shell(world, "! grep -r -i -e '<img' public --include=*.html");
    e2e_shell(world, "grep -q '&lt;img src=x onerror=alert(1)&gt;' public/index.html");
    e2e_shell(world, "grep -q '&lt;img src=x onerror=alert(2)&gt;' public/site/s.html");
    e2e_shell(world, "grep -q '&lt;img src=x onerror=alert(3)&gt;' public/site/s.html");
    e2e_shell(world, "grep -q '{{title}} {{{title}}}' public/site/s.html");
    e2e_status(world);
}

/* A row is one line, whatever was configured and whatever the server sent. */
static void a_failure_is_one_line(struct e2e *world)
{
    struct csv csv;

    e2e_config(world, "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - id: d\n"
                      "        url: http://@http@/plain/200\n"
                      "        expect: {body_contains: \"two\\nlines, \\\"quoted\\\" \\e[31m\"}\n");
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    csv = e2e_rows(world, "s/d");
    assert_int_equal(csv.n, 1);
    assert_null(strpbrk(csv.rows[0].field[FAILURE], "\n\r\033"));
    e2e_shell(world, "test $(wc -l < data/live/s/d.log) = 1");
}

/* A redirect may lead to a server that only this machine can reach. The result shows that it
 * exists, and nothing else. */
static void the_body_that_a_redirect_leads_to_is_not_shown(struct e2e *world)
{
    e2e_config(world, "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - {id: ok, url: 'http://@http@/redirect-host/http'}\n"
                      "      - id: other\n"
                      "        url: http://@http@/redirect-host/http\n"
                      "        expect: {body_contains: absent}\n");
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    assert_string_equal(e2e_rows(world, "s/ok").rows[0].field[STATUS], "UP");
    assert_string_equal(e2e_rows(world, "s/other").rows[0].field[STATUS], "DOWN");
    e2e_shell(world, "! grep -r -i -e '%s' data public", "basket");
    e2e_uptick(world, "check", "--json", NULL);
    assert_null(strstr(world->last.out, "basket"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(no_secret_is_published),
        E2E_TEST(no_secret_is_printed),
        E2E_TEST(markup_is_shown_as_text),
        E2E_TEST(a_failure_is_one_line),
        E2E_TEST(the_body_that_a_redirect_leads_to_is_not_shown),
    };

    return cmocka_run_group_tests_name("leaks", tests, NULL, NULL);
}
