/*
 * Goal of these tests: a row that is UP with a text that begins with "slow:" makes its minutes
 * DEGRADED in every output, also after a rebuild. It is no failure.
 */
#include "cmocka_all.h"
#include "e2e.h"

#include <string.h>

#define SLOW      "slow: 1240 ms, expected at most 800"
#define SLOW_NAME SLOW " (and 210 ms for the name)"

static const char sites[] = "defaults: {interval_seconds: 60}\n"
                            "render_interval_seconds: 0\n"
                            "sites:\n"
                            "  - id: core\n"
                            "    domains:\n"
                            "      - {id: www, url: 'http://@http@/ok'}\n"
                            "      - {id: other, url: 'http://@http@/ok?other'}\n"
                            "  - id: extra\n"
                            "    domains:\n"
                            "      - {id: www, url: 'http://@http@/ok?www'}\n"
                            "      - {id: img, url: 'http://@http@/ok?img', role: supplementary}\n"
                            "  - id: well\n"
                            "    domains:\n"
                            "      - {id: www, url: 'http://@http@/ok?well'}\n";

/* Writes the live rows of a monitor, one a minute from 10:00 on, by one letter each:
 * U: UP, G: slow, N: slow with a slow lookup, D and T: failed, B: bot, X: UP with another text,
 * S: DOWN with a text that begins like that of a slow check. */
static void write_live(struct e2e *world, const char *site, const char *domain, const char *letters)
{
    static const struct {
        char letter;
        const char *fields;
    } rows[] = {
        {'U', "UP,200,87,"},
        {'G', "UP,200,1240,\"" SLOW "\""},
        {'N', "UP,200,1450,\"" SLOW_NAME "\""},
        {'D', "DOWN,503,20,\"http_status: expected 200, got 503\""},
        {'T', "TIMEOUT,,,timeout: 20 s passed waiting for the first byte"},
        {'B', "BOT_DETECTED,403,30,\"bot: \"\"wall\"\" found (status 403)\""},
        {'X', "UP,200,88,a note: of somebody"},
        {'S', "DOWN,200,1240,\"slow: 1240 ms, expected at most 800\""},
    };
    char *text = e2e_format(world, "%s", "");

    for (size_t minute = 0; letters[minute]; minute++) {
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            if (rows[i].letter == letters[minute])
                text = e2e_format(world, "%s2026-11-23T10:%02zu:01.500Z,%s,%s,%s\n", text, minute,
                                  site, domain, rows[i].fields);
        }
    }
    e2e_write(world, e2e_format(world, "data/live/%s/%s.log", site, domain), text);
}

static void rebuild(struct e2e *world, const char *clock)
{
    world->clock = clock;
    e2e_uptick(world, "rebuild", NULL);
    assert_int_equal(world->last.status, 0);
}

static void write_all(struct e2e *world)
{
    e2e_config(world, sites);
    write_live(world, "core", "www", "UUGGDDGUUN");
    write_live(world, "core", "other", "UUUUUUUUUU");
    write_live(world, "extra", "www", "UUXUUUUUUU");
    write_live(world, "extra", "img", "UGUUBUSTUG");
    write_live(world, "well", "www", "UUUUUUUUUU");
    rebuild(world, "2026-11-23 10:09:20");
}

/* Builds the dashboard of 10:09:40. Everything that shows this moment is made equal. */
static void render_into(struct e2e *world, const char *folder)
{
    world->clock = "2026-11-23 10:09:40";
    e2e_uptick(world, "render", "--output", folder, NULL);
    assert_int_equal(world->last.status, 0);
    e2e_shell(world, "find '%s' -type f -exec sed -i -e 's/10:09:4[0-9]/10:09:4x/g' {} +", folder);
}

static json_t *read_status(struct e2e *world, const char *name)
{
    json_t *status = json_loads(e2e_read(world, name), 0, NULL);

    assert_non_null(status);
    return status;
}

static void assert_state(const json_t *status, const char *monitor, const char *state,
                         const char *letters)
{
    const json_t *entry = e2e_entry(status, monitor);
    const char *timeline = e2e_text(entry, "timeline");

    e2e_check(strcmp(timeline + strlen(timeline) - strlen(letters), letters) == 0,
              "%s: %s, expected %s", monitor, timeline + strlen(timeline) - strlen(letters),
              letters);
    assert_string_equal(e2e_text(entry, "status"), state);
}

static double uptime(const json_t *status, const char *monitor)
{
    const json_t *day =
        json_object_get(json_object_get(e2e_entry(status, monitor), "uptime"), "24h");

    return json_number_value(json_object_get(day, "uptime_percent"));
}

static void slow_rows_make_domains_and_sites_degraded(struct e2e *world)
{
    json_t *status;
    const json_t *last;

    write_all(world);
    render_into(world, "made");
    status = read_status(world, "made/status.json");
    assert_state(status, "core/www", "DEGRADED", "-UUGGDDGUUG");
    assert_state(status, "core", "DEGRADED", "-UUGGDDGUUG");
    assert_state(status, "extra/www", "UP", "-UUUUUUUUUU");
    assert_state(status, "extra/img", "DEGRADED", "-UGUUBUDTUG");
    assert_state(status, "extra", "DEGRADED", "-UGUUGUGGUG");
    assert_state(status, "well", "UP", "-UUUUUUUUUU");
    assert_string_equal(e2e_text(status, "status"), "DEGRADED");

    /* Two of ten minutes, and two of nine. */
    assert_true(uptime(status, "core/www") == 80);
    assert_true(uptime(status, "core") == 80);
    assert_true(uptime(status, "extra/img") == 77.777);
    assert_true(uptime(status, "extra") == 100);

    /* The verdict stays UP. */
    last = json_object_get(e2e_entry(status, "core/www"), "last_check");
    assert_string_equal(e2e_text(last, "domain_status"), "UP");
    assert_string_equal(e2e_text(last, "failure_type"), SLOW_NAME);
    assert_string_equal(e2e_text(last, "code"), "latency.limit");
    json_decref(status);
}

static void assert_has(struct e2e *world, const char *name, const char *text)
{
    e2e_check(strstr(e2e_read(world, name), text) != NULL, "%s lacks %s", name, text);
}

static void assert_lacks(struct e2e *world, const char *name, const char *text)
{
    e2e_check(strstr(e2e_read(world, name), text) == NULL, "%s has %s", name, text);
}

static void each_output_shows_a_slow_domain(struct e2e *world)
{
    write_all(world);
    render_into(world, "made");
    assert_has(world, "made/index.html", "<bdi>" SLOW_NAME "</bdi> <code>latency.limit</code>");
    assert_has(world, "made/site/core.html",
               "<bdi>" SLOW_NAME "</bdi> <code>latency.limit</code></p>");
    assert_has(world, "made/site/core.html", " degraded (");
    assert_has(world, "made/site/core.html", "): " SLOW_NAME "\"");
    assert_has(world, "made/site/core.html",
               "degraded for 4\xc2\xa0"
               "min");
    assert_has(world, "made/badge/core.svg", ">degraded</text>");
    assert_has(world, "made/metrics.prom",
               "\nuptick_domain_up{site=\"core\",domain=\"www\",role=\"core\"} 1\n");
    assert_has(world, "made/metrics.prom",
               "\nuptick_domain_failure_info{site=\"core\",domain=\"www\",role=\"core\","
               "code=\"latency.limit\"} 1\n");
    assert_lacks(world, "made/metrics.prom", "domain_failure_info{site=\"extra\",domain=\"www\"");
    assert_has(world, "made/metrics.prom",
               "\nuptick_site_status{site=\"core\",status=\"DEGRADED\"} 1\n");
    e2e_uptick(world, "status", NULL);
    assert_non_null(strstr(world->last.out, SLOW_NAME));
    assert_non_null(strstr(world->last.out, "DEGRADED"));
}

/* An outage of core/www from 10:04 to 10:06, and those of extra/img. */
static void slow_checks_begin_and_end_no_outage(struct e2e *world)
{
    const json_t *outages;
    json_t *status;

    write_all(world);
    render_into(world, "made");
    assert_lacks(world, "made/site/core.xml", "slow");
    e2e_shell(world, "test $(grep -c '<entry>' made/site/core.xml) = 1");
    assert_has(world, "made/site/core.xml", "<category term=\"status.5xx\"/>");
    status = read_status(world, "made/site/core.json");
    outages = json_object_get(json_array_get(json_object_get(status, "domains"), 0), "outages");
    assert_int_equal(json_array_size(outages), 1);
    assert_string_equal(e2e_text(json_array_get(outages, 0), "from"), "2026-11-23T10:04:01.500Z");
    assert_string_equal(e2e_text(json_array_get(outages, 0), "to"), "2026-11-23T10:06:01.500Z");
    assert_string_equal(e2e_text(json_array_get(outages, 0), "code"), "status.5xx");
    json_decref(status);

    /* A row that is DOWN is a failure, whatever its text. */
    assert_has(world, "made/site/extra.json", "\"failure_type\": \"" SLOW "\"");
    e2e_shell(world, "test $(grep -c '<entry>' made/site/extra.xml) = 2");
}

static void a_rebuild_keeps_slow_minutes(struct e2e *world)
{
    json_t *status;

    write_all(world);
    e2e_tick(world, "2026-11-23 10:09:30");
    render_into(world, "before");
    rebuild(world, "2026-11-23 10:09:35");
    render_into(world, "after");
    e2e_shell(world, E2E_DIFF " before after");
    e2e_shell(world, "rm -f data/state.db*");
    rebuild(world, "2026-11-23 10:09:35");
    render_into(world, "again");
    e2e_shell(world, E2E_DIFF " before again");
    status = read_status(world, "again/status.json");
    assert_state(status, "core/www", "DEGRADED", "-UUGGDDGUUG");
    json_decref(status);
}

/* As a tick stages its own results. */
static void a_staged_slow_result_is_exported_and_indexed(struct e2e *world)
{
    static const char row[] = "2026-11-23T10:09:01.500Z,well,www,UP,200,1240,\"" SLOW "\"\n";
    json_t *status;

    e2e_config(world, sites);
    write_live(world, "well", "www", "UUUUUUUUU");
    rebuild(world, "2026-11-23 10:08:30");
    e2e_write(world, "data/unstaged.csv", row);
    e2e_tick(world, "2026-11-23 10:09:20");
    e2e_shell(world, "grep -qxF '%.*s' data/live/well/www.log", (int)sizeof row - 2, row);
    render_into(world, "before");
    status = read_status(world, "before/status.json");
    assert_int_equal(e2e_text(e2e_entry(status, "well/www"), "timeline")[239], 'G');
    json_decref(status);
    e2e_shell(world, "rm -f data/state.db*");
    rebuild(world, "2026-11-23 10:09:30");
    render_into(world, "after");
    e2e_shell(world, E2E_DIFF " before after");
}

/* The counts of yesterday, of which the archive is then lost, come from data/days. */
static void slow_minutes_stay_in_the_day_counts(struct e2e *world)
{
    e2e_config(world, sites);
    e2e_shell(world, "mkdir -p data/archive/2026-11-22/core && for m in 1 2 3 4 5 6 7 8 9; do "
                     "echo \"2026-11-22T10:0$m:01.500Z,core,www,UP,200,1240,\\\"" SLOW "\\\"\"; "
                     "done > data/archive/2026-11-22/core/www.log && "
                     "echo '2026-11-22T10:10:01.500Z,core,www,UP,200,87,' >> "
                     "data/archive/2026-11-22/core/www.log");
    world->clock = "2026-11-23 10:00:00";
    e2e_uptick(world, "tick", NULL);
    e2e_shell(world, "grep -qx '2026-11-22,core,www,2,9,0,0,0,2026-11-22T10:01:01.500Z' "
                     "data/days/2026-11.csv");
    e2e_shell(world, "grep -qx '2026-11-22,core,,2,9,0,0,0,' data/days/2026-11.csv");
    assert_has(world, "public/site/core.html", "no downtime measured; degraded on 1 day");
    e2e_shell(world, "rm -rf data/archive/2026-11-22 data/state.db*");
    world->clock = "2026-11-23 10:01:00";
    e2e_uptick(world, "tick", NULL);
    assert_has(world, "public/site/core.html", "measured, degraded for 9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(slow_rows_make_domains_and_sites_degraded),
        E2E_TEST(each_output_shows_a_slow_domain),
        E2E_TEST(slow_checks_begin_and_end_no_outage),
        E2E_TEST(a_rebuild_keeps_slow_minutes),
        E2E_TEST(a_staged_slow_result_is_exported_and_indexed),
        E2E_TEST(slow_minutes_stay_in_the_day_counts),
    };

    return cmocka_run_group_tests_name("slow", tests, NULL, NULL);
}
