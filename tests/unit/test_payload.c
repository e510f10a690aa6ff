/* alert/payload, alert/mail: what targets are sent. */
#include "alert/payload.h"

#include "alert/sign.h"
#include "base/asset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "alert_items.h"
#include "alert_payloads.h"

static const struct alert_target targets[ALERT_FORMATS] = {
    [ALERT_JSON] = {.url = "https://h/hook?a=1"},
    [ALERT_SLACK] = {.url = "https://hooks.slack.com/services/x"},
    [ALERT_DISCORD] = {.url = "https://discord.com/api/webhooks/1/x"},
    [ALERT_TEAMS] = {.url = "https://h/workflows"},
    [ALERT_NTFY] = {.url = "https://ntfy.sh/mytopic", .token = "tk_1"},
    [ALERT_GOTIFY] = {.url = "https://gotify.example", .token = "g1"},
    [ALERT_TELEGRAM] = {.url = "https://api.telegram.org", .token = "1:AA-b_c", .chat = "-100"},
    [ALERT_PAGERDUTY] = {.url = "https://events.pagerduty.com/v2/enqueue", .token = "pd"},
    [ALERT_OPSGENIE] = {.url = "https://api.opsgenie.com/v2/alerts", .token = "og"},
    [ALERT_ALERTMANAGER] = {.url = "http://am:9093"},
    [ALERT_GOOGLECHAT] = {.url = "https://chat.googleapis.com/v1/spaces/A/messages?key=k"},
    [ALERT_MATTERMOST] = {.url = "https://mm/hooks/x"},
};

static struct alert_target target_of(enum alert_format format)
{
    struct alert_target target = targets[format];

    target.id = "ops";
    target.type = ALERT_WEBHOOK;
    target.format = format;
    return target;
}

static json_t *at_path(json_t *json, const char *path)
{
    char part[64];

    while (json && *path) {
        size_t n = strcspn(path, "/");

        snprintf(part, sizeof part, "%.*s", (int)n, path);
        json = json_is_array(json) ? json_array_get(json, (size_t)atoi(part))
                                   : json_object_get(json, part);
        path += n + (path[n] == '/');
    }
    return json;
}

static void assert_string_at(json_t *json, const char *path, const char *expected)
{
    const char *found = json_string_value(at_path(json, path));

    if (!found)
        fail_msg("%s is no string", path);
    assert_string_equal(found, expected);
}

static void each_service_gets_the_members_that_it_needs(void **state)
{
    static const struct {
        enum alert_format format;
        const char *path, *down, *up; /* NULL: not there */
    } cases[] = {
        {ALERT_JSON, "version", NULL, NULL},
        {ALERT_JSON, "key", "shop/www/http@2026-11-23T09:30:00.000Z.1",
         "shop/www/http@2026-11-23T09:30:00.000Z.2"},
        {ALERT_SLACK, "text", "DOWN shop/www: refused",
         "UP shop/www after 1 min (09:30:00 to 09:31:00 UTC)"},
        {ALERT_SLACK, "blocks/0/type", "section", "section"},
        {ALERT_SLACK, "blocks/0/text/type", "plain_text", "plain_text"},
        {ALERT_SLACK, "blocks/1/elements/0/text", "<https://s/site/shop.html>",
         "<https://s/site/shop.html>"},
        {ALERT_TEAMS, "type", "message", "message"},
        {ALERT_TEAMS, "attachments/0/contentType", "application/vnd.microsoft.card.adaptive",
         "application/vnd.microsoft.card.adaptive"},
        {ALERT_TEAMS, "attachments/0/content/type", "AdaptiveCard", "AdaptiveCard"},
        {ALERT_TEAMS, "attachments/0/content/body/0/inlines/0/text",
         "DOWN  shop/www since 09:30:00 UTC (confirmed 09:30:15, 3 checks): refused",
         "UP    shop/www after 1 min (09:30:00 to 09:31:00 UTC)"},
        {ALERT_NTFY, "topic", "mytopic", "mytopic"},
        {ALERT_NTFY, "title", "DOWN shop/www: refused",
         "UP shop/www after 1 min (09:30:00 to 09:31:00 UTC)"},
        {ALERT_NTFY, "click", "https://s/site/shop.html", "https://s/site/shop.html"},
        {ALERT_NTFY, "tags/0", "warning", "white_check_mark"},
        {ALERT_GOTIFY, "title", "DOWN shop/www: refused",
         "UP shop/www after 1 min (09:30:00 to 09:31:00 UTC)"},
        {ALERT_TELEGRAM, "chat_id", "-100", "-100"},
        {ALERT_PAGERDUTY, "routing_key", "pd", "pd"},
        {ALERT_PAGERDUTY, "event_action", "trigger", "resolve"},
        {ALERT_PAGERDUTY, "dedup_key", "shop/www/http@2026-11-23T09:30:00.000Z",
         "shop/www/http@2026-11-23T09:30:00.000Z"},
        {ALERT_PAGERDUTY, "payload/summary", "DOWN shop/www: refused",
         "UP shop/www after 1 min (09:30:00 to 09:31:00 UTC)"},
        {ALERT_PAGERDUTY, "payload/source", "shop/www", "shop/www"},
        {ALERT_PAGERDUTY, "payload/severity", "critical", "info"},
        {ALERT_PAGERDUTY, "payload/timestamp", "2026-11-23T09:30:00.000Z",
         "2026-11-23T09:30:00.000Z"},
        {ALERT_OPSGENIE, "message", "DOWN shop/www: refused", NULL},
        {ALERT_OPSGENIE, "alias", "shop/www/http@2026-11-23T09:30:00.000Z", NULL},
        {ALERT_OPSGENIE, "priority", "P1", NULL},
        {ALERT_OPSGENIE, "source", "uptick", "uptick"},
        {ALERT_ALERTMANAGER, "0/labels/alertname", "uptick_http", "uptick_http"},
        {ALERT_ALERTMANAGER, "0/labels/site", "shop", "shop"},
        {ALERT_ALERTMANAGER, "0/labels/severity", "critical", "critical"},
        {ALERT_ALERTMANAGER, "0/startsAt", "2026-11-23T09:30:00.000Z", "2026-11-23T09:30:00.000Z"},
        {ALERT_ALERTMANAGER, "0/endsAt", "9999-01-01T00:00:00.000Z", "2026-11-23T09:31:00.000Z"},
        {ALERT_GOOGLECHAT, "text",
         "```\nDOWN  shop/www since 09:30:00 UTC (confirmed 09:30:15, 3 checks): refused\n"
         "https://s/site/shop.html\n```\nhttps://s/site/shop.html",
         "```\nUP    shop/www after 1 min (09:30:00 to 09:31:00 UTC)\n"
         "https://s/site/shop.html\n```\nhttps://s/site/shop.html"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct message_item down = item_down("shop/www", "09:30:00", "09:30:15", "refused");
        struct message_item up = item_over(down, ALERT_ENDED, "09:31:00", EVENT_RECOVERED);
        struct alert_target target = target_of(cases[i].format);

        for (int is_up = 0; is_up < 2; is_up++) {
            const char *expected = is_up ? cases[i].up : cases[i].down;
            json_t *json = payload_json(&target, is_up ? &up : &down, 1);

            if (expected)
                assert_string_at(json, cases[i].path, expected);
            else
                assert_false(json_is_string(at_path(json, cases[i].path)));
            json_decref(json);
        }
    }
}

static void requests_go_to_the_address_of_the_service(void **state)
{
    static const struct {
        enum alert_format format;
        const char *url; /* configured; NULL: as above */
        const char *down, *up;
    } cases[] = {
        {ALERT_JSON, NULL, "https://h/hook?a=1", "https://h/hook?a=1"},
        {ALERT_NTFY, NULL, "https://ntfy.sh/", "https://ntfy.sh/"},
        {ALERT_NTFY, "https://h/ntfy/t/?auth=x", "https://h/ntfy/?auth=x",
         "https://h/ntfy/?auth=x"},
        {ALERT_GOTIFY, NULL, "https://gotify.example/message", "https://gotify.example/message"},
        {ALERT_GOTIFY, "https://h/g/message", "https://h/g/message", "https://h/g/message"},
        {ALERT_TELEGRAM, NULL, "https://api.telegram.org/bot1:AA-b_c/sendMessage",
         "https://api.telegram.org/bot1:AA-b_c/sendMessage"},
        {ALERT_TELEGRAM, "https://h/tg/", "https://h/tg/bot1:AA-b_c/sendMessage",
         "https://h/tg/bot1:AA-b_c/sendMessage"},
        {ALERT_PAGERDUTY, "https://events.pagerduty.com/",
         "https://events.pagerduty.com/v2/enqueue", "https://events.pagerduty.com/v2/enqueue"},
        {ALERT_OPSGENIE, NULL, "https://api.opsgenie.com/v2/alerts",
         "https://api.opsgenie.com/v2/alerts/shop%2Fwww%2Fhttp@2026-11-23T09:30:00.000Z/"
         "close?identifierType=alias"},
        {ALERT_ALERTMANAGER, NULL, "http://am:9093/api/v2/alerts", "http://am:9093/api/v2/alerts"},
        {ALERT_GOOGLECHAT, NULL, "https://chat.googleapis.com/v1/spaces/A/messages?key=k",
         "https://chat.googleapis.com/v1/spaces/A/messages?key=k"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct message_item down = item_down("shop/www", "09:30:00", "09:30:15", "refused");
        struct message_item up = item_over(down, ALERT_ENDED, "09:31:00", EVENT_RECOVERED);
        struct alert_target target = target_of(cases[i].format);
        struct payload payload;

        target.url = cases[i].url ? cases[i].url : target.url;
        make_of_items(&target, &down, 1, &payload);
        assert_string_equal(payload.url, cases[i].down);
        payload_free(&payload);
        make_of_items(&target, &up, 1, &payload);
        assert_string_equal(payload.url, cases[i].up);
        payload_free(&payload);
    }
}

/* A header of a payload; NULL: it has none. */
static const char *header_of(const struct payload *payload, const char *name)
{
    const char *found = NULL;

    for (const char *const *at = payload->headers; *at; at++) {
        if (strncmp(*at, name, strlen(name)) == 0 && (*at)[strlen(name)] == ':') {
            assert_null(found);
            found = *at + strlen(name) + 2;
        }
    }
    return found;
}

static void requests_have_the_headers_of_the_service(void **state)
{
    static const struct header own[] = {{"X-Team", "ops"}, {"content-type", "text/x"}};
    static const struct {
        enum alert_format format;
        const char *name, *value;
    } cases[] = {
        {ALERT_NTFY, "Authorization", "Bearer tk_1"},     {ALERT_GOTIFY, "X-Gotify-Key", "g1"},
        {ALERT_OPSGENIE, "Authorization", "GenieKey og"}, {ALERT_TELEGRAM, "Authorization", NULL},
        {ALERT_PAGERDUTY, "Authorization", NULL},         {ALERT_SLACK, "Authorization", NULL},
    };
    struct message_item item = item_down("shop/www", "09:30:00", "09:30:15", "refused");
    struct payload payload;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct alert_target target = target_of(cases[i].format);

        make_of_items(&target, &item, 1, &payload);
        assert_string_equal(header_of(&payload, "Content-Type"), "application/json");
        assert_string_equal(header_of(&payload, "Idempotency-Key"),
                            "shop/www/http@2026-11-23T09:30:00.000Z.1");
        assert_null(header_of(&payload, "Uptick-Signature"));
        if (cases[i].value)
            assert_string_equal(header_of(&payload, cases[i].name), cases[i].value);
        else
            assert_null(header_of(&payload, cases[i].name));
        payload_free(&payload);
        target.headers = own;
        target.n_headers = 2;
        make_of_items(&target, &item, 1, &payload);
        assert_string_equal(header_of(&payload, "X-Team"), "ops");
        assert_string_equal(header_of(&payload, "content-type"), "text/x");
        assert_null(header_of(&payload, "Content-Type"));
        payload_free(&payload);
    }
}

static void a_token_cannot_add_a_header(void **state)
{
    struct message_item item = item_down("shop/www", "09:30:00", "09:30:15", "refused");
    struct alert_target target = target_of(ALERT_GOTIFY);
    struct payload payload;

    (void)state;
    target.token = "a\r\nX-Evil: 1";
    make_of_items(&target, &item, 1, &payload);
    assert_string_equal(header_of(&payload, "X-Gotify-Key"), "a  X-Evil: 1");
    payload_free(&payload);
}

/* openssl dgst -sha256 -hmac key, of "1795426290.{}": a known answer. */
static void a_request_is_signed_with_the_secret(void **state)
{
    struct message_item item = item_down("shop/www", "09:30:00", "09:30:15", "refused");
    struct alert_target target = target_of(ALERT_JSON);
    char hex[SIGN_HEX_MAX], expected[128];
    struct payload payload;

    (void)state;
    assert_int_equal(sign_body("key", 1795426290, "{}", 2, hex), 0);
    assert_string_equal(hex, "f3ef154d86285b69faed87f337f331c1bc58d5bb55cf216e95f3b66f9ec3039b");
    target.secret = "key";
    make_of_items(&target, &item, 1, &payload);
    assert_int_equal(sign_body("key", 1795426290, payload.body.data, payload.body.size, hex), 0);
    snprintf(expected, sizeof expected, "t=1795426290,v1=%s", hex);
    assert_string_equal(header_of(&payload, "Uptick-Signature"), expected);
    payload_free(&payload);
}

/* The longest string in a JSON text. */
static size_t longest_string(json_t *json)
{
    size_t longest = json_string_length(json), n = 0, i;
    const char *name;
    json_t *inner;

    json_array_foreach(json, i, inner)
    {
        n = longest_string(inner);
        longest = n > longest ? n : longest;
    }
    json_object_foreach(json, name, inner)
    {
        n = longest_string(inner);
        longest = n > longest ? n : longest;
    }
    return longest;
}

enum { MANY = 500 };

static void make_many(struct message_item items[MANY], const char *reason)
{
    for (size_t i = 0; i < MANY; i++)
        items[i] = item_down("shop/www", "09:30:00", "09:30:15", reason);
}

static void texts_are_cut_to_the_limits_of_the_services(void **state)
{
    static const struct {
        enum alert_format format;
        size_t max;
        const char *path; /* of the text with the lines */
    } cases[] = {
        {ALERT_SLACK, 3000, "blocks/0/text/text"},
        {ALERT_DISCORD, 2000, "content"},
        {ALERT_NTFY, 4096, "message"},
        {ALERT_TELEGRAM, 4096, "text"},
        {ALERT_GOTIFY, 8192, "message"},
        {ALERT_GOOGLECHAT, 4096, "text"},
        {ALERT_MATTERMOST, 4000, "text"},
    };
    static const char *const reasons[] = {"refused", "<<<<<<<<<<<<<<<<<<<<@@@@@@@@@@@@&&&&&&&&&",
                                          NULL};
    static struct message_item items[MANY];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (const char *const *reason = reasons; *reason; reason++) {
            struct alert_target target = target_of(cases[i].format);
            const char *text, *more;
            size_t lines = 0;
            json_t *json;

            make_many(items, *reason);
            json = payload_json(&target, items, MANY);
            assert_true(longest_string(json) <= cases[i].max);
            text = json_string_value(at_path(json, cases[i].path));
            assert_non_null(strstr(text, "500 down\n"));
            more = strstr(text, "\n…and ");
            assert_non_null(more);
            assert_non_null(strstr(more, "https://s/"));
            for (const char *at = text; (at = strstr(at, "DOWN  ")); at++)
                lines++;
            assert_in_range(lines, 3, MANY);
            assert_int_equal(lines + strtoul(more + strlen("\n…and "), NULL, 10), MANY);
            json_decref(json);
        }
    }
}

/* A summary of thousands has only one line that counts the others. */
static void what_is_in_no_line_is_counted_once(void **state)
{
    enum { N = 2500 };
    struct message_item *items = calloc(N, sizeof *items);
    struct alert_target target = target_of(ALERT_SLACK);
    size_t lines = 0;
    const char *text, *more;
    json_t *json;

    (void)state;
    assert_non_null(items);
    for (size_t i = 0; i < N; i++)
        items[i] = item_down("shop/www", "09:30:00", "09:30:15", "refused");
    json = payload_json(&target, items, N);
    text = json_string_value(at_path(json, "blocks/0/text/text"));
    for (const char *at = text; (at = strstr(at, "DOWN  ")); at++)
        lines++;
    more = strstr(text, "\n…and 2,");
    assert_non_null(more);
    assert_int_equal(lines + 2000 + strtoul(more + strlen("\n…and 2,"), NULL, 10), N);
    assert_null(strstr(more + 1, "and 2,000 more"));
    assert_non_null(strstr(more, " more\nhttps://s/"));
    json_decref(json);
    free(items);
}

/* Teams counts two bytes for each character. */
static void a_whole_request_fits_into_the_limit_of_the_service(void **state)
{
    static const struct {
        enum alert_format format;
        size_t max;
    } cases[] = {{ALERT_TEAMS, 14 << 10}, {ALERT_NTFY, 8 << 10}};
    static struct message_item items[MANY];
    char reason[512];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t size = 0; size < sizeof reason; size += 73) {
            struct alert_target target = target_of(cases[i].format);
            struct payload payload;

            memset(reason, size % 2 ? '"' : '\\', size);
            reason[size] = '\0';
            make_many(items, reason);
            for (size_t j = 0; j < MANY && size == 0; j++)
                items[j] = item_over(item_down("a/b", "09:30:00", "09:30:15", ""), ALERT_ENDED,
                                     "09:31:00", EVENT_UNSEEN);
            make_of_items(&target, items, MANY, &payload);
            assert_in_range(payload.body.size, 1, cases[i].max);
            payload_free(&payload);
        }
    }
}

static void one_long_reason_is_cut(void **state)
{
    struct message_item item = item_down("shop/www", "09:30:00", "09:30:15", "");
    struct alert_target target = target_of(ALERT_OPSGENIE);
    const char *text;
    json_t *json;

    (void)state;
    memset(item.part.outage.detail, '<', sizeof item.part.outage.detail - 1);
    json = payload_json(&target, &item, 1);
    text = json_string_value(at_path(json, "message"));
    assert_true(strlen(text) <= 130);
    assert_true(text_ends_with(text, "…"));
    json_decref(json);
    for (int i = 0; i < ALERT_FORMATS; i++) {
        target = target_of((enum alert_format)i);
        json = payload_json(&target, &item, 1);
        if (i == ALERT_DISCORD)
            assert_true(longest_string(json) <= 2000);
        json_decref(json);
    }
}

static size_t count_bytes(const char *text, char byte)
{
    size_t n = 0;

    for (; (text = strchr(text, byte)); text++)
        n++;
    return n;
}

/* A reason can neither mention a person nor add markup. */
static void hostile_reasons_stay_text(void **state)
{
    static const char hostile[] =
        "@everyone @here <!channel> <users/all> <@U1> ```\"}, {\"x\": \"\n\r\x01"
        "\xff{{title}} <b>";
    static const char *const forbidden[ALERT_FORMATS][4] = {
        [ALERT_SLACK] = {"<!channel>", "<@U1>", "<b>"},
        [ALERT_DISCORD] = {"@everyone", "@here", "<@U1>"},
        [ALERT_TELEGRAM] = {"@everyone"},
        [ALERT_GOOGLECHAT] = {"<users/all>", "<b>"},
        [ALERT_MATTERMOST] = {"@here", "@everyone"},
        [ALERT_OPSGENIE] = {"<b>"},
    };

    (void)state;
    for (int i = 0; i < ALERT_FORMATS; i++) {
        struct message_item item = item_down("shop/www", "09:30:00", "09:30:15", hostile);
        struct alert_target target = target_of((enum alert_format)i);
        struct payload payload;
        json_t *json;

        make_of_items(&target, &item, 1, &payload);
        json = json_loads(payload.body.data, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(json);
        assert_null(json_object_get(json, "x"));
        assert_non_null(strstr(payload.body.data, "{{title}}"));
        for (size_t j = 0; j < 4 && forbidden[i][j]; j++)
            assert_null(strstr(payload.body.data, forbidden[i][j]));
        if (i == ALERT_DISCORD || i == ALERT_MATTERMOST || i == ALERT_GOOGLECHAT)
            assert_int_equal(count_bytes(payload.body.data, '`'), 6);
        json_decref(json);
        payload_free(&payload);
    }
}

static void a_damaged_message_makes_no_payload(void **state)
{
    static const char *const cases[] = {
        "",
        "[]",
        "{}",
        "{\"key\": \"a\", \"title\": \"b\", \"text\": \"c\", \"events\": []}",
        "{\"key\": \"a\", \"title\": \"b\", \"text\": \"c\", \"events\": [1]}",
        "{\"key\": \"a\", \"title\": \"b\", \"text\": \"c\", \"events\": [{\"id\": \"x\"}]}"};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (int format = 0; format < ALERT_FORMATS; format++) {
            struct alert_target target = target_of((enum alert_format)format);
            struct payload payload;
            struct error error;

            assert_int_equal(make_of_content(&target, cases[i], &payload, &error), -1);
            assert_string_equal(error.text, "alert target ops: a stored message is damaged");
            payload_free(&payload);
        }
    }
}

/* Members of any type are no harm. */
static void a_strange_message_makes_some_payload(void **state)
{
    static const char strange[] =
        "{\"key\": \"a\", \"title\": \"b\", \"text\": \"\\n\\n\\nc\", \"url\": [], \"test\": true, "
        "\"token\": {\"a\": [1, 2.5, null, [true]]}, \"events\": [{\"id\": \"x\", \"state\": "
        "\"?\", "
        "\"check\": 1, \"change\": \"\", \"key\": {}, \"is_last\": \"x\"}, {\"id\": \"y\", "
        "\"state\": \"UP\"}]}";

    (void)state;
    for (int format = 0; format < ALERT_FORMATS; format++) {
        struct alert_target target = target_of((enum alert_format)format);
        struct payload payload;
        struct error error;

        for (int type = ALERT_PRINT; type <= ALERT_COMMAND; type++) {
            target.type = (enum alert_type)type;
            if (make_of_content(&target, strange, &payload, &error))
                fail_msg("%s", error.text);
            payload_free(&payload);
        }
    }
}

/* The same numbers each time. */
static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1103515245 + 12345;
    return *seed >> 8;
}

static void a_message_with_any_bytes_makes_json_or_an_error(void **state)
{
    static const char bytes[] = "\"\\{}[],:u0tfn-1e @<`&\n\xff\xc3\xed\xa0";
    struct template_set *templates = alert_templates();
    struct config *config = alert_config("");
    struct message_head head = {.now_ms = at("09:31:30"), .late_ms = 600000};
    struct message_item items[3];
    unsigned seed = 1;
    char *content;

    (void)state;
    items_of_manual(items);
    content = write_items(config, &head, items, 3);
    for (int i = 0; i < 4000; i++) {
        struct alert_target target = target_of((enum alert_format)(i % ALERT_FORMATS));
        size_t place = next_random(&seed) % strlen(content);
        char before = content[place];
        struct payload payload;
        struct error error;

        target.type = i % 5 ? ALERT_WEBHOOK : ALERT_SENDMAIL;
        content[place] = bytes[next_random(&seed) % (sizeof bytes - 1)];
        if (payload_make(&target, templates, content, head.now_ms, &payload, &error) &&
            !strstr(error.text, "damaged") && !strstr(error.text, "no JSON"))
            fail_msg("%s", error.text);
        payload_free(&payload);
        content[place] = before;
    }
    free(content);
    config_free(config);
    template_set_free(templates);
}

static void people_get_one_message_and_programs_one_for_each_subject(void **state)
{
    static const bool is_summary[ALERT_FORMATS] = {
        [ALERT_SLACK] = true,      [ALERT_DISCORD] = true,   [ALERT_TEAMS] = true,
        [ALERT_NTFY] = true,       [ALERT_GOTIFY] = true,    [ALERT_TELEGRAM] = true,
        [ALERT_GOOGLECHAT] = true, [ALERT_MATTERMOST] = true};

    (void)state;
    for (int format = 0; format < ALERT_FORMATS; format++) {
        struct alert_target target = target_of((enum alert_format)format);

        assert_int_equal(payload_is_summary(&target), is_summary[format]);
    }
    assert_true(payload_is_summary(&(struct alert_target){.type = ALERT_PRINT}));
    assert_true(payload_is_summary(&(struct alert_target){.type = ALERT_MAIL}));
    assert_true(payload_is_summary(&(struct alert_target){.type = ALERT_SENDMAIL}));
    assert_false(payload_is_summary(&(struct alert_target){.type = ALERT_COMMAND}));
}

static const char *const to[] = {"ops@example.org", "Jörg <j@example.org>", NULL};
static const struct alert_target mail_target = {
    .id = "ops", .type = ALERT_MAIL, .from = "uptick <uptick@example.org>", .to = to};

static void write_file(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* Python reads the mail: its subject and its text are these. */
static void assert_mail(const struct message_item *items, size_t n, const char *subject,
                        const char *text)
{
    char folder[] = "/tmp/uptick-mail-XXXXXX", path[64], command[1024];
    struct payload payload;

    assert_non_null(mkdtemp(folder));
    make_of_items(&mail_target, items, n, &payload);
    snprintf(path, sizeof path, "%s/mail", folder);
    write_file(path, payload.body.data, payload.body.size);
    snprintf(path, sizeof path, "%s/text", folder);
    write_file(path, text, strlen(text));
    snprintf(path, sizeof path, "%s/subject", folder);
    write_file(path, subject, strlen(subject));
    snprintf(command, sizeof command,
             "cd %s && sh \"$OLDPWD/tests/machines/run.sh\" mail mail \"$(cat subject)\" text",
             folder);
    assert_int_equal(system(command), 0);
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
    payload_free(&payload);
}

static void mails_can_be_read(void **state)
{
    struct message_item items[3];
    struct message_item item =
        item_down("shop/www", "09:30:00", "09:30:15",
                  ".\"q\" =?UTF-8?Q?x?= größer "
                  "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字\r\nBcc: evil@example.org");

    (void)state;
    items_of_manual(items);
    assert_mail(items, 3, "2 down, 1 up again",
                "2 down, 1 up again\n"
                "DOWN  shop/www since 09:30:00 UTC (confirmed 09:30:15, 3 checks): http_status: "
                "expected 200, got 503. Was up 12 d 4 h.\n"
                "DOWN  api/v2 since 09:30:04 UTC (confirmed 09:31:19, 3 checks): timeout: 20 s "
                "passed waiting for the first byte\n"
                "UP    wiki/www after 11 min 7 s (09:19:40 to 09:30:47 UTC)\n"
                "https://s/\n");
    assert_mail(&items[0], 1, "DOWN shop/www: http_status: expected 200, got 503",
                "DOWN  shop/www since 09:30:00 UTC (confirmed 09:30:15, 3 checks): http_status: "
                "expected 200, got 503. Was up 12 d 4 h.\n"
                "https://s/site/shop.html\n");
    assert_mail(
        &item, 1,
        "DOWN shop/www: .\"q\" =?UTF-8?Q?x?= größer 漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字  "
        "Bcc: evil@example.org",
        "DOWN  shop/www since 09:30:00 UTC (confirmed 09:30:15, 3 checks): .\"q\" "
        "=?UTF-8?Q?x?= größer 漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字  Bcc: evil@example.org\n"
        "https://s/site/shop.html\n");
}

/* A field of a mail, with its folded lines. */
static const char *field_of(const struct payload *payload, const char *name, char field[1024])
{
    char start[64];
    const char *at, *end;

    snprintf(start, sizeof start, "\n%s:", name);
    at = strstr(payload->body.data, start);
    if (!at || at > strstr(payload->body.data, "\n\n"))
        return NULL;
    at += strlen(start);
    for (end = strchr(at, '\n'); end[1] == ' '; end = strchr(end + 1, '\n'))
        ;
    snprintf(field, 1024, "%.*s", (int)(end - at), at);
    return field;
}

static void mails_of_an_outage_are_a_thread(void **state)
{
    struct message_item down = item_down("shop/www", "09:30:00", "09:30:15", "refused");
    struct message_item items[2];
    struct alert_target target = mail_target;
    char id[1024], first[1024], field[1024];
    struct payload payload;

    (void)state;
    target.type = ALERT_SENDMAIL; /* lines end with LF */
    down.part.n = 5;
    make_of_items(&target, &down, 1, &payload);
    assert_null(strchr(payload.body.data, '\r'));
    assert_non_null(field_of(&payload, "Message-ID", first));
    assert_null(field_of(&payload, "In-Reply-To", field));
    payload_free(&payload);

    items[0] = item_over(down, ALERT_ENDED, "09:31:00", EVENT_RECOVERED);
    make_of_items(&target, items, 1, &payload);
    assert_non_null(field_of(&payload, "Message-ID", id));
    assert_string_not_equal(id, first);
    assert_non_null(strstr(field_of(&payload, "In-Reply-To", field), first));
    assert_non_null(strstr(field_of(&payload, "References", field), first));
    payload_free(&payload);

    items[1] = item_down("api/v2", "09:30:00", "09:30:15", "refused");
    make_of_items(&target, items, 2, &payload);
    assert_non_null(strstr(field_of(&payload, "References", field), first));
    payload_free(&payload);
}

static void a_template_that_makes_no_json_is_an_error(void **state)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"{\"text\": {{text}}}", "alert.slack.mustache: the result is no JSON, from byte 10 on"},
        {"", "alert.slack.mustache: the result is no JSON, from byte 1 on"},
    };
    struct template_set *templates = template_set_new();
    struct config *config = alert_config("");
    struct message_head head = {.now_ms = at("09:31:30")};
    struct message_item item = item_down("shop/www", "09:30:00", "09:30:15", "refused");
    struct alert_target target = target_of(ALERT_SLACK);
    char *content = write_items(config, &head, &item, 1);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct payload payload;
        struct error error;

        assert_int_equal(template_add(templates, "alert.slack.mustache", cases[i].text,
                                      strlen(cases[i].text), &error),
                         0);
        assert_int_equal(payload_make(&target, templates, content, head.now_ms, &payload, &error),
                         -1);
        assert_string_equal(error.text, cases[i].error);
        assert_int_equal(error.code, EXIT_CONFIG);
        payload_free(&payload);
    }
    free(content);
    config_free(config);
    template_set_free(templates);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_service_gets_the_members_that_it_needs),
        cmocka_unit_test(requests_go_to_the_address_of_the_service),
        cmocka_unit_test(requests_have_the_headers_of_the_service),
        cmocka_unit_test(a_token_cannot_add_a_header),
        cmocka_unit_test(a_request_is_signed_with_the_secret),
        cmocka_unit_test(texts_are_cut_to_the_limits_of_the_services),
        cmocka_unit_test(what_is_in_no_line_is_counted_once),
        cmocka_unit_test(a_whole_request_fits_into_the_limit_of_the_service),
        cmocka_unit_test(one_long_reason_is_cut),
        cmocka_unit_test(hostile_reasons_stay_text),
        cmocka_unit_test(a_damaged_message_makes_no_payload),
        cmocka_unit_test(a_strange_message_makes_some_payload),
        cmocka_unit_test(a_message_with_any_bytes_makes_json_or_an_error),
        cmocka_unit_test(people_get_one_message_and_programs_one_for_each_subject),
        cmocka_unit_test(mails_can_be_read),
        cmocka_unit_test(mails_of_an_outage_are_a_thread),
        cmocka_unit_test(a_template_that_makes_no_json_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
