/* model/bot_wall and check/wall_search: the table of bot walls, and the responses that are one. */
#include "base/buffer.h"
#include "base/file.h"
#include "check/head.h"
#include "check/wall_search.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char pages_folder[] = "tests/walls";

static struct bot_walls *load(void)
{
    struct error error;
    struct bot_walls *walls = bot_wall_load(&error);

    if (!walls)
        fail_msg("%s", error.text);
    return walls;
}

/* The header conditions that a line meets. Nothing before or after the line is read. */
static uint64_t met_by(const struct bot_walls *walls, const char *line)
{
    size_t size = strlen(line);
    char *block = malloc(size + 1);
    uint64_t met;

    assert_non_null(block);
    memcpy(block + 1, line, size);
    met = bot_wall_headers(walls, block + 1, size);
    free(block);
    return met;
}

/* What the walls are for a response: the row, or NULL. */
static const struct bot_wall *judge(const struct bot_walls *walls, int status, const char *headers,
                                    const char *body, size_t piece)
{
    struct head head = {.walls = walls};
    struct wall_search search = {.walls = walls};
    const struct bot_wall *wall;
    size_t size = strlen(body);

    for (const char *line = headers; *line; line += strcspn(line, "\n") + 1) {
        head.walls = walls;
        assert_int_equal(head_add(&head, line, strcspn(line, "\n") + 1, NULL), 0);
    }
    assert_int_equal(head_add(&head, "\r\n", 2, NULL), 0);
    assert_int_equal(wall_search_begin(&search, status, head.wall_headers), 0);
    for (size_t at = 0; at < size; at += piece)
        wall_search_feed(&search, body + at, size - at < piece ? size - at : piece);
    wall = wall_search_end(&search, (int64_t)size);
    wall_search_free(&search);
    head_free(&head);
    return wall;
}

/* Judges a page of tests/walls. Returns the wall that it must be. */
static const char *judge_page(const struct bot_walls *walls, const char *name, char *text,
                              const struct bot_wall **found)
{
    char *wall = strchr(text, ' ') + 1, *headers = strchr(text, '\n') + 1;
    char *body = strstr(text, "\n\n") + 2;

    headers[-1] = '\0';
    body[-1] = '\0';
    *found = judge(walls, atoi(text), headers, body, 4096);
    if (judge(walls, atoi(text), headers, body, 1) != *found)
        fail_msg("%s: pieces of the body give another wall", name);
    return wall;
}

static void each_page_is_its_wall_and_each_row_has_a_page(void **state)
{
    struct bot_walls *walls = load();
    struct buffer text = BUFFER_WITH_CEILING(1 << 20);
    DIR *folder = opendir(pages_folder);
    int n_walls = 0, n_ordinary = 0;
    bool hit[BOT_WALL_BITS] = {false};
    struct dirent *entry;
    struct error error;

    (void)state;
    assert_non_null(folder);
    while ((entry = readdir(folder))) {
        const struct bot_wall *found;
        const char *wanted;
        char path[512];

        if (*entry->d_name == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", pages_folder, entry->d_name);
        buffer_reset(&text);
        assert_int_equal(file_read(path, &text, &error), 0);
        wanted = judge_page(walls, entry->d_name, text.data, &found);
        if (strcmp(wanted, found ? found->name : "-") != 0)
            fail_msg("%s: is \"%s\", and must be \"%s\"", entry->d_name, found ? found->name : "-",
                     wanted);
        n_walls += found != NULL;
        n_ordinary += !found;
        if (found)
            hit[found - walls->rows] = true;
    }
    closedir(folder);
    buffer_free(&text);
    for (size_t i = 0; i < walls->n_rows; i++) {
        if (!hit[i])
            fail_msg("no page in %s is row %zu, %s", pages_folder, i + 1, walls->rows[i].name);
    }
    assert_true(n_walls >= 12 && n_ordinary >= 40);
    free(walls);
}

/* A failure text has the name of the product and what its owner does. */
static void every_row_makes_a_short_clean_text(void **state)
{
    struct bot_walls *walls = load();

    (void)state;
    for (size_t i = 0; i < walls->n_rows; i++) {
        assert_true(strlen(walls->rows[i].name) < 60 && strlen(walls->rows[i].where) < 100);
        assert_int_equal(strncmp(walls->rows[i].where, "in ", 3), 0);
        for (const char *at = walls->rows[i].where; *at; at++)
            assert_in_range(*at, ' ', '~');
    }
    free(walls);
}

/* The first product that must be known, and others. */
static void the_products_that_are_promised_are_in_the_table(void **state)
{
    static const char *const products[] = {"Cloudflare", "Akamai",  "Imperva", "DataDome",
                                           "PerimeterX", "AWS WAF", "Sucuri",  "DDoS-Guard",
                                           "Anubis",     "Fastly"};
    struct bot_walls *walls = load();

    (void)state;
    for (size_t p = 0; p < sizeof products / sizeof products[0]; p++) {
        size_t i = 0;

        while (i < walls->n_rows && !strstr(walls->rows[i].name, products[p]))
            i++;
        if (i == walls->n_rows)
            fail_msg("%s is not in the table", products[p]);
    }
    free(walls);
}

/* An ordinary page costs no search, and no memory. */
static void ordinary_headers_leave_no_wall_possible(void **state)
{
    static const char *const headers[] = {"Server: nginx/1.22.1",
                                          "Date: Mon, 23 Nov 2026 09:30:00 GMT",
                                          "Content-Type: text/html",
                                          "Content-Length: 2048",
                                          "Connection: close",
                                          "ETag: \"1\"",
                                          "Set-Cookie: session=1",
                                          "X-Frame-Options: DENY",
                                          "Cache-Control: no-store",
                                          "",
                                          ":",
                                          "@: x",
                                          "{: x",
                                          "[server: cloudflare",
                                          "server : cloudflare"};
    struct bot_walls *walls = load();

    (void)state;
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        assert_true(met_by(walls, headers[i]) == 0);
    assert_true(bot_wall_headers(walls, NULL, 0) == 0);
    for (int status = 100; status < 400; status++)
        assert_true(bot_wall_possible(walls, status, 0) == 0);
    assert_true(bot_wall_possible(walls, 404, 0) == 0);
    assert_true(bot_wall_possible(walls, 0, 0) == 0);
    free(walls);
}

static void a_small_table(struct bot_walls **walls, const char *rows)
{
    struct error error;

    *walls = bot_wall_parse(rows, strlen(rows), &error);
    if (!*walls)
        fail_msg("%s", error.text);
}

static void headers_are_compared_without_case_and_by_their_beginning(void **state)
{
    static const struct {
        const char *line;
        uint64_t met;
    } cases[] = {
        {"Server: wall", 1},
        {"SERVER:WALL/2.0", 1},
        {"server: \t Wallpaper", 1},
        {"Server: a wall", 0},
        {"Server: wal", 0},
        {"Servers: wall", 0},
        {"Serve: wall", 0},
        {"X-Wall:", 2},
        {"x-wall: anything", 2},
        {"x-wall-id: 1", 0},
        {"Server:\r\n  wall", 1},
        {"Server", 0},
        {"Serverwall", 0},
        {"Server:", 0},
        {"Server: ", 0},
        {"Server:  \t", 0},
        {"Server:wall", 1},
        {"Server :wall", 0},
        {":", 0},
        {"", 0},
        {"X-Wall", 0},
        {"X-Wall: ", 2},
        {"Server: \xd7"
         "all",
         0},
        {"\x13"
         "erver: wall",
         0},
    };
    struct bot_walls *walls;

    (void)state;
    a_small_table(&walls, "A wall\t*\tServer: wall||X-Wall:\t-\t-\tin A\t-\n");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (met_by(walls, cases[i].line) != cases[i].met)
            fail_msg("%s", cases[i].line);
    }
    free(walls);
}

/* Names of the longest size, equal names with other texts, and other names of the same size. */
static void the_size_of_a_name_has_a_limit(void **state)
{
    static const char longest[] = "X-Name-Of-Thirty-One-Characters";
    static const struct {
        const char *line;
        uint64_t met;
    } cases[] = {
        {"X-Name-Of-Thirty-One-Characters: a", 1},  {"x-name-of-thirty-one-characters: b", 2},
        {"X-Name-Of-Thirty-One-Characters: ab", 1}, {"X-Name-Of-Thirty-One-Character: a", 0},
        {"X-Name-Of-Thirty-One-Charactersx: a", 0}, {"X-Name-Of-Thirty-One-Characters", 0},
        {"X-Name-Of-Thirty-One-Charactersx", 0},    {"X-Name-Of-Thirty-One-Charactersxx", 0},
        {"X-Name-Of-Thirty-One-CharacterS :a", 0},  {"Y-Name-Of-Thirty-One-Characters: b", 4},
        {"Z-Name-Of-Thirty-One-Characters: b", 0},
    };
    struct bot_walls *walls;
    char table[256];

    (void)state;
    assert_int_equal(strlen(longest), BOT_WALL_NAME_MAX);
    a_small_table(&walls, "A\t*\tX-Name-Of-Thirty-One-Characters: a||"
                          "x-name-of-thirty-one-characters: b||"
                          "Y-Name-Of-Thirty-One-Characters: b||"
                          "X-NAME-OF-THIRTY-ONE-CHARACTERS: A\t-\t-\tin A\t-");
    assert_int_equal(walls->n_headers, 3);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (met_by(walls, cases[i].line) != cases[i].met)
            fail_msg("%s", cases[i].line);
    }
    free(walls);
    snprintf(table, sizeof table, "A\t*\t%sx: a\t-\t-\tin A\t-", longest);
    assert_null(bot_wall_parse(table, strlen(table), &(struct error){0}));
}

/* Both edges of each number that a row may have. */
static void rows_at_the_limits_are_read(void **state)
{
    static const char *const rows[] = {
        "A\t100\tB:\t-\t-\tin A\t-",
        "A\t599\tB:\t-\t-\tin A\t-",
        "A\t100-599\tB:\t-\t-\tin A\t-",
        "A\t400\t-\tx\t-\tin A\t-",
        "A\t401,402,403,404,405,406,407,408\tB:\t-\t-\tin A\t-",
        "A\t*\tB:&&C:&&D:&&E:\tv&&w&&x&&y\t-\tin A\t-",
        "A\t*\tB:\t-\t1\tin A\t-",
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bot_walls *walls;

        a_small_table(&walls, rows[i]);
        assert_int_equal(walls->n_rows, 1);
        free(walls);
    }
}

static void all_clauses_must_hold_and_one_alternative_of_each(void **state)
{
    static const struct {
        int status;
        const char *headers, *body;
        bool hit;
    } cases[] = {
        {403, "A: 1\nB: 2\n", "one two", true},    {403, "A: 1\nC:\n", "one three", true},
        {403, "B: 2\nC:\n", "one two", false},     {403, "A: 1\n", "one two", false},
        {403, "A: 1\nB: 2\n", "one", false},       {403, "A: 1\nB: 2\n", "two three", false},
        {403, "A: 1\nB: 2\n", "One two", false},   {402, "A: 1\nB: 2\n", "one two", false},
        {404, "A: 1\nB: 2\n", "one two", false},   {500, "A: 1\nB: 2\n", "one two", true},
        {599, "A: 1\nB: 2\n", "one two", true},    {499, "A: 1\nB: 2\n", "one two", false},
        {403, "A: 1\nB: 2\n", "one two 78", true}, {403, "A: 1\nB: 2\n", "one two 7890", false},
    };
    struct bot_walls *walls;

    (void)state;
    a_small_table(&walls, "A wall\t403,500-599\tA: 1&&B: 2||C:\tone&&two||three\t11\tin A\t-\n");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if ((judge(walls, cases[i].status, cases[i].headers, cases[i].body, 3) != NULL) !=
            cases[i].hit)
            fail_msg("%d %s %s", cases[i].status, cases[i].headers, cases[i].body);
    }
    free(walls);
}

static void the_first_row_that_holds_counts(void **state)
{
    struct bot_walls *walls;

    (void)state;
    a_small_table(&walls, "# a comment\n\n"
                          "First\t*\tA:\tx\t-\tin A\t-\nSecond\t*\tA:\t-\t-\tin B\t-");
    assert_string_equal(judge(walls, 200, "A: 1\n", "xyz", 1)->name, "First");
    assert_string_equal(judge(walls, 200, "A: 1\n", "yz", 1)->name, "Second");
    free(walls);
}

/* A redirect is another response: what was searched in the one before it is forgotten. */
static void each_response_is_searched_afresh(void **state)
{
    struct wall_search search = {.n = 0};
    struct bot_walls *walls;

    (void)state;
    assert_int_equal(wall_search_begin(&search, 403, 0), 0);
    assert_int_equal(search.n, 0);
    assert_null(wall_search_end(&search, 0));
    a_small_table(&walls, "A\t403\t-\tone&&two\t-\tin A\t-\nB\t404\t-\tone\t-\tin B\t-\n"
                          "C\t*\tC:\t-\t-\tin C\t-");
    search.walls = walls;
    assert_int_equal(wall_search_begin(&search, 403, 0), 0);
    assert_int_equal(search.n, 2);
    wall_search_feed(&search, "one", 3);
    assert_null(wall_search_end(&search, 3));
    assert_int_equal(wall_search_begin(&search, 403, 0), 0);
    assert_int_equal(search.n, 2);
    wall_search_feed(&search, "two", 3);
    assert_null(wall_search_end(&search, 3));
    wall_search_feed(&search, "one", 3);
    assert_string_equal(wall_search_end(&search, 6)->name, "A");
    assert_int_equal(wall_search_begin(&search, 404, 0), 0);
    assert_int_equal(search.n, 1);
    assert_null(wall_search_end(&search, 0));
    assert_int_equal(wall_search_begin(&search, 200, 1), 0);
    assert_int_equal(search.n, 0);
    assert_null(search.searches);
    assert_string_equal(wall_search_end(&search, 0)->name, "C");
    assert_int_equal(wall_search_begin(&search, 200, 0), 0);
    assert_null(wall_search_end(&search, 0));
    wall_search_free(&search);
    wall_search_free(&search);
    assert_int_equal(search.n, 0);
    free(walls);
}

/* Markers are searched in the first 64 KiB. */
static void a_marker_far_down_is_not_found(void **state)
{
    struct bot_walls *walls;
    char *body = malloc(BOT_WALL_SEARCH_MAX + 8);

    (void)state;
    assert_non_null(body);
    a_small_table(&walls, "A wall\t403\t-\tmark\t-\tin A\t-\n");
    for (int past = 0; past < 2; past++) {
        memset(body, '.', BOT_WALL_SEARCH_MAX + 4);
        memcpy(body + BOT_WALL_SEARCH_MAX - 4 + past, "mark", 5);
        assert_int_equal(judge(walls, 403, "", body, 4096) != NULL, past == 0);
        assert_int_equal(judge(walls, 403, "", body, 1 << 20) != NULL, past == 0);
    }
    free(body);
    free(walls);
}

static void a_mistake_in_the_table_is_reported_with_its_line(void **state)
{
    static const struct {
        const char *row, *text;
    } cases[] = {
        {"A\t*\tB:\t-\t-\tin A", "too few cells"},
        {"A\t*\tB:\t-\t-\tin A\t-\t-", "too many cells"},
        {"\"A\"\t*\tB:\t-\t-\tin A\t-", "is not a text"},
        {"A\t*\tB:\t-\t-\t-\t-", "is not a text"},
        {"A (status 1); b\t*\tB:\t-\t-\tin A\t-", "is not a text"},
        {"A\t99\tB:\t-\t-\tin A\t-", "the statuses"},
        {"A\t600\tB:\t-\t-\tin A\t-", "the statuses"},
        {"A\t500-400\tB:\t-\t-\tin A\t-", "the statuses"},
        {"A\t-\tB:\t-\t-\tin A\t-", "the statuses"},
        {"A\t401,402,403,404,405,406,407,408,409\tB:\t-\t-\tin A\t-", "the statuses"},
        {"A\t*\tB\t-\t-\tin A\t-", "a header condition"},
        {"A\t*\t: x\t-\t-\tin A\t-", "a header condition"},
        {"A\t*\tB:&&\t-\t-\tin A\t-", "a header condition"},
        {"A\t*\tB:&&C:&&D:&&E:&&F:\t-\t-\tin A\t-", "a header condition"},
        {"A\t*\tB:\tx||\t-\tin A\t-", "a marker"},
        {"A\t*\tB:\tx\t0\tin A\t-", "the size"},
        {"A\t*\tB:\tx\tmuch\tin A\t-", "the size"},
        {"A\t403\t-\t-\t-\tin A\t-", "are needed"},
        {"A\t*\t-\tx\t-\tin A\t-", "are needed"},
        {"A\t399-403\t-\tx\t-\tin A\t-", "are needed"},
        {"A\t403,399\t-\tx\t-\tin A\t-", "are needed"},
        {"A\t403,99\tB:\t-\t-\tin A\t-", "the statuses"},
        {"A\t*\tB:\tx&&\t-\tin A\t-", "a marker"},
        {"A\t*\tB:\tv&&w&&x&&y&&z\t-\tin A\t-", "a marker"},
        {"A\t*\tB:\tx\t-1\tin A\t-", "the size"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char table[256];
        struct error error;

        snprintf(table, sizeof table, "# line 1\n\n%s\n", cases[i].row);
        assert_null(bot_wall_parse(table, strlen(table), &error));
        assert_int_equal(strncmp(error.text, "bot_walls.tsv:3: ", 17), 0);
        if (!strstr(error.text, cases[i].text))
            fail_msg("%s: %s", cases[i].row, error.text);
    }
}

/* As many rows, header conditions and markers as there are bits, and one more. */
static void the_table_has_at_most_64_of_each(void **state)
{
    struct buffer table = BUFFER_WITH_CEILING(1 << 20);
    struct bot_walls *walls;
    struct error error;

    (void)state;
    for (int i = 0; i < BOT_WALL_BITS; i++)
        buffer_printf(&table, "A\t*\tB%d:\tm%d\t-\tin A\t-\n", i, i);
    a_small_table(&walls, table.data);
    assert_int_equal(walls->n_rows, BOT_WALL_BITS);
    assert_ptr_equal(judge(walls, 200, "B63: x\n", "m63", 1), &walls->rows[63]);
    assert_ptr_equal(judge(walls, 200, "B0: x\nB63: x\n", "m0 m63", 1), &walls->rows[0]);
    free(walls);
    buffer_puts(&table, "A\t*\tB0:\tm0\t-\tin A\t-\n");
    assert_null(bot_wall_parse(table.data, table.size, &error));
    assert_non_null(strstr(error.text, ":65: too many rows"));
    for (int markers = 0; markers < 2; markers++) {
        buffer_reset(&table);
        for (int i = 0; i < BOT_WALL_BITS / 2; i++)
            buffer_printf(&table, "A\t*\tB%d:||C%d:\tm%d||n%d\t-\tin A\t-\n", i, i, i, i);
        buffer_puts(&table, "A\t*\tB0:&&C0:\tm0&&n0\t-\tin A\t-\n");
        a_small_table(&walls, table.data);
        free(walls);
        buffer_printf(&table, "A\t*\tB0%s:\tm0%s\t-\tin A\t-", markers ? "" : "x",
                      markers ? "x" : "");
        assert_null(bot_wall_parse(table.data, table.size, &error));
        if (!strstr(error.text, markers ? ":34: a marker" : ":34: a header condition"))
            fail_msg("%s", error.text);
    }
    buffer_free(&table);
}

static void the_user_agent_has_only_the_major_version(void **state)
{
    char text[BOT_WALL_AGENT_MAX];
    const char *agent = bot_wall_agent(text);

    (void)state;
    assert_ptr_equal(agent, text);
    assert_int_equal(strncmp(agent, "uptick/", 7), 0);
    assert_true(agent[7] && strspn(agent + 7, "0123456789") == strlen(agent + 7));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_page_is_its_wall_and_each_row_has_a_page),
        cmocka_unit_test(every_row_makes_a_short_clean_text),
        cmocka_unit_test(the_products_that_are_promised_are_in_the_table),
        cmocka_unit_test(ordinary_headers_leave_no_wall_possible),
        cmocka_unit_test(headers_are_compared_without_case_and_by_their_beginning),
        cmocka_unit_test(the_size_of_a_name_has_a_limit),
        cmocka_unit_test(rows_at_the_limits_are_read),
        cmocka_unit_test(all_clauses_must_hold_and_one_alternative_of_each),
        cmocka_unit_test(the_first_row_that_holds_counts),
        cmocka_unit_test(each_response_is_searched_afresh),
        cmocka_unit_test(a_marker_far_down_is_not_found),
        cmocka_unit_test(a_mistake_in_the_table_is_reported_with_its_line),
        cmocka_unit_test(the_table_has_at_most_64_of_each),
        cmocka_unit_test(the_user_agent_has_only_the_major_version),
    };

    return cmocka_run_group_tests_name("bot_wall", tests, NULL, NULL);
}
