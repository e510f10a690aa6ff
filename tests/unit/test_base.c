/* base/: the clock, text, buffers, the hash and failed asserts. */
#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/host_name.h"
#include "base/memory.h"
#include "base/moment.h"
#include "base/table.h"
#include "base/text.h"
#include "base/uri.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void times_are_written_in_utc(void **state)
{
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {1795512600123, "2026-11-24T09:30:00.123Z"},
        {951782400000, "2000-02-29T00:00:00.000Z"},
        {1709251199999, "2024-02-29T23:59:59.999Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[CLOCK_TEXT_MAX];
        int64_t back;

        clock_write_ms(cases[i].ms, text);
        assert_string_equal(text, cases[i].text);
        assert_int_equal(clock_read_ms(text, strlen(text), &back), 0);
        assert_int_equal(back, cases[i].ms);
    }
}

static void only_the_exact_timestamp_format_is_accepted(void **state)
{
    static const char *const cases[] = {
        "",
        "2026-11-24",
        "2026-11-24T09:30:00Z",
        "2026-11-24T09:30:00.12Z",
        "2026-11-24T09:30:00.1234Z",
        "2026-11-24 09:30:00.123Z",
        "2026-02-29T09:30:00.123Z",
        "2026-13-01T09:30:00.123Z",
        "2026-00-01T09:30:00.123Z",
        "2026-11-00T09:30:00.123Z",
        "2026-11-24T24:00:00.000Z",
        "2026-11-24T09:60:00.000Z",
        "2026-11-24T09:30:60.000Z",
        "2026-11-24T09:30:00.123",
        "2026-11-24T09:30:00.123Zx",
        "+026-11-24T09:30:00.123Z",
    };
    int64_t ms;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(clock_read_ms(cases[i], strlen(cases[i]), &ms), -1);
}

static void a_timestamp_has_digits_at_their_places_and_nowhere_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < strlen("2026-11-24T09:30:00.123Z"); i++) {
        char text[] = "2026-11-24T09:30:00.123Z";
        bool is_digit = text[i] >= '0' && text[i] <= '9', is_read;
        char original = text[i];
        int64_t ms;

        for (int byte = 0; byte < 256; byte++) {
            text[i] = (char)byte;
            is_read = clock_read_ms(text, strlen("2026-11-24T09:30:00.123Z"), &ms) == 0;
            if (is_read)
                assert_true(is_digit ? byte >= '0' && byte <= '9' : byte == original);
        }
        text[i] = original;
        assert_int_equal(clock_read_ms(text, strlen(text), &ms), 0);
    }
}

/* A moment as it is read at `now`: "TIME", or "TIME day" if it is a whole day; "-": it is not read.
 */
static void assert_moment(const char *text, const char *now, const char *expected)
{
    char found[CLOCK_TEXT_MAX + sizeof " day"] = "-";
    struct moment moment;
    int64_t now_ms;

    assert_int_equal(clock_read_ms(now, strlen(now), &now_ms), 0);
    if (moment_read(text, now_ms, &moment) == 0) {
        clock_write_ms(moment.at_ms, found);
        strcat(found, moment.whole_day ? " day" : "");
    }
    if (strcmp(found, expected) != 0)
        fail_msg("'%s' at %s is %s, not %s", text, now, found, expected);
}

/* 23 November 2026 is a Monday. */
#define NOW "2026-11-23T09:31:02.500Z"

static void users_may_write_a_moment_in_several_formats(void **state)
{
    static const char *const cases[][2] = {
        {"now", NOW},
        {"-2h", "2026-11-23T07:31:02.500Z"},
        {"-90m", "2026-11-23T08:01:02.500Z"},
        {"-1d", "2026-11-22T09:31:02.500Z"},
        {"-1w", "2026-11-16T09:31:02.500Z"},
        {"-1h30m", "2026-11-23T08:01:02.500Z"},
        {"-1W2D3H4M5S", "2026-11-14T06:26:57.500Z"},
        {"-0s", NOW},
        {"-999999w", "1970-01-01T00:00:00.000Z"},
        {"02:30", "2026-11-23T02:30:00.000Z"},
        {"2:30", "2026-11-23T02:30:00.000Z"},
        {"09:31", "2026-11-23T09:31:00.000Z"},
        {"09:31:02.5", NOW},
        {"09:31:02.501", "2026-11-22T09:31:02.501Z"},
        {"09:32", "2026-11-22T09:32:00.000Z"},
        {"23:59", "2026-11-22T23:59:00.000Z"},
        {"00:00", "2026-11-23T00:00:00.000Z"},
        {"02:30Z", "2026-11-23T02:30:00.000Z"},
        {"02:30 UTC", "2026-11-23T02:30:00.000Z"},
        {"02:30+02:00", "2026-11-23T00:30:00.000Z"},
        {"02:30-0500", "2026-11-23T07:30:00.000Z"},
        {"02:30-12", "2026-11-22T14:30:00.000Z"},
        {"23:30 +23:30", "2026-11-23T00:00:00.000Z"},
        {"today", NOW " day"},
        {"2026-11-23", NOW " day"},
        {"Yesterday", "2026-11-22T23:59:59.999Z day"},
        {"sunday", "2026-11-22T23:59:59.999Z day"},
        {"Sun", "2026-11-22T23:59:59.999Z day"},
        {"TUESDAY", "2026-11-17T23:59:59.999Z day"},
        {"monday", "2026-11-16T23:59:59.999Z day"},
        {"2026-11-22", "2026-11-22T23:59:59.999Z day"},
        {"2026-11-24", "2026-11-24T00:00:00.000Z day"}, /* in the future */
        {"0000-01-01", "0000-01-01T23:59:59.999Z day"},
        {"yesterday 18:30", "2026-11-22T18:30:00.000Z"},
        {"monday 09:00+02:00", "2026-11-16T07:00:00.000Z"},
        {"today 10:00", "2026-11-23T10:00:00.000Z"}, /* in the future */
        {"2026-11-24T02:30", "2026-11-24T02:30:00.000Z"},
        {"2026-11-24t02:30z", "2026-11-24T02:30:00.000Z"},
        {"2026-11-24 02:30:10", "2026-11-24T02:30:10.000Z"},
        {"2026-11-24T02:30:10.1239Z", "2026-11-24T02:30:10.123Z"},
        {"2026-11-24T02:30+02:00", "2026-11-24T00:30:00.000Z"},
        {"2026-11-24T02:30-0500", "2026-11-24T07:30:00.000Z"},
        {"2026-11-24 02:30 -05", "2026-11-24T07:30:00.000Z"},
        {"2026-11-01T00:30+01:00", "2026-10-31T23:30:00.000Z"},
        {"@1795512600", "2026-11-24T09:30:00.000Z"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_moment(cases[i][0], NOW, cases[i][1]);
}

static void a_moment_is_found_across_the_ends_of_days_months_and_years(void **state)
{
    static const char *const cases[][3] = {
        {"00:00", "2026-11-23T00:00:00.000Z", "2026-11-23T00:00:00.000Z"},
        {"00:00", "2026-11-22T23:59:59.999Z", "2026-11-22T00:00:00.000Z"},
        {"00:01", "2027-01-01T00:00:59.999Z", "2026-12-31T00:01:00.000Z"},
        {"yesterday", "2027-01-01T00:00:00.000Z", "2026-12-31T23:59:59.999Z day"},
        {"yesterday", "2028-03-01T12:00:00.000Z", "2028-02-29T23:59:59.999Z day"},
        {"yesterday", "2027-03-01T12:00:00.000Z", "2027-02-28T23:59:59.999Z day"},
        {"today", "2026-11-23T23:59:59.999Z", "2026-11-23T23:59:59.999Z day"},
        {"thursday", "1970-01-09T00:00:00.000Z", "1970-01-08T23:59:59.999Z day"},
        {"thursday", "1970-01-08T00:00:00.000Z", "1970-01-01T23:59:59.999Z day"},
        {"friday", "1970-01-01T00:00:00.000Z", "1969-12-26T23:59:59.999Z day"},
        {"-1d", "2028-03-01T12:00:00.000Z", "2028-02-29T12:00:00.000Z"},
        {"2028-02-29", "2028-03-01T12:00:00.000Z", "2028-02-29T23:59:59.999Z day"},
        {"2027-02-29", "2028-03-01T12:00:00.000Z", "-"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_moment(cases[i][0], cases[i][1], cases[i][2]);
}

static void a_text_that_is_no_moment_is_not_read(void **state)
{
    static const char *const wrong[] = {"",
                                        " ",
                                        "noon",
                                        "tomorrow",
                                        "n",
                                        "mond",
                                        "monda",
                                        "mondays",
                                        "monday ",
                                        "mondayT",
                                        "yesterday 25:00",
                                        "yesterday,02:30",
                                        "today+02:00",
                                        "monday-1h",
                                        " 02:30",
                                        "02:30 ",
                                        "02",
                                        "02:3",
                                        "02:300",
                                        "24:00",
                                        "02:60",
                                        "02:30:60",
                                        "02:30:",
                                        "02:30:1",
                                        "02:30.5",
                                        "02:30:10.",
                                        "002:30",
                                        ":30",
                                        "02:30+",
                                        "02:30+2",
                                        "02:30+24:00",
                                        "02:30+02:60",
                                        "02:30+02:0",
                                        "02:30+02:",
                                        "02:30+020",
                                        "02:30 U",
                                        "02:30ZZ",
                                        "02:30 UTC+1",
                                        "02:30  Z",
                                        "-",
                                        "-h",
                                        "-2",
                                        "-2x",
                                        "-2h-1m",
                                        "-2h 1m",
                                        "-1m1h",
                                        "-1h1h",
                                        "-1000000s",
                                        "--2h",
                                        "2h",
                                        "+2h",
                                        "- 2h",
                                        "@",
                                        "@-1",
                                        "@1x",
                                        "@1234567890123",
                                        "2026",
                                        "2026-11",
                                        "2026-11-2",
                                        "2026-13-01",
                                        "2026-11-31",
                                        "2026-11-00",
                                        "26-11-23",
                                        "2026/11/23",
                                        "2026-11-23Z",
                                        "2026-11-23+02:00",
                                        "2026-11-23T",
                                        "2026-11-23T2",
                                        "2026-11-23  02:30",
                                        "2026-11-23T02:30:00.000ZZ",
                                        "2026-11-2302:30",
                                        "20261123T0230",
                                        "\xff\xfe",
                                        "02:30\n",
                                        "０２:３０",
                                        "monday\xc2\xa0 09:00"};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_moment(wrong[i], NOW, "-");
}

/* No part of a text that is read goes beyond its end, and each result can be written. */
static void any_mixture_of_the_words_of_moments_is_read_or_not(void **state)
{
    static const char *const parts[] = {"-",         "1",    "2h",     "30m",   "monday",     "sun",
                                        "yesterday", "T",    " ",      "02:30", ":10",        ".5",
                                        "Z",         "UTC",  "+02:00", "-05",   "2026-11-24", "@",
                                        "9999",      "\xff", ""};
    enum { PARTS = sizeof parts / sizeof parts[0] };

    (void)state;
    for (unsigned i = 0; i < PARTS * PARTS * PARTS * PARTS; i++) {
        unsigned n = i;
        char joined[64] = "", *text, written[CLOCK_TEXT_MAX];
        struct moment moment, again;
        int64_t now_ms = 1795512600123;

        for (int part = 0; part < 4; part++, n /= PARTS)
            strcat(joined, parts[n % PARTS]);
        text = strdup(joined); /* so that a sanitizer sees what is read beyond its end */
        if (moment_read(text, now_ms, &moment) == 0) {
            clock_write_ms(moment.at_ms, written);
            assert_int_equal(moment_read(written, now_ms, &again), 0);
            assert_true(again.at_ms == moment.at_ms && !again.whole_day);
        }
        free(text);
    }
}

static void every_date_from_the_year_0_to_2369_is_read_back_as_written(void **state)
{
    (void)state;
    for (int64_t day = -719528; day < 146097; day++) {
        char text[CLOCK_TEXT_MAX];
        size_t size = clock_write_day(day, text);
        int64_t back;

        assert_int_equal(size, strlen(text));
        assert_int_equal(clock_read_day(text, strlen(text), &back), 0);
        assert_int_equal(back, day);
    }
}

static void one_line_text_has_no_control_or_bidi_characters(void **state)
{
    static const struct {
        const char *from, *to;
    } cases[] = {
        {"plain", "plain"},
        {"two\r\nlines\t", "two  lines "},
        {"bell\a escape\x1b[31m", "bell  escape [31m"},
        {"caf\xc3\xa9 \xe4\xb8\xad", "caf\xc3\xa9 \xe4\xb8\xad"},
        {"bad \xff\xfe \xc3", "bad ?? ?"},
        {"overlong \xc0\xaf surrogate \xed\xa0\x80", "overlong ?? surrogate ???"},
        {"bidi \xe2\x80\xae"
         "evil",
         "bidi  evil"},
        {"c1 \xc2\x85 line \xe2\x80\xa8", "c1   line  "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[64];

        text_one_line(text, sizeof text, cases[i].from, strlen(cases[i].from));
        assert_string_equal(text, cases[i].to);
    }
}

static void one_line_text_is_cut_between_characters(void **state)
{
    char text[6];

    (void)state;
    text_one_line(text, sizeof text, "abc\xe4\xb8\xad", 6);
    assert_string_equal(text, "abc");
    text_one_line(text, sizeof text, "ab\xe4\xb8\xad", 5);
    assert_string_equal(text, "ab\xe4\xb8\xad");
}

static void assert_number(long long number)
{
    char text[TEXT_NUMBER_MAX], expected[TEXT_NUMBER_MAX];

    snprintf(expected, sizeof expected, "%lld", number);
    assert_int_equal(text_number(text, number), strlen(expected));
    assert_string_equal(text, expected);
}

static void a_number_is_written_as_printf_writes_it(void **state)
{
    static const long long numbers[] = {1 << 30, LLONG_MAX, LLONG_MIN};

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        assert_number(numbers[i]);
    for (long long number = -TEXT_SMALL_END; number <= TEXT_SMALL_END; number++)
        assert_number(number);
}

static void a_decimal_is_rounded_down_without_surplus_zeros(void **state)
{
    static const struct {
        int thousandths, fewest, most;
        const char *text;
    } cases[] = {
        {100000, 0, 3, "100"},  {100000, 1, 3, "100.0"}, {99583, 1, 3, "99.583"},
        {99999, 0, 1, "99.9"},  {99099, 0, 1, "99"},     {1, 0, 3, "0.001"},
        {99050, 1, 3, "99.05"}, {0, 1, 3, "0.0"},        {0, 0, 3, "0"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[TEXT_NUMBER_MAX];

        assert_int_equal(text_decimal(text, cases[i].thousandths, cases[i].fewest, cases[i].most),
                         strlen(cases[i].text));
        assert_string_equal(text, cases[i].text);
    }
}

static void html_special_characters_are_escaped(void **state)
{
    struct buffer buffer = BUFFER_WITH_CEILING(1024);
    static const char text[] = "</script>\"><img onerror='x'>&amp;";

    (void)state;
    assert_int_equal(text_escape_html(&buffer, text, strlen(text)), 0);
    assert_string_equal(buffer.data,
                        "&lt;/script&gt;&quot;&gt;&lt;img onerror=&#39;x&#39;&gt;&amp;amp;");
    buffer_free(&buffer);
}

/* Escapes a text of this size that has the byte at this place, after one that has to be escaped
 * too. Sanitizers notice if bytes around the text are read. */
static void assert_escaped(char byte, const char *escaped, size_t at, size_t size, size_t ceiling)
{
    struct buffer buffer = BUFFER_WITH_CEILING(ceiling);
    size_t length = strlen(escaped);
    char *text = malloc(size);

    assert_non_null(text);
    memset(text, 'x', size);
    text[at] = byte;
    assert_int_equal(text_escape_html(&buffer, "<", 1), 0);
    assert_int_equal(text_escape_html(&buffer, text, size), 0);
    assert_int_equal(buffer.size, 4 + size - 1 + length);
    assert_int_equal(buffer.data[buffer.size], '\0');
    assert_memory_equal(buffer.data, "&lt;", 4);
    assert_memory_equal(buffer.data + 4, text, at);
    assert_memory_equal(buffer.data + 4 + at, escaped, length);
    assert_memory_equal(buffer.data + 4 + at + length, text + at + 1, size - at - 1);
    buffer_free(&buffer);
    free(text);
}

/* With room for more than the text, and without. */
static void assert_escaped_in_any_room(char byte, const char *escaped, size_t at, size_t size)
{
    assert_escaped(byte, escaped, at, size, 1 << 10);
    assert_escaped(byte, escaped, at, size, 4 + size - 1 + strlen(escaped));
}

static void any_byte_is_escaped_at_any_place_of_a_text(void **state)
{
    static const struct {
        char byte;
        const char *escaped;
    } entities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};

    (void)state;
    for (int byte = 1; byte <= UCHAR_MAX; byte++) {
        char itself[] = {(char)byte, '\0'};
        const char *escaped = itself;

        for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++) {
            if (entities[i].byte == itself[0])
                escaped = entities[i].escaped;
        }
        for (size_t size = 1; size < 64; size++) {
            assert_escaped_in_any_room(itself[0], escaped, (size_t)byte % size, size);
            for (size_t at = 0; escaped != itself && at < size; at++)
                assert_escaped_in_any_room(itself[0], escaped, at, size);
        }
    }
}

static void a_buffer_at_its_ceiling_rejects_text_and_stays_unchanged(void **state)
{
    struct buffer buffer = BUFFER_WITH_CEILING(5);

    (void)state;
    assert_int_equal(buffer_puts(&buffer, "four"), 0);
    assert_int_equal(buffer_puts(&buffer, "56"), -1);
    assert_int_equal(buffer.failed, 1);
    assert_string_equal(buffer.data, "four");
    assert_int_equal(buffer_puts(&buffer, "5"), 0);
    assert_int_equal(buffer_printf(&buffer, "%d", 1), -1);
    buffer_free(&buffer);
    buffer_free(NULL);
}

static void the_hash_never_changes(void **state)
{
    (void)state;
    assert_true(table_hash("shop/www", 8) == 0x19da662527506307u);
}

static void the_text_distance_counts_the_edits(void **state)
{
    (void)state;
    assert_int_equal(text_distance("interval_second", "interval_seconds"), 1);
    assert_int_equal(text_distance("", "abc"), 3);
    assert_int_equal(text_distance("kitten", "sitting"), 3);
}

static void numbers_for_people_have_separators_and_units(void **state)
{
    static const struct {
        uint64_t n;
        const char *text;
    } counts[] = {{0, "0"},
                  {999, "999"},
                  {1000, "1,000"},
                  {10000, "10,000"},
                  {123456, "123,456"},
                  {1234567, "1,234,567"},
                  {UINT64_MAX, "18,446,744,073,709,551,615"}};
    static const struct {
        int64_t ms;
        const char *text;
    } durations[] = {{0, "0 ms"},
                     {999, "999 ms"},
                     {1000, "1.0 s"},
                     {2850, "2.8 s"},
                     {59999, "59.9 s"},
                     {600000, "600.0 s"},
                     {INT64_MAX, "9223372036854775.8 s"}};
    char text[TEXT_NUMBER_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        text_count(counts[i].n, text);
        assert_string_equal(text, counts[i].text);
    }
    for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
        text_duration(durations[i].ms, text);
        assert_string_equal(text, durations[i].text);
    }
}

static void counts_have_separators_and_a_plural(void **state)
{
    char text[TEXT_COUNTED_MAX];

    (void)state;
    assert_string_equal(text_counted(0, "row", text), "0 rows");
    assert_string_equal(text_counted(1, "row", text), "1 row");
    assert_string_equal(text_counted(43201, "row", text), "43,201 rows");
    assert_string_equal(text_counted(UINT64_MAX, "row", text), "18,446,744,073,709,551,615 rows");
}

/* The standard error of the child shows the place; here it goes to a pipe. */
static void a_failed_assert_names_its_place_and_exits_with_70(void **state)
{
    char text[512] = "";
    int ends[2], status;
    pid_t child;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        error_exit_on_abort();
        clock_floor_div(1, 0);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), EXIT_BUG);
    assert_true(read(ends[0], text, sizeof text - 1) > 0);
    assert_non_null(strstr(text, "src/base/clock.h:"));
    assert_ptr_equal(strchr(text, '\n') + 1, text + strlen(text));
    close(ends[0]);
    close(ends[1]);
}

static void a_host_is_an_address_or_a_name_that_name_servers_can_have(void **state)
{
    static const char *const good[] = {
        "shop.example",      "shop.example.",
        "localhost",         "a",
        "127.0.0.1",         "[::1]",
        "[fe80::1]",         "_dmarc.test",
        "a_b.test",          "foo-.test",
        "r3---sn-x.test",    "9gag.example",
        "1.2.3.4a",          "xn--bcher-kva.example",
        "b\xc3\xbc.example",
    };
    static const char *const bad[] = {
        "",      ".",         "-x.test",   "--",        "+x.test", "*",      "*.test",    "a,b",
        "a b",   "a..b",      ".a",        "a..",       "a:80",    "a:80:1", "[::1",      "[::1]x",
        "[]",    "[:::]",     "::1",       "a%25b",     "a/b",     "a@b",    "a\tb",      "a\x7f",
        "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.256", "a.1",     "a.0x1f", "[1.2.3.4]", "a;b",
    };
    char name[300], label[70];

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_null(host_name_fault(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (!host_name_fault(bad[i]))
            fail_msg("\"%s\" is accepted", bad[i]);
    }
    for (size_t size = 1; size < sizeof label; size++) {
        memset(label, 'a', size);
        label[size] = '\0';
        assert_int_equal(host_name_fault(label) == NULL, size <= 63);
    }
    for (size_t size = 1; size < sizeof name; size += 2) {
        for (size_t i = 0; i < size; i++)
            name[i] = i % 2 ? '.' : 'a';
        name[size] = '\0';
        assert_int_equal(host_name_fault(name) == NULL, size <= 253);
    }
}

static void a_url_is_percent_encoded_as_browsers_do(void **state)
{
    static const struct {
        const char *from, *to;
    } cases[] = {
        {"http://h/a/b?c=d#e", "http://h/a/b?c=d#e"},
        {"http://h/Z\xc3\xbcrich", "http://h/Z%C3%BCrich"},
        {"http://h/?q=gr\xc3\xb6\xc3\x9f", "http://h/?q=gr%C3%B6%C3%9F"},
        {"http://h/a b?c d#e f", "http://h/a%20b?c%20d#e%20f"},
        {"/\"<>`{}'|^", "/%22%3C%3E%60%7B%7D'|^"},
        {"?\"<>`{}'|^?/", "?%22%3C%3E`{}%27|^?/"},
        {"http://h/%zz%20%c3", "http://h/%zz%20%c3"},
        {"http://h/\xff", "http://h/%FF"},
        {"http://b\xc3\xbc.test/\xc3\xbc", "http://b\xc3\xbc.test/%C3%BC"},
        {"http://\xc3\xbc:p w@h/", "http://\xc3\xbc:p w@h/"},
        {"\\a\\b?c\\d", "/a/b?c\\d"},
        {"http:\\\\h\\a", "http://h/a"},
        {"//h?\xc3\xbc", "//h?%C3%BC"},
        {"////h//a", "//h//a"},
        {"http:///h/", "http://h/"},
        {"file:///h/", "file:///h/"},
        {"a\tb\x01", "a\tb\x01"},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer encoded = BUFFER_WITH_CEILING(1024);

        assert_int_equal(uri_encode(&encoded, cases[i].from), 0);
        assert_string_equal(encoded.data ? encoded.data : "", cases[i].to);
        buffer_free(&encoded);
    }
}

static void a_run_ends_at_the_first_other_byte(void **state)
{
    enum { SIZE = 110 };
    unsigned char *bytes;

    (void)state;
    for (size_t n = 1; n <= SIZE; n++) {
        bytes = malloc(n); /* exactly, so that a byte after the end is found to be read */
        assert_non_null(bytes);
        for (size_t run = 1; run <= n; run++) {
            memset(bytes, 0xa5, n);
            if (run < n)
                bytes[run] = 0xa4;
            assert_int_equal(memory_run(bytes, n), run);
        }
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_written_in_utc),
        cmocka_unit_test(only_the_exact_timestamp_format_is_accepted),
        cmocka_unit_test(a_timestamp_has_digits_at_their_places_and_nowhere_else),
        cmocka_unit_test(users_may_write_a_moment_in_several_formats),
        cmocka_unit_test(a_moment_is_found_across_the_ends_of_days_months_and_years),
        cmocka_unit_test(a_text_that_is_no_moment_is_not_read),
        cmocka_unit_test(any_mixture_of_the_words_of_moments_is_read_or_not),
        cmocka_unit_test(every_date_from_the_year_0_to_2369_is_read_back_as_written),
        cmocka_unit_test(one_line_text_has_no_control_or_bidi_characters),
        cmocka_unit_test(one_line_text_is_cut_between_characters),
        cmocka_unit_test(a_number_is_written_as_printf_writes_it),
        cmocka_unit_test(a_decimal_is_rounded_down_without_surplus_zeros),
        cmocka_unit_test(html_special_characters_are_escaped),
        cmocka_unit_test(any_byte_is_escaped_at_any_place_of_a_text),
        cmocka_unit_test(numbers_for_people_have_separators_and_units),
        cmocka_unit_test(counts_have_separators_and_a_plural),
        cmocka_unit_test(a_failed_assert_names_its_place_and_exits_with_70),
        cmocka_unit_test(a_buffer_at_its_ceiling_rejects_text_and_stays_unchanged),
        cmocka_unit_test(the_hash_never_changes),
        cmocka_unit_test(a_run_ends_at_the_first_other_byte),
        cmocka_unit_test(the_text_distance_counts_the_edits),
        cmocka_unit_test(a_host_is_an_address_or_a_name_that_name_servers_can_have),
        cmocka_unit_test(a_url_is_percent_encoded_as_browsers_do),
    };

    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
