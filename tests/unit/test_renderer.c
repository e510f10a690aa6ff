/* dashboard/dashboard: what the pages show, and how their files are published. */
#include "base/clock.h"
#include "base/file.h"
#include "dashboard/dashboard.h"
#include "example.h"
#include "spaces.h"
#include "state/monitors.h"

#include <dirent.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* A snapshot, and a folder to build it in. */
struct fixture {
    struct example *example;
    char folder[64];
    char public[80];
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);

    strcpy(fixture->folder, "/tmp/uptick-renderer-XXXXXX");
    if (!mkdtemp(fixture->folder))
        return -1;
    snprintf(fixture->public, sizeof fixture->public, "%s/public", fixture->folder);
    fixture->example = example_new(3, 2);
    *state = fixture;
    return 0;
}

static void remove_all(const char *path)
{
    DIR *list = opendir(path);
    struct dirent *entry;

    while (list && (entry = readdir(list))) {
        char below[PATH_MAX];
        struct stat status;

        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
        if (lstat(below, &status) == 0 && S_ISDIR(status.st_mode))
            remove_all(below);
        unlink(below);
    }
    if (list)
        closedir(list);
    rmdir(path);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    remove_all(fixture->folder);
    example_free(fixture->example);
    free(fixture);
    return 0;
}

static const char *path_of(const struct fixture *fixture, const char *name)
{
    static char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/%s", fixture->folder, name);
    return path;
}

static void put(const struct fixture *fixture, const char *name, const char *text)
{
    FILE *file = fopen(path_of(fixture, name), "w");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* The content of a file; valid until the next call. */
static const char *get(const struct fixture *fixture, const char *name)
{
    static struct buffer text = {.ceiling = BUFFER_MAX_PAGE};
    struct error error;

    buffer_reset(&text);
    if (file_read(path_of(fixture, name), &text, &error))
        fail_msg("%s", error.text);
    return spaces_make_plain(text.data);
}

static bool exists(const struct fixture *fixture, const char *name)
{
    struct stat status;

    return lstat(path_of(fixture, name), &status) == 0;
}

static void build(struct fixture *fixture)
{
    struct error error = {.text = ""};

    if (dashboard_render(&fixture->example->snapshot, fixture->public, NULL, &error))
        fail_msg("%s", error.text);
}

/* Builds, and expects it to fail with a text that ends like this. */
static void assert_build_fails(struct fixture *fixture, const char *ending)
{
    struct error error = {.text = ""};
    size_t size;

    assert_int_equal(dashboard_render(&fixture->example->snapshot, fixture->public, NULL, &error),
                     -1);
    size = strlen(error.text);
    if (size < strlen(ending) || strcmp(error.text + size - strlen(ending), ending) != 0)
        fail_msg("'%s' does not end with '%s'", error.text, ending);
}

static void assert_has(const struct fixture *fixture, const char *name, const char *text)
{
    if (!strstr(get(fixture, name), text))
        fail_msg("%s has no '%s'", name, text);
}

static void assert_has_not(const struct fixture *fixture, const char *name, const char *text)
{
    if (strstr(get(fixture, name), text))
        fail_msg("%s has '%s'", name, text);
}

static size_t count_leftovers(const struct fixture *fixture, const char *folder)
{
    DIR *list = opendir(path_of(fixture, folder));
    struct dirent *entry;
    size_t n = 0;

    while ((entry = readdir(list)))
        n += entry->d_name[0] == '.' && strstr(entry->d_name, ".uptick") != NULL;
    closedir(list);
    return n;
}

static void a_build_writes_every_file(void **state)
{
    static const char *const names[] = {
        "index.html",         "status.json",
        "style.css",          "uptick.js",
        "icon-up.svg",        "icon-down.svg",
        "icon-degraded.svg",  "icon-unknown.svg",
        "site/s0.html",       "site/s2.html",
        "site/s1.json",       "site/s1.xml",
        "badge/s1.svg",       "badge/s1-uptime-30d.svg",
        "feed.xml",           "metrics.prom",
        "status.schema.json", "site.schema.json",
        "alert.schema.json",
    };
    struct fixture *fixture = *state;
    struct stat status;

    umask(022);
    build(fixture);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char name[64];

        snprintf(name, sizeof name, "public/%s", names[i]);
        assert_int_equal(lstat(path_of(fixture, name), &status), 0);
        assert_int_equal(status.st_mode, S_IFREG | 0644);
    }
    assert_int_equal(lstat(fixture->public, &status), 0);
    assert_int_equal(status.st_mode, S_IFDIR | 0755);
    assert_int_equal(count_leftovers(fixture, "public"), 0);
    assert_int_equal(count_leftovers(fixture, "public/site"), 0);
}

/* With AddressSanitizer, each call of strstr reads to the end of the text. */
static size_t count(const char *text, const char *what)
{
    const char *end = text + strlen(text);
    size_t n = 0, size = strlen(what);

    for (; (text = memchr(text, *what, (size_t)(end - text))); text++)
        n += strncmp(text, what, size) == 0;
    return n;
}

static void each_bucket_of_a_timeline_is_one_span_of_one_class(void **state)
{
    static const uint8_t cells[] = {STATUS_UP,      STATUS_DOWN,         STATUS_TIMEOUT,
                                    STATUS_UNKNOWN, STATUS_BOT_DETECTED, STATUS_DEGRADED};
    static const char *const spans[] = {
        "<span class=down role=img tabindex=0 aria-label=\"05:33–05:34 down (1 min)\"></span>",
        "<span class=down role=img tabindex=0 aria-label=\"05:34–05:35 timeout (1 min)\"></span>",
        "<span class=unknown role=img tabindex=0 aria-label=\"05:35–05:36 no data (1 "
        "min)\"></span>",
        "<span class=bot role=img tabindex=0 aria-label=\"05:36–05:37 bot detected (1 "
        "min)\"></span>",
        "<span class=degraded role=img tabindex=0 aria-label=\"05:37–05:38 degraded (1 "
        "min)\"></span>",
    };
    struct fixture *fixture = *state;
    const char *page;

    memcpy(fixture->example->cells, cells, sizeof cells);
    build(fixture);
    page = get(fixture, "public/index.html");
    assert_int_equal(count(page, "<div class=timeline>"), 3);
    assert_int_equal(count(page, "<span"), 3 * 240);
    assert_int_equal(count(page, "<span class=up></span>"), 3 * 240 - 5);
    assert_non_null(
        strstr(page, "<div class=timeline><span class=up></span><span class=down role="));
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++)
        assert_non_null(strstr(page, spans[i]));
    assert_non_null(strstr(page, "<p>1 earlier; latest: timeout 05:34–05:35 (1 min), "
                                 "bot detected 05:36–05:37 (1 min), "
                                 "degraded 05:37–05:38 (1 min); no data for 1 min<div"));
    assert_non_null(strstr(page, "<p>up<div"));
    page = get(fixture, "public/site/s1.html");
    assert_int_equal(count(page, "<div class=timeline>"), 2); /* its two domains */
    assert_int_equal(count(page, "<span"), 2 * 240);
}

static void the_first_sentence_shows_whether_there_are_problems(void **state)
{
    static const struct {
        enum status sites[3];
        const char *sentence;
    } cases[] = {
        {{STATUS_UP, STATUS_UP, STATUS_UP}, "<h1>All 3 sites are up</h1>"},
        {{STATUS_UP, STATUS_DOWN, STATUS_UP}, "<h1>1 of 3 sites has problems</h1>"},
        {{STATUS_DEGRADED, STATUS_DOWN, STATUS_UP}, "<h1>2 of 3 sites have problems</h1>"},
        {{STATUS_UNKNOWN, STATUS_DOWN, STATUS_UP}, "<h1>1 of 3 sites has problems</h1>"},
        {{STATUS_UNKNOWN, STATUS_UP, STATUS_UP}, "<h1>No recent data for 1 of 3 sites</h1>"},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t site = 0; site < 3; site++)
            fixture->example->site_views[site].status = cases[i].sites[site];
        build(fixture);
        assert_has(fixture, "public/index.html", cases[i].sentence);
    }
    fixture->example->snapshot.n_sites = 1;
    build(fixture);
    assert_has(fixture, "public/index.html", "<h1>No recent data for 1 of 1 site</h1>");
    fixture->example->site_views[0].status = STATUS_UP;
    build(fixture);
    assert_has(fixture, "public/index.html", "<h1>The site is up</h1>");
    fixture->example->snapshot.n_sites = 0;
    build(fixture);
    assert_has(fixture, "public/index.html", "<h1>No sites are configured</h1>");
}

static void a_problem_is_one_line_with_a_link(void **state)
{
    struct fixture *fixture = *state;
    struct example *example = fixture->example;

    example->sites[1].name = "The shop";
    example->snapshot.status = example->site_views[1].status = STATUS_DOWN;
    example->domain_views[2].status = example->checks[2].status = STATUS_DOWN;
    example->checks[2].failure = "http_status: expected 200, got 503";
    example->checks[2].http_status = 503;
    build(fixture);
    assert_has(fixture, "public/index.html", "<title>▲ 1 down · Example status</title>");
    assert_has(fixture, "public/index.html",
               "<ol class=\"problems\" aria-label=\"Problems\">\n<li class=down>"
               "<a href=\"site/s1.html#domain/d0\"><bdi>The shop</bdi><i> › <bdi>d0</bdi></i></a> "
               "<b class=down>down</b> <span></span> <span></span> <span class=reason>"
               "<bdi>http_status: expected 200, got 503</bdi> <code>status.5xx</code></span></li>");
    assert_has(fixture, "public/index.html",
               "<ul class=\"counts\"><li class=\"down\"><b>1</b> down"
               "</li> <li class=\"up\"><b>2</b> up</li> </ul>");
    assert_has(fixture, "public/index.html",
               "<p class=why><bdi>d0</bdi> <bdi>http_status: expected 200, got 503</bdi><td>");
    assert_has(fixture, "public/site/s1.html",
               "<li class=down><a href=\"#domain/d0\"><bdi>d0</bdi></a> down <li class=up>");
}

/* d0 was checked in each minute, and its last check and one an hour before were slow. d1 is checked
 * every five minutes. */
static void make_slow(struct example *example)
{
    struct domain_view *views = example->domain_views;
    uint8_t *cells = example->cells + example->n_sites * EXAMPLE_BUCKETS;
    static uint8_t day_cells[2][LATENCY_MINUTES];
    static uint16_t latencies[2][LATENCY_MINUTES];

    example->snapshot.status = example->site_views[0].status = STATUS_DEGRADED;
    for (int i = 0; i < 2; i++) {
        memset(day_cells[i], STATUS_UP, sizeof day_cells[i]);
        memset(latencies[i], 0xff, sizeof latencies[i]);
        views[i].day_cells = day_cells[i];
        views[i].latencies = latencies[i];
    }
    views[0].status = cells[239] = cells[179] = STATUS_DEGRADED;
    day_cells[0][1439] = day_cells[0][1379] = STATUS_DEGRADED;
    latencies[0][1439] = 1450;
    latencies[0][1379] = 990;
    example->checks[0].failure = "slow: 1240 ms, expected at most 800 (and 210 ms for the name)";
    example->checks[0].latency_ms = 1450;
    memset(cells + EXAMPLE_BUCKETS + 180, STATUS_DEGRADED, 5);
    memset(day_cells[1] + 1380, STATUS_DEGRADED, 5);
    latencies[1][1380] = 812;
    latencies[1][1383] = 990;
}

static void a_slow_check_shows_its_text_and_an_earlier_one_its_latency(void **state)
{
    struct fixture *fixture = *state;

    make_slow(fixture->example);
    build(fixture);
    assert_has(fixture, "public/index.html", "<title>▲ 1 degraded · Example status</title>");
    assert_has(
        fixture, "public/index.html",
        "<b class=degraded>degraded</b> <span>since <time datetime=\"2026-11-23T09:31:00Z\">09:31</"
        "time></span> <span>2 s</span> <span class=reason><bdi>slow: 1240 ms, expected at most 800 "
        "(and 210 ms for the name)</bdi> <code>latency.limit</code></span></li>");
    assert_has(fixture, "public/index.html", "<td>1,450\n");
    assert_has(fixture, "public/site/s0.html",
               "<bdi>slow: 1240 ms, expected at most 800 (and 210 ms for the "
               "name)</bdi> <code>latency.limit</code></p>");
    assert_has(fixture, "public/site/s0.html",
               "aria-label=\"08:31–08:32 degraded (1 min): 990 ms\"");
    assert_has(fixture, "public/site/s0.html",
               "aria-label=\"since 09:31 degraded (1 min): slow: 1240 ms, expected at most 800");
    assert_has(fixture, "public/site/s0.html",
               "aria-label=\"08:32–08:37 degraded (5 min): 812–990 ms\"");
    assert_has_not(fixture, "public/site/s0.html", "<dt>Last failure");
}

/* An outage before it, and an unknown latency, give no reason to a slow bucket. */
static void a_slow_bucket_shows_no_reason_of_another_check(void **state)
{
    struct fixture *fixture = *state;
    struct example *example = fixture->example;

    make_slow(example);
    example_add_outage(example, 1,
                       (struct example_outage){.from_ms = example_at_ms - 2 * MS_PER_HOUR,
                                               .to_ms = example_at_ms - MS_PER_HOUR - MS_PER_MINUTE,
                                               .end = OUTAGE_ENDED,
                                               .status = STATUS_DOWN,
                                               .failure = "connect: connection refused"});
    memset((uint16_t *)example->domain_views[1].latencies + 1380, 0xff, 5 * sizeof(uint16_t));
    build(fixture);
    assert_has(fixture, "public/site/s0.html", "aria-label=\"08:32–08:37 degraded (5 min)\"");
    assert_has(
        fixture, "public/site/s0.html",
        "<b>down</b> <code>connect.refused</code><td><bdi>connect: connection refused</bdi>");
    example->domain_views[1].latencies = NULL;
    build(fixture);
    assert_has(fixture, "public/site/s0.html", "aria-label=\"08:32–08:37 degraded (5 min)\"");
}

/* If a problem does not have a name, a template finds it in the site, which has a "since" too. */
static void a_problem_of_unknown_start_shows_no_start(void **state)
{
    struct fixture *fixture = *state;
    struct example *example = fixture->example;

    example->snapshot.status = example->site_views[1].status = STATUS_DOWN;
    example->domain_views[2].status = example->checks[2].status = STATUS_DOWN;
    example->site_views[1].first_ms = example_at_ms - MS_PER_HOUR;
    build(fixture);
    assert_has(fixture, "public/index.html", "first checked at 08:31");
    assert_has(fixture, "public/index.html",
               "<b class=down>down</b> <span></span> <span></span> <span class");
}

static void only_long_tables_hide_off_screen_rows(void **state)
{
    struct fixture *fixture = *state;

    example_free(fixture->example);
    fixture->example = example_new(101, 1);
    build(fixture);
    assert_has(fixture, "public/index.html", "<table class=\"many\">");
    fixture->example->sites[0].group = "One";
    build(fixture);
    assert_has(fixture, "public/index.html", "<table>");
    assert_has_not(fixture, "public/index.html", "<table class=\"many\">");
    assert_has(fixture, "public/style.css", ".many tbody tr {\n  content-visibility: auto;");
}

static void problems_after_the_first_twenty_are_folded(void **state)
{
    struct fixture *fixture = *state;
    const char *page;

    example_free(fixture->example);
    fixture->example = example_new(25, 5);
    for (size_t i = 0; i < 25; i++)
        fixture->example->site_views[i].status = STATUS_DOWN;
    for (size_t i = 0; i < 125; i++)
        fixture->example->domain_views[i].status = STATUS_DOWN;
    build(fixture);
    assert_has(fixture, "public/index.html", "<h1>25 of 25 sites have problems</h1>");
    assert_has(fixture, "public/index.html", "<summary>105 more problems</summary>");
    page = get(fixture, "public/index.html");
    assert_int_equal(count(page, "<li class=down>"), 125);
    assert_true(strstr(page, "/d4\"><bdi>s3<") < strstr(page, "<details class=\"more\">"));
    assert_true(strstr(page, "/d0\"><bdi>s4<") > strstr(page, "<details class=\"more\">"));
    fixture->example->snapshot.n_sites = 4;
    build(fixture);
    assert_has_not(fixture, "public/index.html", "<details");
}

static void a_page_written_in_pieces_is_complete(void **state)
{
    struct fixture *fixture = *state;
    const char *page;

    example_free(fixture->example);
    fixture->example = example_new(1, 300);
    build(fixture);
    page = get(fixture, "public/site/s0.html");
    assert_true(strlen(page) > 300 * 240 * strlen("<span class=up></span>"));
    assert_int_equal(count(page, "<span class=up></span>"), 300 * 240);
    assert_int_equal(count(page, "<section class=\"domain\""), 300);
    assert_int_equal(count(page, "</html>\n"), 1);

    /* A change at the end is written, and everything before it. */
    fixture->example->domains[299].name = "renamed";
    build(fixture);
    page = get(fixture, "public/site/s0.html");
    assert_int_equal(count(page, "<span class=up></span>"), 300 * 240);
    assert_non_null(strstr(page, "<bdi>renamed</bdi>"));
    page = get(fixture, "public/status.json");
    assert_int_equal(count(page, "\"last_check\""), 300);
}

static void a_failed_write_of_a_page_is_reported(void **state)
{
    struct fixture *fixture = *state;
    struct rlimit before, limit;

    example_free(fixture->example);
    fixture->example = example_new(1, 300);
    getrlimit(RLIMIT_FSIZE, &before);
    limit = (struct rlimit){600 << 10, before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    assert_build_fails(fixture, "/public/site/s0.html: File too large");
    setrlimit(RLIMIT_FSIZE, &before);
    assert_false(exists(fixture, "public/index.html"));
    assert_int_equal(count_leftovers(fixture, "public/site"), 0);
}

static void every_page_shows_its_times_without_script(void **state)
{
    static const char *const pages[] = {"public/index.html", "public/site/s0.html"};
    struct fixture *fixture = *state;

    build(fixture);
    for (size_t i = 0; i < 2; i++) {
        assert_has(
            fixture, pages[i],
            "Updated <time id=\"built\" datetime=\"2026-11-23T09:31:02Z\">09:31</time> "
            "<abbr id=\"zone\">UTC</abbr>, "
            "next by <time id=\"valid-until\" datetime=\"2026-11-23T09:34:20Z\">09:34</time> · "
            "<time datetime=\"2026-11-23T09:31:02Z\">Mon 23 Nov 2026</time>");
        assert_has(fixture, pages[i],
                   "data-stale=\"Not updated for …. Below: the last known state\"");
    }
    fixture->example->snapshot.valid_until_ms += MS_PER_DAY;
    build(fixture);
    assert_has(fixture, "public/index.html", ">2026-11-24 09:34</time>");

    /* Over midnight, the clock is enough. */
    fixture->example->snapshot.at_ms = example_at_ms - example_at_ms % MS_PER_DAY - 90 * 1000;
    fixture->example->snapshot.valid_until_ms = fixture->example->snapshot.at_ms + 4 * 60 * 1000;
    build(fixture);
    assert_has(fixture, "public/index.html", "datetime=\"2026-11-23T00:02:30Z\">00:02</time>");
}

static void a_page_has_the_moment_of_its_latest_check(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < fixture->example->n_domains; i++)
        fixture->example->domain_views[i].latest_ms = INT64_MIN;
    build(fixture);
    assert_has(fixture, "public/index.html", "<i id=\"checked\" data-at=\"\"></i>");
    fixture->example->domain_views[0].latest_ms = example_at_ms - 61000;
    fixture->example->domain_views[1].latest_ms = example_at_ms - 62000;
    fixture->example->domain_views[fixture->example->n_domains - 1].latest_ms =
        example_at_ms - 2000;
    build(fixture);
    assert_has(fixture, "public/index.html", "data-at=\"2026-11-23T09:31:00Z\"");
    assert_has(fixture, "public/site/s0.html", "data-at=\"2026-11-23T09:30:01Z\"");
}

static void the_legend_has_the_states_that_occur(void **state)
{
    static const char *const all_up = "Legend\"><li><i class=\"up\"></i>up</li></ul>";
    struct fixture *fixture = *state;
    uint8_t *cells = fixture->example->cells;
    size_t first_domain = fixture->example->n_sites * EXAMPLE_BUCKETS;

    build(fixture);
    assert_has(fixture, "public/index.html", all_up);
    assert_has(fixture, "public/site/s1.html", all_up);

    /* The domain of a site shows what the site itself does not. */
    cells[first_domain] = STATUS_TIMEOUT;
    cells[first_domain + 1] = STATUS_BOT_DETECTED;
    cells[EXAMPLE_BUCKETS] = STATUS_UNKNOWN;
    build(fixture);
    assert_has(fixture, "public/site/s0.html",
               "up</li><li><i class=\"bot\"></i>bot detected</li><li><i class=\"down\"></i>down or "
               "timeout</li></ul>");
    assert_has(fixture, "public/index.html",
               "up</li><li><i class=\"unknown\"></i>no data</li></ul>");
}

/* Expects this foot on both kinds of page; NULL: without a tick. */
static void assert_foot(struct fixture *fixture, struct ticks ticks, const char *expected)
{
    static const char *const pages[] = {"public/index.html", "public/site/s1.html"};

    fixture->example->snapshot.ticks = ticks;
    build(fixture);
    for (size_t i = 0; i < 2; i++) {
        if (expected)
            assert_has(fixture, pages[i], expected);
        else
            assert_has_not(fixture, pages[i], "Last tick");
    }
}

static void the_end_of_a_page_shows_the_last_tick(void **state)
{
    struct ticks_record last = {example_at_ms - 2500, 2830, 10000, 0};

    assert_foot(*state, (struct ticks){true, last, 1438, 1440},
                "<p>Last tick <time datetime=\"2026-11-23T09:31:00Z\">09:31</time>: "
                "10,000 checks in 2.8 s. 1,438 of 1,440 ticks ran in the last 24 hours.</p>");
    last = (struct ticks_record){example_at_ms - 2500, 41, 1, 0};
    assert_foot(*state, (struct ticks){true, last, 1, 1},
                "09:31</time>: 1 check in 41 ms. 1 of 1 ticks ran in the last 24 hours.</p>");
    last.start_ms -= MS_PER_DAY;
    assert_foot(*state, (struct ticks){true, last, 1, 1}, ">2026-11-22 09:31</time>: 1 check");
    assert_foot(*state, (struct ticks){.recorded = false}, NULL);
}

static void left_over_checks_and_missed_ticks_are_emphasised(void **state)
{
    struct ticks_record last = {example_at_ms - 2500, 55000, 9880, 1120};

    assert_foot(*state, (struct ticks){true, last, 1440, 1440},
                ": 9,880 checks in 55.0 s. <strong>1,120 left over for the next tick.</strong> "
                "1,440 of 1,440 ticks ran in the last 24 hours.</p>");
    last.left_over = 0;
    assert_foot(*state, (struct ticks){true, last, 720, 1440},
                "in 55.0 s. <strong>720 of 1,440 ticks ran in the last 24 hours.</strong></p>");
}

static void an_uptime_is_rounded_down_and_shows_the_measured_part(void **state)
{
    static const struct {
        struct uptime uptime;
        const char *text;
    } cases[] = {
        {{true, 100000, 100000, true}, "<dt>7 d</dt><dd>100.000 %</dd></div>"},
        {{true, 99999, 100000, true}, "<dt>7 d</dt><dd>99.999 %</dd></div>"},
        {{true, 97500, 100000, true}, "<dt>7 d</dt><dd class=low>97.500 %</dd></div>"},
        {{true, 7, 100000, true}, "<dt>7 d</dt><dd class=low>0.007 %</dd></div>"},
        {{true, 0, 100000, true}, "<dt>7 d</dt><dd class=low>0.000 %</dd></div>"},
        {{true, 100000, 99999, true},
         "<dt>7 d</dt><dd>100.000 % <small>99.9 % measured</small></dd></div>"},
        {{true, 100000, 50, true},
         "<dt>7 d</dt><dd>100.000 % <small>0 % measured</small></dd></div>"},
        {{true, 100000, 100000, false}, "<dt>7 d</dt><dd>– <small>since 9 Nov</small></dd></div>"},
        {{false, 0, 0, false}, "<dt>7 d</dt><dd>– <small>since 9 Nov</small></dd></div>"},
    };
    struct fixture *fixture = *state;

    fixture->example->config.uptime_target = 99900;
    fixture->example->domain_views[0].first_ms = example_at_ms - 14 * (int64_t)MS_PER_DAY;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fixture->example->domain_views[0].uptime[SPAN_7D] = cases[i].uptime;
        build(fixture);
        assert_has(fixture, "public/site/s0.html", cases[i].text);
    }
}

static void a_missing_uptime_shows_since_when_the_monitor_is_watched(void **state)
{
    static const struct {
        const char *first, *text;
    } cases[] = {
        {"2026-11-23T09:31:02.500Z", "<dd>– <small>since 23 Nov</small></dd></div>"},
        {"2026-01-01T00:00:00.000Z", "<dd>– <small>since 1 Jan</small></dd></div>"},
        {"2025-12-31T23:59:59.999Z", "<dd>– <small>since 31 Dec 2025</small></dd></div>"},
        {NULL, "<dd>no data</dd></div>"},
    };
    struct fixture *fixture = *state;
    struct domain_view *view = fixture->example->domain_views;

    view->uptime[SPAN_90D].is_shown = false;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        view->first_ms = INT64_MAX;
        if (cases[i].first)
            assert_int_equal(clock_read_ms(cases[i].first, strlen(cases[i].first), &view->first_ms),
                             0);
        build(fixture);
        assert_has(fixture, "public/site/s0.html", cases[i].text);
    }
    fixture->example->config.language = "de";
    assert_int_equal(clock_read_ms("2026-03-05T00:00:00.000Z", 24, &view->first_ms), 0);
    build(fixture);
    assert_has(fixture, "public/site/s0.html", "<dd>– <small>seit 5. März</small></dd></div>");
}

static void a_domain_shows_its_last_check_and_last_failure(void **state)
{
    struct fixture *fixture = *state;
    struct example *example = fixture->example;
    struct recorded failure = {.start_ms = example_at_ms - 3600000,
                               .status = STATUS_TIMEOUT,
                               .latency_ms = -1,
                               .failure = "timeout: 20 s passed waiting for the first byte"};

    example->domain_views[0].last_failure = &failure;
    example->domain_views[1].last = NULL;
    example->domains[1].role = ROLE_SUPPLEMENTARY;
    build(fixture);
    assert_has(fixture, "public/site/s0.html",
               "<dd>HTTP 200, 87 ms <small><time datetime=\"2026-11-23T09:31:00Z\">today 09:31"
               "</time></small></dd></div>");
    assert_has(
        fixture, "public/site/s0.html",
        "<dt>Last failure</dt><dd><bdi>timeout: 20 s passed waiting for the first byte</bdi> "
        "<code>timeout.first_byte</code> <small><time datetime=\"2026-11-23T08:31:02Z\">"
        "today 08:31</time></small></dd></div>");
    assert_has(fixture, "public/site/s0.html", "<dt>Last answer</dt><dd>never</dd></div>");
    assert_has(fixture, "public/site/s0.html", "<small>supplementary</small></dd></div>");
}

static void text_from_outside_is_escaped_in_pages(void **state)
{
    static const char evil[] = "\"'><script>alert(1)</script>{{title}}";
    static const char *const pages[] = {"public/index.html", "public/site/s0.html"};
    struct fixture *fixture = *state;
    struct example *example = fixture->example;
    char failure[FAILURE_MAX];

    example->config.title = example->sites[0].name = example->domains[0].name = evil;
    example->domains[0].shown_url = evil;
    example->site_views[0].status = example->domain_views[0].status = STATUS_DOWN;
    snprintf(failure, sizeof failure, "protocol: \xff\x1b[2J %s", evil);
    example->checks[0].failure = failure;
    example->domain_views[0].last_failure = &example->checks[0];
    build(fixture);
    for (size_t i = 0; i < 2; i++) {
        const char *page = get(fixture, pages[i]);

        assert_null(strstr(page, "<script>"));
        assert_null(strstr(page, "\"'>"));
        assert_non_null(
            strstr(page, "&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;{{title}}"));
        assert_non_null(strstr(page, "protocol: ? [2J &quot;"));
    }
}

static void pages_use_no_other_host_and_no_inline_code(void **state)
{
    static const char *const pages[] = {"public/index.html", "public/site/s0.html"};
    static const char *const forbidden[] = {"src=\"http", "src=\"//", "href=\"http",
                                            "href=\"//",  " style=",  "<style",
                                            "<script>",   " onload",  "javascript:"};
    struct fixture *fixture = *state;

    build(fixture);
    for (size_t i = 0; i < 2; i++) {
        for (size_t word = 0; word < sizeof forbidden / sizeof forbidden[0]; word++)
            assert_has_not(fixture, pages[i], forbidden[word]);
        assert_has_not(fixture, pages[i], "secret");
    }
    assert_has_not(fixture, "public/style.css", "url(");
    assert_has_not(fixture, "public/style.css", "@import");
    assert_has_not(fixture, "public/uptick.js", "://");
}

static void a_build_does_not_rewrite_unchanged_files(void **state)
{
    static const char *const names[] = {"public/index.html", "public/status.json",
                                        "public/style.css", "public/site/s1.html"};
    struct fixture *fixture = *state;
    struct stat before[4], after;

    build(fixture);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(stat(path_of(fixture, names[i]), &before[i]), 0);
    build(fixture);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(stat(path_of(fixture, names[i]), &after), 0);
        assert_true(after.st_ino == before[i].st_ino);
        assert_memory_equal(&after.st_ctim, &before[i].st_ctim, sizeof after.st_ctim);
    }

    /* One byte differs; the size is the same. */
    fixture->example->checks[2].start_ms -= MS_PER_SECOND;
    build(fixture);
    assert_int_equal(stat(path_of(fixture, names[3]), &after), 0);
    assert_true(after.st_size == before[3].st_size && after.st_ino != before[3].st_ino);
    assert_int_equal(stat(path_of(fixture, names[0]), &after), 0);
    assert_true(after.st_ino == before[0].st_ino);
}

static ino_t inode_of(const struct fixture *fixture, const char *name)
{
    struct stat status;

    assert_int_equal(stat(path_of(fixture, name), &status), 0);
    return status.st_ino;
}

static void only_files_that_show_the_time_change_with_time(void **state)
{
    static const struct {
        const char *name;
        bool tells_time;
    } files[] = {
        {"public/index.html", true},   {"public/status.json", true},
        {"public/site/s1.html", true}, {"public/site/s1.json", true},
        {"public/metrics.prom", true}, {"public/feed.xml", false},
        {"public/site/s1.xml", false}, {"public/badge/s1.svg", false},
        {"public/style.css", false},   {"public/badge/s1-uptime-30d.svg", false},
        {"public/icon-up.svg", false}, {"public/status.schema.json", false},
    };
    enum { FILES = sizeof files / sizeof files[0] };
    struct fixture *fixture = *state;
    ino_t before[FILES];

    build(fixture);
    for (size_t i = 0; i < FILES; i++)
        before[i] = inode_of(fixture, files[i].name);
    fixture->example->snapshot.at_ms += MS_PER_MINUTE;
    fixture->example->snapshot.valid_until_ms += MS_PER_MINUTE;
    build(fixture);
    for (size_t i = 0; i < FILES; i++) {
        if ((inode_of(fixture, files[i].name) != before[i]) != files[i].tells_time)
            fail_msg("%s", files[i].name);
    }
}

static void the_page_of_a_removed_site_is_deleted(void **state)
{
    struct fixture *fixture = *state;

    build(fixture);
    put(fixture, "public/site/notes.html", "<!doctype html>by hand");
    put(fixture, "public/site/s1.html.bak", "name=\"generator\" content=\"uptick\"");
    put(fixture, "public/robots.txt", "by hand");
    fixture->example->snapshot.n_sites = 1;
    build(fixture);
    assert_true(exists(fixture, "public/site/s0.html"));
    assert_false(exists(fixture, "public/site/s1.html"));
    assert_false(exists(fixture, "public/site/s2.html"));
    assert_true(exists(fixture, "public/site/notes.html"));
    assert_true(exists(fixture, "public/site/s1.html.bak"));
    assert_true(exists(fixture, "public/robots.txt"));
}

static void a_symbolic_link_among_the_pages_is_left_alone(void **state)
{
    struct fixture *fixture = *state;

    build(fixture);
    put(fixture, "mine.html", "name=\"generator\" content=\"uptick\"");
    assert_int_equal(symlink("../../mine.html", path_of(fixture, "public/site/x.html")), 0);
    build(fixture);
    assert_true(exists(fixture, "public/site/x.html"));
    assert_true(exists(fixture, "mine.html"));
}

static void temporary_files_of_a_killed_build_are_deleted(void **state)
{
    struct fixture *fixture = *state;

    build(fixture);
    put(fixture, "public/.index.html.uptick", "half");
    put(fixture, "public/site/.s1.html.uptick", "half");
    put(fixture, "public/site/.gone.html.uptick", "half");
    put(fixture, "public/.htaccess", "by hand");
    put(fixture, "public/badge/.uptick", "by hand");
    build(fixture);
    assert_int_equal(count_leftovers(fixture, "public"), 0);
    assert_int_equal(count_leftovers(fixture, "public/site"), 0);
    assert_true(exists(fixture, "public/.htaccess"));
    assert_true(exists(fixture, "public/badge/.uptick"));
}

static void a_symbolic_link_in_place_of_a_file_is_replaced(void **state)
{
    struct fixture *fixture = *state;
    struct stat status;

    assert_int_equal(mkdir(fixture->public, 0755), 0);
    put(fixture, "precious", "precious");
    assert_int_equal(symlink("../precious", path_of(fixture, "public/index.html")), 0);
    assert_int_equal(symlink("../precious", path_of(fixture, "public/.status.json.uptick")), 0);
    build(fixture);
    assert_int_equal(lstat(path_of(fixture, "public/index.html"), &status), 0);
    assert_true(S_ISREG(status.st_mode));
    assert_string_equal(get(fixture, "precious"), "precious");
}

static void a_symbolic_link_in_place_of_the_site_folder_is_refused(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(mkdir(fixture->public, 0755), 0);
    assert_int_equal(mkdir(path_of(fixture, "elsewhere"), 0755), 0);
    assert_int_equal(symlink("../elsewhere", path_of(fixture, "public/site")), 0);
    assert_build_fails(fixture, "public/site: must be a folder, not a symbolic link");
    assert_false(exists(fixture, "elsewhere/s0.html"));
    assert_false(exists(fixture, "public/index.html"));
}

static void public_dir_itself_may_be_a_symbolic_link(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(mkdir(path_of(fixture, "elsewhere"), 0755), 0);
    assert_int_equal(symlink("elsewhere", fixture->public), 0);
    build(fixture);
    assert_true(exists(fixture, "elsewhere/index.html"));
}

/* A failed build leaves every file as it was, and no temporary file. */
static void assert_old_dashboard_stands(const struct fixture *fixture)
{
    assert_has(fixture, "public/index.html", "<title>Example status</title>");
    assert_has(fixture, "public/site/s0.html", "<title>s0: up · Example status</title>");
    assert_int_equal(count_leftovers(fixture, "public"), 0);
    assert_int_equal(count_leftovers(fixture, "public/site"), 0);
}

static void a_folder_in_place_of_a_page_keeps_the_old_dashboard(void **state)
{
    struct fixture *fixture = *state;

    build(fixture);
    fixture->example->config.title = "New";
    assert_int_equal(unlink(path_of(fixture, "public/site/s2.html")), 0);
    assert_int_equal(mkdir(path_of(fixture, "public/site/s2.html"), 0755), 0);
    assert_build_fails(fixture, "public/site/s2.html: Is a directory");
    assert_old_dashboard_stands(fixture);
}

static void a_failed_write_keeps_the_old_dashboard(void **state)
{
    struct fixture *fixture = *state;
    struct rlimit all, little;

    build(fixture);
    fixture->example->config.title = "New";
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &all), 0);
    little = (struct rlimit){.rlim_cur = 14000, .rlim_max = all.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
    assert_build_fails(fixture, "public/index.html: File too large");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &all), 0);
    assert_old_dashboard_stands(fixture);
    build(fixture);
    assert_has(fixture, "public/index.html", "<title>New</title>");
}

static void the_accent_colour_is_the_configured_one(void **state)
{
    struct fixture *fixture = *state;

    build(fixture);
    assert_has(fixture, "public/style.css", "--accent: #0f766e;");
    fixture->example->config.accent_colour = "#123456";
    build(fixture);
    assert_has(fixture, "public/style.css", "--accent: #123456;");
}

static void a_user_template_replaces_the_built_in_one(void **state)
{
    struct fixture *fixture = *state;
    char folder[PATH_MAX];

    strcpy(folder, path_of(fixture, "templates"));
    assert_int_equal(mkdir(folder, 0755), 0);
    put(fixture, "templates/timeline.html", "<p>our own</p>\n");
    put(fixture, "templates/style.css", "p { color: red }\n");
    fixture->example->config.templates_dir = folder;
    build(fixture);
    assert_has(fixture, "public/index.html", "<p>our own</p>");
    assert_has(fixture, "public/site/s0.html", "<p>our own</p>");
    assert_string_equal(get(fixture, "public/style.css"), "p { color: red }\n");
}

static void a_mistake_in_a_user_template_is_reported_with_its_line(void **state)
{
    struct fixture *fixture = *state;
    char folder[PATH_MAX];

    build(fixture);
    strcpy(folder, path_of(fixture, "templates"));
    fixture->example->config.title = "New";
    fixture->example->config.templates_dir = folder;
    assert_build_fails(fixture, "templates: No such file or directory");
    assert_int_equal(mkdir(folder, 0755), 0);
    put(fixture, "templates/site.html", "<p>\n{{#site}}\n");
    assert_build_fails(fixture, "templates/site.html:2: 'site' is never closed");
    put(fixture, "templates/site.html", "{{>site.html}}\n");
    assert_build_fails(fixture, "site.html:1: nested deeper than 256; does a template include "
                                "itself?");
    assert_old_dashboard_stands(fixture);
}

static void the_style_sheet_is_a_template_too(void **state)
{
    struct fixture *fixture = *state;
    char folder[PATH_MAX];

    strcpy(folder, path_of(fixture, "templates"));
    assert_int_equal(mkdir(folder, 0755), 0);
    put(fixture, "templates/style.css", "/* of {{title}}, {{status.class}} */");
    fixture->example->config.templates_dir = folder;
    build(fixture);
    assert_string_equal(get(fixture, "public/style.css"), "/* of Example status, up */");
}

static void a_users_logo_and_style_sheet_are_published_unchanged(void **state)
{
    static const struct {
        const char *path, *published;
    } cases[] = {
        {"our.logo.svg", "public/logo.svg"},
        {"plain", "public/logo"},
        {"folder.d/plain", "public/logo"},
        {"logo.a b", "public/logo"},
        {"logo.overlong1234", "public/logo"},
        {"logo.PNG", "public/logo.PNG"},
        {"logo.", "public/logo"},
    };
    struct fixture *fixture = *state;
    struct config *config = &fixture->example->config;
    char logo[PATH_MAX], style_sheet[PATH_MAX];

    assert_int_equal(mkdir(path_of(fixture, "folder.d"), 0755), 0);
    put(fixture, "my.css", "p { color: {{red}} }");
    strcpy(style_sheet, path_of(fixture, "my.css"));
    config->style_sheet = style_sheet;
    config->logo = logo;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        put(fixture, cases[i].path, cases[i].path);
        strcpy(logo, path_of(fixture, cases[i].path));
        build(fixture);
        assert_string_equal(get(fixture, cases[i].published), cases[i].path);
    }
    assert_string_equal(get(fixture, "public/custom.css"), "p { color: {{red}} }");
}

static void an_unusable_logo_keeps_the_old_dashboard(void **state)
{
    struct fixture *fixture = *state;
    char logo[PATH_MAX];

    build(fixture);
    fixture->example->config.title = "New";
    fixture->example->config.logo = logo;
    strcpy(logo, path_of(fixture, "logo.png"));
    assert_build_fails(fixture, "/logo.png: No such file or directory");
    put(fixture, "logo.png", "");
    assert_int_equal(truncate(logo, (1 << 20) + 1), 0);
    assert_build_fails(fixture, "/logo.png: File too large");
    assert_old_dashboard_stands(fixture);
    assert_int_equal(truncate(logo, 1 << 20), 0);
    build(fixture);
    assert_has(fixture, "public/index.html", "<title>New</title>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_build_writes_every_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_bucket_of_a_timeline_is_one_span_of_one_class, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_first_sentence_shows_whether_there_are_problems, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_problem_is_one_line_with_a_link, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_slow_check_shows_its_text_and_an_earlier_one_its_latency,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_slow_bucket_shows_no_reason_of_another_check, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_problem_of_unknown_start_shows_no_start, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(only_long_tables_hide_off_screen_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(problems_after_the_first_twenty_are_folded, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_page_written_in_pieces_is_complete, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_failed_write_of_a_page_is_reported, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_page_shows_its_times_without_script, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_page_has_the_moment_of_its_latest_check, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_legend_has_the_states_that_occur, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_end_of_a_page_shows_the_last_tick, set_up, tear_down),
        cmocka_unit_test_setup_teardown(left_over_checks_and_missed_ticks_are_emphasised, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_missing_uptime_shows_since_when_the_monitor_is_watched,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_uptime_is_rounded_down_and_shows_the_measured_part,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_domain_shows_its_last_check_and_last_failure, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(text_from_outside_is_escaped_in_pages, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pages_use_no_other_host_and_no_inline_code, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_build_does_not_rewrite_unchanged_files, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(only_files_that_show_the_time_change_with_time, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_page_of_a_removed_site_is_deleted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_symbolic_link_among_the_pages_is_left_alone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(temporary_files_of_a_killed_build_are_deleted, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_symbolic_link_in_place_of_a_file_is_replaced, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_symbolic_link_in_place_of_the_site_folder_is_refused,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(public_dir_itself_may_be_a_symbolic_link, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_folder_in_place_of_a_page_keeps_the_old_dashboard, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_failed_write_keeps_the_old_dashboard, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_accent_colour_is_the_configured_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_user_template_replaces_the_built_in_one, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_mistake_in_a_user_template_is_reported_with_its_line,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_style_sheet_is_a_template_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_users_logo_and_style_sheet_are_published_unchanged,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_unusable_logo_keeps_the_old_dashboard, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests_name("renderer", tests, NULL, NULL);
}
