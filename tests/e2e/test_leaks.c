/* Published files contain no secret, and text that looks like markup is shown as text. */
#define _GNU_SOURCE /* strcasestr */
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

/* A value from the environment in every key that takes a text, and servers that repeat it. */
static const char repeated[] =
    "title: 'T ${CANARY}'\n"
    "public_url: 'https://${CANARY}.example/${CANARY}'\n"
    "footer: '${CANARY} F'\n"
    "links: [{text: 'L${CANARY}', url: 'https://${CANARY}.example/?${CANARY}'}]\n"
    "data_dir: '${CANARY}/data'\n"
    "defaults: {headers: {X-Token: 'a ${CANARY} b'}}\n"
    "sites:\n"
    "  - id: s\n"
    "    name: 'S ${CANARY}'\n"
    "    group: 'G ${CANARY}'\n"
    "    domains:\n"
    "      - {id: host, name: 'N ${CANARY}', url: 'http://${CANARY}.invalid/'}\n"
    "      - {id: path, url: 'http://@http@/plain/500/${CANARY}/x?${CANARY}#${CANARY}'}\n"
    "      - {id: login, url: 'http://u:${CANARY}@@http@/redirect-login'}\n"
    "      - {id: user, url: 'http://${CANARY}:p@@http@/redirect-login'}\n"
    "      - id: header\n"
    "        url: http://@http@/redirect-login\n"
    "        headers: {Authorization: 'Bearer ${CANARY}'}\n"
    "      - {id: to-host, url: 'http://@http@/redirect-host/http/${CANARY}.invalid'}\n"
    "      - {id: to-part, url: 'http://@http@/redirect-host/http/x%${CANARY}y.invalid'}\n"
    "      - {id: scheme, url: 'http://@http@/redirect-scheme/${CANARY}'}\n"
    "      - {id: body, url: 'http://@http@/ok', expect: {body_contains: 'B ${CANARY}'}}\n"
    "      - {id: long, url: 'http://@http@/ok', expect: {body_contains: "
    "'0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890 "
    "${CANARY}'}}\n"
    "      - id: bot\n"
    "        url: http://@http@/echo\n"
    "        bot_protection_string: [absent, '${CANARY}']\n";

/* Fails if a file or an output of the last run contains the value. */
static void assert_hidden(struct e2e *world, const char *value)
{
    if (strcasestr(world->last.out, value) || strcasestr(world->last.err, value))
        fail_msg("printed: %s%s", world->last.out, world->last.err);
    e2e_shell(world,
              "! grep -r -i -F -e '%s' public */data junit.xml 2>&1 |"
              "grep -v 'No such file'",
              value);
}

static void a_value_from_the_environment_is_shown_nowhere(struct e2e *world)
{
    static const char *const values[] = {"Canary-7f3a", "canary.7F3A-canary", "b\xc3\xbc-cher7f3a"};

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        e2e_config(world, repeated);
        if (values[i][1] & 0x80) /* the address of the dashboard is ASCII */
            e2e_shell(world, "sed -i /^public_url/d uptick.yaml");
        world->environment = e2e_format(world, "CANARY=%s", values[i]);
        e2e_uptick(world, "-v", "tick", NULL);
        assert_int_equal(world->last.status, 0);
        assert_hidden(world, values[i]);
        e2e_uptick(world, "check", "--junit", "junit.xml", NULL);
        assert_hidden(world, values[i]);
        e2e_uptick(world, "check", "--json", NULL);
        assert_hidden(world, values[i]);
        e2e_uptick(world, "status", NULL);
        assert_hidden(world, values[i]);
        e2e_uptick(world, "render", "--print-model", NULL);
        assert_hidden(world, values[i]);
        assert_non_null(strstr(world->last.out, "no such host: ${CANARY}.invalid"));
        assert_non_null(strstr(world->last.out, "/plain/500/${CANARY}/x\""));
        assert_non_null(strstr(world->last.out, "bot: \\\"${CANARY}\\\" found"));
        assert_non_null(strstr(e2e_read(world, "public/index.html"), "T ${CANARY}"));
        assert_non_null(strstr(e2e_read(world, "public/site/s.html"), "N ${CANARY}"));
        e2e_shell(world, "! grep -r -i cher7f3a public"); /* as name servers know it */
        e2e_shell(world, "rm -rf '%s' public && touch '%s'", values[i], values[i]);
        e2e_uptick(world, "tick", NULL);
        e2e_reported(world, 74, "${CANARY}/data", NULL);
        assert_hidden(world, values[i]);
    }
}

/* What a mistake quotes is the text of the file. */
static void a_mistake_shows_no_value_from_the_environment(struct e2e *world)
{
    static const char wrong[] = "title: \"${CANARY}\\n\"\n"
                                "language: ${CANARY}\n"
                                "public_url: ${CANARY}\n"
                                "logo: ${CANARY}\n"
                                "style_sheet: ${CANARY}.css\n"
                                "accent_colour: ${CANARY}\n"
                                "footer: \"${CANARY}\\n\"\n"
                                "links: [{text: \"${CANARY}\\n\", url: \"ftp:${CANARY}\"}]\n"
                                "data_dir: ${CANARY}\n"
                                "public_dir: ${CANARY}\n"
                                "templates_dir: ${CANARY}\n"
                                "workers: ${CANARY}\n"
                                "archive_compress: ${CANARY}\n"
                                "sites:\n"
                                "  - id: ${CANARY}\n"
                                "    domains:\n"
                                "      - id: ${CANARY}\n"
                                "        url: ${CANARY}\n"
                                "        role: ${CANARY}\n"
                                "        method: ${CANARY}\n"
                                "        ca_file: ${CANARY}\n"
                                "        ip_version: ${CANARY}\n"
                                "        interval_seconds: ${CANARY}\n"
                                "        expect: {http_status: \"${CANARY}\"}\n";

    e2e_config(world, wrong);
    world->environment = "CANARY=canary-7f3a";
    e2e_uptick(world, "validate", NULL);
    e2e_reported(world, 78, "language: no messages for '${CANARY}'", "an id is published", NULL);
    assert_hidden(world, "canary-7f3a");
    world->environment = "CANARY=#1a2b3c";
    e2e_uptick(world, "validate", NULL);
    e2e_reported(world, 78, "a colour is published", NULL);
    assert_hidden(world, "1a2b3c");
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
        E2E_TEST_WITHIN_MINUTE(no_secret_is_published),
        E2E_TEST_WITHIN_MINUTE(no_secret_is_printed),
        E2E_TEST_WITHIN_MINUTE(a_value_from_the_environment_is_shown_nowhere),
        E2E_TEST_WITHIN_MINUTE(a_mistake_shows_no_value_from_the_environment),
        E2E_TEST_WITHIN_MINUTE(markup_is_shown_as_text),
        E2E_TEST_WITHIN_MINUTE(a_failure_is_one_line),
        E2E_TEST_WITHIN_MINUTE(the_body_that_a_redirect_leads_to_is_not_shown),
    };

    return cmocka_run_group_tests_name("leaks", tests, NULL, NULL);
}
