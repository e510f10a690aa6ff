/* event_csv: the lines of the event log. */
#include "records/event_csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define AT    INT64_C(1795512600123) /* 2026-11-24T09:30:00.123Z */
#define BEGAN INT64_C(1795512540000) /* 2026-11-24T09:29:00.000Z */

static const struct {
    struct event event;
    const char *line;
} cases[] = {
    {{AT, "shop/www", EVENT_HTTP, AT, EVENT_OPENED, EVENT_SUSPECT, "status.5xx",
      "http_status: expected 200, got 503"},
     "2026-11-24T09:30:00.123Z,shop/www/http@2026-11-24T09:30:00.123Z,,shop/www,opened,SUSPECT,"
     "status.5xx,\"http_status: expected 200, got 503\"\n"},
    {{AT, "shop/www", EVENT_SLOW, BEGAN, EVENT_CONFIRMED, EVENT_DOWN, "slow", ""},
     "2026-11-24T09:30:00.123Z,shop/www/slow@2026-11-24T09:29:00.000Z,,shop/www,confirmed,DOWN,"
     "slow,\n"},
    {{AT, "a/b", EVENT_BOT, BEGAN, EVENT_REASON_CHANGED, EVENT_DOWN, "", "say \"hi\"\r\nthere"},
     "2026-11-24T09:30:00.123Z,a/b/bot@2026-11-24T09:29:00.000Z,,a/b,reason_changed,DOWN,,"
     "\"say \"\"hi\"\"\r\nthere\"\n"},
    {{AT, "a/b", EVENT_HTTP, BEGAN, EVENT_RECOVERING, EVENT_RECOVERING_STATE, "", ""},
     "2026-11-24T09:30:00.123Z,a/b/http@2026-11-24T09:29:00.000Z,,a/b,recovering,RECOVERING,,\n"},
    {{AT, "a/b", EVENT_HTTP, BEGAN, EVENT_CLOSED, EVENT_UP, "", EVENT_BLIP},
     "2026-11-24T09:30:00.123Z,a/b/http@2026-11-24T09:29:00.000Z,,a/b,closed,UP,,blip\n"},
    {{AT, "[2001:db8::1]:443", EVENT_CERTIFICATE, BEGAN, EVENT_OPENED, EVENT_WARN, "", "ab12"},
     "2026-11-24T09:30:00.123Z,[2001:db8::1]:443/certificate@2026-11-24T09:29:00.000Z,,"
     "[2001:db8::1]:443,opened,WARN,,ab12\n"},
    {{AT, "ipv4-public", EVENT_LOCAL_NETWORK, BEGAN, EVENT_OPENED, EVENT_CRITICAL, "", ""},
     "2026-11-24T09:30:00.123Z,ipv4-public/local_network@2026-11-24T09:29:00.000Z,,ipv4-public,"
     "opened,CRITICAL,,\n"},
    {{AT, "ops", EVENT_ALERT, BEGAN, EVENT_OPENED, EVENT_WARN, "", "3 attempts"},
     "2026-11-24T09:30:00.123Z,ops/alert@2026-11-24T09:29:00.000Z,,ops,opened,WARN,,3 attempts\n"},
    {{AT, EVENT_TICKS, EVENT_ALERT, BEGAN, EVENT_CLOSED, EVENT_UP, "", EVENT_ENDED},
     "2026-11-24T09:30:00.123Z,~ticks/alert@2026-11-24T09:29:00.000Z,,~ticks,closed,UP,,ended\n"},
    {{AT, "a/b", EVENT_HTTP, BEGAN, EVENT_SENT, EVENT_UP, "", "ops 2 ended"},
     "2026-11-24T09:30:00.123Z,a/b/http@2026-11-24T09:29:00.000Z,,a/b,sent,UP,,ops 2 ended\n"},
    {{AT, "a/b", EVENT_HTTP, BEGAN, EVENT_FAILED, EVENT_DOWN, "", "a.b 10 began, HTTP 503"},
     "2026-11-24T09:30:00.123Z,a/b/http@2026-11-24T09:29:00.000Z,,a/b,failed,DOWN,,"
     "\"a.b 10 began, HTTP 503\"\n"},
    {{AT, "b:443", EVENT_CERTIFICATE, BEGAN, EVENT_EXPIRED, EVENT_CRITICAL, "", "ops 1"},
     "2026-11-24T09:30:00.123Z,b:443/certificate@2026-11-24T09:29:00.000Z,,b:443,expired,CRITICAL,,"
     "ops 1\n"},
    {{AT, "a/b", EVENT_HTTP, BEGAN, EVENT_ACKNOWLEDGED, EVENT_DOWN, "", ""},
     "2026-11-24T09:30:00.123Z,a/b/http@2026-11-24T09:29:00.000Z,,a/b,acknowledged,DOWN,,\n"},
};
enum { CASES = sizeof cases / sizeof cases[0] };

static void assert_same(const struct event *a, const struct event *b)
{
    assert_int_equal(a->at_ms, b->at_ms);
    assert_string_equal(a->scope, b->scope);
    assert_int_equal(a->check, b->check);
    assert_int_equal(a->began_ms, b->began_ms);
    assert_int_equal(a->change, b->change);
    assert_int_equal(a->state, b->state);
    assert_string_equal(a->code, b->code);
    assert_string_equal(a->detail, b->detail);
}

static void an_event_is_written_in_the_documented_form_and_read_as_it_was(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);
        struct event_row row;
        const char *why;
        size_t used;

        assert_true(event_is_valid(&cases[i].event));
        assert_int_equal(event_csv_write(&into, &cases[i].event), 0);
        assert_string_equal(into.data, cases[i].line);
        assert_int_equal(event_csv_read(into.data, into.size, &row, &used, &why), CSV_ROW);
        assert_int_equal(used, into.size);
        assert_same(&row.event, &cases[i].event);
        buffer_free(&into);
    }
}

static void every_incomplete_event_is_torn(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        for (size_t size = 1; size < strlen(cases[i].line); size++) {
            char *front = malloc(size);
            struct event_row row;
            const char *why;
            size_t used;

            memcpy(front, cases[i].line, size);
            assert_int_equal(event_csv_read(front, size, &row, &used, &why), CSV_TORN);
            assert_int_equal(used, size);
            free(front);
        }
    }
    assert_int_equal(
        event_csv_read("", 0, &(struct event_row){0}, &(size_t){0}, &(const char *){0}), CSV_END);
}

/* The longest texts that uptick writes, all of whose bytes need quotes. */
static void the_longest_event_is_read(void **state)
{
    char scope[EVENT_SCOPE_MAX], code[EVENT_CODE_MAX], detail[FAILURE_MAX];
    struct event event = {AT,   scope, EVENT_CERTIFICATE, BEGAN, EVENT_OPENED, EVENT_WARN,
                          code, detail};
    struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);
    struct event_row row;
    const char *why;
    size_t used;

    (void)state;
    memset(scope, 's', sizeof scope - 1);
    memset(code, 'c', sizeof code - 1);
    memset(detail, '"', sizeof detail - 1);
    scope[sizeof scope - 1] = code[sizeof code - 1] = detail[sizeof detail - 1] = '\0';
    assert_true(event_is_valid(&event));
    assert_int_equal(event_csv_write(&into, &event), 0);
    assert_int_equal(event_csv_read(into.data, into.size, &row, &used, &why), CSV_ROW);
    assert_same(&row.event, &event);
    buffer_free(&into);
}

static void an_editor_may_add_a_byte_order_mark_and_returns(void **state)
{
    char text[512];
    struct event_row row;
    const char *why;
    size_t used;

    (void)state;
    snprintf(text, sizeof text, "\xef\xbb\xbf%.*s\r\nnext", (int)strlen(cases[4].line) - 1,
             cases[4].line);
    assert_int_equal(event_csv_read(text, strlen(text), &row, &used, &why), CSV_ROW);
    assert_int_equal(used, strlen(text) - 4);
    assert_same(&row.event, &cases[4].event);
}

/* The good line, with one field replaced. */
static void a_line_that_contradicts_itself_is_refused(void **state)
{
    static const char *const fields[] = {"2026-11-24T09:30:00.123Z",
                                         "shop/www/http@2026-11-24T09:30:00.123Z",
                                         "",
                                         "shop/www",
                                         "opened",
                                         "SUSPECT",
                                         "status.5xx",
                                         "text"};
    static const struct {
        int field;
        const char *text, *why;
    } bad[] = {
        {0, "", "field 1"},
        {0, "2026-11-24T09:30:00Z", "field 1"},
        {0, "2026-02-30T09:30:00.123Z", "field 1"},
        {1, "", "field 4"},
        {1, "shop/www", "field 4"},
        {1, "shop/www/http", "field 4"},
        {1, "shop/www/http@", "field 4"},
        {1, "shop/www/http@2026-11-24", "field 4"},
        {1, "shop/www/http@2026-11-24T09:30:00.123Z ", "field 4"},
        {1, "shop/www/https@2026-11-24T09:30:00.123Z", "field 4"},
        {1, "shop/wwwx/http@2026-11-24T09:30:00.123Z", "field 4"},
        {1, "shop/ww/http@2026-11-24T09:30:00.123Z", "field 4"},
        {1, "shop/www/certificate@2026-11-24T09:30:00.123Z", "field 8"},
        {1, "shop/www/local_network@2026-11-24T09:30:00.123Z", "field 8"},
        {2, "berlin", "field 3"},
        {3, "", "field 4"},
        {3, "shop", "field 4"},
        {3, "shop/wwww", "field 4"},
        {4, "", "field 5"},
        {4, "open", "field 5"},
        {4, "OPENED", "field 5"},
        {4, "closed", "field 8"},
        {4, "sent", "field 8"},
        {4, "failed", "field 8"},
        {4, "expired", "field 8"},
        {4, "acknowledged", "field 8"},
        {5, "", "field 6"},
        {5, "down", "field 6"},
        {5, "UP", "field 8"},
        {6, "a code", "field 8"},
        {6, "<b>", "field 8"},
        {6, "ccccccccccccccccccccccccccccccccc", "field 7"},
        {7, "a,b", "expected eight fields"},
        {7, "a\"b", "misplaced quote"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct event_row row;
        char line[512] = "";
        const char *why;
        size_t used;

        for (int field = 0; field < 8; field++)
            snprintf(strchr(line, '\0'), sizeof line - strlen(line), "%s%s", field ? "," : "",
                     field == bad[i].field ? bad[i].text : fields[field]);
        strcat(line, "\n");
        assert_int_equal(event_csv_read(line, strlen(line), &row, &used, &why), CSV_BAD);
        assert_int_equal(used, strlen(line));
        if (!strstr(why, bad[i].why))
            fail_msg("%s: %s", line, why);
    }
}

/* A field with one byte too many, or with a NUL. */
static void texts_that_no_event_can_have_are_refused(void **state)
{
    static const char front[] = "2026-11-24T09:30:00.123Z,a/b/http@2026-11-24T09:30:00.123Z,,a/b,"
                                "opened,SUSPECT,";
    struct event_row row;
    const char *why;
    size_t used;

    (void)state;
    for (int size = FAILURE_MAX - 1; size <= FAILURE_MAX; size++) {
        char line[1024];

        snprintf(line, sizeof line, "%s,%0*d\n", front, size, 0);
        assert_int_equal(event_csv_read(line, strlen(line), &row, &used, &why),
                         size < FAILURE_MAX ? CSV_ROW : CSV_BAD);
    }
    for (int size = EVENT_CODE_MAX - 1; size <= EVENT_CODE_MAX; size++) {
        char line[1024];

        snprintf(line, sizeof line, "%s%0*d,\n", front, size, 0);
        assert_int_equal(event_csv_read(line, strlen(line), &row, &used, &why),
                         size < EVENT_CODE_MAX ? CSV_ROW : CSV_BAD);
    }
    for (int field = 0; field < 2; field++) {
        char line[1024];
        size_t size = (size_t)snprintf(line, sizeof line, "%s%s\n", front, field ? "x," : ",x");

        line[strcspn(line, "x")] = '\0';
        assert_int_equal(event_csv_read(line, size, &row, &used, &why), CSV_BAD);
        assert_int_equal(used, size);
    }
}

static void scopes_that_could_leave_their_place_are_refused(void **state)
{
    static const struct {
        enum event_check check;
        const char *scope;
    } bad[] = {
        {EVENT_HTTP, "shop"},         {EVENT_HTTP, "/www"},       {EVENT_HTTP, "shop/"},
        {EVENT_HTTP, "../www"},       {EVENT_HTTP, "shop/a/b"},   {EVENT_SLOW, "shop/<b>"},
        {EVENT_BOT, "sh op/www"},     {EVENT_CERTIFICATE, ""},    {EVENT_CERTIFICATE, "a b:443"},
        {EVENT_CERTIFICATE, "a/b"},   {EVENT_CERTIFICATE, "<b>"}, {EVENT_LOCAL_NETWORK, ""},
        {EVENT_LOCAL_NETWORK, "a/b"}, {EVENT_ALERT, ""},          {EVENT_ALERT, "a/b"},
        {EVENT_ALERT, "~tick"},       {EVENT_ALERT, "~ticks2"},   {EVENT_LOCAL_NETWORK, "~ticks"}};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct event event = {AT,           bad[i].scope, bad[i].check, BEGAN,
                              EVENT_OPENED, EVENT_DOWN,   "",           ""};

        assert_false(event_is_valid(&event));
    }
}

static void an_event_of_a_message_names_its_target_and_its_number(void **state)
{
    static const struct {
        const char *detail;
        bool is_valid;
    } details[] = {{"ops 1", true},   {"ops 1 HTTP 503", true}, {"ops", false}, {"ops ", false},
                   {"ops  1", false}, {"ops x", false},         {"", false},    {" 1", false},
                   {"-ops 1", false}, {"o/s 1", false},         {"1 1", true}};

    (void)state;
    for (enum event_change change = EVENT_OPENED; change < EVENT_CHANGES; change++)
        assert_int_equal(event_is_of_message(change), change > EVENT_CLOSED);
    for (size_t i = 0; i < sizeof details / sizeof details[0]; i++) {
        for (enum event_change change = EVENT_SENT; change < EVENT_ACKNOWLEDGED; change++) {
            struct event event = {AT,     "a/b",    EVENT_HTTP, BEGAN,
                                  change, EVENT_UP, "",         details[i].detail};

            assert_int_equal(event_is_valid(&event), details[i].is_valid);
        }
    }
}

static void a_buffer_without_memory_keeps_no_part_of_an_event(void **state)
{
    struct buffer into = BUFFER_WITH_CEILING(64);

    (void)state;
    assert_int_equal(buffer_puts(&into, "before\n"), 0);
    assert_int_equal(event_csv_write(&into, &cases[0].event), -1);
    assert_int_equal(into.size, 7);
    buffer_free(&into);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_written_in_the_documented_form_and_read_as_it_was),
        cmocka_unit_test(every_incomplete_event_is_torn),
        cmocka_unit_test(the_longest_event_is_read),
        cmocka_unit_test(an_editor_may_add_a_byte_order_mark_and_returns),
        cmocka_unit_test(a_line_that_contradicts_itself_is_refused),
        cmocka_unit_test(texts_that_no_event_can_have_are_refused),
        cmocka_unit_test(scopes_that_could_leave_their_place_are_refused),
        cmocka_unit_test(an_event_of_a_message_names_its_target_and_its_number),
        cmocka_unit_test(a_buffer_without_memory_keeps_no_part_of_an_event),
    };

    return cmocka_run_group_tests_name("event_csv", tests, NULL, NULL);
}
