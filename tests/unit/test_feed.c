/* dashboard/feed: outages as entries of Atom feeds. */
#include "base/clock.h"
#include "base/file.h"
#include "dashboard/dashboard.h"
#include "dashboard/feed.h"
#include "example.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "built.h"

static const int64_t from_ms = 1795420800123; /* 2026-11-23T08:00:00.123Z */

/* Builds, and returns the content of this file. */
static const char *build_and_read(struct fixture *fixture, const char *name)
{
    build(fixture);
    return read_built(fixture, name);
}

static void assert_has(struct fixture *fixture, const char *name, const char *text)
{
    if (!strstr(build_and_read(fixture, name), text))
        fail_msg("%s has no '%s': %s", name, text, fixture->text.data);
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;

    for (; (text = strstr(text, what)); text++)
        n++;
    return n;
}

static struct example_outage outage(int64_t start_ms, int64_t lasted_ms, enum outage_end end)
{
    return (struct example_outage){start_ms, start_ms + lasted_ms,
                                   end,      STATUS_DOWN,
                                   503,      "http_status: expected 200, got 503"};
}

static void a_urn_depends_only_on_its_texts(void **state)
{
    static const char *const cases[][4] = {
        {"shop", "www", "1"}, {"shop", "www", "2"}, {"shop", "ww", "w1"},
        {"", "shop", "www"},  {"shop", "www"},      {NULL},
    };
    enum { CASES = sizeof cases / sizeof cases[0] };
    char urns[CASES][FEED_URN_MAX], again[FEED_URN_MAX];

    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        assert_int_equal(feed_urn(cases[i], urns[i]), 0);
        assert_int_equal(feed_urn(cases[i], again), 0);
        assert_string_equal(urns[i], again);
        for (size_t before = 0; before < i; before++)
            assert_string_not_equal(urns[i], urns[before]);
    }
    /* It must never change: feed readers would show every entry again. */
    assert_string_equal(urns[0], "urn:uuid:ebc1e916-d939-8602-8253-28f7f3254d22");
}

static void a_very_long_text_has_a_urn(void **state)
{
    char text[5000], urn[FEED_URN_MAX];
    const char *const parts[] = {text, "more", NULL};

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(feed_urn(parts, urn), 0);
    assert_int_equal(strlen(urn), 45);
}

static void a_feed_entry_shows_how_an_outage_ended(void **state)
{
    static const struct {
        enum outage_end end;
        int64_t lasted_ms;
        const char *title, *updated, *content;
    } cases[] = {
        {OUTAGE_ONGOING, 60000, "<title>The shop / d1: down</title>",
         "<updated>2026-11-23T08:00:00Z</updated>\n<link",
         ">Since 2026-11-23 08:00:00 UTC. http_status: expected 200, got 503</content>"},
        {OUTAGE_ENDED, 720000, "<title>The shop / d1 was down for 12 min</title>",
         "<updated>2026-11-23T08:12:00Z</updated>\n<link",
         ">From 2026-11-23 08:00:00 to 2026-11-23 08:12:00 UTC, 12 min. http_status: expected"},
        {OUTAGE_UNSEEN, 60000, "<title>The shop / d1 was down for 1 min</title>",
         "<updated>2026-11-23T08:01:00Z</updated>\n<link",
         ">From 2026-11-23 08:00:00 to 2026-11-23 08:01:00 UTC, at least 1 min. No "
         "checks after that. http_status: expected"},
    };
    struct fixture *fixture = *state;
    struct example *example = fixture->example;

    example->sites[1].name = "The shop";
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        example->domain_views[3].outages[LIST_CONFIRMED].n = 0;
        example->domain_views[3].outages[LIST_ALL].n = 0;
        example_add_outage(example, 3, outage(from_ms, cases[i].lasted_ms, cases[i].end));
        assert_has(fixture, "feed.xml", cases[i].title);
        assert_has(fixture, "feed.xml", "<published>2026-11-23T08:00:00Z</published>");
        assert_has(fixture, "feed.xml", cases[i].updated);
        assert_has(fixture, "feed.xml", cases[i].content);
        assert_has(fixture, "feed.xml",
                   "href=\"site/s1.html#s1/d1/http@2026-11-23T08:00:00.123Z\"/>\n<category "
                   "term=\"status.5xx\"/>\n");
    }
}

static void a_feed_duration_has_its_two_largest_units(void **state)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } cases[] = {
        {0, " for 0 s<"},          {59, " for 59 s<"},
        {60, " for 1 min<"},       {3599, " for 59 min 59 s<"},
        {3660, " for 1 h 1 min<"}, {93600, " for 1 d 2 h<"},
    };
    struct fixture *fixture = *state;
    struct outage *one;

    one = example_add_outage(fixture->example, 0, outage(from_ms, 0, OUTAGE_ENDED));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        one->to_ms = from_ms + cases[i].seconds * 1000;
        assert_has(fixture, "feed.xml", cases[i].text);
    }
}

static void bot_detection_is_not_shown_as_down(void **state)
{
    struct fixture *fixture = *state;
    struct outage *one =
        example_add_outage(fixture->example, 0, outage(from_ms, 60000, OUTAGE_ENDED));

    one->status = STATUS_BOT_DETECTED;
    assert_has(fixture, "feed.xml", "<title>s0 / d0: bot detected for 1 min</title>");
    one->end = OUTAGE_ONGOING;
    assert_has(fixture, "feed.xml", "<title>s0 / d0: bot detected</title>");
}

static void a_feed_lists_100_entries_with_the_latest_change_first(void **state)
{
    struct fixture *fixture = *state;
    struct example *example;
    const char *feed, *newest, *second, *oldest;

    example_free(fixture->example);
    example = fixture->example = example_new(5, 2);
    for (size_t i = 0; i < 150; i++)
        example_add_outage(example, i % 10, outage(from_ms + (int64_t)i * 60000, 0, OUTAGE_ENDED));
    /* The outage that began first ends only now, so it stays in the feed and comes first. */
    example->outages[0].all[0].changed_ms = from_ms + 9000 * 1000LL;
    feed = build_and_read(fixture, "feed.xml");
    assert_int_equal(count(feed, "<entry>"), 100);
    newest = strstr(feed, "<updated>2026-11-23T10:30:00Z</updated>\n<link");
    second = strstr(feed, "<updated>2026-11-23T10:29:00Z</updated>\n<link");
    oldest = strstr(feed, "<updated>2026-11-23T08:51:00Z</updated>\n<link");
    assert_true(newest && newest < second && second < oldest);
    assert_null(strstr(feed, "<updated>2026-11-23T08:50:00Z</updated>"));
    assert_has(fixture, "feed.xml", "<updated>2026-11-23T10:30:00Z</updated>\n<author>");
    assert_int_equal(count(build_and_read(fixture, "site/s1.xml"), "<entry>"), 30);
}

static void an_empty_feed_has_the_time_of_the_first_check(void **state)
{
    struct fixture *fixture = *state;
    struct example *example = fixture->example;

    assert_has(fixture, "feed.xml", "<updated>1970-01-01T00:00:00Z</updated>\n<author>");
    example->site_views[0].first_ms = INT64_MAX;
    example->site_views[1].first_ms = from_ms + 1000;
    example->site_views[2].first_ms = from_ms + 4000;
    assert_has(fixture, "feed.xml", "<updated>2026-11-23T08:00:01Z</updated>\n<author>");
    assert_has(fixture, "site/s2.xml", "<updated>2026-11-23T08:00:04Z</updated>\n<author>");
    fixture->example->snapshot.at_ms += 60000;
    assert_has(fixture, "feed.xml", "<updated>2026-11-23T08:00:01Z</updated>\n<author>");
}

static void a_feed_links_to_itself_if_public_url_is_set(void **state)
{
    struct fixture *fixture = *state;

    example_add_outage(fixture->example, 0, outage(from_ms, 0, OUTAGE_ENDED));
    assert_null(strstr(build_and_read(fixture, "feed.xml"), "rel=\"self\""));
    assert_has(fixture, "feed.xml", "href=\"index.html\"/>");
    assert_has(fixture, "site/s0.xml", "href=\"../site/s0.html\"/>");
    assert_has(fixture, "site/s0.xml",
               "href=\"../site/s0.html#s0/d0/http@2026-11-23T08:00:00.123Z\"/>");
    fixture->example->config.public_url = "https://status.example/a&b/";
    assert_has(fixture, "feed.xml",
               "<link rel=\"self\" type=\"application/atom+xml\" "
               "href=\"https://status.example/a&amp;b/feed.xml\"/>");
    assert_has(fixture, "site/s0.xml", "href=\"https://status.example/a&amp;b/site/s0.xml\"/>");
    assert_has(fixture, "feed.xml",
               "href=\"https://status.example/a&amp;b/site/s0.html#s0/d0/"
               "http@2026-11-23T08:00:00.123Z\"/>");
    assert_has(fixture, "feed.xml", "href=\"https://status.example/a&amp;b/index.html\"/>");
}

static void text_from_outside_is_escaped_in_a_feed(void **state)
{
    static const char evil[] = "\"'><b>]]>&amp;\x1b\xff\xef\xbf\xbe\xe2\x80\xae{{title}}";
    struct fixture *fixture = *state;
    struct example *example = fixture->example;
    const struct outage_reason reasons[] = {{from_ms, evil, evil}, {from_ms, "", evil}};
    struct outage *one;
    const char *feed;

    example->config.title = example->sites[0].name = example->domains[0].name = evil;
    one = example_add_outage(example, 0, outage(from_ms, 0, OUTAGE_ENDED));
    one->reasons = reasons;
    one->n_reasons = 2;
    feed = build_and_read(fixture, "site/s0.xml");
    assert_int_equal(count(feed, "&quot;&#39;&gt;&lt;b&gt;]]&gt;&amp;amp; ?\xef\xbf\xbd {{title}}"),
                     9); /* also the code and two words of reasons */
    assert_null(strstr(feed, "<b>"));
}

static void very_long_names_leave_room_for_the_failure_in_a_feed(void **state)
{
    struct fixture *fixture = *state;
    char name[5000];

    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    fixture->example->sites[0].name = fixture->example->domains[0].name = name;
    fixture->example->config.title = name;
    example_add_outage(fixture->example, 0, outage(from_ms, 0, OUTAGE_ENDED));
    assert_has(fixture, "feed.xml", "http_status: expected 200, got 503</content>");
    assert_has(fixture, "feed.xml", "n was down for 0 s</title>");
}

/* It changes when it is confirmed, when it has another reason, and when it ends. */
static void a_feed_entry_keeps_its_id_while_its_outage_changes(void **state)
{
    struct fixture *fixture = *state;
    struct outage_reason reasons[] = {
        {from_ms, "connect.refused", "connect: connection refused by 192.0.2.1 port 443"},
        {from_ms + 180000, "status.5xx", "http_status: expected 200, got 503"}};
    struct outage *one =
        example_add_outage(fixture->example, 0, outage(from_ms, 60000, OUTAGE_ONGOING));
    static const char id[] =
        "<id>urn:uuid:c8c59865-0011-8581-ba8c-5f3ff4b0167c</id>\n<title>s0 / d0";

    one->reasons = reasons;
    one->n_reasons = 2;
    one->changed_ms = from_ms + 180000;
    assert_has(fixture, "feed.xml", id);
    assert_has(fixture, "feed.xml", "<updated>2026-11-23T08:03:00Z</updated>\n<link");
    assert_has(fixture, "feed.xml", "UTC. refused 08:00–08:03, then 503. connect: connection");
    one->end = OUTAGE_REMOVED;
    one->to_ms = one->changed_ms = from_ms + 240000;
    assert_has(fixture, "feed.xml", id);
    assert_has(fixture, "feed.xml", "UTC, 4 min. Then removed from the configuration. refused");
    assert_has(fixture, "feed.xml", "<updated>2026-11-23T08:04:00Z</updated>\n<link");
}

static void a_failure_that_is_not_confirmed_is_not_in_a_feed(void **state)
{
    struct fixture *fixture = *state;

    example_add_blip(fixture->example, 0, outage(from_ms, 60000, OUTAGE_ENDED));
    example_add_blip(fixture->example, 1, outage(from_ms, 60000, OUTAGE_ONGOING));
    assert_int_equal(count(build_and_read(fixture, "feed.xml"), "<entry>"), 0);
}

/* The page of a site lists outages of more days. */
static void a_feed_lists_outages_of_a_week(void **state)
{
    struct fixture *fixture = *state;
    int64_t week_ms = fixture->example->snapshot.at_ms - (int64_t)WEEK_DAYS * MS_PER_DAY;

    example_add_outage(fixture->example, 0, outage(week_ms - 60001, 60000, OUTAGE_ENDED));
    example_add_outage(fixture->example, 0, outage(week_ms - 60000, 60000, OUTAGE_ENDED));
    example_add_outage(fixture->example, 1, outage(week_ms - 90000, 1000, OUTAGE_ONGOING));
    assert_int_equal(count(build_and_read(fixture, "feed.xml"), "<entry>"), 2);
}

static void a_feed_does_not_change_with_time_alone(void **state)
{
    struct fixture *fixture = *state;
    char *before;

    example_add_outage(fixture->example, 0, outage(from_ms, 60000, OUTAGE_ONGOING));
    before = strdup(build_and_read(fixture, "feed.xml"));
    fixture->example->snapshot.at_ms += 60000;
    fixture->example->outages[0].all[0].to_ms += 60000; /* another check failed */
    assert_string_equal(build_and_read(fixture, "feed.xml"), before);
    free(before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_urn_depends_only_on_its_texts),
        cmocka_unit_test(a_very_long_text_has_a_urn),
        cmocka_unit_test_setup_teardown(a_feed_entry_shows_how_an_outage_ended, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_feed_duration_has_its_two_largest_units, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(bot_detection_is_not_shown_as_down, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_feed_lists_100_entries_with_the_latest_change_first,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_empty_feed_has_the_time_of_the_first_check, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_feed_links_to_itself_if_public_url_is_set, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(text_from_outside_is_escaped_in_a_feed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(very_long_names_leave_room_for_the_failure_in_a_feed,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_feed_entry_keeps_its_id_while_its_outage_changes, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_failure_that_is_not_confirmed_is_not_in_a_feed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_feed_lists_outages_of_a_week, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_feed_does_not_change_with_time_alone, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}
