/* fields.h, line.h: the lines of records, whatever their fields mean. */
#include "records/fields.h"

#include "records/line.h"
#include "state/monitors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SIZE_MAX_TEXT = 4096 };

/* A row of three fields is read into this text: "a|b|c|". No field may be "bad". */
static int read_any(void *row, int i, const struct field_text *field)
{
    (void)i;
    if (field->size == 3 && memcmp(field->data, "bad", 3) == 0)
        return -1;
    strncat(row, field->data, field->size);
    strcat(row, "|");
    return 0;
}

/* Reads bytes that end where their memory does. */
static enum csv_result read_exact(const char *bytes, size_t size, char *row, size_t *used,
                                  const char **why)
{
    static const char *const mistakes[] = {"first", "second", "third"};
    static const struct fields_format format = {3, "wrong number", mistakes, read_any, NULL};
    char *exact = malloc(size + !size);
    enum csv_result result;

    assert_non_null(exact);
    memcpy(exact, bytes, size);
    *row = '\0';
    *used = SIZE_MAX;
    *why = "";
    result = fields_read(&format, exact, size, row, used, why);
    free(exact);
    return result;
}

static void a_line_is_read_as_a_row_or_its_mistake_is_named(void **state)
{
    static const struct {
        const char *bytes;
        enum csv_result result;
        size_t used;
        const char *text; /* of a row; of a bad line: its mistake */
    } cases[] = {
        {"a,b,c\nd,e,f\n", CSV_ROW, 6, "a|b|c|"},
        {"\xef\xbb\xbf"
         "a,b,c\r\n",
         CSV_ROW, 10, "a|b|c|"},
        {",,\n", CSV_ROW, 3, "|||"},
        {"\"a\",\"b\",\"c\"\n", CSV_ROW, 12, "a|b|c|"},
        {"\"a\",\"b\",\"c\"\r\n", CSV_ROW, 13, "a|b|c|"},
        {"\"a\r\",\"b\"\"\",\"c\nd\"\n", CSV_ROW, 17, "a\r|b\"|c\nd|"},
        {"\"a\",,\"\"\n", CSV_ROW, 8, "a|||"},
        {"a\r,b,c\n", CSV_ROW, 7, "a\r|b|c|"},
        {"bad,b,c\n", CSV_BAD, 8, "first"},
        {"a,\"bad\",c\n", CSV_BAD, 10, "second"},
        {"a,b,bad\r\n", CSV_BAD, 9, "third"},
        {"a,b\n", CSV_BAD, 4, "wrong number"},
        {"a,b,c,d\n", CSV_BAD, 8, "wrong number"},
        {"a,\"b\"\n", CSV_BAD, 6, "wrong number"},
        {"\n", CSV_BAD, 1, "wrong number"},
        {"\"a\"x,b,c\n", CSV_BAD, 9, "misplaced quote"},
        {"\"a\"x\n", CSV_BAD, 5, "misplaced quote"},
        {"a,b,\"c\"x\n", CSV_BAD, 9, "misplaced quote"},
        {"\"a\"\r,b,c\n", CSV_BAD, 9, "misplaced quote"},
        {"\"a\"\rx,b,c\n", CSV_BAD, 10, "misplaced quote"},
        {"a\"b,c,d\n", CSV_BAD, 8, "misplaced quote"},
        /* Torn: there is no line end after the last field. */
        {"a", CSV_TORN, 1, NULL},
        {"a,b,c", CSV_TORN, 5, NULL},
        {"\"a\nb", CSV_TORN, 4, NULL},
        {"\"a\nb\"", CSV_TORN, 5, NULL},
        {"\"a\nb\"\r", CSV_TORN, 6, NULL},
        {"\"a\nb\",c", CSV_TORN, 7, NULL},
        {"a,b,\"c\nd\"\r", CSV_TORN, 10, NULL},
        {"\"a\nb\",c,d\r", CSV_TORN, 10, NULL},
        {"\xef\xbb\xbf", CSV_TORN, 3, NULL},
        {"\xef\xbb", CSV_TORN, 2, NULL},
        {"bad,b", CSV_TORN, 5, NULL},
        {"", CSV_END, 0, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char row[SIZE_MAX_TEXT];
        const char *why;
        size_t used;
        enum csv_result result =
            read_exact(cases[i].bytes, strlen(cases[i].bytes), row, &used, &why);

        if (result != cases[i].result || used != cases[i].used)
            fail_msg("case %zu: result %d, used %zu", i, (int)result, used);
        if (result == CSV_ROW) {
            assert_string_equal(row, cases[i].text);
            assert_null(why);
        } else if (result == CSV_BAD) {
            assert_string_equal(why, cases[i].text);
        }
    }
}

static void zeros_before_a_line_are_a_bad_line_of_their_own(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        enum csv_result result;
        size_t used;
    } cases[] = {
        {"\0", 1, CSV_TORN, 1},         {"\0\0\0", 3, CSV_TORN, 3}, {"\0\0\n", 3, CSV_BAD, 3},
        {"\0\0a,b,c\n", 8, CSV_BAD, 2}, {"\0a", 2, CSV_BAD, 1},     {"\0\n\0", 3, CSV_BAD, 2},
        {"a,b,\0\n", 6, CSV_ROW, 6},
    };
    char row[SIZE_MAX_TEXT];
    const char *why;
    size_t used;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(read_exact(cases[i].bytes, cases[i].size, row, &used, &why),
                         cases[i].result);
        assert_int_equal(used, cases[i].used);
        if (cases[i].result == CSV_BAD)
            assert_string_equal(why, "NUL bytes");
    }
}

/* Rows as long as possible, and a byte longer; the first line end is in quotes. */
static void the_longest_row_is_read_and_a_longer_one_is_bad(void **state)
{
    char bytes[FIELDS_LINE_MAX + 8], row[SIZE_MAX_TEXT];
    const char *why;
    size_t used;

    (void)state;
    memset(bytes, 'x', sizeof bytes);
    memcpy(bytes, "\"a\nb\",", 6);
    bytes[1000] = ',';
    bytes[FIELDS_LINE_MAX - 1] = '\n';
    assert_int_equal(read_exact(bytes, FIELDS_LINE_MAX, row, &used, &why), CSV_ROW);
    assert_int_equal(used, FIELDS_LINE_MAX);
    assert_int_equal(read_exact(bytes, FIELDS_LINE_MAX - 1, row, &used, &why), CSV_TORN);
    assert_int_equal(used, FIELDS_LINE_MAX - 1);

    bytes[FIELDS_LINE_MAX - 1] = 'x';
    bytes[FIELDS_LINE_MAX] = '\n';
    for (size_t size = FIELDS_LINE_MAX; size <= FIELDS_LINE_MAX + 1; size++) {
        assert_int_equal(read_exact(bytes, size, row, &used, &why), CSV_BAD);
        assert_string_equal(why, "row too long");
        assert_int_equal(used, 3);
    }
    bytes[2] = 'x';
    assert_int_equal(read_exact(bytes, FIELDS_LINE_MAX, row, &used, &why), CSV_TORN);
    assert_int_equal(used, FIELDS_LINE_MAX);
    assert_int_equal(read_exact(bytes, FIELDS_LINE_MAX + 1, row, &used, &why), CSV_BAD);
    assert_int_equal(used, FIELDS_LINE_MAX + 1);
}

static void a_quoted_field_has_at_most_the_bytes_of_a_failure(void **state)
{
    (void)state;
    for (size_t size = FAILURE_MAX; size <= FAILURE_MAX + 1; size++) {
        char bytes[FAILURE_MAX + 16] = "\"", row[SIZE_MAX_TEXT];
        const char *why;
        size_t used;

        memset(bytes + 1, 'x', size);
        strcpy(bytes + 1 + size, "\",b,c\n");
        assert_int_equal(read_exact(bytes, strlen(bytes), row, &used, &why),
                         size == FAILURE_MAX ? CSV_ROW : CSV_BAD);
        assert_int_equal(used, strlen(bytes));
        if (size > FAILURE_MAX)
            assert_string_equal(why, "misplaced quote");
    }
}

static void a_field_is_written_as_it_is_read(void **state)
{
    static const char *const texts[][2] = {{"", ""},
                                           {"plain text", "plain text"},
                                           {",", "\",\""},
                                           {"a\nb", "\"a\nb\""},
                                           {"a\rb", "\"a\rb\""},
                                           {"\"", "\"\"\"\""},
                                           {"a\"\"b", "\"a\"\"\"\"b\""},
                                           {"say \"hi\", now", "\"say \"\"hi\"\", now\""}};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);
        char row[SIZE_MAX_TEXT], expected[64];
        const char *why;
        size_t used;

        fields_put(&into, texts[i][0]);
        assert_int_equal(into.size, strlen(texts[i][1]));
        assert_memory_equal(into.data ? into.data : "", texts[i][1], into.size);
        buffer_puts(&into, ",,\n");
        assert_int_equal(read_exact(into.data, into.size, row, &used, &why), CSV_ROW);
        snprintf(expected, sizeof expected, "%s|||", texts[i][0]);
        assert_string_equal(row, expected);
        buffer_free(&into);
    }
}

#define AT 1795512600123 /* 2026-11-24T09:30:00.123Z */

static void a_line_is_a_row_of_its_monitor_or_an_event(void **state)
{
    static const char row[] = "2026-11-24T09:30:00.123Z,shop,www,UP,200,87,\n";
    static const char event[] =
        "2026-11-24T09:30:00.123Z,shop/www/http@2026-11-24T09:29:00.000Z,,shop/www,closed,UP,,"
        "blip\n";
    static const struct {
        struct monitor_id monitor;
        const char *bytes;
        enum csv_result result;
        const char *why;
    } cases[] = {
        {{1, "shop", "www"}, row, CSV_ROW, NULL},
        {{1, "", ""}, event, CSV_ROW, NULL},
        {{1, "shop", "img"}, row, CSV_BAD, "row of another monitor"},
        {{1, "sho", "www"}, row, CSV_BAD, "row of another monitor"},
        {{1, "shop", "www"}, event, CSV_BAD, "field 2"},
        {{1, "", ""}, row, CSV_BAD, "field 3"},
        {{1, "shop", "www"}, "", CSV_END, NULL},
        {{1, "", ""}, "", CSV_END, NULL},
        {{1, "shop", "www"}, "2026", CSV_TORN, NULL},
        {{1, "", ""}, "2026", CSV_TORN, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);
        size_t size = strlen(cases[i].bytes), used;
        const char *why = "";
        struct line line = {.at_ms = 0};
        struct line_source source;
        enum csv_result result;

        line_begin(&source, &cases[i].monitor);
        result = line_read(&source, cases[i].bytes, size, &line, &used, &why);

        if (result != cases[i].result)
            fail_msg("case %zu: result %d", i, (int)result);
        assert_int_equal(used, size);
        if (result == CSV_BAD && strncmp(why, cases[i].why, strlen(cases[i].why)) != 0)
            fail_msg("case %zu: %s", i, why);
        if (result != CSV_ROW)
            continue;
        assert_null(why);
        assert_int_equal(line.at_ms, AT);
        assert_int_equal(line_write(&into, &cases[i].monitor, &line), 0);
        assert_int_equal(into.size, size);
        assert_memory_equal(into.data, cases[i].bytes, size);
        buffer_free(&into);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_read_as_a_row_or_its_mistake_is_named),
        cmocka_unit_test(zeros_before_a_line_are_a_bad_line_of_their_own),
        cmocka_unit_test(the_longest_row_is_read_and_a_longer_one_is_bad),
        cmocka_unit_test(a_quoted_field_has_at_most_the_bytes_of_a_failure),
        cmocka_unit_test(a_field_is_written_as_it_is_read),
        cmocka_unit_test(a_line_is_a_row_of_its_monitor_or_an_event),
    };

    return cmocka_run_group_tests_name("fields", tests, NULL, NULL);
}
