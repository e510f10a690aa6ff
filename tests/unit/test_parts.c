/* The parts of a page: timelines, bars of days, charts, outages, sections. */
#include "base/clock.h"
#include "dashboard/bars.h"
#include "dashboard/chart.h"
#include "dashboard/entry.h"
#include "dashboard/outage_choice.h"
#include "dashboard/sections.h"
#include "dashboard/snapshot.h"
#include "dashboard/timeline.h"
#include "example.h"
#include "state/days.h"
#include "template/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FROM_MINUTE = 29923770 };
static const int64_t from_ms = (int64_t)FROM_MINUTE * 60000; /* 2026-11-23T09:30 */

struct fixture {
    struct messages *messages;
    struct buffer page;
};

static int load_messages(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct config config = {.path = "uptick.yaml", .language = "en"};
    struct error error;

    fixture->page.ceiling = 1 << 20;
    *state = fixture;
    return messages_load(&fixture->messages, &config, &error);
}

static int free_messages(void **state)
{
    struct fixture *fixture = *state;

    messages_free(fixture->messages);
    buffer_free(&fixture->page);
    free(fixture);
    return 0;
}

/* Runs a template over an object. The result is valid until the next call. */
static const char *show(struct fixture *fixture, const struct object *object, const char *text)
{
    struct template_set *set = template_set_new();
    struct error error;

    buffer_reset(&fixture->page);
    if (messages_add(fixture->messages, set, &error) ||
        template_add(set, "t", text, strlen(text), &error) ||
        run_template(set, "t", &object->value, NULL, &fixture->page, &error))
        fail_msg("%s", error.text);
    template_set_free(set);
    return fixture->page.data ? fixture->page.data : "";
}

static void read_letters(const char *letters, uint8_t *cells)
{
    for (size_t i = 0; letters[i]; i++) {
        cells[i] = STATUS_COUNT;
        for (int status = 0; status < STATUS_COUNT; status++) {
            if (status_letter((enum status)status) == letters[i])
                cells[i] = (uint8_t)status;
        }
        assert_true(cells[i] < STATUS_COUNT);
    }
}

/* Each three buckets have a reason of their own. */
static size_t three_until(const void *context, size_t first, size_t end)
{
    size_t until = first / 3 * 3 + 3;

    (void)context;
    return until < end ? until : end;
}

/* The reason of a run is the number of its first bucket. */
static void number_of(const void *context, size_t first, size_t n, struct object *into)
{
    (void)context;
    assert_true(n > 0);
    object_number(into, "reason", (long long)first);
}

static void fill_timeline(struct fixture *fixture, struct timeline *timeline, struct object *object,
                          const char *letters, size_t first, size_t max)
{
    static uint8_t cells[TIMELINE_MAX];
    struct timeline_source source = {.cells = cells,
                                     .n_cells = strlen(letters),
                                     .from_ms = from_ms,
                                     .first_ms = from_ms + (int64_t)first * MS_PER_MINUTE,
                                     .max_bad_runs = max,
                                     .same_until = three_until,
                                     .reason = number_of};

    read_letters(letters, cells);
    object_clear(object);
    timeline_fill(timeline, &source, fixture->messages, object);
}

static void a_timeline_has_a_summary_in_words(void **state)
{
    static const struct {
        const char *letters;
        size_t first; /* the bucket of the first check ever */
        size_t max;
        const char *text;
    } cases[] = {
        {"UUUUUUUU", 0, 12, "up"},
        {"UDDDUUUU", 0, 12, "down 09:31–09:34 (3 min)"},
        {"UDDDU-UU", 0, 12, "down 09:31–09:34 (3 min); no data for 1 min"},
        {"UDTDUUUU", 0, 12,
         "down 09:31–09:32 (1 min), timeout 09:32–09:33 (1 min), down 09:33–09:34 (1 min)"},
        {"UUUUUUDD", 0, 12, "down since 09:36 (2 min)"},
        {"DDDDDDDD", 0, 12, "down since 09:30 (8 min)"},
        {"GUBUUUUU", 0, 12, "degraded 09:30–09:31 (1 min), bot detected 09:32–09:33 (1 min)"},
        {"--------", 0, 12, "no data for 8 min"},
        {"U-U-U-U-", 0, 12, "no data for 4 min"},
        {"DUDUDUDU", 0, 2, "2 earlier; latest: down 09:34–09:35 (1 min), down 09:36–09:37 (1 min)"},
        {"DUDUDUDU", 0, 0, "4 earlier"},
        {"----UUUU", 4, 12, "up; first checked at 09:34"},
        {"----UD-U", 4, 12, "down 09:35–09:36 (1 min); no data for 1 min; first checked at 09:34"},
        {"--------", 8, 12, "not checked yet"},
        {"--------", 9999, 12, "not checked yet"},
        {"U", 0, 12, "up"},
        {"D", 0, 12, "down since 09:30 (1 min)"},
    };
    static struct timeline timeline;
    static struct object object;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fill_timeline(*state, &timeline, &object, cases[i].letters, cases[i].first, cases[i].max);
        assert_string_equal(show(*state, &object, "{{>messages.timeline_body}}"), cases[i].text);
    }
}

static void the_first_bucket_of_a_run_has_the_label_of_all_of_them(void **state)
{
    static const char template[] =
        "{{#timeline}}{{#labelled}}({{status.class}}: {{>messages.run}}){{/labelled}}"
        "{{#plain}}[{{.}}]{{/plain}}{{/timeline}}";
    static const struct {
        const char *letters, *text;
        size_t first;
    } cases[] = {
        {"UUU", "[up][up][up]", 0},
        {"UDDU", "[up](down: 09:31–09:33 down (2 min): 1)[down][up]", 0},
        {"UDDDD-",
         "[up](down: 09:31–09:33 down (2 min): 1)[down]"
         "(down: 09:33–09:35 down (2 min): 3)[down](unknown: since 09:35 no data (1 min))",
         0},
        {"DTU", "(down: 09:30–09:31 down (1 min): 0)(down: 09:31–09:32 timeout (1 min): 1)[up]", 0},
        {"--UB",
         "(unknown: first checked at 09:32)[unknown][up]"
         "(bot: since 09:33 bot detected (1 min): 3)",
         2},
        {"--", "(unknown: not checked yet)[unknown]", 2},
        {"--", "(unknown: since 09:30 no data (2 min))[unknown]", 0},
    };
    static struct timeline timeline;
    static struct object object;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fill_timeline(*state, &timeline, &object, cases[i].letters, cases[i].first, 12);
        assert_string_equal(show(*state, &object, template), cases[i].text);
    }
}

static void only_the_newest_bad_runs_of_a_timeline_have_a_reason(void **state)
{
    static const char template[] = "{{#timeline}}{{reason}} {{/timeline}}";
    static struct timeline timeline;
    static struct object object;
    char letters[1001] = "";
    const char *text;

    for (size_t i = 0; i < 1000; i++)
        letters[i] = "UDB"[i % 3];
    fill_timeline(*state, &timeline, &object, letters, 0, 0);
    text = show(*state, &object, template);
    text += strspn(text, " ");
    assert_int_equal(strncmp(text, "640 641  643 ", 13), 0);
    letters[240] = '\0';
    fill_timeline(*state, &timeline, &object, letters, 0, 0);
    assert_int_equal(strncmp(show(*state, &object, template), " 1 2  4 ", 8), 0);
}

static void every_bucket_of_a_timeline_is_shown_once(void **state)
{
    static struct timeline timeline;
    static struct object object;
    char letters[TIMELINE_MAX + 1];
    uint32_t seed = 1;

    for (int round = 0; round < 20; round++) {
        size_t n = 0;

        for (size_t i = 0; i < TIMELINE_MAX; i++) {
            seed = seed * 1103515245 + 12345;
            letters[i] = "UUUUDTB-G"[(seed >> 16) % 9];
        }
        letters[TIMELINE_MAX] = '\0';
        fill_timeline(*state, &timeline, &object, letters, (seed >> 16) % 2000, 12);
        show(*state, &object,
             "{{#timeline}}{{#labelled}}x{{/labelled}}{{#plain}}x{{/plain}}{{/timeline}}");
        n = ((struct fixture *)*state)->page.size;
        assert_int_equal(n, TIMELINE_MAX);
    }
}

static void a_duration_has_two_units_at_most(void **state)
{
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        {0, "0 s"},
        {999, "0 s"},
        {1000, "1 s"},
        {59999, "59 s"},
        {60000, "1 min"},
        {61000, "1 min 1 s"},
        {3599999, "59 min 59 s"},
        {3600000, "1 h"},
        {7800000, "2 h 10 min"},
        {7859999, "2 h 10 min"},
        {86399999, "23 h 59 min"},
        {86400000, "1 d"},
        {93600000, "1 d 2 h"},
        {604800000, "7 d"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct object object;

        object_clear(&object);
        object_duration(&object, "it", cases[i].ms, ((struct fixture *)*state)->messages);
        assert_string_equal(show(*state, &object, "{{it}}"), cases[i].text);
    }
}

static void axis_labels_divide_the_timeline_evenly(void **state)
{
    static const struct {
        int hours;
        const char *labels;
    } cases[] = {
        {1, "−1 h −45 min −30 min −15 min now "},
        {2, "−2 h −1 h now "},
        {3, "−3 h −2 h −1 h now "},
        {4, "−4 h −3 h −2 h −1 h now "},
        {5, "−5 h −4 h −3 h −2 h −1 h now "},
        {7, "−7 h now "},
        {8, "−8 h −6 h −4 h −2 h now "},
        {24, "−24 h −18 h −12 h −6 h now "},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct chart_axis axis;
        struct object object;

        object_clear(&object);
        object_add(&object, "axis", chart_axis(&axis, cases[i].hours));
        assert_string_equal(
            show(
                *state, &object,
                "{{#axis}}{{#now}}{{>messages.now}}{{/now}}{{^now}}{{#whole_hours}}"
                "{{>messages.axis_hours}}{{/whole_hours}}{{^whole_hours}}{{>messages.axis_minutes}}"
                "{{/whole_hours}}{{/now}} {{/axis}}"),
            cases[i].labels);
    }
}

static void the_bar_of_a_day_shows_its_uptime(void **state)
{
    static const char template[] = "{{#days}}{{#bad}}{{class}} {{/bad}}{{/days}}"
                                   "{{>messages.days_body}}";
    static struct bars bars;
    const struct messages *messages = ((struct fixture *)*state)->messages;
    struct day_minutes days[DAYS_SHOWN] = {{0}};
    struct object object;

    for (size_t i = 0; i < DAYS_SHOWN - 1; i++)
        days[i].good = 1440;
    days[DAYS_SHOWN - 1].good = 571; /* 2026-11-23 until 09:30 */
    object_clear(&object);
    bars_fill(&bars, days, from_ms, 0, messages, &object);
    assert_string_equal(show(*state, &object, template), "no downtime measured");

    days[0] = (struct day_minutes){1439, 1, 0};
    days[1] = (struct day_minutes){0};
    days[2] = (struct day_minutes){700, 20, 0};
    object_clear(&object);
    bars_fill(&bars, days, from_ms, 0, messages, &object);
    assert_string_equal(
        show(*state, &object, template),
        "degraded down below 100 %: 2026-08-26 99.93 %, 2026-08-28 97.222 %; no data on 1 day");
    assert_string_equal(show(*state, &object,
                             "{{#days}}{{^has_data}}{{>messages.day}}{{/has_data}}{{#partial}}, "
                             "{{>messages.day}}{{/partial}}"
                             "{{/days}}"),
                        "2026-08-27: no data, 2026-08-28: 97.222 %, 50 % measured");

    /* Less than half of a day was measured: it has no uptime, and is green for nobody. */
    days[1] = (struct day_minutes){719, 0, 0};
    days[2] = (struct day_minutes){700, 19, 0};
    object_clear(&object);
    bars_fill(&bars, days, from_ms, 0, messages, &object);
    assert_string_equal(show(*state, &object,
                             "{{#days}}{{#partial}}{{class}}: {{>messages.day}}{{^has_data}} "
                             "-{{percent}}- {{/has_data}}{{/partial}}{{/days}}"),
                        "unknown: 2026-08-27: 49.9 % measured -- down: 2026-08-28: 49.9 % "
                        "measured -- ");
    assert_string_equal(show(*state, &object, "{{>messages.days_body}}"),
                        "below 100 %: 2026-08-26 99.93 %, 2026-08-28 (49.9 % measured)");

    for (size_t i = 0; i < 20; i++)
        days[i].bad = 1440 - (days[i].good = 1000);
    object_clear(&object);
    bars_fill(&bars, days, from_ms, 0, messages, &object);
    assert_non_null(
        strstr(show(*state, &object, template), "down down 8 earlier; below 100 %: 20"));
}

static void the_bar_of_a_day_shows_its_degraded_minutes(void **state)
{
    static const struct {
        struct day_minutes day;
        const char *text, *summary;
    } cases[] = {
        {{1440, 0, 0}, "up: 2026-08-26: 100 %", "no downtime measured"},
        {{1440, 0, 1},
         "degraded: 2026-08-26: 100 %, degraded for 1 min",
         "no downtime measured; degraded on 1 day"},
        {{1440, 0, 1440},
         "degraded: 2026-08-26: 100 %, degraded for 1 d",
         "no downtime measured; degraded on 1 day"},
        {{1439, 1, 75},
         "degraded: 2026-08-26: 99.93 %, degraded for 1 h 15 min",
         "below 100 %: 2026-08-26 99.93 %; degraded on 1 day"},
        {{1425, 15, 75},
         "down: 2026-08-26: 98.958 %, degraded for 1 h 15 min",
         "below 100 %: 2026-08-26 98.958 %; degraded on 1 day"},
        /* Less than half of the day was measured. */
        {{719, 0, 1},
         "degraded: 2026-08-26: 49.9 % measured, degraded for 1 min",
         "no downtime measured; degraded on 1 day"},
        {{719, 0, 0}, "unknown: 2026-08-26: 49.9 % measured", "no downtime measured"},
        {{0}, "unknown: 2026-08-26: no data", "no downtime measured; no data on 1 day"},
    };
    const struct messages *messages = ((struct fixture *)*state)->messages;
    static struct bars bars;
    struct day_minutes days[DAYS_SHOWN] = {{0}};
    struct object object;

    for (size_t i = 1; i < DAYS_SHOWN - 1; i++)
        days[i].good = 1440;
    days[DAYS_SHOWN - 1].good = 571; /* 2026-11-23 until 09:30 */
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *shown;

        days[0] = cases[i].day;
        object_clear(&object);
        bars_fill(&bars, days, from_ms, 0, messages, &object);
        shown = show(*state, &object, "{{#days}}{{class}}: {{>messages.day}}|{{/days}}");
        assert_int_equal(strncmp(shown, cases[i].text, strlen(cases[i].text)), 0);
        assert_int_equal(shown[strlen(cases[i].text)], '|');
        assert_string_equal(show(*state, &object, "{{>messages.days_body}}"), cases[i].summary);
    }
    days[0] = days[1] = (struct day_minutes){1440, 0, 3};
    object_clear(&object);
    bars_fill(&bars, days, from_ms, 0, messages, &object);
    assert_string_equal(show(*state, &object, "{{>messages.days_body}}"),
                        "no downtime measured; degraded on 2 days");
}

static void unknown_days_are_not_shown(void **state)
{
    const struct messages *messages = ((struct fixture *)*state)->messages;
    static struct bars bars;
    struct object object;

    object_clear(&object);
    bars_fill(&bars, NULL, from_ms, 0, messages, &object);
    assert_string_equal(show(*state, &object, "{{#days}}x{{/days}}{{n_no_data}}"), "");
}

/* A chart of one hour has one minute for each slice. */
static void chart_lines_break_at_minutes_without_a_measurement(void **state)
{
    static struct chart chart;
    uint16_t values[60];
    uint8_t cells[60];

    for (int i = 0; i < 60; i++) {
        values[i] = LATENCY_NONE;
        cells[i] = STATUS_UNKNOWN;
    }
    chart_fill(&chart, values, cells, 1);
    assert_string_equal(show(*state, &chart.object,
                             "{{hours}} {{median_path}}{{p95_path}}{{failed_path}}{{n_failed}}"
                             "{{#measured}}measured{{/measured}}{{median}}"),
                        "1 ");

    /* Two neighbours, a gap, a single point, a failure of two minutes. */
    values[0] = 50, values[1] = 100, values[5] = 25;
    cells[0] = cells[1] = cells[5] = STATUS_UP;
    cells[8] = STATUS_DOWN, cells[9] = STATUS_TIMEOUT;
    chart_fill(&chart, values, cells, 1);
    assert_string_equal(
        show(*state, &chart.object,
             "{{median_path}} {{failed_path}} {{n_failed}} {{highest}} {{median}} {{p95}}"),
        "M1 50l2-50M11 75h0 M16 0h4v100h-4 2 100 50 100");

    /* UP without a check in the minutes between: one line. */
    memset(cells, STATUS_UP, sizeof cells);
    chart_fill(&chart, values, cells, 1);
    assert_string_equal(show(*state, &chart.object, "{{median_path}}{{failed_path}}"),
                        "M1 50l2-50l8 75");
}

/* The corners of the lines of a path. */
struct corners {
    struct {
        int x, y;
        bool starts_line;
    } all[2 * LATENCY_SLICES];
    size_t n;
};

/* A level line that goes on level has no corner there. */
static void add_corner(struct corners *corners, int x, int y, bool starts_line)
{
    size_t n = corners->n;

    if (!starts_line && n > 1 && !corners->all[n - 1].starts_line && corners->all[n - 1].y == y &&
        corners->all[n - 2].y == y)
        n--;
    corners->all[n].x = x;
    corners->all[n].y = y;
    corners->all[n].starts_line = starts_line;
    corners->n = n + 1;
}

/* Reads a path of M, l and h. */
static void read_path(const char *at, struct corners *corners)
{
    int x = 0, y = 0;

    corners->n = 0;
    while (*at) {
        char command = *at, *end;
        int first = (int)strtol(at + 1, &end, 10);
        int second = command == 'h' ? 0 : (int)strtol(end, &end, 10);

        assert_non_null(strchr("Mlh", command));
        x = command == 'M' ? first : x + first;
        y = command == 'M' ? second : y + second;
        add_corner(corners, x, y, command == 'M');
        at = end;
    }
}

/* The points of the slices, joined while the domain was up; a single one is a line to itself. */
static void find_corners(const struct chart *chart, int top, struct corners *corners)
{
    bool open = false, alone = false;

    corners->n = 0;
    for (int i = 0; i < LATENCY_SLICES; i++) {
        const struct latency_slice *slice = &chart->latency.slices[i];
        int x = 2 * i + 1, y = 100 - slice->median * 100 / top;

        if (slice->median != LATENCY_NONE) {
            add_corner(corners, x, y, !open);
            alone = !open;
            open = true;
        }
        if (open && (slice->broken || i + 1 == LATENCY_SLICES)) {
            if (alone)
                add_corner(corners, corners->all[corners->n - 1].x, corners->all[corners->n - 1].y,
                           false);
            open = false;
        }
    }
}

static void a_line_of_a_chart_joins_the_points_of_its_slices(void **state)
{
    static struct chart chart;
    uint16_t values[LATENCY_MINUTES];
    uint8_t cells[LATENCY_MINUTES];
    uint32_t seed = 1;

    for (int round = 0; round < 500; round++) {
        int hours = 1 + round % 24, spread = 1 << round % 15, top;
        struct corners drawn, expected;

        for (int i = 0; i < hours * 60; i++) {
            seed = seed * 1103515245 + 12345;
            cells[i] = seed >> 27 == 0 ? STATUS_DOWN : STATUS_UP;
            values[i] = (seed >> 28) % 4 < 3 ? (uint16_t)((seed >> 8) % (unsigned)spread)
                                             : (uint16_t)LATENCY_NONE;
            if (round % 3 == 0 && seed >> 29)
                values[i] = LATENCY_NONE;
        }
        chart_fill(&chart, values, cells, hours);
        top = atoi(show(*state, &chart.object, "{{highest}}"));
        read_path(chart.median, &drawn);
        find_corners(&chart, top, &expected);
        assert_int_equal(drawn.n, expected.n);
        for (size_t i = 0; i < drawn.n; i++) {
            assert_int_equal(drawn.all[i].x, expected.all[i].x);
            assert_int_equal(drawn.all[i].y, expected.all[i].y);
            assert_int_equal(drawn.all[i].starts_line, expected.all[i].starts_line);
        }
    }
}

/* Shows a domain of random days and buckets, with the cache and without it. */
static void compare_copies(struct fixture *fixture, const struct template_set *set,
                           struct item_cache *cache, int64_t now_ms, uint32_t seed)
{
    static const uint16_t minutes[] = {1440, 1440, 1440, 1439, 720, 1, 0};
    static struct timeline timeline;
    static struct bars bars;
    static struct chart_axis axis;
    static struct object object;
    struct day_minutes days[DAYS_SHOWN];
    char letters[241];
    int64_t first_ms = now_ms - (int64_t)(seed % 92) * MS_PER_DAY - seed % 3 * 10000;
    struct buffer twin = BUFFER_WITH_CEILING(1 << 20);
    struct error error;

    for (size_t i = 0; i < DAYS_SHOWN; i++) {
        days[i].good = minutes[(seed >> i % 16) % 7];
        days[i].bad = (uint16_t)((1440 - days[i].good) * (seed >> i % 13 & 1));
        days[i].degraded = (uint16_t)(days[i].good * (seed >> i % 11 & 1));
    }
    for (size_t i = 0; i < 240; i++)
        letters[i] = "U-D"[(seed >> i / 10) % 3];
    letters[240] = '\0';
    fill_timeline(fixture, &timeline, &object, letters, seed % 20, 3);
    bars_fill(&bars, days, now_ms, first_ms, fixture->messages, &object);
    object_add(&object, "axis", chart_axis(&axis, 1 + (int)(seed % 24)));
    buffer_reset(&fixture->page);
    assert_int_equal(run_template(set, "t", &object.value, cache, &fixture->page, &error), 0);
    assert_int_equal(run_template(set, "t", &object.value, NULL, &twin, &error), 0);
    assert_string_equal(fixture->page.data, twin.data);
    buffer_free(&twin);
}

/* Equal keys are keys of equal items, also today just after midnight and on the first day. */
static void copied_days_and_labels_are_right(void **state)
{
    static const char text[] =
        "{{#days}}{{date}} {{class}}{{#has_data}} {{percent}}{{/has_data}}{{#partial}} partial"
        "{{/partial}}{{#bad}} bad{{/bad}} {{measured}}\n{{/days}}"
        "{{#timeline}}{{#labelled}}{{>messages.run}}\n{{/labelled}}{{/timeline}}{{#axis}}{{hours}} "
        "{{minutes}}{{#now}} now{{/now}}{{#whole_hours}} whole"
        "{{/whole_hours}}\n{{/axis}}";
    static const int seconds[] = {0, 5, 29, 30, 59, 60, 119, 43200, 86399};
    struct fixture *fixture = *state;
    struct template_set *set = template_set_new();
    struct error error;
    uint32_t seed = 1;

    assert_int_equal(messages_add(fixture->messages, set, &error), 0);
    assert_int_equal(template_add(set, "t", text, strlen(text), &error), 0);
    for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++) {
        int64_t day_ms = clock_floor_div(from_ms, MS_PER_DAY) * MS_PER_DAY;
        struct item_cache *cache = item_cache_new();

        for (int domain = 0; domain < 100; domain++) {
            seed = seed * 1103515245 + 12345;
            compare_copies(fixture, set, cache, day_ms + seconds[i] * MS_PER_SECOND, seed >> 4);
        }
        item_cache_free(cache);
    }
    template_set_free(set);
}

static void the_longest_possible_chart_fits_its_buffers(void **state)
{
    static struct chart chart;
    uint16_t values[LATENCY_MINUTES];
    uint8_t cells[LATENCY_MINUTES];

    for (int i = 0; i < LATENCY_MINUTES; i++) {
        bool odd = i / 24 % 2;

        values[i] = odd ? 1 : 65534;
        cells[i] = odd ? STATUS_DOWN : STATUS_UP;
    }
    chart_fill(&chart, values, cells, 24);
    assert_string_equal(show(*state, &chart.object, "{{n_failed}} {{highest}}"), "30 80000");
    assert_true(strlen(chart.median) < CHART_PATH - 16 && strlen(chart.failed) < CHART_PATH - 16);
    assert_non_null(strstr(chart.failed, "M118 0h2v100h-2"));
}

/* Makes view a domain of which only the outages are known. Shows it as of now_ms. */
static void fill_outages(struct fixture *fixture, struct entry_domain *entry,
                         struct domain_view *view, int64_t now_ms)
{
    static const struct domain domain = {.id = "d", .name = "d", .shown_url = "http://d.test/"};
    static const struct site site = {.id = "s", .name = "s", .n_domains = 1};
    static const struct config config = {
        .history_hours = 4, .sites = &site, .n_sites = 1, .domains = &domain, .n_domains = 1};
    static struct snapshot snapshot = {.config = &config};

    snapshot.at_ms = now_ms;
    snapshot.from_ms = from_ms;
    view->domain = &domain;
    view->first_ms = from_ms;
    entry->entry.snapshot = &snapshot;
    entry->entry.messages = fixture->messages;
    entry_fill_domain(entry, view);
}

/* Makes both lists of a view of these outages: of the confirmed ones, and of all. */
static void set_lists(struct domain_view *view, const struct outage *const *items, size_t n,
                      size_t n_listed)
{
    view->outages[LIST_CONFIRMED] = view->outages[LIST_ALL] =
        (struct outage_list){.items = items, .n = n, .n_all = n, .n_week = n, .n_listed = n_listed};
}

static void an_outage_shows_its_known_duration(void **state)
{
    const struct example_outage given[] = {
        {from_ms, from_ms + 180000, OUTAGE_ENDED, STATUS_DOWN, 503, "http_status: 503"},
        {from_ms + 600000, from_ms + 660000, OUTAGE_UNSEEN, STATUS_TIMEOUT, 0, "timeout"},
        {from_ms + 3600000, from_ms + 3900000, OUTAGE_ONGOING, STATUS_BOT_DETECTED, 200,
         "bot: <b>"},
    };
    struct outage all[3];
    struct outage_reason reasons[3];
    const struct outage *items[3];
    static struct entry_domain entry;
    struct domain_view view = {.status = STATUS_BOT_DETECTED};

    for (int i = 0; i < 3; i++) {
        example_set_outage(&all[i], &reasons[i], &given[i]);
        items[i] = &all[i];
    }
    set_lists(&view, items, 3, 3);
    fill_outages(*state, &entry, &view, from_ms + 3960000);
    assert_string_equal(
        show(*state, &entry.entry.object,
             "{{n_outages}} {{#outages}}{{from.text}} {{ended.text}} "
             "{{#unseen}}{{>messages.at_least}} "
             "{{/unseen}}{{#ongoing}}still {{/ongoing}}{{duration}} {{status.class}} {{failure}}; "
             "{{/outages}}"),
        "3 2026-11-23 10:30:00  still 6 min bot bot: &lt;b&gt;; "
        "2026-11-23 09:40:00 2026-11-23 09:41:00 at least 1 min down timeout; "
        "2026-11-23 09:30:00 2026-11-23 09:33:00 3 min down http_status: 503; ");
    assert_string_equal(show(*state, &entry.entry.object, "{{#outages}}{{event_id}} {{/outages}}"),
                        "s/d/bot@2026-11-23T10:30:00.000Z s/d/http@2026-11-23T09:40:00.000Z "
                        "s/d/http@2026-11-23T09:30:00.000Z ");
    assert_ptr_equal(snapshot_ongoing(&view), &all[2]);
    view.status = STATUS_DOWN; /* not for that reason */
    assert_null(snapshot_ongoing(&view));
    view.status = STATUS_UP;
    assert_null(snapshot_ongoing(&view));
    set_lists(&view, items, 2, 2);
    view.status = STATUS_BOT_DETECTED;
    assert_null(snapshot_ongoing(&view));
    set_lists(&view, NULL, 0, 0);
    assert_null(snapshot_ongoing(&view));
}

static void outages_beyond_the_list_are_counted(void **state)
{
    static const struct outage_reason reason = {0, "", "x"};
    const struct outage one = {
        .from_ms = from_ms, .status = STATUS_DOWN, .reasons = &reason, .n_reasons = 1};
    static const struct outage *items[1000];
    static struct entry_domain entry;
    struct domain_view view = {.status = STATUS_UP};
    static const char template[] = "{{n_outages}} {{>messages.more_outages}}"
                                   "{{#few_outages}} few{{/few_outages}}";

    for (size_t i = 0; i < 1000; i++)
        items[i] = &one;
    set_lists(&view, items, 1000, 10);
    view.outages[LIST_CONFIRMED].n_all = 1250; /* not all are kept */
    fill_outages(*state, &entry, &view, from_ms);
    assert_string_equal(show(*state, &entry.entry.object, "{{#outages}}{{failure}}{{/outages}}"),
                        "xxxxxxxxxx");
    assert_string_equal(show(*state, &entry.entry.object, template),
                        "1,250 and 1,240 earlier, not shown few");
}

/* The list of reasons, as the page has it. */
static const char *show_reasons(struct fixture *fixture, const struct outage *outage)
{
    static struct reasons reasons;
    static struct object object;

    object_clear(&object);
    reasons_add(&reasons, outage, &object);
    return show(fixture, &object,
                "{{#reason_changed}}{{>messages.reasons}}{{/reason_changed}}"
                "{{^reason_changed}}only {{#reasons}}{{word}}{{/reasons}}{{/reason_changed}}");
}

static void an_outage_shows_the_reasons_it_had(void **state)
{
    struct outage_reason reasons[] = {
        {from_ms, "connect.refused", "connect: connection refused"},
        {from_ms + 180000, "status.5xx", "http_status: expected 200, got 503"},
        {from_ms + MS_PER_DAY, "future.code", "future: <b>"},
        {from_ms + MS_PER_DAY, "", "a text of no code"},
    };
    struct outage outage = {.from_ms = from_ms, .reasons = reasons, .n_reasons = 1};

    assert_string_equal(show_reasons(*state, &outage), "only refused");
    outage.n_reasons = 2;
    assert_string_equal(show_reasons(*state, &outage), "refused 09:30–09:33, then 503");
    outage.n_reasons = 4;
    assert_string_equal(show_reasons(*state, &outage),
                        "refused 09:30–09:33, 503 09:33–2026-11-24 09:30, future.code "
                        "2026-11-24 09:30–2026-11-24 09:30, then a text of no code");
    outage.n_omitted = 3;
    outage.n_reasons = 2;
    assert_string_equal(show_reasons(*state, &outage), "refused 09:30, …, then 503");
}

/* A random number of outages for each of some domains, often at the same moments. */
static void the_newest_outages_of_a_site_are_listed(void **state)
{
    enum { DOMAINS = 40, MAX = 100 };
    static struct outage all[DOMAINS][MAX];
    static const struct outage *items[DOMAINS][MAX];
    unsigned seed = 1;

    (void)state;
    for (int round = 0; round < 300; round++) {
        struct domain_view views[DOMAINS] = {{.domain = NULL}};
        size_t n = 1 + (size_t)rand_r(&seed) % DOMAINS, total = 0, listed = 0;
        int64_t oldest_listed = INT64_MAX, newest_left = INT64_MIN;

        for (size_t i = 0; i < n; i++) {
            size_t n_outages = (size_t)rand_r(&seed) % (round % 3 ? MAX : 4);
            int64_t at = from_ms;

            for (size_t k = 0; k < n_outages; k++) {
                all[i][k].from_ms = at += round % 7 ? 1 + rand_r(&seed) % (round + 1) : 1;
                items[i][k] = &all[i][k];
            }
            set_lists(&views[i], items[i], n_outages, 0);
            total += n_outages;
        }
        outage_choice_make(views, n);
        for (size_t i = 0; i < n; i++) {
            const struct outage_list *list = &views[i].outages[LIST_CONFIRMED];
            size_t left = list->n - list->n_listed;

            assert_true(list->n_listed <= list->n);
            listed += list->n_listed;
            if (list->n_listed && all[i][left].from_ms < oldest_listed)
                oldest_listed = all[i][left].from_ms;
            if (left && all[i][left - 1].from_ms > newest_left)
                newest_left = all[i][left - 1].from_ms;
        }
        assert_int_equal(listed, total < CEILING_PAGE_OUTAGES ? total : CEILING_PAGE_OUTAGES);
        assert_true(newest_left <= oldest_listed);
    }
}

static void sites_are_grouped_and_keep_their_place(void **state)
{
    static const struct {
        const char *id, *group;
        enum status status;
    } sites[] = {
        {"a", NULL, STATUS_UP},       {"b", "Europe", STATUS_DOWN}, {"c", "Asia", STATUS_UP},
        {"d", NULL, STATUS_UP},       {"e", "Europe", STATUS_UP},   {"f", "Asia", STATUS_UNKNOWN},
        {"g", NULL, STATUS_DEGRADED},
    };
    enum { N = sizeof sites / sizeof sites[0] };
    static const char *const order = "adgbecf";
    struct site configured[N];
    struct site_view views[N];
    struct snapshot snapshot = {.sites = views, .n_sites = N};
    struct sections sections;

    (void)state;
    for (size_t i = 0; i < N; i++) {
        configured[i] = (struct site){.id = sites[i].id, .group = sites[i].group};
        views[i] = (struct site_view){.site = &configured[i], .status = sites[i].status};
    }
    assert_int_equal(sections_make(&sections, &snapshot), 0);
    assert_int_equal(sections.n_of[STATUS_UP], 4);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(sites[sections.order[i]].id[0], order[i]);
    assert_int_equal(sections.n, 3);
    assert_null(sections.sections[0].group);
    assert_int_equal(sections.sections[0].n, 3);
    assert_int_equal(sections.sections[0].status, STATUS_DEGRADED);
    assert_string_equal(sections.sections[1].group, "Europe");
    assert_int_equal(sections.sections[1].n_of[STATUS_DOWN], 1);
    assert_int_equal(sections.sections[1].n_of[STATUS_UP], 1);
    assert_int_equal(sections.sections[1].status, STATUS_DOWN);
    assert_string_equal(sections.sections[2].group, "Asia");
    assert_int_equal(sections.sections[2].status, STATUS_UNKNOWN);
    sections_free(&sections);

    snapshot.n_sites = 0;
    assert_int_equal(sections_make(&sections, &snapshot), 0);
    assert_int_equal(sections.n_of[STATUS_UP], 0);
    sections_free(&sections);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_timeline_has_a_summary_in_words),
        cmocka_unit_test(the_first_bucket_of_a_run_has_the_label_of_all_of_them),
        cmocka_unit_test(only_the_newest_bad_runs_of_a_timeline_have_a_reason),
        cmocka_unit_test(every_bucket_of_a_timeline_is_shown_once),
        cmocka_unit_test(a_duration_has_two_units_at_most),
        cmocka_unit_test(axis_labels_divide_the_timeline_evenly),
        cmocka_unit_test(the_bar_of_a_day_shows_its_uptime),
        cmocka_unit_test(the_bar_of_a_day_shows_its_degraded_minutes),
        cmocka_unit_test(unknown_days_are_not_shown),
        cmocka_unit_test(chart_lines_break_at_minutes_without_a_measurement),
        cmocka_unit_test(a_line_of_a_chart_joins_the_points_of_its_slices),
        cmocka_unit_test(copied_days_and_labels_are_right),
        cmocka_unit_test(the_longest_possible_chart_fits_its_buffers),
        cmocka_unit_test(an_outage_shows_its_known_duration),
        cmocka_unit_test(outages_beyond_the_list_are_counted),
        cmocka_unit_test(an_outage_shows_the_reasons_it_had),
        cmocka_unit_test(the_newest_outages_of_a_site_are_listed),
        cmocka_unit_test(sites_are_grouped_and_keep_their_place),
    };

    return cmocka_run_group_tests(tests, load_messages, free_messages);
}
