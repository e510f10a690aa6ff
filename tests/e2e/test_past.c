/* render --at: pages of the past, and the moments that have none. */
#include "cmocka_all.h"
#include "e2e.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const config = "sites:\n"
                                  "  - id: s\n"
                                  "    name: The shop\n"
                                  "    domains:\n"
                                  "      - {id: d, url: 'http://@http@/ok'}\n";

/* Monday, 23 November 2026. */
#define NOW "2026-11-23 09:31:02"

/* Adds checks of s/d, one every five minutes from 00:00:07 on, to the archive of a day. */
static void add_day(struct e2e *world, const char *day, const char *state, int checks)
{
    e2e_shell(world,
              "mkdir -p data/archive/%s/s && awk -v n=%d 'BEGIN { for (i = 0; i < n; i++) "
              "printf \"%sT%%02d:%%02d:07.000Z,s,d,%s\\n\", i / 12, i %% 12 * 5 }' "
              ">> data/archive/%s/s/d.log",
              day, checks, day, state, day);
}

static const char up[] = "UP,200,12,", down[] = "DOWN,503,12,http_status: expected 200";

/* Records of 14, 15, 20, 22 and 23 November; of 10 November only events are left. */
static void begin(struct e2e *world)
{
    e2e_config(world, config);
    add_day(world, "2026-11-14", up, 288);
    add_day(world, "2026-11-15", up, 288);
    add_day(world, "2026-11-20", up, 288);
    add_day(world, "2026-11-22", up, 288);
    add_day(world, "2026-11-23", up, 100);
    e2e_shell(world, "mkdir -p data/live data/archive/2026-11-10 && "
                     ": > data/archive/2026-11-10/events.log");
    world->clock = NOW;
}

static json_t *read_past(struct e2e *world)
{
    json_t *status = json_loads(e2e_read(world, "past/status.json"), 0, NULL);

    assert_non_null(status);
    return status;
}

static void each_format_of_a_moment_makes_a_page_of_it(struct e2e *world)
{
    static const struct {
        const char *moment, *generated_at;
        int hours;
    } cases[] = {
        {"02:30", "2026-11-23T02:30:00Z", 4},
        {"23:30", "2026-11-22T23:30:00Z", 4},
        {"-2h", "2026-11-23T07:31:0", 4},
        {"-1d9h", "2026-11-22T00:31:0", 4},
        {"Yesterday", "2026-11-22T23:59:59Z", 24},
        {"sunday", "2026-11-22T23:59:59Z", 24},
        {"FRI", "2026-11-20T23:59:59Z", 24},
        {"today", "2026-11-23T09:31:0", 24},
        {"2026-11-15", "2026-11-15T23:59:59Z", 24},
        {"2026-11-15T02:30", "2026-11-15T02:30:00Z", 4},
        {"2026-11-15 02:30:10", "2026-11-15T02:30:10Z", 4},
        {"2026-11-15T02:30Z", "2026-11-15T02:30:00Z", 4},
        {"2026-11-15T02:30+02:00", "2026-11-15T00:30:00Z", 4},
        {"2026-11-14T23:30-0500", "2026-11-15T04:30:00Z", 4},
        {"sunday 09:00", "2026-11-22T09:00:00Z", 4},
    };

    begin(world);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *status;

        e2e_uptick(world, "render", "--at", cases[i].moment, "--output", "past", NULL);
        e2e_silent(world, 0);
        assert_string_equal(world->last.out, "past/index.html\n");
        status = read_past(world);
        e2e_check(strstr(e2e_text(status, "generated_at"), cases[i].generated_at) != NULL,
                  "--at %s is %s", cases[i].moment, e2e_text(status, "generated_at"));
        assert_int_equal(
            json_integer_value(json_object_get(json_object_get(status, "history"), "buckets")),
            cases[i].hours * 60);
        json_decref(status);
    }
    assert_false(e2e_exists(world, "public"));
    e2e_uptick(world, "render", "--at=-1h", "--output=a/b/", NULL);
    assert_string_equal(world->last.out, "a/b/index.html\n");
}

static void a_whole_day_is_shown_from_its_first_to_its_last_minute(struct e2e *world)
{
    json_t *status, *site;
    const char *timeline;

    begin(world);
    e2e_uptick(world, "render", "--at", "2026-11-15", "--output", "past", NULL);
    status = read_past(world);
    site = e2e_entry(status, "s");
    timeline = e2e_text(site, "timeline");
    assert_int_equal(strspn(timeline, "U"), 1440);
    assert_string_equal(e2e_text(json_object_get(status, "history"), "from"),
                        "2026-11-15T00:00:00Z");
    assert_string_equal(e2e_text(site, "status"), "UP");
    json_decref(status);
}

static void a_page_of_the_past_is_never_out_of_date(struct e2e *world)
{
    static const char *const pages[] = {"past/index.html", "past/site/s.html"};
    static const char *const wrong[] = {
        "valid-until", "http-equiv=\"refresh\"", "Updated", "id=\"stale\"", ">now<", "today "};
    json_t *status;

    begin(world);
    e2e_uptick(world, "render", "--at", "2026-11-15T02:30", "--output", "past", NULL);
    for (size_t i = 0; i < 2; i++) {
        const char *page = e2e_read(world, pages[i]);

        e2e_check(strstr(page, "As it was on Sun 15 Nov 2026, 02:30 UTC</title>") != NULL,
                  "the title of %s", pages[i]);
        e2e_check(strstr(strstr(page, "<body>"), "As it was on Sun 15 Nov 2026, 02:30 UTC") != NULL,
                  "%s", pages[i]);
        for (size_t w = 0; w < sizeof wrong / sizeof wrong[0]; w++)
            e2e_check(strstr(page, wrong[w]) == NULL, "%s has %s", pages[i], wrong[w]);
    }
    status = read_past(world);
    assert_null(json_object_get(status, "valid_until"));
    assert_true(json_is_null(json_object_get(status, "tick")));
    json_decref(status);
    assert_null(strstr(e2e_read(world, "past/site/s.json"), "valid_until"));
    assert_null(strstr(e2e_read(world, "past/metrics.prom"), "\nuptick_valid_until"));
    assert_non_null(strstr(e2e_read(world, "past/metrics.prom"), "\nuptick_built_timestamp"));
}

/* An outage of the day before that ended on that day: neither was "yesterday" or "today". */
static void a_page_of_the_past_names_days_by_their_dates(struct e2e *world)
{
    static const char *const pages[] = {"past/index.html", "past/site/s.html"};
    static const char *const languages[][4] = {
        {"en", "As it was on Sun 15 Nov 2026, 02:30 UTC", "oday", "esterday"},
        {"de", "So war es am So. 15. Nov. 2026, 02:30 UTC", "eute", "estern"},
    };

    for (size_t l = 0; l < sizeof languages / sizeof languages[0]; l++) {
        const char *const *language = languages[l];

        e2e_config(world, e2e_format(world, "language: %s\n%s", language[0], config));
        e2e_shell(world, "rm -rf data past");
        add_day(world, "2026-11-14", down, 288);
        add_day(world, "2026-11-15", up, 288);
        world->clock = NOW;
        e2e_uptick(world, "render", "--at", "2026-11-15T02:30", "--output", "past", NULL);
        e2e_silent(world, 0);
        for (size_t i = 0; i < 2; i++) {
            const char *page = e2e_read(world, pages[i]);

            e2e_check(strstr(page, language[1]) != NULL, "%s", pages[i]);
            for (int word = 2; word < 4; word++)
                e2e_check(strstr(page, language[word]) == NULL, "%s: %s", pages[i], language[word]);
        }
        e2e_check(strstr(e2e_read(world, "past/index.html"),
                         l ? "Sa.\u00a014.\u00a0Nov." : "Sat\u00a014\u00a0Nov") != NULL,
                  "the day of the outage");
    }
}

static void a_moment_without_records_is_refused(struct e2e *world)
{
    static const char *const cases[][2] = {
        {"2026-11-13", "no records before 2026-11-14"},
        {"2026-11-13T23:59:59", "no records before 2026-11-14"},
        {"2026-11-10", "no records before 2026-11-14"}, /* only events are left */
        {"-999999w", "no records before 2026-11-14"},
        {"0000-01-01", "no records before 2026-11-14"},
        {"2026-11-14T00:00", "no records at 2026-11-14T00:00:00Z; the next records are of "
                             "2026-11-14"},
        {"2026-11-17", "no records of 2026-11-17; the last check before was at "
                       "2026-11-15T23:55:07Z; the next records are of 2026-11-20"},
        {"2026-11-21T12:00", "no records at 2026-11-21T12:00:00Z; the last check before was "
                             "at 2026-11-20T23:55:07Z; the next records are of 2026-11-22"},
        {"2026-11-23T09:32", "2026-11-23T09:32 is in the future"},
        {"2026-11-24", "2026-11-24 is in the future"},
        {"today 23:00", "today 23:00 is in the future"},
        {"\x1b[31m\n",
         "expected a time such as 02:30, -1h30m, yesterday, 'monday 09:00', 2026-11-24 "
         "or 2026-11-24T02:30Z, got ' [31m '"},
        {"noon", "expected a time such as 02:30, -1h30m, yesterday, 'monday 09:00', 2026-11-24 or "
                 "2026-11-24T02:30Z, got 'noon'"},
    };

    begin(world);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *expected = e2e_format(world, "uptick render: --at: %s\n", cases[i][1]);

        e2e_uptick(world, "render", "--at", cases[i][0], "--output", "past", NULL);
        assert_string_equal(world->last.err, expected);
        assert_int_equal(world->last.status, 64);
        assert_string_equal(world->last.out, "");
    }
    assert_false(e2e_exists(world, "past"));

    /* The last check before a day without records still counts. */
    e2e_uptick(world, "render", "--at", "2026-11-21T00:04", "--output", "past", NULL);
    e2e_silent(world, 0);

    /* The clock is five days ahead of the last record. */
    world->clock = "2026-11-28 12:00:00";
    e2e_uptick(world, "render", "--at", "-1h", "--print-model", NULL);
    assert_int_equal(world->last.status, 64);
    assert_non_null(
        strstr(world->last.err, "; the last check before was at 2026-11-23T08:15:07Z\n"));
}

static void without_any_record_every_moment_is_refused(struct e2e *world)
{
    e2e_config(world, config);
    e2e_shell(world, "mkdir data");
    e2e_uptick(world, "render", "--at", "-1m", "--output", "past", NULL);
    e2e_reported(world, 64, "uptick render: --at: no records yet\n", NULL);

    /* Live rows count as well as archives; those of a removed site do not. */
    world->clock = NOW;
    e2e_write(world, "data/live/s/d.log", "2026-11-22T09:30:07.000Z,s,d,UP,200,12,\n");
    e2e_uptick(world, "render", "--at", "2026-11-22T09:32", "--output", "past", NULL);
    e2e_silent(world, 0);
    e2e_uptick(world, "render", "--at", "2026-11-21", "--output", "past", NULL);
    e2e_reported(world, 64, "uptick render: --at: no records before 2026-11-22\n", NULL);
    e2e_shell(world, "mv data/live/s data/live/gone && sed -i s/,s,/,gone,/ data/live/gone/d.log");
    e2e_uptick(world, "render", "--at", "2026-11-22", "--output", "past", NULL);
    e2e_reported(world, 64, "--at: no records of 2026-11-22\n", NULL);
}

static void public_dir_never_shows_the_past(struct e2e *world)
{
    static const char *const names[] = {"public", "./public/", "link"};

    begin(world);
    e2e_shell(world, "mkdir public && ln -s public link");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        e2e_uptick(world, "render", "--at", "02:30", "--output", names[i], NULL);
        e2e_reported(world, 64,
                     e2e_format(world,
                                "uptick render: --output: %s is public_dir, which shows "
                                "the present; choose another folder\n",
                                names[i]),
                     NULL);
    }
    e2e_uptick(world, "render", "--at", "02:30", NULL);
    e2e_reported(world, 64,
                 "uptick render: --at needs --output: the folder for a page of the past\n", NULL);
    e2e_shell(world, "rmdir public");
}

/* Each folder is refused as that of the present and of the past. */
static void refuse_outputs(struct e2e *world, const char *const *names, size_t n, const char *why)
{
    for (size_t i = 0; i < 2 * n; i++) {
        const char *name = names[i / 2];

        e2e_uptick(world, "render", "--output", name, i % 2 ? "--at" : NULL, "02:30", NULL);
        e2e_reported(world, 64,
                     e2e_format(world,
                                "uptick render: --output: %s is in %s; choose another folder\n",
                                name, why),
                     NULL);
    }
}

static void no_page_is_written_among_the_records(struct e2e *world)
{
    static const char *const names[] = {
        "data", "data/", "./data/past", "data/archive/2026-11-22", "link", "link/past"};

    begin(world);
    e2e_shell(world, "ln -s data link");
    refuse_outputs(world, names, sizeof names / sizeof names[0],
                   "data_dir, where pages and records would be mixed");
    e2e_shell(world, "test -z \"$(find data -name '*.html')\" && rm link");
}

static void no_page_is_written_among_those_of_sites(struct e2e *world)
{
    static const char *const names[] = {"public/site", "link/site/", "public/badge/past"};

    begin(world);
    e2e_shell(world, "mkdir public && ln -s public link");
    refuse_outputs(world, names, sizeof names / sizeof names[0],
                   "public_dir, among the pages of sites or badges");
    e2e_shell(world, "rm link && rmdir public");
}

static const char *sum_of_present(struct e2e *world)
{
    e2e_shell(world, "find data public -printf '%%p %%s %%m %%T@ %%C@\\n' | sort > sum");
    return e2e_read(world, "sum");
}

static void the_past_is_shown_without_a_change_of_the_present(struct e2e *world)
{
    const char *before;

    e2e_config(world, config);
    e2e_tick(world, "2026-11-23 09:30:00");
    e2e_tick(world, "2026-11-23 09:35:00");
    e2e_shell(world, "chmod -R a-w data public");
    before = sum_of_present(world);
    world->clock = "2026-11-23 09:36:00";
    e2e_uptick(world, "render", "--at", "09:31", "--output", "past", NULL);
    e2e_silent(world, 0);
    e2e_uptick(world, "render", "--at", "2026-11-20", "--output", "past", NULL);
    assert_int_equal(world->last.status, 64);
    assert_string_equal(sum_of_present(world), before);
    e2e_shell(world, "chmod -R u+w data public");
}

static void the_past_is_shown_while_a_tick_runs(struct e2e *world)
{
    pid_t pid;

    e2e_config(world, "defaults: {timeout_seconds: 50}\n"
                      "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - {id: d, url: 'http://@http@/ok', interval_seconds: 60}\n"
                      "      - {id: slow, url: 'http://@http@/hang', interval_seconds: 60}\n");
    add_day(world, "2026-11-22", up, 288);
    world->clock = "2026-11-23 09:30:00";
    pid = e2e_start(world, "tick", NULL);
    e2e_await(world, "/hang", 1);
    world->clock = "2026-11-23 09:30:05";
    e2e_uptick(world, "render", "--at", "yesterday", "--output", "past", NULL);
    e2e_silent(world, 0);
    assert_int_equal(kill(pid, 0), 0);
    e2e_end(world, pid, SIGTERM);
}

/* Removes what only the present has, at any depth. */
static void remove_present(json_t *json)
{
    static const char *const names[] = {"past",    "valid_until", "lasts_seconds",
                                        "checked", "tick",        "phases"};
    const char *key;
    json_t *value;
    size_t i;

    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++)
        json_object_del(json, names[n]);
    json_object_foreach(json, key, value) remove_present(value);
    json_array_foreach(json, i, value) remove_present(value);
}

/* The values of all pages at this moment, which is 09:34:30: of the present if at is NULL. */
static json_t *model(struct e2e *world, const char *at)
{
    json_t *model;

    e2e_uptick(world, "render", "--print-model", at ? "--at" : NULL, at, NULL);
    e2e_silent(world, 0);
    model = json_loads(world->last.out, 0, NULL);
    assert_non_null(model);
    remove_present(model);
    return model;
}

/* What was known at a moment is shown of it later, and nothing that came after it. */
static void a_page_of_the_past_knows_nothing_of_what_came_later(struct e2e *world)
{
    json_t *present, *past;

    e2e_config(world,
               "sites:\n"
               "  - id: s\n"
               "    domains:\n"
               "      - {id: flap, url: 'http://@http@/script/2u3d9u', interval_seconds: 60}\n"
               "      - {id: one, url: 'http://@http@/script/4u1d9u', interval_seconds: 60,"
               " confirm: {failures: 2, successes: 1, recheck_seconds: []}}\n"
               "      - {id: child, url: 'http://@http@/ok?c', interval_seconds: 60,"
               " depends_on: s/flap}\n"
               "  - id: t\n"
               "    domains:\n"
               "      - {id: late, url: 'http://@http@/script/5u3d', interval_seconds: 60}\n");
    for (int minute = 0; minute < 5; minute++)
        e2e_tick(world, e2e_format(world, "2026-11-23 09:%02d:00", 30 + minute));
    world->environment = "FIXED_CLOCK=1795426470000"; /* 2026-11-23 09:34:30 */
    present = model(world, NULL);
    world->environment = NULL;
    e2e_tick(world, "2026-11-23 09:35:00");
    e2e_tick(world, "2026-11-23 09:36:00");
    e2e_tick(world, "2026-11-24 00:01:00");
    world->clock = "2026-11-24 00:02:00";
    past = model(world, "2026-11-23T09:34:30");
    if (!json_equal(present, past)) {
        json_dump_file(present, e2e_path(world, "present.json"), JSON_INDENT(1) | JSON_SORT_KEYS);
        json_dump_file(past, e2e_path(world, "past.json"), JSON_INDENT(1) | JSON_SORT_KEYS);
        e2e_shell(world, "diff present.json past.json");
    }
    json_decref(present);
    json_decref(past);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(each_format_of_a_moment_makes_a_page_of_it),
        E2E_TEST(a_whole_day_is_shown_from_its_first_to_its_last_minute),
        E2E_TEST(a_page_of_the_past_is_never_out_of_date),
        E2E_TEST(a_page_of_the_past_names_days_by_their_dates),
        E2E_TEST(a_moment_without_records_is_refused),
        E2E_TEST(without_any_record_every_moment_is_refused),
        E2E_TEST(public_dir_never_shows_the_past),
        E2E_TEST(no_page_is_written_among_the_records),
        E2E_TEST(no_page_is_written_among_those_of_sites),
        E2E_TEST(the_past_is_shown_without_a_change_of_the_present),
        E2E_TEST(the_past_is_shown_while_a_tick_runs),
        E2E_TEST(a_page_of_the_past_knows_nothing_of_what_came_later),
    };

    return cmocka_run_group_tests_name("past", tests, NULL, NULL);
}
