/* The commands: what they print, what they do not touch, and their exit status. */
#include "cmocka_all.h"
#include "e2e.h"

#include <string.h>

static const char mixed[] =
    "title: The shop's status\n"
    "sites:\n"
    "  - id: well\n"
    "    domains:\n"
    "      - {id: www, url: 'http://@http@/ok'}\n"
    "      - {id: tls, url: 'https://@tls@/ok', ca_file: ca.pem}\n"
    "  - id: degraded\n"
    "    domains:\n"
    "      - {id: www, url: 'http://@http@/ok'}\n"
    "      - {id: extra, url: 'http://@http@/status/500', role: supplementary}\n"
    "  - id: broken\n"
    "    domains:\n"
    "      - {id: www, url: 'http://@http@/status/503'}\n";

static void wrong_usage_exits_with_64(struct e2e *world)
{
    static const struct {
        const char *arguments[3], *message;
    } wrong[] = {
        {{NULL}, "uptick: no command given; see 'uptick --help'\n"},
        {{"no-such"}, "uptick: unknown command 'no-such'; see 'uptick --help'\n"},
        {{"--no-such"}, "uptick: unknown option '--no-such'; see 'uptick --help'\n"},
        {{"-x"}, "uptick: unknown option '-x'; "},
        {{"-c"}, "uptick: option '-c' needs a value; see 'uptick --help'\n"},
        {{"tick", "more"}, "uptick tick: unexpected argument 'more'; see 'uptick tick --help'\n"},
        {{"tick", "--no-such"}, "uptick tick: unknown option '--no-such'; "},
        {{"tick", "-v"}, "uptick tick: unknown option '-v'; -v goes before the command\n"},
        {{"validate", "more"}, "uptick validate: unexpected argument 'more'; "},
        {{"rebuild", "more"}, "uptick rebuild: unexpected argument 'more'; "},
        {{"render", "--at"}, "uptick render: option '--at' needs a value; "},
        {{"render", "--at", "noon"},
         "uptick render: --at: expected a time such as 02:30, "},
        {{"render", "--at", "@99999999999"}, "uptick render: --at: @99999999999 is in the future\n"},
        {{"render", "--at", "@0"},
         "uptick render: --at needs --output: the folder for a page of the past\n"},
        {{"render", "more"}, "uptick render: unexpected argument 'more'; "},
        {{"render", "--print-model", "--output=elsewhere"},
         "uptick render: --print-model and --output cannot be combined\n"},
        {{"status", "--no-such"}, "uptick status: unknown option '--no-such'; "},
        {{"check", "-xy"}, "uptick check: unknown option '-x'; "},
        {{"check", "--junit"}, "uptick check: option '--junit' needs a value; "},
        {{"check", "wel"},
         "uptick check: 'wel' is not in the configuration; did you mean 'well'?\n"},
        {{"check", "well/no-such-domain"},
         "uptick check: 'well/no-such-domain' is not in the configuration"},
        {{"check", "--fail-on", "whim"},
         "uptick check: --fail-on: expected down, degraded or none, got 'whim'\n"},
        {{"init", "one", "two"}, "uptick init: unexpected argument 'two'; expected one folder\n"},
        {{"init", "-x"}, "uptick init: expected a folder, got '-x'\n"},
    };

    e2e_config(world, mixed);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const char *const *words = wrong[i].arguments;

        e2e_uptick(world, words[0], words[1], words[2], NULL);
        e2e_check(world->last.status == 64, "%s %s: exit status %d", words[0],
                  words[1] ? words[1] : "", world->last.status);
        e2e_check(strncmp(world->last.err, wrong[i].message, strlen(wrong[i].message)) == 0,
                  "printed '%s' instead of '%s'", world->last.err, wrong[i].message);
    }
    assert_false(e2e_exists(world, "data"));
    assert_false(e2e_exists(world, "public"));
}

static void help_and_version_are_printed_to_standard_output(struct e2e *world)
{
    static const char *const commands[] = {"tick",     "check",   "render", "status",
                                           "validate", "rebuild", "init"};

    e2e_uptick(world, "--help", NULL);
    e2e_silent(world, 0);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        e2e_check(strstr(world->last.out, commands[i]) != NULL, "--help lacks %s", commands[i]);
    e2e_uptick(world, "--version", NULL);
    e2e_silent(world, 0);
    assert_memory_equal(world->last.out, "uptick ", 7);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        e2e_uptick(world, commands[i], "--help", NULL);
        e2e_silent(world, 0);
        e2e_check(strstr(world->last.out, "usage: uptick") != NULL, "%s", commands[i]);
    }
}

static void failed_output_exits_with_74(struct e2e *world)
{
    e2e_config(world, mixed);
    world->stdio = "/dev/full";
    e2e_uptick(world, "--help", NULL);
    assert_int_equal(world->last.status, 74);
    e2e_uptick(world, "status", NULL);
    assert_int_equal(world->last.status, 74);
}

static void validate_makes_no_request_and_writes_nothing(struct e2e *world)
{
    e2e_config(world, mixed);
    e2e_uptick(world, "validate", NULL);
    e2e_silent(world, 0);
    assert_string_equal(world->last.out, "uptick.yaml: no mistakes (3 sites, 5 domains)\n");
    assert_false(e2e_exists(world, "data"));
    assert_false(e2e_exists(world, "public"));
    assert_int_equal(e2e_count(world, "/ok"), 0);
}

static void validate_warns_if_little_of_a_body_is_searched(struct e2e *world)
{
    static const struct {
        const char *keys, *expected; /* NULL: no warning */
    } cases[] = {
        {"max_body_bytes: 65535, expect: {body_excludes: x}", "first 65,535 bytes of a body"},
        {"max_body_bytes: 65536, expect: {body_excludes: x}", NULL},
        {"max_body_bytes: 1, expect: {body_not_matches: x}", "s/d: body_excludes and body_not_m"},
        {"max_body_bytes: 1, expect: {body_matches: x, body_contains: x}", NULL},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        e2e_config(world, e2e_format(world,
                                     "sites: [{id: s, domains: [{id: d, url: 'http://h/', "
                                     "%s}]}]\n",
                                     cases[i].keys));
        e2e_uptick(world, "validate", NULL);
        if (cases[i].expected)
            e2e_reported(world, 0, cases[i].expected, NULL);
        else
            e2e_silent(world, 0);
    }
}

static void the_configuration_is_named_by_option_environment_or_default(struct e2e *world)
{
    e2e_config(world, mixed);
    e2e_shell(world, "mkdir -p sub && cp ca.pem sub && mv uptick.yaml sub/other.yaml");
    e2e_uptick(world, "validate", NULL);
    assert_int_equal(world->last.status, 78);
    e2e_uptick(world, "-c", "sub/other.yaml", "tick", NULL);
    e2e_silent(world, 0);

    /* Relative folders start at the file. */
    assert_true(e2e_exists(world, "sub/data/state.db"));
    assert_true(e2e_exists(world, "sub/public/index.html"));
    assert_false(e2e_exists(world, "data"));
    world->environment = "UPTICK_CONFIG=sub/other.yaml";
    e2e_uptick(world, "validate", NULL);
    e2e_silent(world, 0);
}

static void status_prints_the_current_state(struct e2e *world)
{
    json_t *status;

    e2e_config(world, mixed);
    e2e_uptick(world, "status", NULL);
    assert_int_equal(world->last.status, 0);
    assert_non_null(strstr(world->last.out, "UNKNOWN"));
    assert_false(e2e_exists(world, "data"));
    e2e_tick(world, "2026-11-23 09:30:00");
    world->clock = "2026-11-23 09:30:30";
    e2e_uptick(world, "status", NULL);
    e2e_silent(world, 0);
    assert_non_null(strstr(world->last.out, "broken"));
    assert_non_null(strstr(world->last.out, "DOWN"));
    assert_non_null(strstr(world->last.out, "DEGRADED"));
    assert_null(strchr(world->last.out, '\033'));
    e2e_uptick(world, "status", "--json", NULL);
    e2e_silent(world, 0);
    status = json_loads(world->last.out, 0, NULL);
    assert_non_null(status);
    assert_string_equal(e2e_text(status, "status"), "DOWN");
    assert_string_equal(e2e_text(e2e_entry(status, "degraded"), "status"), "DEGRADED");
    json_decref(status);
}

static void status_json_has_all_its_keys(struct e2e *world)
{
    static const char *const domain_keys[] = {"id",     "role",       "url",     "status",
                                              "uptime", "last_check", "timeline"};
    json_t *status, *entry, *last;

    e2e_config(world, mixed);
    e2e_tick(world, "2026-11-23 09:30:00");
    status = e2e_status(world);
    assert_int_equal(json_integer_value(json_object_get(status, "version")), 1);
    assert_memory_equal(e2e_text(status, "generated_at"), "2026-11-23T09:30:0", 18);
    assert_true(strcmp(e2e_text(status, "valid_until"), "2026-11-23T09:32:00Z") > 0);
    assert_string_equal(e2e_text(status, "title"), "The shop's status");
    entry = json_object_get(status, "history");
    assert_string_equal(e2e_text(entry, "from"), "2026-11-23T05:31:00Z");
    assert_int_equal(json_integer_value(json_object_get(entry, "buckets")), 240);
    assert_int_equal(json_integer_value(json_object_get(entry, "bucket_seconds")), 60);
    entry = e2e_entry(status, "broken");
    assert_string_equal(e2e_text(entry, "name"), "broken");
    entry = e2e_entry(status, "broken/www");
    for (size_t i = 0; i < sizeof domain_keys / sizeof domain_keys[0]; i++)
        assert_non_null(json_object_get(entry, domain_keys[i]));
    assert_int_equal(strlen(e2e_text(entry, "timeline")), 240);
    assert_int_equal(e2e_text(entry, "timeline")[239], 'D');
    assert_int_equal(strspn(e2e_text(entry, "timeline"), "-"), 239);
    last = json_object_get(entry, "last_check");
    assert_string_equal(e2e_text(last, "domain_status"), "DOWN");
    assert_int_equal(json_integer_value(json_object_get(last, "http_status")), 503);
    assert_string_equal(e2e_text(last, "failure_type"), "http_status: expected 200, got 503");
    assert_string_equal(e2e_text(last, "code"), "status.5xx");
    last = json_object_get(e2e_entry(status, "well/www"), "last_check");
    assert_true(json_is_null(json_object_get(last, "failure_type")));
    assert_true(json_is_integer(json_object_get(last, "latency_ms")));
    entry = json_object_get(json_object_get(e2e_entry(status, "broken"), "uptime"), "24h");
    assert_float_equal(json_number_value(json_object_get(entry, "uptime_percent")), 0.0, 0.0001);
}

static void a_timeline_has_one_span_for_each_bucket(struct e2e *world)
{
    e2e_config(world, mixed);
    e2e_tick(world, "2026-11-23 09:30:00");

    /* Three sites, four domains: 240 spans each. */
    e2e_shell(world, "test $(grep -o '<span class=\\(up\\|down\\|bot\\|degraded\\|unknown\\)\\b' "
                     "public/index.html | wc -l) = 720");
    e2e_shell(world, "test $(grep -o '<span class=down '  public/index.html | wc -l) = 1");
    e2e_shell(world, "test $(grep -o '<span class=degraded '  public/index.html | wc -l) = 1");
}

static void check_prints_each_verdict_and_records_nothing(struct e2e *world)
{
    e2e_config(world, mixed);
    e2e_uptick(world, "check", "--fail-on", "none", NULL);
    e2e_silent(world, 0);
    assert_non_null(strstr(world->last.out, "well/www"));
    assert_non_null(strstr(world->last.out, "UP"));
    assert_non_null(strstr(world->last.out, "expected 200, got 503"));
    assert_non_null(strstr(world->last.out, "LOOKUP"));
    assert_non_null(strstr(world->last.out, "FIRST BYTE"));
    assert_null(strstr(world->last.out, "status.5xx"));
    assert_int_equal(e2e_count(world, "/ok"), 3);
    assert_false(e2e_exists(world, "data"));
    e2e_uptick(world, "-v", "check", "--fail-on", "none", NULL);
    assert_non_null(strstr(world->last.out, "expected 200, got 503 [status.5xx]\n"));
    e2e_uptick(world, "check", "--json", "--fail-on", "none", NULL);
    assert_non_null(strstr(world->last.out, "\"code\": \"status.5xx\""));
    assert_false(e2e_exists(world, "public"));
}

static void check_checks_only_the_named_monitors(struct e2e *world)
{
    e2e_config(world, mixed);
    e2e_uptick(world, "check", "well", "degraded/www", NULL);
    e2e_silent(world, 0);
    assert_int_equal(e2e_count(world, "/ok"), 3);
    assert_int_equal(e2e_count(world, "/status/500"), 0);
    assert_int_equal(e2e_count(world, "/status/503"), 0);
}

static void the_exit_status_of_check_follows_fail_on(struct e2e *world)
{
    static const struct {
        const char *site, *fail_on;
        int status;
    } cases[] = {
        {"well", "down", 0},   {"well", "degraded", 0},     {"degraded", "down", 0},
        {"broken", "down", 1}, {"degraded", "degraded", 1}, {"broken", "degraded", 1},
        {"broken", "none", 0},
    };

    e2e_config(world, mixed);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        e2e_uptick(world, "check", "--fail-on", cases[i].fail_on, cases[i].site, NULL);
        e2e_check(world->last.status == cases[i].status, "%s, --fail-on %s: exit status %d",
                  cases[i].site, cases[i].fail_on, world->last.status);
    }
    e2e_uptick(world, "check", NULL);
    assert_int_equal(world->last.status, 1);
}

static void check_records_its_results_if_record_is_given(struct e2e *world)
{
    e2e_config(world, mixed);
    e2e_uptick(world, "check", "--record", "well/www", NULL);
    e2e_silent(world, 0);
    assert_int_equal(e2e_rows(world, "well/www").n, 1);
    assert_int_equal(e2e_all_rows(world), 1);
}

static void check_writes_json_and_junit(struct e2e *world)
{
    json_t *json;

    e2e_config(world, mixed);
    e2e_uptick(world, "check", "--json", "--junit", "junit.xml", NULL);
    e2e_silent(world, 1);
    json = json_loads(world->last.out, 0, NULL);
    assert_non_null(json);
    json_decref(json);
    assert_non_null(strstr(e2e_read(world, "junit.xml"), "<testsuite"));
    assert_non_null(strstr(e2e_read(world, "junit.xml"),
                           "<failure type=\"status.5xx\" message=\"http_status: expected 200, "
                           "got 503\">"));
}

static void init_writes_a_valid_file_and_never_replaces_one(struct e2e *world)
{
    const char *file;

    e2e_uptick(world, "init", "fresh", NULL);
    e2e_silent(world, 0);
    assert_non_null(strstr(world->last.out, "* * * * *"));
    assert_non_null(strstr(world->last.out, "tick"));
    e2e_uptick(world, "-c", "fresh/uptick.yaml", "validate", NULL);
    e2e_silent(world, 0);
    e2e_write(world, "fresh/uptick.yaml", "mine\n");
    e2e_uptick(world, "init", "fresh", NULL);
    e2e_reported(world, 74, "fresh/uptick.yaml: already exists; not changed\n", NULL);
    file = e2e_read(world, "fresh/uptick.yaml");
    assert_string_equal(file, "mine\n");
    e2e_uptick(world, "init", NULL);
    e2e_silent(world, 0);
    assert_true(e2e_exists(world, "uptick.yaml"));
}

static void a_user_template_is_used_instead_of_the_built_in_one(struct e2e *world)
{
    e2e_config(world, e2e_format(world, "templates_dir: mine\n%s", mixed));
    e2e_write(world, "mine/index.html", "<p>my own page, {{title}}</p>\n");
    e2e_tick(world, "2026-11-23 09:30:00");
    assert_non_null(strstr(e2e_read(world, "public/index.html"), "my own page, The shop"));
    assert_non_null(strstr(e2e_read(world, "public/site/well.html"), "</html>"));
}

/* One language has some messages of the user, and built-in ones for the rest; the other has a few
 * of the user, and English for the rest. */
static void user_messages_replace_the_built_in_ones(struct e2e *world)
{
    e2e_write(world, "mine/index.html",
              "<p>{{>messages.up}}, {{>messages.core}}, {{>messages.lang}}</p>\n");
    e2e_write(world, "mine/messages.de.yaml", "up: l\xc3\xa4uft <{{title}}>\n");
    e2e_write(world, "mine/messages.tlh.yaml", "up: |\n  Qap\n");
    e2e_config(world, e2e_format(world, "templates_dir: mine\nlanguage: de\n%s", mixed));
    e2e_uptick(world, "validate", NULL);
    e2e_silent(world, 0);
    e2e_tick(world, "2026-11-23 09:30:00");
    assert_string_equal(e2e_read(world, "public/index.html"),
                        "<p>l\xc3\xa4uft <The shop&#39;s status>, zentral, de</p>\n");
    e2e_config(world, e2e_format(world, "language: tlh\ntemplates_dir: mine\n%s", mixed));
    e2e_tick(world, "2026-11-23 09:31:00");
    assert_string_equal(e2e_read(world, "public/index.html"), "<p>Qap, core, en</p>\n");
}

/* Reported by validate; and by a tick, which still records the results, and keeps the pages as they
 * are. */
static void a_mistake_in_user_messages_has_its_line_and_column(struct e2e *world)
{
    static const char *const commands[] = {"validate", "tick", "check"};

    e2e_write(world, "mine/messages.de.yaml", "up: l\xc3\xa4uft\ndwn: kaputt\n");
    e2e_config(world, e2e_format(world, "templates_dir: mine\nlanguage: de\n%s", mixed));
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        e2e_uptick(world, commands[i], NULL);
        e2e_reported(world, 78,
                     "mine/messages.de.yaml:2:1: unknown message 'dwn'; did you mean 'down'?",
                     NULL);
        assert_string_equal(world->last.out, "");
    }
    assert_false(e2e_exists(world, "data"));
    assert_false(e2e_exists(world, "public/index.html"));
}

/* With a mistake in a template, nothing is checked or written: validate, a tick and check
 * see the same. */
static void mistakes_in_templates_are_found_before_anything_is_checked(struct e2e *world)
{
    static const struct {
        const char *name, *text, *mistake;
    } cases[] = {
        {"index.html", "{{#sites}}", "mine/index.html:1: 'sites' is never closed\n"},
        {"site.html", "\n{{/domains}}", "mine/site.html:2: {{/domains}} without {{#domains}}\n"},
        {"index.html", "{{>index.html}}",
         "index.html:1: nested deeper than 256; does a template include itself?\n"},
        {"feed.xml", "{{ two words }}", "mine/feed.xml:1: a tag name is one word"},
        {"messages.en.yaml", "no_such: x\n", "mine/messages.en.yaml:1:1: "},
        {"alert.slack.mustache", "{\"text\": {{title}}}",
         "alert.slack.mustache: the result is no JSON, from byte 10 on\n"},
        {"alert.opsgenie.mustache", "{{^event.is_open}}x{{/event.is_open}}",
         "alert.opsgenie.mustache: the result is no JSON, from byte 1 on\n"},
        {"alert.mail.html.mustache", "{{#x}}",
         "mine/alert.mail.html.mustache:1: 'x' is never closed\n"},
    };
    static const char *const commands[] = {"validate", "tick", "check"};

    e2e_config(world, e2e_format(world, "templates_dir: mine\n%s", mixed));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        e2e_shell(world, "rm -rf mine");
        e2e_write(world, e2e_format(world, "mine/%s", cases[i].name), cases[i].text);
        for (size_t k = 0; k < sizeof commands / sizeof commands[0]; k++) {
            e2e_uptick(world, commands[k], NULL);
            e2e_reported(world, 78, cases[i].mistake, NULL);
            assert_string_equal(world->last.out, "");
        }
    }
    assert_false(e2e_exists(world, "data"));
    assert_false(e2e_exists(world, "public"));
    assert_int_equal(e2e_count(world, "/ok"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST_WITHIN_MINUTE(wrong_usage_exits_with_64),
        E2E_TEST_WITHIN_MINUTE(help_and_version_are_printed_to_standard_output),
        E2E_TEST_WITHIN_MINUTE(failed_output_exits_with_74),
        E2E_TEST_WITHIN_MINUTE(mistakes_in_templates_are_found_before_anything_is_checked),
        E2E_TEST_WITHIN_MINUTE(validate_makes_no_request_and_writes_nothing),
        E2E_TEST_WITHIN_MINUTE(validate_warns_if_little_of_a_body_is_searched),
        E2E_TEST_WITHIN_MINUTE(the_configuration_is_named_by_option_environment_or_default),
        E2E_TEST_WITHIN_MINUTE(status_prints_the_current_state),
        E2E_TEST_WITHIN_MINUTE(status_json_has_all_its_keys),
        E2E_TEST_WITHIN_MINUTE(a_timeline_has_one_span_for_each_bucket),
        E2E_TEST_WITHIN_MINUTE(check_prints_each_verdict_and_records_nothing),
        E2E_TEST_WITHIN_MINUTE(check_checks_only_the_named_monitors),
        E2E_TEST_WITHIN_MINUTE(the_exit_status_of_check_follows_fail_on),
        E2E_TEST_WITHIN_MINUTE(check_records_its_results_if_record_is_given),
        E2E_TEST_WITHIN_MINUTE(check_writes_json_and_junit),
        E2E_TEST_WITHIN_MINUTE(init_writes_a_valid_file_and_never_replaces_one),
        E2E_TEST_WITHIN_MINUTE(a_user_template_is_used_instead_of_the_built_in_one),
        E2E_TEST_WITHIN_MINUTE(user_messages_replace_the_built_in_ones),
        E2E_TEST_WITHIN_MINUTE(a_mistake_in_user_messages_has_its_line_and_column),
    };

    return cmocka_run_group_tests_name("commands", tests, NULL, NULL);
}
