/* csv: the rows of a record. */
#include "records/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct check make(int64_t start_ms, enum status status, int http_status, int latency_ms,
                         const char *failure)
{
    struct check check = {.start_ms = start_ms,
                          .status = status,
                          .http_status = http_status,
                          .latency_ms = latency_ms};

    snprintf(check.failure, sizeof check.failure, "%s", failure);
    return check;
}

static void a_row_is_written_in_the_documented_form(void **state)
{
    static const struct {
        enum status status;
        int http_status, latency_ms;
        const char *failure, *row;
    } cases[] = {
        {STATUS_UP, 200, 87, "", "2026-11-24T09:30:00.123Z,shop,www,UP,200,87,\n"},
        {STATUS_DOWN, 1, 1, "", "2026-11-24T09:30:00.123Z,shop,www,DOWN,1,1,\n"},
        {STATUS_DOWN, 503, 41, "http_status: expected 200, got 503",
         "2026-11-24T09:30:00.123Z,shop,www,DOWN,503,41,"
         "\"http_status: expected 200, got 503\"\n"},
        {STATUS_TIMEOUT, 0, -1, "timeout: 20 s passed waiting for the first byte",
         "2026-11-24T09:30:00.123Z,shop,www,TIMEOUT,,,"
         "timeout: 20 s passed waiting for the first byte\n"},
        {STATUS_BOT_DETECTED, 200, 0, "bot: \"robot\"",
         "2026-11-24T09:30:00.123Z,shop,www,BOT_DETECTED,200,0,\"bot: \"\"robot\"\"\"\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct check check = make(1795512600123, cases[i].status, cases[i].http_status,
                                  cases[i].latency_ms, cases[i].failure);
        struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);

        assert_int_equal(csv_write(&into, "shop", "www", &check), 0);
        assert_string_equal(into.data, cases[i].row);
        buffer_free(&into);
    }
}

static void assert_same(const struct check *a, const struct check *b)
{
    assert_int_equal(a->start_ms, b->start_ms);
    assert_int_equal(a->status, b->status);
    assert_int_equal(a->http_status, b->http_status);
    assert_int_equal(a->latency_ms, b->latency_ms);
    assert_string_equal(a->failure, b->failure);
}

static void any_failure_text_is_read_as_it_was_written(void **state)
{
    static const char loaded[] = {'"', ',', '\n', '\r', 'a', ' ', '\x80', '\x01'};
    uint64_t seed = 1;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);
        struct check check = make(1795512600123 + round, STATUS_DOWN, 0, -1, "");
        size_t length, used;
        const char *why;
        struct row row;

        seed = seed * 6364136223846793005u + 1442695040888963407u;
        length = (size_t)(seed >> 33) % (round % 2 ? 8 : FAILURE_MAX);
        for (size_t i = 0; i < length; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            check.failure[i] =
                round % 3 ? loaded[(seed >> 33) % sizeof loaded] : (char)((seed >> 33) % 255 + 1);
        }
        assert_int_equal(csv_write(&into, "a", "b.c-d_e", &check), 0);
        assert_int_equal(csv_write(&into, "a", "b", &check), 0);
        assert_int_equal(csv_read(into.data, into.size, &row, &used, &why), CSV_ROW);
        assert_same(&row.check, &check);
        assert_string_equal(row.domain, "b.c-d_e");
        assert_int_equal(csv_read(into.data + used, into.size - used, &row, &used, &why), CSV_ROW);
        assert_string_equal(row.domain, "b");
        buffer_free(&into);
    }
}

static void every_incomplete_row_is_torn(void **state)
{
    struct check check = make(1795512600123, STATUS_DOWN, 503, 41, "a \"quoted\"\nline, cut");
    struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);

    (void)state;
    csv_write(&into, "shop", "www", &check);
    for (size_t size = 1; size < into.size; size++) {
        char *front = malloc(size);
        const char *why;
        struct row row;
        size_t used;

        memcpy(front, into.data, size);
        assert_int_equal(csv_read(front, size, &row, &used, &why), CSV_TORN);
        free(front);
    }
    buffer_free(&into);
}

static void a_bad_line_spoils_no_other_line(void **state)
{
    static const char *const bad[] = {
        "\n",
        "\r\n",
        "garbage\n",
        ",,,,,,\n",
        "2026-11-24T09:30:00.123Z,shop,www,UP,200,87\n",
        "2026-11-24T09:30:00.123Z,shop,www,UP,200,87,,\n",
        "2026-11-24T09:30:00Z,shop,www,UP,200,87,\n",
        "2026-02-30T09:30:00.123Z,shop,www,UP,200,87,\n",
        "2026-11-24T09:30:00.123Z,,www,UP,200,87,\n",
        "2026-11-24T09:30:00.123Z,shop,,UP,200,87,\n",
        "2026-11-24T09:30:00.123Z,\"sh,op\",www,UP,200,87,\n",
        "2026-11-24T09:30:00.123Z,shop,\"w\"\"w\",UP,200,87,\n",
        "2026-11-24T09:30:00.123Z,shop,../www,UP,200,87,\n",
        "2026-11-24T09:30:00.123Z,sh\xc3\xb6p,www,UP,200,87,\n",
        "2026-11-24T09:30:00.123Z,shop,www,up,200,87,\n",
        "2026-11-24T09:30:00.123Z,shop,www,UNKNOWN,200,87,\n",
        "2026-11-24T09:30:00.123Z,shop,www,DEGRADED,200,87,\n",
        "2026-11-24T09:30:00.123Z,shop,www,UP,2000,87,\n",
        "2026-11-24T09:30:00.123Z,shop,www,UP,-1,87,\n",
        "2026-11-24T09:30:00.123Z,shop,www,UP,200,87.5,\n",
        "2026-11-24T09:30:00.123Z,shop,www,UP,200,99999999999,\n",
        "2026-11-24T09:30:00.123Z,shop,www,UP,200,2147483648,\n",
        "2026-11-24T09:30:00.123Z,shop,www,UP,200,87,a\"b\n",
        "2026-11-24T09:30:00.123Z,shop,www,UP,200,87,\"a\" b\n",
        "2026-11-24T09:30:00.123Z,shop,www,UP,200,87,\"stray\n",
        "\xef\xbb\xbf,2026-11-24T09:30:00.123Z,shop,www,UP,200,87,\n",
        "2026-11-24T09:30:00.123Z;shop;www;UP;200;87;\n",
    };
    static const char good[] = "2026-11-24T09:31:00.007Z,shop,www,DOWN,503,41,\"a, b\"\n";

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[4096];
        struct row row;
        size_t used, size;
        const char *why;

        /* Enough correct rows follow, so an unclosed quote cannot look like an incomplete row. */
        size = (size_t)snprintf(text, sizeof text, "%s", bad[i]);
        while (size + sizeof good < sizeof text)
            size += (size_t)snprintf(text + size, sizeof text - size, "%s", good);
        assert_int_equal(csv_read(text, size, &row, &used, &why), CSV_BAD);
        assert_int_equal(used, strlen(bad[i]));
        assert_non_null(why);
        assert_int_equal(csv_read(text + used, size - used, &row, &used, &why), CSV_ROW);
        assert_string_equal(row.check.failure, "a, b");
    }
}

static void lines_with_nul_bytes_or_overlong_fields_are_rejected(void **state)
{
    static const char nul[] = "2026-11-24T09:30:00.123Z,shop,www,UP,200,87,a\0b\n";
    char text[2048];
    struct row row;
    size_t used;
    const char *why;
    int size;

    (void)state;
    assert_int_equal(csv_read(nul, sizeof nul - 1, &row, &used, &why), CSV_BAD);
    assert_int_equal(used, sizeof nul - 1);
    for (int length = 511; length <= 512; length++) {
        size = snprintf(text, sizeof text, "2026-11-24T09:30:00.123Z,shop,www,UP,200,87,%0*d\n",
                        length, 0);
        assert_int_equal(csv_read(text, (size_t)size, &row, &used, &why),
                         length == 511 ? CSV_ROW : CSV_BAD);
    }
    for (int length = 511; length <= 513; length++) {
        size = snprintf(text, sizeof text, "2026-11-24T09:30:00.123Z,shop,www,UP,200,87,\"%0*d\"\n",
                        length, 0);
        assert_int_equal(csv_read(text, (size_t)size, &row, &used, &why),
                         length == 511 ? CSV_ROW : CSV_BAD);
        assert_int_equal(used, size);
    }
    for (int length = 64; length <= 65; length++) {
        size = snprintf(text, sizeof text, "2026-11-24T09:30:00.123Z,%0*d,www,UP,200,87,\n", length,
                        0);
        assert_int_equal(csv_read(text, (size_t)size, &row, &used, &why),
                         length == 64 ? CSV_ROW : CSV_BAD);
    }
}

static void rows_saved_by_a_spreadsheet_are_read(void **state)
{
    static const char *const rows[] = {
        "2026-11-24T09:30:00.123Z,shop,www,UP,200,87,\r\n",
        "\"2026-11-24T09:30:00.123Z\",\"shop\",\"www\",\"UP\",\"200\",\"87\",\"\"\n",
        "\"2026-11-24T09:30:00.123Z\",\"shop\",\"www\",\"UP\",\"200\",\"87\",\"\"\r\n",
    };
    const struct check expected = make(1795512600123, STATUS_UP, 200, 87, "");

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct row row;
        size_t used;
        const char *why;

        assert_int_equal(csv_read(rows[i], strlen(rows[i]), &row, &used, &why), CSV_ROW);
        assert_int_equal(used, strlen(rows[i]));
        assert_same(&row.check, &expected);
        assert_string_equal(row.site, "shop");
    }
    assert_int_equal(csv_read("", 0, &(struct row){0}, &(size_t){0}, &(const char *){0}), CSV_END);
}

static void a_row_that_does_not_fit_leaves_no_bytes(void **state)
{
    struct check check = make(1795512600123, STATUS_DOWN, 503, 41, "text");
    struct buffer into = BUFFER_WITH_CEILING(50);

    (void)state;
    buffer_puts(&into, "before");
    assert_int_equal(csv_write(&into, "shop", "www", &check), -1);
    assert_int_equal(into.size, 6);
    buffer_free(&into);
}

static void random_bytes_are_never_read_past_their_end(void **state)
{
    uint64_t seed = 7;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        char line[64] = "2026-11-24T09:30:00.123Z,a,b,UP,200,87,\"c\"\n";
        size_t size = strlen(line), used;
        char *exact;
        struct row row;
        const char *why;

        for (int i = 0; i < 3; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            line[(seed >> 33) % size] = "\",\n\r\0Z9a"[(seed >> 50) % 8];
        }
        exact = malloc(size);
        memcpy(exact, line, size);
        if (csv_read(exact, size, &row, &used, &why) != CSV_END)
            assert_in_range(used, 1, size);
        free(exact);
    }
}

/* Near the end of the bytes, each field is looked at for itself. */
/* Reads what csv_read has read as a row of this monitor. */
static void assert_read_of(const char *site, const char *domain, const char *text, size_t size,
                           enum csv_result result, const struct row *row)
{
    bool is_theirs = strcmp(row->site, site) == 0 && strcmp(row->domain, domain) == 0;
    struct csv_ids ids;
    struct check check;
    const char *why;
    size_t used;

    csv_set_ids(&ids, site, domain);
    assert_int_equal(csv_read_of(&ids, text, size, &check, &used, &why),
                     result == CSV_ROW && !is_theirs ? CSV_BAD : result);
    if (result == CSV_ROW && is_theirs)
        assert_same(&check, &row->check);
    else if (result == CSV_ROW)
        assert_string_equal(why, "row of another monitor");
}

static void a_row_is_read_alike_whatever_follows_it(void **state)
{
    static const struct {
        const char *site, *domain;
    } ids[] = {{"shop", "www"}, {"a", "b"}, {"a.b", "c-d"}, {"a_b", "9"}};
    static const char *const rows[] = {
        "2026-11-24T09:30:00.123Z,shop,www,UP,200,87,\n",
        "2026-11-24T09:30:00.123Z,a,b,DOWN,,1,\"c, d\"\n",
        "2026-11-24T09:30:00.123Z,a.b,c-d,TIMEOUT,,,e f\r\n",
        "2026-11-24T09:30:00.123Z,a_b,9,BOT_DETECTED,999,1234567890,g\n",
    };
    uint64_t seed = 11;

    (void)state;
    for (int round = 0; round < 100000; round++) {
        char text[1024];
        struct row alone = {.site = ""}, followed = {.site = ""};
        const char *why_alone, *why_followed;
        size_t size = strlen(rows[round % 4]), used_alone, used_followed;
        enum csv_result result;

        memset(text, 'x', sizeof text);
        memcpy(text, rows[round % 4], size);
        for (int i = round % 3; i > 0; i--) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            text[(seed >> 33) % size] = "\",\n\r\0Z9a-.:T0U"[(seed >> 50) % 14];
        }
        result = csv_read(text, size, &alone, &used_alone, &why_alone);
        if (result == CSV_TORN)
            continue;
        assert_int_equal(csv_read(text, sizeof text, &followed, &used_followed, &why_followed),
                         result);
        assert_int_equal(used_alone, used_followed);
        assert_ptr_equal(why_alone, why_followed);
        if (result == CSV_ROW) {
            assert_same(&alone.check, &followed.check);
            assert_string_equal(alone.site, followed.site);
            assert_string_equal(alone.domain, followed.domain);
        }
        assert_read_of(ids[round % 4].site, ids[round % 4].domain, text, size, result, &alone);
        assert_read_of(ids[round % 4].site, ids[round % 4].domain, text, sizeof text, result,
                       &alone);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_written_in_the_documented_form),
        cmocka_unit_test(any_failure_text_is_read_as_it_was_written),
        cmocka_unit_test(every_incomplete_row_is_torn),
        cmocka_unit_test(a_bad_line_spoils_no_other_line),
        cmocka_unit_test(lines_with_nul_bytes_or_overlong_fields_are_rejected),
        cmocka_unit_test(rows_saved_by_a_spreadsheet_are_read),
        cmocka_unit_test(a_row_that_does_not_fit_leaves_no_bytes),
        cmocka_unit_test(random_bytes_are_never_read_past_their_end),
        cmocka_unit_test(a_row_is_read_alike_whatever_follows_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
