/* Bot walls are recognised, and ordinary pages are not; servers that ask to wait are left alone. */
#define _GNU_SOURCE
#include "cmocka_all.h"
#include "e2e.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The files of tests/walls, without their ending. */
struct pages {
    char *names[256];
    size_t n;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list_pages(struct e2e *world, struct pages *pages)
{
    DIR *folder = opendir(getenv("WALLS"));
    struct dirent *entry;

    pages->n = 0;
    assert_non_null(folder);
    while ((entry = readdir(folder))) {
        char *end = strstr(entry->d_name, ".http");

        if (!end)
            continue;
        assert_true(pages->n < sizeof pages->names / sizeof pages->names[0]);
        pages->names[pages->n++] =
            e2e_format(world, "%.*s", (int)(end - entry->d_name), entry->d_name);
    }
    closedir(folder);
    qsort(pages->names, pages->n, sizeof pages->names[0], by_name);
}

/* A domain for each page, with these keys under defaults. */
static void config_pages(struct e2e *world, const struct pages *pages, const char *keys)
{
    char *yaml = e2e_format(world,
                            "max_per_host: 64\n"
                            "defaults: {interval_seconds: 60%s}\n"
                            "sites:\n  - id: s\n    domains:\n",
                            keys);

    for (size_t i = 0; i < pages->n; i++)
        yaml = e2e_format(world, "%s      - {id: %s, url: 'http://@http@/wall/%s'}\n", yaml,
                          pages->names[i], pages->names[i]);
    e2e_config(world, yaml);
}

static struct csv_row only_row(struct e2e *world, const char *monitor)
{
    struct csv csv = e2e_rows(world, monitor);

    assert_int_equal(csv.n, 1);
    return csv.rows[0];
}

/* The first line of a page: its status, a space, and its wall, or "-". */
static char *first_line(struct e2e *world, const char *name)
{
    char line[128];
    FILE *file = fopen(e2e_format(world, "%s/%s.http", getenv("WALLS"), name), "r");

    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    fclose(file);
    line[strcspn(line, "\n")] = '\0';
    return e2e_format(world, "%s", line);
}

static void each_wall_is_recognised_and_no_ordinary_page(struct e2e *world)
{
    struct pages pages;

    list_pages(world, &pages);
    config_pages(world, &pages, "");
    e2e_tick(world, "2026-11-23 09:30:00");
    for (size_t i = 0; i < pages.n; i++) {
        const char *name = pages.names[i], *line = first_line(world, name), *wall = line + 4;
        struct csv_row row = only_row(world, e2e_format(world, "s/%s", name));
        char *text = e2e_format(world,
                                "bot: %s (status %.3s); allow the user agent uptick/0 or "
                                "this machine's address in ",
                                wall, line);
        bool is_wall = strcmp(wall, "-") != 0;

        e2e_check(strncmp(row.field[HTTP_STATUS], line, 3) == 0, "%s: %s", name,
                  row.field[HTTP_STATUS]);
        e2e_check((strcmp(row.field[STATUS], "BOT_DETECTED") == 0) == is_wall, "%s: %s", name,
                  row.field[STATUS]);
        e2e_check(!is_wall || strncmp(row.field[FAILURE], text, strlen(text)) == 0, "%s: %s", name,
                  row.field[FAILURE]);
    }
}

static void without_bot_detection_no_wall_is_recognised(struct e2e *world)
{
    struct pages pages;

    list_pages(world, &pages);
    config_pages(world, &pages, ", bot_detection: false");
    e2e_tick(world, "2026-11-23 09:30:00");
    for (size_t i = 0; i < pages.n; i++) {
        struct csv_row row = only_row(world, e2e_format(world, "s/%s", pages.names[i]));

        e2e_check(strcmp(row.field[STATUS], "BOT_DETECTED") != 0, "%s", pages.names[i]);
    }
}

static const char *code_of(const json_t *status, const char *monitor)
{
    return e2e_text(json_object_get(e2e_entry(status, monitor), "last_check"), "code");
}

static void a_wall_has_its_own_code_and_a_string_of_the_configuration_wins(struct e2e *world)
{
    json_t *status;

    e2e_config(
        world,
        "defaults: {interval_seconds: 60}\n"
        "sites:\n  - id: s\n    domains:\n"
        "      - {id: wall, url: 'http://@http@/wall/cloudflare-managed'}\n"
        "      - {id: string, url: 'http://@http@/wall/cloudflare-managed',\n"
        "         bot_protection_string: 'Just a moment'}\n"
        "      - {id: expected, url: 'http://@http@/wall/cloudflare-managed',\n"
        "         expect: {http_status: 403}}\n"
        "      - {id: agent, url: 'http://@http@/wall/akamai-denied',\n"
        "         headers: {user-agent: 'probe/1'}}\n"
        "      - {id: other, url: 'http://@http@/wall/akamai-denied', bot_detection: false,\n"
        "         expect: {http_status: 403}}\n"
        "      - {id: head, url: 'http://@http@/wall/aws-challenge', method: HEAD}\n"
        "      - {id: no-body, url: 'http://@http@/wall/aws-challenge', max_body_bytes: 0}\n"
        "      - {id: redirect, url: 'http://@http@/wall-to/wall/anubis'}\n"
        "      - {id: passed, url: 'http://@http@/wall-to/ok'}\n");
    e2e_tick(world, "2026-11-23 09:30:00");
    status = e2e_status(world);
    assert_string_equal(only_row(world, "s/wall").field[FAILURE],
                        "bot: Cloudflare challenge (status 403); allow the user agent uptick/0 or "
                        "this machine's address in Cloudflare (a WAF custom rule with the action "
                        "Skip)");
    assert_string_equal(code_of(status, "s/wall"), "bot.signature");
    assert_string_equal(only_row(world, "s/string").field[FAILURE],
                        "bot: \"Just a moment\" found (status 403)");
    assert_string_equal(code_of(status, "s/string"), "bot.string");
    assert_string_equal(only_row(world, "s/expected").field[STATUS], "BOT_DETECTED");
    assert_non_null(strstr(only_row(world, "s/agent").field[FAILURE],
                           "; allow the configured user agent or this machine's address in "));
    assert_string_equal(only_row(world, "s/other").field[STATUS], "UP");
    assert_string_equal(only_row(world, "s/head").field[STATUS], "BOT_DETECTED");
    assert_string_equal(only_row(world, "s/no-body").field[STATUS], "BOT_DETECTED");

    /* The last response is judged. */
    assert_non_null(strstr(only_row(world, "s/redirect").field[FAILURE], "bot: Anubis challenge"));
    assert_string_equal(only_row(world, "s/passed").field[STATUS], "UP");
}

/* One domain, with these keys. */
static void config_one(struct e2e *world, const char *target, const char *keys)
{
    e2e_config(world, e2e_format(world,
                                 "sites:\n  - id: s\n    domains:\n"
                                 "      - {id: d, url: 'http://@http@%s'%s}\n",
                                 target, keys));
}

/* Ticks at this moment; the server has had this many requests in all. */
static void tick_at(struct e2e *world, const char *clock, const char *target, long n)
{
    e2e_tick(world, clock);
    e2e_check(e2e_count(world, target) == n, "at %s: %ld requests, and not %ld", clock,
              e2e_count(world, target), n);
}

static void expect_last(struct e2e *world, size_t n, const char *failure)
{
    struct csv csv = e2e_rows(world, "s/d");

    assert_int_equal(csv.n, n);
    assert_string_equal(csv.rows[n - 1].field[STATUS], "DOWN");
    assert_string_equal(csv.rows[n - 1].field[FAILURE], failure);
}

static void a_server_that_asks_to_wait_is_left_alone_also_after_a_rebuild(struct e2e *world)
{
    static const char target[] = "/wait/429/120";

    config_one(world, target, ", interval_seconds: 60");
    tick_at(world, "2026-11-23 09:30:00", target, 1);
    expect_last(world, 1, "http_status: expected 200, got 429 (Retry-After 120 s)");
    tick_at(world, "2026-11-23 09:31:00", target, 1);
    tick_at(world, "2026-11-23 09:31:59", target, 1);
    tick_at(world, "2026-11-23 09:32:00", target, 2);

    e2e_shell(world, "rm data/state.db*");
    world->clock = "2026-11-23 09:33:00";
    e2e_uptick(world, "tick", NULL);
    assert_int_equal(world->last.status, 0);
    assert_int_equal(e2e_count(world, target), 2);
    tick_at(world, "2026-11-23 09:33:59", target, 2);
    tick_at(world, "2026-11-23 09:34:00", target, 3);

    /* A person does not wait, and what was recorded counts for the next tick. */
    world->clock = "2026-11-23 09:34:30";
    e2e_uptick(world, "check", NULL);
    assert_int_equal(e2e_count(world, target), 4);
    tick_at(world, "2026-11-23 09:35:00", target, 4);
}

static void a_date_is_a_moment_of_our_clock(struct e2e *world)
{
    static const char target[] = "/wait/503/Mon,_23_Nov_2026_09:32:00_GMT";

    config_one(world, target, ", interval_seconds: 60");
    tick_at(world, "2026-11-23 09:30:00", target, 1);
    tick_at(world, "2026-11-23 09:31:00", target, 1);
    tick_at(world, "2026-11-23 09:32:01", target, 2);
    expect_last(world, 2, "http_status: expected 200, got 503 (Retry-After 0 s)");
    tick_at(world, "2026-11-23 09:33:00", target, 3);
}

static void a_missed_slot_is_checked_as_soon_as_the_wait_is_over(struct e2e *world)
{
    static const char target[] = "/wait/429/400";
    struct csv csv;

    config_one(world, target, ", interval_seconds: 300");
    tick_at(world, "2026-11-23 09:30:00", target, 1);
    for (int minute = 31; minute < 36; minute++)
        tick_at(world, e2e_format(world, "2026-11-23 09:%d:00", minute), target, 1);
    tick_at(world, "2026-11-23 09:36:39", target, 2);
    csv = e2e_rows(world, "s/d");
    assert_true(strcmp(csv.rows[1].field[TIMESTAMP], "2026-11-23T09:36:40") > 0);
}

static void no_wait_is_longer_than_an_hour(struct e2e *world)
{
    static const char target[] = "/wait/503/99999999999";

    config_one(world, target, ", interval_seconds: 60");
    tick_at(world, "2026-11-23 09:30:00", target, 1);
    expect_last(world, 1, "http_status: expected 200, got 503 (Retry-After 999999999 s)");
    tick_at(world, "2026-11-23 10:29:59", target, 1);
    tick_at(world, "2026-11-23 10:30:00", target, 2);
}

static void a_clock_set_back_neither_loses_a_wait_nor_stops_the_checks(struct e2e *world)
{
    static const char target[] = "/wait/503/1800";

    config_one(world, target, ", interval_seconds: 60");
    tick_at(world, "2026-11-23 09:30:00", target, 1);
    tick_at(world, "2026-11-23 09:05:00", target, 1);
    tick_at(world, "2026-11-23 09:59:00", target, 1);
    tick_at(world, "2026-11-23 08:59:00", target, 2);
    tick_at(world, "2026-11-23 09:00:00", target, 2);
    tick_at(world, "2026-11-23 09:29:01", target, 3);
}

static void expected_statuses_nonsense_and_bot_walls_ask_for_no_wait(struct e2e *world)
{
    static const struct {
        const char *target, *keys;
    } cases[] = {
        {"/wait/429/600", ", expect: {http_status: 429}"},
        {"/wait/429/soon", ""},
        {"/wait/429/-5", ""},
        {"/wait/500/600", ""},
        {"/wait/301/600", ", follow_redirects: false"},
        {"/wall/cloudflare-429", ""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        config_one(world, cases[i].target,
                   e2e_format(world, ", interval_seconds: 60%s", cases[i].keys));
        e2e_shell(world, "rm -rf data");
        tick_at(world, "2026-11-23 09:30:00", cases[i].target, 1);
        tick_at(world, "2026-11-23 09:31:00", cases[i].target, 2);
    }

    /* Cloudflare's wall is an ordinary 429 without bot_detection. */
    config_one(world, "/wall/cloudflare-429", ", interval_seconds: 60, bot_detection: false");
    tick_at(world, "2026-11-23 09:32:00", "/wall/cloudflare-429", 3);
    tick_at(world, "2026-11-23 09:33:00", "/wall/cloudflare-429", 3);
}

static void a_check_is_not_repeated_before_the_server_wants_it(struct e2e *world)
{
    e2e_config(world, "sites:\n  - id: s\n    domains:\n"
                      "      - {id: waits, url: 'http://@http@/wait/503/1', retries: 2}\n"
                      "      - {id: zero, url: 'http://@http@/wait/503/0', retries: 1}\n");
    e2e_tick(world, "2026-11-23 09:30:00");
    assert_int_equal(e2e_count(world, "/wait/503/1"), 1);
    assert_int_equal(e2e_count(world, "/wait/503/0"), 2);
}

/* The slots of the minute are in the queue when the server asks to wait. */
static void slots_of_the_same_minute_are_skipped_while_the_server_wants_it(struct e2e *world)
{
    volatile int64_t *clocks = e2e_move_clocks(world);
    const char *line;
    pid_t pid;

    e2e_config(world, "sites:\n  - id: s\n    domains:\n"
                      "      - {id: d, url: 'http://@http@/wait/503/300', interval_seconds: 10}\n"
                      "      - {id: e, url: 'http://@http@/wait/503/5', interval_seconds: 10}\n");
    world->clock = "2026-11-23 09:30:25";
    pid = e2e_start(world, "tick", NULL);
    e2e_await(world, "/wait/503/300", 1);
    e2e_await(world, "/wait/503/5", 1);

    /* A worker looks at its queue once a second, and a check may start five seconds late. */
    for (int step = 0; step < 8; step++) {
        usleep(1100 * 1000);
        clocks[WALL] += 3000;
        clocks[MONOTONIC] += 3000;
    }
    e2e_wait(world, pid);
    e2e_silent(world, 0);
    assert_int_equal(e2e_count(world, "/wait/503/300"), 1);
    assert_in_range(e2e_count(world, "/wait/503/5"), 2, 4);

    /* What was skipped is not left over. */
    line = strstr(e2e_read(world, "data/ticks"), "2026-11-23T09:30:2");
    assert_non_null(line);
    assert_memory_equal(strchr(line, ' ') - 2, ",0", 2);
    clocks[WALL] = clocks[MONOTONIC] = 0;
    tick_at(world, "2026-11-23 09:34:59", "/wait/503/300", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(each_wall_is_recognised_and_no_ordinary_page),
        E2E_TEST(without_bot_detection_no_wall_is_recognised),
        E2E_TEST(a_wall_has_its_own_code_and_a_string_of_the_configuration_wins),
        E2E_TEST(a_server_that_asks_to_wait_is_left_alone_also_after_a_rebuild),
        E2E_TEST(a_date_is_a_moment_of_our_clock),
        E2E_TEST(a_missed_slot_is_checked_as_soon_as_the_wait_is_over),
        E2E_TEST(no_wait_is_longer_than_an_hour),
        E2E_TEST(a_clock_set_back_neither_loses_a_wait_nor_stops_the_checks),
        E2E_TEST(expected_statuses_nonsense_and_bot_walls_ask_for_no_wait),
        E2E_TEST(a_check_is_not_repeated_before_the_server_wants_it),
        E2E_TEST(slots_of_the_same_minute_are_skipped_while_the_server_wants_it),
    };

    return cmocka_run_group_tests_name("walls", tests, NULL, NULL);
}
