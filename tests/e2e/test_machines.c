/* Files published for programs: schemas, feeds, badges and metrics are valid for the programs that
 * read them. The checkers are in tests/machines/. */
#include "cmocka_all.h"
#include "e2e.h"

#include <stdlib.h>
#include <string.h>

static const char mixed[] = "title: The shop's status\n"
                            "sites:\n"
                            "  - id: shop\n"
                            "    name: The shop\n"
                            "    domains:\n"
                            "      - {id: www, url: 'http://@http@/ok/me@@http@'}\n"
                            "      - {id: api, url: 'http://@http@/status/503?key=sekrit'}\n"
                            "      - id: slow\n"
                            "        role: supplementary\n"
                            "        url: http://@http@/hang\n"
                            "        timeout_seconds: 0.2\n"
                            "      - {id: gone, url: 'http://@refused@/'}\n"
                            "  - id: blog\n"
                            "    domains:\n"
                            "      - {id: www, url: 'http://@http@/ok'}\n";

static const char hostile[] = "title: \"T & <b>\\\"it's\\\"</b> ]]> \\\\ {{title}}\"\n"
                              "sites:\n"
                              "  - id: a\n"
                              "    name: \"'\\\"><script>alert(1)</script>\\\\\"\n"
                              "    domains:\n"
                              "      - id: d\n"
                              "        name: \"{{{title}}} &amp; <![CDATA[\"\n"
                              "        url: http://@http@/plain/200\n"
                              "        expect: {body_contains: \"\\\"<x>&]]> \\\\\"}\n"
                              "  - id: b\n"
                              "    name: \"قسم المتجر 网上商店 \U0001f600 e\u0301\"\n"
                              "    domains: [{id: d, url: 'http://@http@/status/500'}]\n";

static const char both[] = "schema status.schema.json status.json site.schema.json site/shop.json";

/* Runs a checker of tests/machines/ on files of public/; its output is in out.txt. */
static void check(struct e2e *world, const char *arguments)
{
    e2e_shell(world, "cd public && sh '%s/run.sh' %s > ../out.txt", getenv("MACHINES"), arguments);
}

static void published_json_matches_its_schema(struct e2e *world)
{
    e2e_config(world, mixed);
    e2e_tick(world, "2026-11-23 09:30:00");
    check(world, both);
    e2e_tick(world, "2026-11-23 09:36:00");
    check(world, both);
    e2e_shell(world, "! grep -r -i sekrit public");

    /* The checker itself rejects invalid files. */
    e2e_shell(world,
              "cd public && sed 's/\"latency_ms\"/\"latency\"/' status.json > wrong.json && "
              "! sh '%s/run.sh' schema status.schema.json wrong.json > /dev/null",
              getenv("MACHINES"));

    /* On a dashboard of the past the time until which it is valid is missing. */
    world->clock = "2026-11-23 09:40:00";
    e2e_uptick(world, "render", "--at", "09:32", "--output", "past", NULL);
    e2e_silent(world, 0);
    e2e_shell(world, "rm -r public && mv past public");
    check(world, both);
}

static void outputs_are_valid_if_nothing_is_known(struct e2e *world)
{
    e2e_config(world, mixed);
    world->clock = "2026-11-23 09:30:00";
    e2e_uptick(world, "render", "--output", "public", NULL);
    e2e_silent(world, 0);
    check(world, both);
    check(world, "feed feed.xml");
    check(world, "metrics metrics.prom");
}

/* The fields of an entry, by its title: id, published, updated, link, title. */
enum { ID, PUBLISHED, UPDATED, LINK, TITLE, ENTRY_FIELDS };

static char **find_entry(struct e2e *world, const char *feed, const char *title)
{
    static char *fields[ENTRY_FIELDS];
    char *line, *rest;

    check(world, e2e_format(world, "feed %s", feed));
    for (line = strtok_r(e2e_read(world, "out.txt"), "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest)) {
        char *field;

        for (int i = 0; i < ENTRY_FIELDS && (field = strsep(&line, "\t")); i++)
            fields[i] = field;
        if (strncmp(fields[TITLE], title, strlen(title)) == 0)
            return fields;
    }
    fail_msg("%s has no entry '%s'", feed, title);
    return NULL;
}

/* The shop's www, which answers with 503, and is expected to answer with this status. An outage
 * begins and ends with as many checks. */
static void expect_by(struct e2e *world, int status, int checks)
{
    e2e_config(world, e2e_format(world,
                                 "defaults: {confirm: {failures: %d, successes: %d, "
                                 "recheck_seconds: []}}\n"
                                 "public_url: https://status.example/\n"
                                 "sites:\n"
                                 "  - id: shop\n"
                                 "    name: The shop\n"
                                 "    domains:\n"
                                 "      - id: www\n"
                                 "        url: http://@http@/status/503\n"
                                 "        interval_seconds: 60\n"
                                 "        expect: {http_status: %d}\n",
                                 checks, checks, status));
}

static void expect(struct e2e *world, int status)
{
    expect_by(world, status, 1);
}

static void a_feed_entry_is_updated_when_its_outage_ends(struct e2e *world)
{
    char **entry, *id, *published, *before;

    expect(world, 503);
    e2e_tick(world, "2026-11-23 09:30:00");
    check(world, "feed feed.xml");
    assert_string_equal(e2e_read(world, "out.txt"), "");

    expect(world, 200);
    e2e_tick(world, "2026-11-23 09:31:00");
    entry = find_entry(world, "feed.xml", "The shop / www: down");
    id = entry[ID];
    published = entry[PUBLISHED];
    assert_memory_equal(published, "2026-11-23T09:31:0", 18);
    assert_string_equal(entry[UPDATED], published);
    assert_memory_equal(
        entry[LINK], "https://status.example/site/shop.html#shop/www/http@2026-11-23T09:31:0", 70);
    before = e2e_read(world, "public/feed.xml");

    e2e_tick(world, "2026-11-23 09:32:00");
    assert_string_equal(e2e_read(world, "public/feed.xml"), before);
    assert_int_equal(e2e_rows(world, "shop/www").n, 3);

    expect(world, 503);
    e2e_tick(world, "2026-11-23 09:33:00");
    for (int i = 0; i < 2; i++) {
        entry = find_entry(world, i ? "site/shop.xml" : "feed.xml", "The shop / www was down for ");
        assert_string_equal(entry[ID], id);
        assert_string_equal(entry[PUBLISHED], published);
        assert_memory_equal(entry[UPDATED], "2026-11-23T09:33:0", 18);
    }
    e2e_shell(world, "grep -q 'http_status: expected 200, got 503</content>' public/feed.xml");
    e2e_shell(world, "grep -q 'rel=\"self\".* href=\"https://status.example/site/shop.xml\"' "
                     "public/site/shop.xml");
    check(world, "schema site.schema.json site/shop.json");
    e2e_shell(world, "grep -q '\"end_reason\": \"recovered\", \"duration_seconds\": 1[12][0-9],' "
                     "public/site/shop.json");
}

/* Ticks, with checks that fail or not. Then this text is, or is not, in a file; all are valid. */
static void tick_and_find(struct e2e *world, int minute, bool fails, const char *find)
{
    expect_by(world, fails ? 200 : 503, 2);
    e2e_tick(world, e2e_format(world, "2026-11-23 09:%02d:00", minute));
    check(world, both);
    check(world, "feed feed.xml");
    check(world, "metrics metrics.prom");
    e2e_shell(world, "%s", find);
}

/* The line of the only domain that `status` prints ends like this. */
static void find_status(struct e2e *world, int minute, const char *end)
{
    world->clock = e2e_format(world, "2026-11-23 09:%02d:40", minute);
    e2e_uptick(world, "status", NULL);
    if (!strstr(world->last.out, end))
        fail_msg("no '%s' in %s", end, world->last.out);
}

static void a_failure_is_in_all_files_what_further_checks_make_of_it(struct e2e *world)
{
    tick_and_find(world, 30, true,
                  "grep -q '\"undecided\": \"SUSPECT\", \"unconfirmed_failures\": 0' "
                  "public/status.json && grep -q '<i>(checking)</i>' public/index.html && "
                  "grep -q '<small>checking</small>' public/site/shop.html && "
                  "grep -q '\"confirmed\": false' public/site/shop.json && "
                  "! grep -q '<entry>' public/feed.xml");
    find_status(world, 30, "got 503  (checking)\n");

    tick_and_find(world, 31, false,
                  "grep -q '\"undecided\": null, \"unconfirmed_failures\": 1' public/status.json "
                  "&& grep -q '<small>failed once, not confirmed</small>' public/site/shop.html && "
                  "grep -q '>1 failure was not confirmed in the last 90 days<' "
                  "public/site/shop.html && grep -q '\"end_reason\": \"blip\"' "
                  "public/site/shop.json && ! grep -q '<entry>' public/feed.xml && grep -q "
                  "'uptick_unconfirmed_failures{site=\"shop\",domain=\"www\",role=\"core\"} 1' "
                  "public/metrics.prom");
    find_status(world, 31, "  (failed once, not confirmed)\n");

    tick_and_find(world, 32, true, "! grep -q '<entry>' public/feed.xml");
    tick_and_find(world, 33, true,
                  "grep -q '\"undecided\": null' public/status.json && "
                  "grep -q 'since <time datetime=\"2026-11-23T09:32' public/index.html && "
                  "grep -q '\"confirmed\": true' public/site/shop.json");
    assert_memory_equal(find_entry(world, "feed.xml", "The shop / www: down")[UPDATED],
                        "2026-11-23T09:33:0", 18);
    tick_and_find(world, 34, false,
                  "grep -q '\"undecided\": \"RECOVERING\"' public/status.json && "
                  "grep -q '<small>recovering</small>' public/index.html && "
                  "grep -q '</b>, recovering<td>' public/site/shop.html && "
                  "! grep -q 'since <time datetime=\"2026-11-23T09:32' public/index.html");
    find_status(world, 34, "ms  (recovering)  (1 failure not confirmed");

    /* It ended with the first good check. */
    tick_and_find(world, 35, false,
                  "grep -q '\"to\": \"2026-11-23T09:34:0' public/site/shop.json && "
                  "grep -q '<tr id=\"shop/www/http@2026-11-23T09:32:0' public/site/shop.html");
    assert_memory_equal(find_entry(world, "feed.xml", "The shop / www was down for ")[UPDATED],
                        "2026-11-23T09:35:0", 18);
}

static void the_feed_checker_rejects_a_feed_that_breaks_a_rule(struct e2e *world)
{
    static const char *const edits[] = {
        "s/<id>/<id>x /",
        "s/<author>.*//",
        "s/<updated>.*//",
        "s/<title>.*//",
        "s/rel=\"alternate\"/rel=\"self\"/",
        "s/<entry>/<entry><b\\/>/",
        "/<entry>/,$ s/Z<\\/updated>/<\\/updated>/",
        "s/type=\"text\"/type=\"html\"/",
        "s/<\\/feed>//",
    };

    expect(world, 200);
    e2e_tick(world, "2026-11-23 09:30:00");
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++)
        e2e_shell(world,
                  "sed '%s' public/feed.xml > wrong.xml && "
                  "! sh '%s/run.sh' feed wrong.xml > /dev/null 2>&1",
                  edits[i], getenv("MACHINES"));
}

static void hostile_names_are_plain_text_in_all_machine_formats(struct e2e *world)
{
    e2e_config(world, hostile);
    e2e_tick(world, "2026-11-23 09:30:00");
    check(world, "feed feed.xml");
    check(world, "feed site/a.xml");
    check(world, "feed site/b.xml");
    check(world, "schema status.schema.json status.json site.schema.json site/a.json");
    check(world, "badge badge/a.svg badge/a-uptime-30d.svg badge/b.svg badge/b-uptime-30d.svg");
    assert_non_null(strstr(e2e_read(world, "out.txt"), "'\"><script>alert(1)</script>\\: down"));
    check(world, "metrics metrics.prom");
    assert_non_null(strstr(e2e_read(world, "out.txt"),
                           "uptick_site_info {\"site\": \"a\", "
                           "\"name\": \"'\\\"><script>alert(1)</script>\\\\\"} 1\n"));
}

static void promtool_accepts_the_metrics(struct e2e *world)
{
    if (system("command -v promtool > /dev/null") != 0) {
        print_message("promtool is missing: install the Debian package prometheus\n");
        skip();
    }
    e2e_config(world, hostile);
    e2e_tick(world, "2026-11-23 09:30:00");
    e2e_shell(world, "promtool check metrics < public/metrics.prom > out.txt 2>&1");
    assert_string_equal(e2e_read(world, "out.txt"), "");
    e2e_config(world, mixed);
    e2e_tick(world, "2026-11-23 09:35:00");
    e2e_shell(world, "promtool check metrics < public/metrics.prom > out.txt 2>&1");
    assert_string_equal(e2e_read(world, "out.txt"), "");
}

static void the_model_is_printed_and_nothing_is_built(struct e2e *world)
{
    json_t *model, *site;

    e2e_config(world, mixed);
    e2e_tick(world, "2026-11-23 09:30:00");
    e2e_shell(world, "rm -r public");
    world->clock = "2026-11-23 09:35:00";
    e2e_uptick(world, "render", "--print-model", NULL);
    e2e_silent(world, 0);
    model = json_loads(world->last.out, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(model);
    site = json_object_get(json_object_get(model, "site/shop.html"), "site");
    assert_string_equal(e2e_text(site, "name"), "The shop");
    assert_non_null(json_object_get(model, "badge/blog.svg"));
    json_decref(model);

    e2e_uptick(world, "render", "--print-model", "--at", "09:31", NULL);
    e2e_silent(world, 0);
    model = json_loads(world->last.out, JSON_REJECT_DUPLICATES, NULL);
    assert_true(json_is_true(json_object_get(json_object_get(model, "index.html"), "past")));
    json_decref(model);
    assert_false(e2e_exists(world, "public"));
}

static void a_user_template_replaces_the_badge(struct e2e *world)
{
    e2e_config(world, e2e_format(world, "templates_dir: mine\n%s", mixed));
    e2e_write(world, "mine/badge.svg", "<svg>{{name}} {{#down}}broken{{/down}}</svg>\n");
    e2e_tick(world, "2026-11-23 09:30:00");
    assert_string_equal(e2e_read(world, "public/badge/shop.svg"), "<svg>The shop broken</svg>\n");
}

static char *file_of(struct e2e *world, const char *kind, const char *site)
{
    const char *star = strchr(kind, '*');

    return e2e_format(world, "public/%.*s%s%s", (int)(star - kind), kind, site, star + 1);
}

static void files_of_a_removed_site_are_deleted_and_others_stay(struct e2e *world)
{
    static const char *const kinds[] = {"site/*.html", "site/*.json", "site/*.xml", "badge/*.svg",
                                        "badge/*-uptime-30d.svg"};
    enum { N = sizeof kinds / sizeof kinds[0] };

    e2e_config(world, mixed);
    e2e_tick(world, "2026-11-23 09:30:00");
    for (size_t i = 0; i < N; i++) {
        e2e_check(e2e_exists(world, file_of(world, kinds[i], "shop")), "%s is missing", kinds[i]);
        e2e_write(world, file_of(world, kinds[i], "mine"), "{}");
    }
    e2e_config(world, "sites:\n"
                      "  - id: blog\n"
                      "    domains:\n"
                      "      - {id: www, url: 'http://@http@/ok'}\n");
    e2e_tick(world, "2026-11-23 09:36:00");
    for (size_t i = 0; i < N; i++) {
        e2e_check(!e2e_exists(world, file_of(world, kinds[i], "shop")), "%s was not deleted",
                  kinds[i]);
        e2e_check(e2e_exists(world, file_of(world, kinds[i], "blog")), "%s is missing", kinds[i]);
        e2e_check(e2e_exists(world, file_of(world, kinds[i], "mine")), "%s of the user was deleted",
                  kinds[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(published_json_matches_its_schema),
        E2E_TEST(outputs_are_valid_if_nothing_is_known),
        E2E_TEST(a_feed_entry_is_updated_when_its_outage_ends),
        E2E_TEST(a_failure_is_in_all_files_what_further_checks_make_of_it),
        E2E_TEST(the_feed_checker_rejects_a_feed_that_breaks_a_rule),
        E2E_TEST(hostile_names_are_plain_text_in_all_machine_formats),
        E2E_TEST(promtool_accepts_the_metrics),
        E2E_TEST(the_model_is_printed_and_nothing_is_built),
        E2E_TEST(a_user_template_replaces_the_badge),
        E2E_TEST(files_of_a_removed_site_are_deleted_and_others_stay),
    };

    return cmocka_run_group_tests_name("machines", tests, NULL, NULL);
}
