/* The parts of a page: timelines, outages, sections. */
#include "base/clock.h"
#include "dashboard/outage_choice.h"
#include "dashboard/reasons.h"
#include "dashboard/sections.h"
#include "dashboard/snapshot.h"
#include "dashboard/timeline.h"
#include "example.h"
#include "state/days.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shown.h"

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

static const char *show(struct fixture *fixture, const struct object *object, const char *text)
{
    return shown_object(fixture->messages, &fixture->page, object, text);
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

    shown_read_letters(letters, cells);
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

/* Shows random buckets, with the cache and without it. */
static void compare_copies(struct fixture *fixture, const struct template_set *set,
                           struct item_cache *cache, uint32_t seed)
{
    static struct timeline timeline;
    static struct object object;
    char letters[241];
    struct buffer twin = BUFFER_WITH_CEILING(1 << 20);
    struct error error;

    for (size_t i = 0; i < 240; i++)
        letters[i] = "U-D"[(seed >> i / 10) % 3];
    letters[240] = '\0';
    fill_timeline(fixture, &timeline, &object, letters, seed % 20, 3);
    buffer_reset(&fixture->page);
    assert_int_equal(run_template(set, "t", &object.value, cache, &fixture->page, &error), 0);
    assert_int_equal(run_template(set, "t", &object.value, NULL, &twin, &error), 0);
    assert_string_equal(fixture->page.data, twin.data);
    buffer_free(&twin);
}

/* Equal keys are keys of equal items. */
static void copied_labels_are_right(void **state)
{
    static const char text[] =
        "{{#timeline}}{{#labelled}}{{>messages.run}}\n{{/labelled}}{{/timeline}}";
    struct fixture *fixture = *state;
    struct template_set *set = template_set_new();
    struct item_cache *cache = item_cache_new();
    struct error error;
    uint32_t seed = 1;

    assert_int_equal(messages_add(fixture->messages, set, &error), 0);
    assert_int_equal(template_add(set, "t", text, strlen(text), &error), 0);
    for (int domain = 0; domain < 900; domain++) {
        seed = seed * 1103515245 + 12345;
        compare_copies(fixture, set, cache, seed >> 4);
    }
    item_cache_free(cache);
    template_set_free(set);
}

/* Makes both lists of a view of these outages: of the confirmed ones, and of all. */
static void set_lists(struct domain_view *view, const struct outage *const *items, unsigned n,
                      unsigned n_listed)
{
    view->outages[LIST_CONFIRMED] = view->outages[LIST_ALL] =
        (struct outage_list){.items = items, .n = n, .n_all = n, .n_week = n, .n_listed = n_listed};
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
            unsigned n_outages = (unsigned)rand_r(&seed) % (round % 3 ? MAX : 4);
            int64_t at = from_ms;

            for (unsigned k = 0; k < n_outages; k++) {
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
        cmocka_unit_test(copied_labels_are_right),
        cmocka_unit_test(an_outage_shows_the_reasons_it_had),
        cmocka_unit_test(the_newest_outages_of_a_site_are_listed),
        cmocka_unit_test(sites_are_grouped_and_keep_their_place),
    };

    return cmocka_run_group_tests(tests, load_messages, free_messages);
}
