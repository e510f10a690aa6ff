/* dashboard/badge, dashboard/text_width: badges of any name, as wide as needed. */
#include "dashboard/badge.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "built.h"

static const char *path_of(const struct fixture *fixture, const char *badge)
{
    static char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/badge/%s.svg", fixture->folder, badge);
    return path;
}

static const char *read_badge(struct fixture *fixture, const char *badge)
{
    char name[NAME_MAX];

    snprintf(name, sizeof name, "badge/%s.svg", badge);
    return read_built(fixture, name);
}

static void assert_badge(struct fixture *fixture, const char *badge, const char *text)
{
    if (!strstr(read_badge(fixture, badge), text))
        fail_msg("%s has no '%s': %s", badge, text, fixture->text.data);
}

static bool exists(struct fixture *fixture, const char *badge)
{
    return access(path_of(fixture, badge), F_OK) == 0;
}

static void a_text_is_as_wide_as_its_characters(void **state)
{
    static const struct {
        const char *text;
        int width;
    } cases[] = {
        {"", 0},     {"i", 4},       {"W", 11},  {"down", 30}, {"0123456789", 70},
        {"é", 7},    {"e\u0301", 7}, {"网", 11}, {"网上", 22}, {"\U0001f600", 11},
        {"\xff", 7}, {"\u200b", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (badge_text_width(cases[i].text) != cases[i].width)
            fail_msg("'%s' is %d wide", cases[i].text, badge_text_width(cases[i].text));
    }
}

static void a_badge_text_is_cut_between_characters(void **state)
{
    static const struct {
        const char *text;
        int max;
        const char *cut;
    } cases[] = {
        {"short", 100, "short"},
        {"a name of a site", 50, "a nam…"},
        {"éééééééé", 30, "ééé…"},
        {"网上商店", 44, "网上商店"},
        {"网上商店", 43, "网上商…"},
        {"e\u0301e\u0301e\u0301e\u0301", 20, "e\u0301…"},
        {"\U0001f600\U0001f600\U0001f600", 24, "\U0001f600…"},
        {"abc", 2, "…"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[64];

        strcpy(text, cases[i].text);
        badge_cut_text(text, sizeof text, cases[i].max);
        assert_string_equal(text, cases[i].cut);
    }
}

static void a_cut_text_and_its_ellipsis_fit_the_buffer(void **state)
{
    char text[12] = "WWWWWWWWWWW";

    (void)state;
    badge_cut_text(text, sizeof text, 100);
    assert_string_equal(text, "WWWWWWWW…");
    assert_true(strlen(text) < sizeof text);
}

static void a_badge_shows_the_state_of_its_site(void **state)
{
    static const struct {
        enum status status;
        const char *word, *ground;
    } cases[] = {
        {STATUS_UP, ">up</text>", "fill=\"#1a7f37\"/>"},
        {STATUS_DEGRADED, ">degraded</text>", "fill=\"#ffdf5d\"/>"},
        {STATUS_DOWN, ">down</text>", "fill=\"#b91c1c\"/>"},
        {STATUS_UNKNOWN, ">no data</text>", "fill=\"#59636e\"/>"},
    };
    struct fixture *fixture = *state;

    fixture->example->sites[1].name = "The shop";
    for (size_t i = 0; i < 4; i++) {
        fixture->example->site_views[1].status = cases[i].status;
        build(fixture);
        assert_badge(fixture, "s1", ">The shop</text>");
        assert_badge(fixture, "s1", cases[i].word);
        assert_badge(fixture, "s1", cases[i].ground);
    }
    assert_badge(fixture, "s1", "<title>The shop: no data</title>");
    assert_badge(fixture, "s1", "role=\"img\"");
}

static void an_uptime_badge_is_rounded_down_and_coloured_by_uptime(void **state)
{
    static const struct {
        struct uptime uptime;
        const char *text, *ground;
    } cases[] = {
        {{true, 100000, 100000, true}, ">100 %</text>", "fill=\"#1a7f37\"/>"},
        {{true, 99999, 100000, true}, ">99.99 %</text>", "fill=\"#1a7f37\"/>"},
        {{true, 99900, 100000, true}, ">99.9 %</text>", "fill=\"#1a7f37\"/>"},
        {{true, 99899, 100000, true}, ">99.89 %</text>", "fill=\"#ffdf5d\"/>"},
        {{true, 99000, 100000, true}, ">99 %</text>", "fill=\"#ffdf5d\"/>"},
        {{true, 98999, 100000, true}, ">98.99 %</text>", "fill=\"#b91c1c\"/>"},
        {{true, 99999, 49999, false}, ">new</text>", "fill=\"#59636e\"/>"},
        {{false, 0, 0, false}, ">new</text>", "fill=\"#59636e\"/>"},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fixture->example->site_views[0].uptime[SPAN_30D] = cases[i].uptime;
        build(fixture);
        assert_badge(fixture, "s0-uptime-30d", cases[i].text);
        assert_badge(fixture, "s0-uptime-30d", cases[i].ground);
    }
}

/* x^2.4 as the fifth root of x^12, by Newton's method. */
static double power_2_4(double x)
{
    double x2 = x * x, x4 = x2 * x2, x12 = x4 * x4 * x4, root = 1;

    for (int i = 0; i < 100; i++)
        root = (4 * root + x12 / (root * root * root * root)) / 5;
    return root;
}

/* Relative luminance (WCAG 2) of "#rrggbb". */
static double luminance(const char *colour)
{
    static const double shares[] = {0.2126, 0.7152, 0.0722};
    double sum = 0;

    for (int i = 0; i < 3; i++) {
        char digits[3] = {colour[1 + 2 * i], colour[2 + 2 * i], '\0'};
        double part = (double)strtol(digits, NULL, 16) / 255;

        sum += shares[i] * (part <= 0.04045 ? part / 12.92 : power_2_4((part + 0.055) / 1.055));
    }
    return sum;
}

/* The colours of the two parts come first, then those of the two texts. */
static void every_badge_text_has_a_contrast_of_at_least_4_5(void **state)
{
    struct fixture *fixture = *state;

    for (int status = STATUS_UNKNOWN; status <= STATUS_DOWN; status++) {
        const char *at, *fills[4];

        if (status == STATUS_BOT_DETECTED)
            continue;
        fixture->example->site_views[0].status = (enum status)status;
        build(fixture);
        at = read_badge(fixture, "s0");
        for (int i = 0; i < 4; i++) {
            at = strstr(at, "fill=\"#");
            assert_non_null(at);
            fills[i] = at += strlen("fill=\"");
        }
        for (int i = 0; i < 2; i++) {
            double ground = luminance(fills[i]), ink = luminance(fills[i + 2]);

            double ratio = (ground + 0.05) / (ink + 0.05);

            assert_true(ratio >= 4.5 || ratio <= 1 / 4.5);
        }
    }
}

static void markup_in_a_name_is_escaped_in_the_badge(void **state)
{
    struct fixture *fixture = *state;

    fixture->example->sites[0].name = "\"'><script>alert(1)</script>\x1b\xff\xef\xbf\xbf{{name}}";
    build(fixture);
    assert_badge(
        fixture, "s0",
        "<title>&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt; ?\xef\xbf\xbd{{name}}:");
    assert_null(strstr(fixture->text.data, "<script"));
}

static void a_long_name_is_cut_and_the_title_has_it_in_full(void **state)
{
    struct fixture *fixture = *state;
    char name[400];

    memset(name, 'm', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    fixture->example->sites[0].name = name;
    build(fixture);
    assert_badge(fixture, "s0", "textLength=\"234\"");
    assert_badge(fixture, "s0", "mmm…</text>");
    assert_badge(fixture, "s0", name);
}

static void a_state_badge_wins_over_an_uptime_badge_of_the_same_name(void **state)
{
    struct fixture *fixture = *state;

    fixture->example->sites[0].id = "a";
    fixture->example->sites[1].id = "A-Uptime-30d";
    fixture->example->sites[1].name = "second";
    build(fixture);
    assert_badge(fixture, "A-Uptime-30d", ">up</text>");
    assert_badge(fixture, "A-Uptime-30d-uptime-30d", ">100 %</text>");
    assert_false(exists(fixture, "a-uptime-30d"));
    assert_true(exists(fixture, "a"));
}

static void badges_of_removed_sites_are_deleted_and_others_stay(void **state)
{
    struct fixture *fixture = *state;
    FILE *file;

    build(fixture);
    file = fopen(path_of(fixture, "mine"), "w");
    fputs("<svg/>", file);
    fclose(file);
    fixture->example->snapshot.n_sites = 1;
    build(fixture);
    assert_true(exists(fixture, "s0") && exists(fixture, "s0-uptime-30d"));
    assert_true(exists(fixture, "mine"));
    assert_false(exists(fixture, "s1") || exists(fixture, "s1-uptime-30d"));
}

static void a_badge_does_not_change_with_time_alone(void **state)
{
    struct fixture *fixture = *state;
    char *before;

    build(fixture);
    before = strdup(read_badge(fixture, "s0"));
    fixture->example->snapshot.at_ms += 60000;
    build(fixture);
    assert_string_equal(read_badge(fixture, "s0"), before);
    free(before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_as_wide_as_its_characters),
        cmocka_unit_test(a_badge_text_is_cut_between_characters),
        cmocka_unit_test(a_cut_text_and_its_ellipsis_fit_the_buffer),
        cmocka_unit_test_setup_teardown(a_badge_shows_the_state_of_its_site, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_uptime_badge_is_rounded_down_and_coloured_by_uptime,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_badge_text_has_a_contrast_of_at_least_4_5, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(markup_in_a_name_is_escaped_in_the_badge, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_long_name_is_cut_and_the_title_has_it_in_full, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_state_badge_wins_over_an_uptime_badge_of_the_same_name,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(badges_of_removed_sites_are_deleted_and_others_stay, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_badge_does_not_change_with_time_alone, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("badge", tests, NULL, NULL);
}
