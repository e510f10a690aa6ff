/* dashboard/object: the objects that templates see. */
#include "base/clock.h"
#include "base/moment.h"
#include "config/config.h"
#include "dashboard/messages.h"
#include "dashboard/object.h"
#include "spaces.h"
#include "template/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The moment that the page shows: Monday, 23 November 2026, 09:31:02. */
#define AT "2026-11-23T09:31:02Z"

static int64_t read_moment(const char *text)
{
    struct moment moment;

    assert_int_equal(moment_read(text, 0, &moment), 0);
    return moment.at_ms;
}

/* Asserts how a page of the moment at names another moment. */
static void assert_when(const char *language, const char *at, const char *moment,
                        const char *expected)
{
    static const char page[] = "{{#from}}{{>messages.when}}{{/from}}";
    struct config config = {.language = language};
    struct template_set *set = template_set_new();
    struct buffer text = {.ceiling = BUFFER_MAX_PAGE};
    struct messages *messages;
    struct object object;
    struct error error;

    assert_int_equal(messages_load(&messages, &config, &error), 0);
    assert_int_equal(messages_add(messages, set, &error), 0);
    assert_int_equal(template_add(set, "page.html", page, strlen(page), &error), 0);
    object_clear(&object);
    object_when(&object, "from", read_moment(moment), read_moment(at), messages);
    assert_int_equal(run_template(set, "page.html", &object.value, NULL, &text, &error), 0);
    assert_null(strstr(text.data, ", ")); /* U+00A0 before a clock time: no line ends there */
    assert_string_equal(spaces_make_plain(text.data), expected);
    buffer_free(&text);
    messages_free(messages);
    template_set_free(set);
}

static void a_moment_of_the_last_six_days_has_its_weekday(void **state)
{
    (void)state;
    assert_when("en", AT, "2026-11-23T07:32:59Z", "today 07:32");
    assert_when("en", AT, "2026-11-22T18:32:00Z", "yesterday 18:32");
    assert_when("en", AT, "2026-11-21T14:50:00Z", "Sat 21 Nov, 14:50");
    assert_when("en", AT, "2026-11-17T14:50:00Z", "Tue 17 Nov, 14:50");
    assert_when("en", AT, "2026-11-16T14:50:00Z", "16 Nov, 14:50");
}

static void a_day_begins_at_midnight_in_utc(void **state)
{
    (void)state;
    assert_when("en", AT, "2026-11-23T00:00:00Z", "today 00:00");
    assert_when("en", AT, "2026-11-22T23:59:59Z", "yesterday 23:59");
    assert_when("en", AT, "2026-11-22T00:00:00Z", "yesterday 00:00");
    assert_when("en", AT, "2026-11-21T23:59:59Z", "Sat 21 Nov, 23:59");
    assert_when("en", "2026-11-23T00:00:00Z", "2026-11-22T23:59:59Z", "yesterday 23:59");
    assert_when("en", "2026-11-23T23:59:59Z", "2026-11-23T00:00:00Z", "today 00:00");
    assert_when("en", AT, "2026-11-17T00:00:00Z", "Tue 17 Nov, 00:00");
    assert_when("en", AT, "2026-11-16T23:59:59Z", "16 Nov, 23:59");
}

static void a_moment_of_another_year_has_the_year(void **state)
{
    (void)state;
    assert_when("en", AT, "2025-11-19T12:28:00Z", "19 Nov 2025, 12:28");
    assert_when("en", "2027-01-01T08:00:00Z", "2026-12-31T12:28:00Z", "yesterday 12:28");
    assert_when("en", "2027-01-02T08:00:00Z", "2026-12-31T12:28:00Z", "Thu 31 Dec 2026, 12:28");
    assert_when("en", "1970-01-04T08:00:00Z", "1970-01-01T00:00:00Z", "Thu 1 Jan, 00:00");
    assert_when("en", AT, "1969-12-31T23:59:59Z", "31 Dec 1969, 23:59");
}

static void a_moment_after_that_of_the_page_has_its_date(void **state)
{
    (void)state;
    assert_when("en", AT, "2026-11-23T23:59:00Z", "today 23:59");
    assert_when("en", AT, "2026-11-24T00:00:00Z", "24 Nov, 00:00");
    assert_when("en", AT, "2027-02-03T10:00:00Z", "3 Feb 2027, 10:00");
}

static void a_moment_is_named_in_the_language_of_the_page(void **state)
{
    (void)state;
    assert_when("de", AT, "2026-11-23T07:32:00Z", "heute 07:32");
    assert_when("de", AT, "2026-11-22T18:32:00Z", "gestern 18:32");
    assert_when("de", AT, "2026-11-17T14:50:00Z", "Di. 17. Nov., 14:50");
    assert_when("de", AT, "2026-03-09T14:50:00Z", "9. März, 14:50");
    assert_when("de", AT, "2025-11-19T12:28:00Z", "19. Nov. 2025, 12:28");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_moment_of_the_last_six_days_has_its_weekday),
        cmocka_unit_test(a_day_begins_at_midnight_in_utc),
        cmocka_unit_test(a_moment_of_another_year_has_the_year),
        cmocka_unit_test(a_moment_after_that_of_the_page_has_its_date),
        cmocka_unit_test(a_moment_is_named_in_the_language_of_the_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
