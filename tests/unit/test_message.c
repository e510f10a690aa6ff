/* alert/message, alert/wording: messages as JSON, and their text. */
#include "alert/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "alert_items.h"

/* The text of a message about these subjects at 09:31:30. The caller frees it. */
static char *text_of(const struct config *config, const struct message_item *items, size_t n,
                     int64_t late_ms)
{
    struct message_head head = {.now_ms = at("09:31:30"), .late_ms = late_ms};
    char *content = write_items(config, &head, items, n);
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    struct error error;

    if (message_text(content, &text, &error))
        fail_msg("%s", error.text);
    free(content);
    return text.data;
}

static void assert_text(const char *more, const struct message_item *items, size_t n,
                        int64_t late_ms, const char *expected)
{
    struct config *config = alert_config(more);
    char *text = text_of(config, items, n, late_ms);

    assert_string_equal(text, expected);
    free(text);
    config_free(config);
}

static void assert_line(struct message_item item, const char *expected)
{
    assert_text("", &item, 1, 0, expected);
}

static void a_summary_has_the_lines_of_the_manual(void **state)
{
    struct message_item items[3];

    (void)state;
    items_of_manual(items);
    assert_text("public_url: https://status.example/\n", items, 3, 0,
                "2 down, 1 up again\n"
                "DOWN  shop/www since 09:30:00 UTC (confirmed 09:30:15, 3 checks): http_status: "
                "expected 200, got 503. Was up 12 d 4 h.\n"
                "DOWN  api/v2 since 09:30:04 UTC (confirmed 09:31:19, 3 checks): timeout: 20 s "
                "passed waiting for the first byte\n"
                "UP    wiki/www after 11 min 7 s (09:19:40 to 09:30:47 UTC)\n"
                "https://status.example/\n");
}

static void a_long_summary_counts_what_it_does_not_show(void **state)
{
    static struct message_item items[1234];
    struct message_item some[3];
    char *text;
    size_t lines = 0;

    (void)state;
    items_of_manual(some);
    for (size_t i = 0; i < 1234; i++)
        items[i] = some[0];
    text = text_of(&(struct config){.title = "Status"}, items, 1234, 0);
    for (const char *at = text; (at = strchr(at, '\n')); at++)
        lines++;
    assert_int_equal(lines, 502);
    assert_ptr_equal(strstr(text, "1,234 down\n"), text);
    assert_non_null(strstr(text, "\nand 734 more\n"));
    free(text);
}

static void lines_of_one_group_stay_together(void **state)
{
    struct message_item items[3], mixed[3];

    (void)state;
    items_of_manual(items);
    mixed[0] = items[2];
    mixed[1] = items[1];
    mixed[2] = items[0];
    assert_text("", mixed, 3, 0,
                "2 down, 1 up again\n"
                "DOWN  api/v2 since 09:30:04 UTC (confirmed 09:31:19, 3 checks): timeout: 20 s "
                "passed waiting for the first byte\n"
                "DOWN  shop/www since 09:30:00 UTC (confirmed 09:30:15, 3 checks): http_status: "
                "expected 200, got 503. Was up 12 d 4 h.\n"
                "UP    wiki/www after 11 min 7 s (09:19:40 to 09:30:47 UTC)\n");
}

/* The heading if the outages of shop/www, api/v2 and wiki/www began at these moments. */
static void assert_heading(const char *more, const char *shop, const char *api, const char *wiki,
                           const char *expected)
{
    struct config *config = alert_config(more);
    struct message_item items[] = {item_down("shop/www", shop, shop, "refused"),
                                   item_down("api/v2", api, api, "refused"),
                                   item_down("wiki/www", wiki, wiki, "refused")};
    char *text;

    for (size_t i = 0; i < 3; i++)
        items[i].monitor = &config->domains[i];
    text = text_of(config, items, 3, 0);
    assert_int_equal(strcspn(text, "\n"), strlen(expected));
    assert_memory_equal(text, expected, strlen(expected));
    free(text);
    config_free(config);
}

static void hosts_that_failed_at_once_are_counted(void **state)
{
    static const char three[] = "local_network: {min_hosts: 3}\n",
                      four[] = "local_network: {min_hosts: 4}\n";

    (void)state;
    assert_heading(three, "09:30:00", "09:31:00", "09:30:30", "3 down (3 hosts failed at once)");
    assert_heading(three, "09:30:00", "09:31:01", "09:30:30", "3 down");
    assert_heading(four, "09:30:00", "09:31:00", "09:30:30", "3 down");
}

static void one_subject_has_no_heading_and_the_address_of_its_page(void **state)
{
    struct message_item item = item_down("shop/www", "09:30:00", "09:30:15", "refused");

    (void)state;
    assert_text("public_url: https://status.example/\n", &item, 1, 0,
                "DOWN  shop/www since 09:30:00 UTC (confirmed 09:30:15, 3 checks): refused\n"
                "https://status.example/site/shop.html\n");
}

static void moments_of_another_day_have_their_date(void **state)
{
    struct message_item item =
        item_down("shop/www", "2026-11-22 23:59:50", "2026-11-23 00:00:05", "refused");

    (void)state;
    assert_line(item, "DOWN  shop/www since 2026-11-22 23:59:50 UTC (confirmed 2026-11-23 "
                      "00:00:05, 3 checks): refused\n");
    assert_line(item_over(item, ALERT_ENDED, "00:10:00", EVENT_RECOVERED),
                "UP    shop/www after 10 min 10 s (2026-11-22 23:59:50 to 2026-11-23 00:10:00 "
                "UTC)\n");
}

static void an_outage_of_a_series_is_counted(void **state)
{
    struct message_item item = item_down("shop/www", "09:30:00", "09:30:15", "refused");

    (void)state;
    item.part.outage.ordinal = 3;
    item.part.outage.series_ms = at("08:49:37");
    item.part.is_flapping = true;
    assert_line(item, "DOWN  shop/www since 09:30:00 UTC (confirmed 09:30:15, 3 checks; down "
                      "again, 3rd time in 40 min): refused. It changes often: the next message "
                      "comes in 30 min or later.\n");
    item.part.is_flapping = false;
    assert_line(item_over(item, ALERT_ENDED, "09:31:00", EVENT_RECOVERED),
                "UP    shop/www after 1 min (09:30:00 to 09:31:00 UTC); 3rd time in 40 min\n");
}

static void ordinals_are_english(void **state)
{
    static const struct {
        int n;
        const char *text;
    } cases[] = {{2, "2nd"},   {3, "3rd"},   {4, "4th"},   {11, "11th"},
                 {12, "12th"}, {21, "21st"}, {22, "22nd"}, {113, "113th"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct message_item item = item_down("shop/www", "09:30:00", "09:30:15", "");
        char expected[256];

        item.part.outage.ordinal = cases[i].n;
        item.part.outage.code[0] = '\0';
        snprintf(expected, sizeof expected,
                 "DOWN  shop/www since 09:30:00 UTC (confirmed 09:30:15, 3 checks; down again, %s "
                 "time in 0 s)\n",
                 cases[i].text);
        assert_line(item, expected);
    }
}

static void an_outage_that_was_not_reported_is_one_line(void **state)
{
    struct message_item item = item_over(item_down("shop/www", "02:10:00", "02:10:15", "refused"),
                                         ALERT_WAS, "02:14:00", EVENT_RECOVERED);

    (void)state;
    assert_text("", &item, 1, 9 * MS_PER_MINUTE + 20 * MS_PER_SECOND,
                "UP    shop/www was down 02:10–02:14 (4 min): refused\n"
                "This message is 9 min late: it could not be delivered earlier.\n");
    item.part.n_missed = 3;
    item.part.first_missed_ms = at("01:00:00");
    assert_line(item, "UP    shop/www was down 3 times since 01:00, last 02:10–02:14 (4 min): "
                      "refused\n");
}

static void outages_that_were_missed_are_counted(void **state)
{
    struct message_item item = item_down("shop/www", "09:30:00", "09:30:15", "refused");

    (void)state;
    item.part.n_missed = 3;
    item.part.first_missed_ms = at("08:00:00");
    item.up_since_ms = at("09:00:00");
    assert_line(item, "DOWN  shop/www since 09:30:00 UTC (confirmed 09:30:15, 3 checks): refused. "
                      "Was up 30 min. It was down 2 times more since 08:00:00 UTC.\n");
    item.part.change = ALERT_SETTLED;
    assert_line(item, "DOWN  shop/www is still DOWN after 1 min 30 s, since 09:30:00 UTC "
                      "(confirmed 09:30:15, 3 checks): refused. It was down 2 times more since "
                      "08:00:00 UTC.\n");
    item.part.n_missed = 2;
    item.part.change = ALERT_BEGAN;
    item.up_since_ms = INT64_MIN;
    assert_line(item, "DOWN  shop/www since 09:30:00 UTC (confirmed 09:30:15, 3 checks): refused. "
                      "It was down once more since 08:00:00 UTC.\n");
}

static void a_reminder_shows_how_long_it_lasts(void **state)
{
    struct message_item item = item_down("shop/www", "05:31:30", "05:31:45", "refused");

    (void)state;
    item.part.change = ALERT_REMINDER;
    assert_line(item, "DOWN  shop/www is still DOWN after 4 h, since 05:31:30 UTC (confirmed "
                      "05:31:45, 3 checks): refused\n");
    item.part.outage.is_acknowledged = true;
    item.part.change = ALERT_SETTLED;
    assert_line(item, "DOWN  shop/www is still DOWN after 4 h, since 05:31:30 UTC (confirmed "
                      "05:31:45, 3 checks): refused. Acknowledged.\n");
}

static void a_removed_monitor_is_not_up(void **state)
{
    struct message_item item = item_over(item_down("shop/old", "09:19:40", "09:20:00", "refused"),
                                         ALERT_ENDED, "09:30:47", EVENT_REMOVED);

    (void)state;
    assert_line(item,
                "GONE  shop/old is no longer in the configuration; it was down for 11 min 7 s "
                "(09:19:40 to 09:30:47 UTC)\n");
}

static void an_end_shows_the_outages_after_the_reported_one(void **state)
{
    struct message_item item = item_over(item_down("shop/www", "09:19:40", "09:20:00", "refused"),
                                         ALERT_ENDED, "09:30:47", EVENT_RECOVERED);

    (void)state;
    item.part.n_missed = 1;
    assert_line(
        item,
        "UP    shop/www after 11 min 7 s (09:19:40 to 09:30:47 UTC); 1 outage was not reported\n");
    item.part.n_missed = 3;
    item.part.first_missed_ms = at("08:00:00");
    assert_line(item, "UP    shop/www after 11 min 7 s (09:19:40 to 09:30:47 UTC); 3 outages since "
                      "08:00:00 UTC were not reported\n");
    item.part.change = ALERT_SETTLED;
    assert_line(item, "UP    shop/www after 11 min 7 s (09:19:40 to 09:30:47 UTC); 3 outages since "
                      "08:00:00 UTC were not reported; no change for 30 min\n");
    item.part.n_missed = 0;
    assert_line(item, "UP    shop/www after 11 min 7 s (09:19:40 to 09:30:47 UTC); no change for "
                      "30 min\n");
    snprintf(item.part.outage.end, sizeof item.part.outage.end, EVENT_UNSEEN);
    item.part.change = ALERT_ENDED;
    assert_line(item, "UP    shop/www after 11 min 7 s (09:19:40 to 09:30:47 UTC; its end was not "
                      "seen)\n");
}

static void other_conditions_have_their_own_words(void **state)
{
    static const char cert[] = "abcdef0123 ends 2026-12-11, in 13 days; subject shop, issuer R11";
    struct message_item item = item_of(EVENT_CERTIFICATE, "shop.example:443", "09:30:00", cert);

    (void)state;
    item.part.state = EVENT_WARN;
    assert_line(item, "WARN  certificate of shop.example:443 ends 2026-12-11, in 13 days; subject "
                      "shop, issuer R11\n");
    item.part.state = EVENT_CRITICAL;
    assert_line(item, "CRITICAL certificate of shop.example:443 ends 2026-12-11, in 13 days; "
                      "subject shop, issuer R11\n");
    assert_line(item_over(item, ALERT_ENDED, "09:31:00", EVENT_RENEWED),
                "OK    certificate of shop.example:443 was renewed\n");
    item =
        item_of(EVENT_LOCAL_NETWORK, "ipv4-public", "03:12:00", "143 of 150 hosts did not answer");
    assert_line(item_over(item, ALERT_WAS, "03:19:00", EVENT_ENDED),
                "LOCAL This monitor had no IPv4 from 03:12 to 03:19: 143 of 150 hosts did not "
                "answer\n");
    item = item_of(EVENT_ALERT, "ops", "09:00:00", "HTTP 503");
    assert_line(item, "WARN  messages to ops not delivered since 09:00:00 UTC: HTTP 503\n");
    assert_line(item_over(item, ALERT_ENDED, "09:31:00", EVENT_ENDED),
                "OK    messages to ops are delivered again after 31 min (09:00:00 to 09:31:00 "
                "UTC)\n");
    assert_line(
        item_over(item, ALERT_ENDED, "09:31:00", EVENT_REMOVED),
        "GONE  messages to ops are no longer configured; they could not be delivered for 31 "
        "min (09:00:00 to 09:31:00 UTC)\n");
    item = item_of(EVENT_ALERT, EVENT_TICKS, "03:12:00", "");
    assert_line(item_over(item, ALERT_WAS, "03:30:00", EVENT_ENDED),
                "LATE  no tick 03:12–03:30 (18 min)\n");
    item = item_of(EVENT_SLOW, "shop/www", "09:00:00", "slow: 2.1 s");
    assert_line(item, "SLOW  shop/www since 09:00:00 UTC: slow: 2.1 s\n");
    assert_line(item_over(item, ALERT_ENDED, "09:31:00", EVENT_RECOVERED),
                "OK    shop/www is no longer slow after 31 min (09:00:00 to 09:31:00 UTC)\n");
}

/* Messages of all kinds, as files. Returns their number. */
static size_t write_samples(const char *folder)
{
    struct config *bare = alert_config(""), *full = alert_config("public_url: https://s/\n");
    struct message_item items[16];
    size_t n = 3;

    items_of_manual(items);
    items[n++] = item_over(items[0], ALERT_WAS, "09:31:00", EVENT_REMOVED);
    items[n] = item_of(EVENT_CERTIFICATE, "h:443", "09:00:00", "ab ends 2026-12-11, in 13 days");
    items[n++].part.state = EVENT_CRITICAL;
    items[n] = items[0];
    items[n++].part.change = ALERT_REMINDER;
    items[n++] = item_over(item_of(EVENT_LOCAL_NETWORK, "names", "03:12:00", ""), ALERT_WAS,
                           "03:19:00", EVENT_ENDED);
    items[n++] = item_of(EVENT_ALERT, "ops", "03:12:00", "HTTP 503");
    items[n++] = item_of(EVENT_ALERT, EVENT_TICKS, "03:12:00", "");
    items[n] = item_down("gone/www", "09:30:00", "09:30:00", "");
    items[n++].part.change = ALERT_SETTLED;
    for (size_t i = 0; i <= n; i++) {
        struct message_head head = {
            .now_ms = at("09:31:30"), .is_test = i == 1, .late_ms = i == 2 ? 600000 : 0};
        char name[256],
            *content = write_items(i % 2 ? full : bare, &head, items + i % n, i < n ? 1 : n);
        FILE *file;

        snprintf(name, sizeof name, "%s/%zu.json", folder, i);
        file = fopen(name, "w");
        assert_non_null(file);
        assert_true(fputs(content, file) >= 0);
        assert_int_equal(fclose(file), 0);
        free(content);
    }
    config_free(bare);
    config_free(full);
    return n + 1;
}

static void messages_match_their_schema(void **state)
{
    char folder[] = "/tmp/uptick-message-XXXXXX", command[4096];
    size_t n, size;

    (void)state;
    assert_non_null(mkdtemp(folder));
    n = write_samples(folder);
    size = (size_t)snprintf(command, sizeof command, "sh tests/machines/run.sh schema");
    for (size_t i = 0; i < n; i++)
        size += (size_t)snprintf(command + size, sizeof command - size,
                                 " templates/alert.schema.json %s/%zu.json", folder, i);
    assert_int_equal(system(command), 0);
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

/* Each text of a reason in a message. */
static void assert_reason(const char *reason, const char *more, const char *expected)
{
    struct config *config = alert_config(more);
    struct message_head head = {.now_ms = at("09:31:30")};
    struct message_item item = item_down("shop/www", "09:30:00", "09:30:15", reason);
    char *content = write_items(config, &head, &item, 1);
    json_t *json = json_loads(content, 0, NULL);
    json_t *event = json_array_get(json_object_get(json, "events"), 0);

    assert_non_null(json);
    assert_string_equal(json_string_value(json_object_get(event, "reason")), expected);
    assert_non_null(strstr(json_string_value(json_object_get(event, "line")), expected));
    assert_non_null(strstr(json_string_value(json_object_get(json, "title")), expected));
    assert_non_null(strstr(json_string_value(json_object_get(json, "text")), expected));
    json_decref(json);
    free(content);
    config_free(config);
}

static void hostile_bytes_stay_text(void **state)
{
    (void)state;
    assert_reason("a\r\nBcc: x@y\n\"quoted\" \\ \x01\x7f \xff\xc3 \u2028\u202e<!channel>", "",
                  "a  Bcc: x@y \"quoted\" \\    ??   <!channel>");
}

static void secrets_are_hidden_in_all_texts(void **state)
{
    (void)state;
    setenv("ALERT_SEKRIT", "sekrit-4711", 1);
    assert_reason("http_status: got https://h/?key=sekrit-4711&x", "title: \"${ALERT_SEKRIT}\"\n",
                  "http_status: got https://h/?key=${ALERT_SEKRIT}&x");
}

static void assert_member(json_t *event, const char *name, const char *expected)
{
    json_t *found = json_object_get(event, name);

    if (expected)
        assert_string_equal(json_string_value(found), expected);
    else
        assert_true(json_is_null(found));
}

static void an_event_names_its_monitor_and_its_page(void **state)
{
    static const struct {
        enum event_check check;
        const char *scope, *site, *domain, *names, *url;
    } cases[] = {
        {EVENT_HTTP, "shop/www", "shop", "www", "The Shop/Web", "https://s/site/shop.html"},
        {EVENT_SLOW, "shop/old", "shop", "old", "shop/old", "https://s/"},
        {EVENT_CERTIFICATE, "h:443", NULL, NULL, "h:443", "https://s/"},
    };
    struct config *config = alert_config("public_url: https://s/\n");
    struct message_head head = {.now_ms = at("09:31:30")};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct message_item item = item_of(cases[i].check, cases[i].scope, "09:30:00", "");
        char *content = write_items(config, &head, &item, 1);
        json_t *json = json_loads(content, JSON_REJECT_DUPLICATES, NULL);
        json_t *event = json_array_get(json_object_get(json, "events"), 0);

        assert_member(event, "site", cases[i].site);
        assert_member(event, "domain", cases[i].domain);
        assert_member(event, "names", cases[i].names);
        assert_member(event, "url", cases[i].url);
        assert_member(json, "url", cases[i].url);
        json_decref(json);
        free(content);
    }
    config_free(config);
}

static void an_event_counts_the_outages_that_were_not_reported(void **state)
{
    static const struct {
        int n;
        const char *since, *json;
    } cases[] = {
        {0, NULL, "\"unreported\": 0, \"unreported_since\": null, "},
        {1, "09:30:00", "\"unreported\": 1, \"unreported_since\": \"2026-11-23T09:30:00.000Z\", "},
        {20, "08:00:00",
         "\"unreported\": 20, \"unreported_since\": \"2026-11-23T08:00:00.000Z\", "},
    };
    static const enum alert_change changes[] = {ALERT_BEGAN, ALERT_ENDED, ALERT_WAS, ALERT_REMINDER,
                                                ALERT_SETTLED};
    struct config *config = alert_config("");
    struct message_head head = {.now_ms = at("09:31:30")};

    (void)state;
    for (size_t i = 0; i < 5 * sizeof cases / sizeof cases[0]; i++) {
        struct message_item item = item_down("shop/www", "09:30:00", "09:30:15", "refused");
        char *content;

        item.part.change = changes[i % 5];
        item.part.n_missed = cases[i / 5].n;
        item.part.first_missed_ms = cases[i / 5].n ? at(cases[i / 5].since) : INT64_MIN;
        content = write_items(config, &head, &item, 1);
        if (!strstr(content, cases[i / 5].json))
            fail_msg("%s", content);
        free(content);
    }
    config_free(config);
}

static void a_damaged_message_is_an_error(void **state)
{
    static const char *const cases[] = {"", "{", "[]", "{\"text\": 1}", "\"text\"", "\xff"};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);
        struct error error;

        assert_int_equal(message_text(cases[i], &text, &error), -1);
        assert_string_equal(error.text, "alerts: a stored message is damaged");
        buffer_free(&text);
    }
}

static void a_test_message_is_marked(void **state)
{
    struct config *config = alert_config("");
    struct message_head head = {.now_ms = at("09:31:30"), .is_test = true};
    struct message_item item = item_down("shop/www", "09:30:00", "09:30:15", "refused");
    char *content = write_items(config, &head, &item, 1);

    (void)state;
    assert_non_null(strstr(content, "\"title\": \"TEST: DOWN shop/www: refused\""));
    assert_non_null(strstr(content, "\"text\": \"This is a test message of uptick: "));
    assert_non_null(strstr(content, "\"test\": true"));
    free(content);
    config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_summary_has_the_lines_of_the_manual),
        cmocka_unit_test(a_long_summary_counts_what_it_does_not_show),
        cmocka_unit_test(lines_of_one_group_stay_together),
        cmocka_unit_test(hosts_that_failed_at_once_are_counted),
        cmocka_unit_test(one_subject_has_no_heading_and_the_address_of_its_page),
        cmocka_unit_test(moments_of_another_day_have_their_date),
        cmocka_unit_test(an_outage_of_a_series_is_counted),
        cmocka_unit_test(ordinals_are_english),
        cmocka_unit_test(an_outage_that_was_not_reported_is_one_line),
        cmocka_unit_test(outages_that_were_missed_are_counted),
        cmocka_unit_test(a_reminder_shows_how_long_it_lasts),
        cmocka_unit_test(a_removed_monitor_is_not_up),
        cmocka_unit_test(an_end_shows_the_outages_after_the_reported_one),
        cmocka_unit_test(other_conditions_have_their_own_words),
        cmocka_unit_test(messages_match_their_schema),
        cmocka_unit_test(hostile_bytes_stay_text),
        cmocka_unit_test(secrets_are_hidden_in_all_texts),
        cmocka_unit_test(an_event_names_its_monitor_and_its_page),
        cmocka_unit_test(an_event_counts_the_outages_that_were_not_reported),
        cmocka_unit_test(a_damaged_message_is_an_error),
        cmocka_unit_test(a_test_message_is_marked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
