/* Goal of these tests: any bytes in a file of day counts give valid rows or a named mistake. */
#include "base/clock.h"
#include "records/day_lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define TEN     "xxxxxxxxxx"
#define LONGEST TEN TEN TEN TEN TEN TEN "xxxx" /* 64 bytes */

static const struct {
    const char *line;
    const char *why; /* NULL: the line is a row */
} lines[] = {
    {"2026-11-27,s,d,1440,0,0,0,0,\n", NULL},
    {"2026-11-27,s,,0,0,0,0,0,\n", NULL},
    {"2026-11-27,s,d,1,2,3,4,1430,\r\n", NULL},
    {"\"2026-11-27\",\"s\",\"\",\"1\",\"2\",\"3\",\"4\",\"5\",\"\"\n", NULL},
    {"2026-11-27,s,d,1,0,0,0,0,2026-11-27T23:59:59.999Z\n", NULL},
    {"1970-01-01,s,d,0001,0,0,0,0,\n", NULL},
    {"9999-12-31," LONGEST "," LONGEST ",1,0,0,0,0,\n", NULL},
    {"2026-11-27,s,d,1441,0,0,0,0,\n", "more minutes than a day has"},
    {"2026-11-27,s,d,1440,0,0,0,1,\n", "more minutes than a day has"},
    {"2026-11-27,s,d,9999,9999,9999,9999,9999,\n", "more minutes than a day has"},
    {"2026-11-27,s,d,99999999999,0,0,0,0,\n", "fields 4 to 8"},
    {"2026-11-27,s,d,-1,0,0,0,0,\n", "fields 4 to 8"},
    {"2026-11-27,s,d,,0,0,0,0,\n", "fields 4 to 8"},
    {"2026-11-27,s,d, 1,0,0,0,0,\n", "fields 4 to 8"},
    {"2026-11-27,s,d,1,0,0,0,0,2026-11-28T00:00:00.000Z\n", "field 9"},
    {"2026-11-27,s,,1,0,0,0,0,2026-11-27T00:00:00.000Z\n", "field 9"},
    {"2026-11-27,s,d,1,0,0,0,0,yesterday\n", "field 9"},
    {"2026-11-31,s,d,1,0,0,0,0,\n", "field 1"},
    {"1969-12-31,s,d,1,0,0,0,0,\n", "field 1"},
    {"0000-00-00,s,d,1,0,0,0,0,\n", "field 1"},
    {"2026-11-27,,d,1,0,0,0,0,\n", "field 2"},
    {"2026-11-27,../s,d,1,0,0,0,0,\n", "field 2"},
    {"2026-11-27," LONGEST "x,d,1,0,0,0,0,\n", "field 2"},
    {"2026-11-27,s,.d,1,0,0,0,0,\n", "field 3"},
    {"2026-11-27,s,d,1,0,0,0,0\n", "nine fields"},
    {"2026-11-27,s,d,1,0,0,0,0,,\n", "nine fields"},
    {"2026-11-27,s,d,1,0,0,0,0,", "nine fields"},
    {"\n", "nine fields"},
    {"\r\n", "nine fields"},
    {"\"\n", "nine fields"},
    {",,,,,,,,\n", "field 1"},
};

static void each_line_is_a_row_or_names_its_mistake(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        size_t size = strlen(lines[i].line);
        struct day_line line = {.bytes = lines[i].line, .size = size};
        struct day_row row;
        const char *why;

        line.is_torn = line.bytes[size - 1] != '\n';
        why = day_lines_read(&line, &row);
        if (lines[i].why ? !why || !strstr(why, lines[i].why) : why != NULL)
            fail_msg("%s: %s", lines[i].line, why ? why : "a row");
    }
}

static void a_row_is_read_as_it_was_written(void **state)
{
    struct day_row row = {.day = 20784, .site = "s", .domain = "d", .minutes = {1, 2, 30, 400, 5}};
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct day_line line;
        struct day_row read;

        row.first_ms = i ? INT64_MAX : 20784 * (int64_t)MS_PER_DAY + 1;
        buffer_reset(&text);
        assert_int_equal(day_lines_put(&text, &row), 0);
        line = (struct day_line){.bytes = text.data, .size = text.size};
        assert_null(day_lines_read(&line, &read));
        assert_memory_equal(&read.minutes, &row.minutes, sizeof row.minutes);
        assert_int_equal(read.first_ms, row.first_ms);
        assert_int_equal(read.day, row.day);
        assert_string_equal(read.site, "s");
        assert_string_equal(read.domain, "d");
    }
    buffer_free(&text);
}

/* Lines around the size of a block, and a file without a last line end. */
static void lines_of_any_length_are_read_whole_or_in_pieces(void **state)
{
    static const size_t sizes[] = {1, 2, 65535, 65536, 65537, 200000, 0};
    static char bytes[200001];

    (void)state;
    memset(bytes, 'x', sizeof bytes);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        FILE *file = tmpfile();
        struct day_lines reading;
        struct day_line line;
        size_t n_lines = 0, n_bytes = 0, expected = 2 * sizes[i] + 6;
        bool torn = false;
        int result;

        assert_non_null(file);
        fprintf(file, "%.*s\n%.*s\nlast", (int)sizes[i], bytes, (int)sizes[i], bytes);
        fflush(file);
        assert_int_equal(day_lines_begin(&reading, fileno(file)), 0);
        while ((result = day_lines_next(&reading, &line)) > 0) {
            n_lines += !line.continues;
            n_bytes += line.size;
            torn = line.is_torn;
        }
        day_lines_end(&reading);
        fclose(file);
        assert_int_equal(result, 0);
        assert_int_equal(n_lines, 3);
        assert_int_equal(n_bytes, expected);
        assert_true(torn);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_line_is_a_row_or_names_its_mistake),
        cmocka_unit_test(a_row_is_read_as_it_was_written),
        cmocka_unit_test(lines_of_any_length_are_read_whole_or_in_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
