/* Buckets, uptimes and what is shown of them, compared with the rules as the manual has them. */
#include "cmocka_all.h"
#include "e2e.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { MINUTE = 60000, DAY = 1440, BUCKETS = 240, YEAR = 366 * DAY, SPANS = 5, CHECKS = 12000 };

/* A check that was written into the records. */
struct written {
    int64_t start_ms;
    char letter;
};

/* A monitor, its checks in ascending order, and its letters of the last year: the last one is the
 * minute of now. */
struct made {
    char site[8], id[8];
    int interval;
    bool is_core;
    struct written checks[CHECKS];
    size_t n;
    char letters[YEAR];
};

static const struct {
    const char *name;
    int days;
} spans[SPANS] = {{"24h", 1}, {"7d", 7}, {"30d", 30}, {"90d", 90}, {"365d", 365}};

static int draw(unsigned *seed, int n)
{
    return (int)((unsigned)rand_r(seed) % (unsigned)n);
}

static const char *word_of(char letter)
{
    return letter == 'U'   ? "UP"
           : letter == 'D' ? "DOWN"
           : letter == 'T' ? "TIMEOUT"
           : letter == 'B' ? "BOT_DETECTED"
           : letter == 'G' ? "DEGRADED"
                           : "UNKNOWN";
}

/* A slow check is UP in the records. */
static const char *verdict_of(char letter)
{
    return word_of(letter == 'G' ? 'U' : letter);
}

static void write_time(char *into, size_t size, const char *format, int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm;

    gmtime_r(&seconds, &tm);
    strftime(into, size, format, &tm);
}

/* Draws the checks of a monitor whose first one is age_ms old: some are missing, some fail. */
static void draw_checks(struct made *made, int64_t now_ms, int64_t age_ms, unsigned *seed)
{
    int64_t at = now_ms - age_ms;

    for (made->n = 0; at <= now_ms && made->n < CHECKS; made->n++) {
        static const char letters[] = "UUUUUUUUUUUDTBG";

        made->checks[made->n] = (struct written){at, letters[draw(seed, 15)]};
        at += made->interval * INT64_C(1000);
        if (draw(seed, 20) == 0)
            at += draw(seed, 40) * (made->interval * INT64_C(1000)) + draw(seed, 60000);
    }
}

/* Writes the rows of a monitor into the archives of their days. */
static void write_rows(struct e2e *world, const struct made *made)
{
    char day[16] = "", file_day[16] = "", time[32];
    FILE *file = NULL;

    for (size_t i = 0; i < made->n; i++) {
        write_time(day, sizeof day, "%Y-%m-%d", made->checks[i].start_ms);
        if (strcmp(day, file_day) != 0) {
            if (file)
                fclose(file);
            strcpy(file_day, day);
            e2e_write(world,
                      e2e_format(world, "data/archive/%s/%s/%s.log", day, made->site, made->id),
                      "");
            file = fopen(e2e_path(world, e2e_format(world, "data/archive/%s/%s/%s.log", day,
                                                    made->site, made->id)),
                         "w");
            assert_non_null(file);
        }
        write_time(time, sizeof time, "%Y-%m-%dT%H:%M:%S", made->checks[i].start_ms);
        fprintf(file, "%s.%03dZ,%s,%s,%s,,,%s\n", time, (int)(made->checks[i].start_ms % 1000),
                made->site, made->id, verdict_of(made->checks[i].letter),
                made->checks[i].letter == 'U'   ? ""
                : made->checks[i].letter == 'G' ? "\"slow: 9 ms, expected at most 8\""
                                                : "body: x");
    }
    if (file)
        fclose(file);
}

/* The end of the minute that is `back` minutes before the minute of now; the minute of now ends
 * now. */
static int64_t end_of(int64_t now_ms, int back)
{
    return back == 0 ? now_ms : (now_ms / MINUTE - back + 1) * MINUTE;
}

/* The state of a monitor in each minute: the verdict, or G if it was slow, of the latest check that
 * started before its end (of now: not after it), if it started no more than two intervals before
 * that end. */
static void find_letters(struct made *made, int64_t now_ms)
{
    size_t next = 0;

    for (int back = YEAR - 1; back >= 0; back--) {
        int64_t end = end_of(now_ms, back);

        while (next < made->n && (made->checks[next].start_ms < end ||
                                  (back == 0 && made->checks[next].start_ms == end)))
            next++;
        made->letters[YEAR - 1 - back] =
            next > 0 && end - made->checks[next - 1].start_ms <= made->interval * INT64_C(2000)
                ? made->checks[next - 1].letter
                : '-';
    }
}

/* The state of the site of these monitors, by the first rule that holds. */
static char judge_site(const struct made *const *members, size_t n, int minute, int64_t end)
{
    bool down = false, unknown = false, degraded = false, grey = false, any = false;

    for (size_t i = 0; i < n; i++) {
        char letter = members[i]->letters[minute];
        bool failed = letter == 'D' || letter == 'T';

        if (members[i]->n == 0 || members[i]->checks[0].start_ms > end ||
            (members[i]->checks[0].start_ms == end && minute != YEAR - 1))
            continue;
        any = true;
        down |= members[i]->is_core && failed;
        unknown |= members[i]->is_core && letter == '-';
        degraded |= letter == 'B' || letter == 'G' || (!members[i]->is_core && failed);
        grey |= letter == '-';
    }
    return !any ? '-' : down ? 'D' : unknown ? '-' : degraded ? 'G' : grey ? '-' : 'U';
}

/* Compares one site or domain with its letters and its first check. Returns, for each span, whether
 * its uptime may be shown. */
static void compare(const json_t *entry, const char *letters, int64_t first_ms, int64_t now_ms,
                    bool shown[SPANS])
{
    const char *id = e2e_text(entry, "id");
    int today = (int)(now_ms / MINUTE % DAY) + 1;

    e2e_check(memcmp(e2e_text(entry, "timeline"), letters + YEAR - BUCKETS, BUCKETS) == 0,
              "%s: %s, expected %.*s", id, e2e_text(entry, "timeline"), BUCKETS,
              letters + YEAR - BUCKETS);
    e2e_check(strcmp(e2e_text(entry, "status"), word_of(letters[YEAR - 1])) == 0, "%s: %s", id,
              e2e_text(entry, "status"));
    for (int s = 0; s < SPANS; s++) {
        const json_t *uptime = json_object_get(json_object_get(entry, "uptime"), spans[s].name);
        const json_t *percent = json_object_get(uptime, "uptime_percent");
        int minutes = s == 0 ? DAY : (spans[s].days - 1) * DAY + today;
        int64_t good = 0, counted = 0, watched = 0;

        for (int m = YEAR - minutes; m < YEAR; m++) {
            good += letters[m] == 'U' || letters[m] == 'G';
            counted += letters[m] != 0 && strchr("UGDT", letters[m]) != NULL;
            watched += (now_ms / MINUTE - (YEAR - 1 - m)) >= first_ms / MINUTE;
        }
        e2e_check(json_number_value(json_object_get(uptime, "measured_percent")) ==
                      (double)(counted * 100000 / minutes) / 1000,
                  "%s %s: measured %lld of %d minutes", id, spans[s].name, (long long)counted,
                  minutes);
        e2e_check(counted ? json_number_value(percent) == (double)(good * 100000 / counted) / 1000
                          : json_is_null(percent),
                  "%s %s: up %lld of %lld minutes", id, spans[s].name, (long long)good,
                  (long long)counted);
        shown[s] = counted > 0 && 2 * counted >= watched &&
                   2 * (now_ms - first_ms) >= minutes * (int64_t)MINUTE;
    }
}

/* Pages, badge and metrics of a site show exactly the uptimes that they may show. */
static void compare_shown(struct e2e *world, const char *site, const bool shown[SPANS])
{
    static const char *const words[SPANS] = {"24\u00a0h", "7\u00a0d", "30\u00a0d", "90\u00a0d",
                                             "365\u00a0d"};
    static const char none[] = "–";
    const char *page = e2e_read(world, e2e_format(world, "then/site/%s.html", site));
    const char *badge = e2e_read(world, e2e_format(world, "then/badge/%s-uptime-30d.svg", site));
    const char *metrics = e2e_read(world, "then/metrics.prom"), *cell;

    for (int s = 0; s < SPANS; s++) {
        const char *sample = e2e_format(
            world, "\nuptick_site_uptime_ratio{site=\"%s\",span=\"%s\"}", site, spans[s].name);

        e2e_check((strstr(metrics, sample) != NULL) == shown[s], "metrics of %s, %s", site,
                  spans[s].name);
        cell = strstr(page, e2e_format(world, "<dt>%s</dt><dd", words[s])); /* of the site */
        assert_non_null(cell);
        cell = strchr(strstr(cell, "<dd"), '>') + 1;
        e2e_check((strncmp(cell, none, strlen(none)) != 0) == shown[s], "page of %s, %s", site,
                  spans[s].name);
    }
    e2e_check(!strstr(badge, ">new</text>") == shown[2], "badge of %s", site);
}

enum { SITES = 14, MEMBERS = 2 };

/* The ages of the first checks in minutes: around half of each span. */
static const int ages[SITES] = {
    0,        1,         90,       719, 720, 721, DAY, 5040, 4 * DAY, 15 * DAY, 44 * DAY + 700,
    46 * DAY, 184 * DAY, 300 * DAY};

static void make_history(struct e2e *world, struct made *made, int64_t now_ms, unsigned *seed)
{
    char *config = e2e_format(world, "retention_days: 0\nsites:\n");

    e2e_shell(world, "rm -rf data then");
    for (int i = 0; i < SITES * MEMBERS; i++) {
        static const int short_paces[] = {10, 20, 45, 60, 300}, paces[] = {3600, 7200, 43200};
        struct made *one = &made[i];
        int64_t age_ms = ages[i / MEMBERS] * (int64_t)MINUTE;

        snprintf(one->site, sizeof one->site, "s%d", i / MEMBERS);
        snprintf(one->id, sizeof one->id, "d%d", i % MEMBERS);
        one->is_core = i % MEMBERS == 0;
        one->interval =
            age_ms > DAY * (int64_t)MINUTE ? paces[draw(seed, 3)] : short_paces[draw(seed, 5)];
        draw_checks(one, now_ms, i % MEMBERS ? age_ms / 2 : age_ms, seed);
        find_letters(one, now_ms);
        write_rows(world, one);
        if (i % MEMBERS == 0)
            config = e2e_format(world, "%s  - id: %s\n    domains:\n", config, one->site);
        config =
            e2e_format(world,
                       "%s      - {id: %s, url: 'http://127.0.0.1:1/', role: %s, "
                       "interval_seconds: %d}\n",
                       config, one->id, one->is_core ? "core" : "supplementary", one->interval);
    }
    e2e_config(world, config);
}

static void compare_site(struct e2e *world, const json_t *status, const struct made *made,
                         int64_t now_ms)
{
    const struct made *members[MEMBERS];
    static char letters[YEAR];
    int64_t first_ms = INT64_MAX;
    bool shown[SPANS];

    for (int i = 0; i < MEMBERS; i++) {
        const char *monitor = e2e_format(world, "%s/%s", made[i].site, made[i].id);

        members[i] = &made[i];
        if (made[i].checks[0].start_ms < first_ms)
            first_ms = made[i].checks[0].start_ms;
        compare(e2e_entry(status, monitor), made[i].letters, made[i].checks[0].start_ms, now_ms,
                shown);
    }
    for (int m = 0; m < YEAR; m++)
        letters[m] = judge_site(members, MEMBERS, m, end_of(now_ms, YEAR - 1 - m));
    compare(e2e_entry(status, made->site), letters, first_ms, now_ms, shown);
    compare_shown(world, made->site, shown);
}

static void every_output_follows_the_rules_for_any_history(struct e2e *world)
{
    static const int64_t moments[] = {INT64_C(1795426262500), INT64_C(1795426200000),
                                      INT64_C(1795391999999), INT64_C(1795392000000)};
    struct made *made = e2e_keep(world, calloc(SITES * MEMBERS, sizeof *made));
    unsigned seed = 20261123;

    world->clock = "2026-11-24 00:00:00";
    for (size_t round = 0; round < sizeof moments / sizeof moments[0]; round++) {
        int64_t now_ms = moments[round];
        char at[32];
        json_t *status;

        make_history(world, made, now_ms, &seed);
        write_time(at, sizeof at, "%Y-%m-%dT%H:%M:%S", now_ms);
        e2e_uptick(world, "render", "--at", e2e_format(world, "%s.%03d", at, (int)(now_ms % 1000)),
                   "--output", "then", NULL);
        e2e_silent(world, 0);
        status = json_loads(e2e_read(world, "then/status.json"), 0, NULL);
        for (int i = 0; i < SITES; i++)
            compare_site(world, status, &made[i * MEMBERS], now_ms);
        json_decref(status);
    }
}

/* A tick checks a monitor for the first time. One check is no uptime of ninety days. */
static void after_one_check_no_span_shows_an_uptime(struct e2e *world)
{
    const json_t *uptime;

    e2e_config(world, "sites:\n  - id: s\n    domains:\n"
                      "      - {id: d, url: 'http://@http@/ok', interval_seconds: 10}\n");
    e2e_tick(world, "2026-11-23 09:30:50");
    uptime = json_object_get(e2e_entry(e2e_status(world), "s/d"), "uptime");
    for (int s = 0; s < SPANS; s++) {
        const json_t *span = json_object_get(uptime, spans[s].name);

        assert_true(json_number_value(json_object_get(span, "uptime_percent")) == 100);
        assert_true(json_number_value(json_object_get(span, "measured_percent")) < 0.1);
        assert_int_equal(strncmp(e2e_text(span, "since"), "2026-11-23T09:3", 15), 0);
    }
    assert_string_equal(e2e_text(e2e_entry(e2e_status(world), "s/d"), "status"), "UP");
    assert_null(strstr(e2e_read(world, "public/metrics.prom"), "\nuptick_site_uptime_ratio"));
    assert_non_null(strstr(e2e_read(world, "public/badge/s-uptime-30d.svg"), ">new</text>"));
    assert_null(strstr(e2e_read(world, "public/index.html"), "100 %"));
    assert_null(strstr(e2e_read(world, "public/site/s.html"), "100 %"));
    assert_non_null(strstr(e2e_read(world, "public/index.html"), "– <i>since 23 Nov</i>"));
    world->clock = "2026-11-23 09:31:01";
    e2e_uptick(world, "status", NULL);
    e2e_silent(world, 0);
    assert_non_null(strstr(world->last.out, "UP            24h -"));
}

static off_t size_of(struct e2e *world, const char *name)
{
    struct stat info;

    assert_int_equal(stat(e2e_path(world, name), &info), 0);
    return info.st_size;
}

/* Every second check of a thousand domains fails, each minute for 18 hours, also the last one, so
 * the index lists all domains as problems. The failures of the first ones are as long as a failure
 * can be, and of characters that need escapes. */
static const char flap[] =
    "awk 'BEGIN {\n"
    "    for (i = 0; i < 500; i++) long = long (i % 2 ? \"&\" : \"<\")\n"
    "    for (d = 0; d < 1000; d++) {\n"
    "        file = \"data/archive/2026-11-23/s/d\" d \".log\"\n"
    "        for (m = 1; m <= 1080; m++) {\n"
    "            row = sprintf(\"2026-11-23T%02d:%02d:%02d.%03dZ,s,d%d,\", m / 60, m % 60, d % "
    "60,\n"
    "                          d, d)\n"
    "            failed = \"DOWN,500,9,\" (d < 20 ? \"body: \" long : \"body: x\")\n"
    "            print row (m % 2 ? \"UP,200,9,\" : failed) > file\n"
    "        }\n"
    "        close(file)\n"
    "    }\n"
    "}'";

static void a_thousand_flapping_domains_make_files_of_bounded_size(struct e2e *world)
{
    static const struct {
        const char *name;
        off_t max;
    } sizes[] = {
        {"out/site/s.html", 28 << 20}, {"out/site/s.json", 10 << 20}, {"out/site/s.xml", 400 << 10},
        {"out/feed.xml", 400 << 10},   {"out/index.html", 400 << 10}, {"out/status.json", 2 << 20},
        {"out/metrics.prom", 1 << 20},
    };
    char *config = e2e_format(world, "sites:\n  - id: s\n    domains:\n");
    const char *page;
    size_t listed = 0;

    for (int i = 0; i < 1000; i++)
        config = e2e_format(
            world, "%s      - {id: d%d, url: 'http://127.0.0.1:1/', interval_seconds: 60}\n",
            config, i);
    e2e_config(world, config);
    e2e_shell(world, "mkdir -p data/archive/2026-11-23/s && %s", flap);
    world->clock = "2026-11-23 18:01:10";
    e2e_uptick(world, "rebuild", NULL);
    e2e_uptick(world, "render", "--output", "out", NULL);
    e2e_silent(world, 0);
    e2e_check(world->last.seconds < 20, "the build took %.1f s", world->last.seconds);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        e2e_check(size_of(world, sizes[i].name) <= sizes[i].max, "%s has %lld bytes", sizes[i].name,
                  (long long)size_of(world, sizes[i].name));
    page = e2e_read(world, "out/site/s.html");
    for (const char *at = page; (at = strstr(at, "<tr id=")); at++)
        listed++;
    assert_int_equal(listed, 100);
    assert_non_null(strstr(page, "earlier, not shown"));
}

static void outages_that_are_not_listed_are_counted(struct e2e *world)
{
    const char *page;

    e2e_config(world, "sites:\n  - id: s\n    domains:\n"
                      "      - {id: d, url: 'http://127.0.0.1:1/', interval_seconds: 60}\n");
    e2e_shell(world,
              "mkdir -p data/archive/2026-11-23/s && awk 'BEGIN { "
              "for (m = 0; m < 1300; m++) printf \"2026-11-23T%%02d:%%02d:00.000Z,s,d,%%s\\n\", "
              "m / 60, m %% 60, m %% 2 ? \"UP,200,9,\" : \"DOWN,500,9,body: x\" }' "
              ">data/archive/2026-11-23/s/d.log");
    world->clock = "2026-11-23 22:01:10";
    e2e_uptick(world, "rebuild", NULL);
    e2e_uptick(world, "render", "--output", "out", NULL);
    page = e2e_read(world, "out/site/s.html");
    assert_non_null(strstr(page, "<summary>90 older</summary>"));
    assert_non_null(strstr(page, "and 550 earlier, not shown"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(outages_that_are_not_listed_are_counted),
        E2E_TEST(every_output_follows_the_rules_for_any_history),
        E2E_TEST(after_one_check_no_span_shows_an_uptime),
        E2E_TEST(a_thousand_flapping_domains_make_files_of_bounded_size),
    };

    return cmocka_run_group_tests_name("uptimes", tests, NULL, NULL);
}
